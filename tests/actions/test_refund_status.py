def test_a_refund_is_told_with_what_comes_next(backend, run):
    said = run("action_refund_status", customer="c1002", intent="refund_status")
    assert said.texts == [
        "您 11-18 17:36 申请的退款 RF00000001（订单 YS2610280005，¥269.00）目前退款打款中。"
        "余额和钱包 1–3 个工作日到账，银行卡 3–7 个工作日到账。"
    ]
    assert said.cards == [
        {
            "type": "refund",
            "refund_id": "RF00000001",
            "order_id": "YS2610280005",
            "amount": "269.00",
            "status": "退款打款中",
        }
    ]


def test_without_a_refund_one_is_offered(backend, run):
    said = run("action_refund_status", intent="refund_status")
    assert "您的账户下没有退款记录" in said.texts[0]
    assert said.buttons == [{"title": "申请退款", "payload": "/request_refund"}]


def test_somebody_elses_refund_is_not_told(backend, run):
    said = run("action_refund_status", intent="refund_status", entities={"order_number": "YS2610280005"})
    assert "没有退款记录" in said.texts[0]
    assert said.cards == []


def test_the_named_order_alone_is_told(backend, run):
    backend.request_refund("c1001", "YS2611050001", "不想要了", idempotency_key="a")
    wanted = backend.request_refund("c1001", "YS2611050002", "不想要了", idempotency_key="b")
    said = run("action_refund_status", intent="refund_status", entities={"order_number": "YS2611050002"})
    assert [card["refund_id"] for card in said.cards] == [wanted.id]
    assert len(run("action_refund_status", intent="refund_status").cards) == 2
