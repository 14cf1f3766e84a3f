def test_the_orders_that_can_be_refunded_are_offered(backend, run):
    said = run("action_ask_order_number", loop="refund_form")
    assert said.texts == ["请问要退哪一单？可以点选，也可以直接发订单号。不想办了说“取消”就行。"]
    assert said.buttons == [
        {"title": "杉悦无线蓝牙耳机 Pro ¥299.00（运输中）", "payload": '/inform{"order_number": "YS2611050001"}'},
        {
            "title": "云杉优选轻暖羽绒服 M 码等 2 件商品 ¥638.00（已签收）",
            "payload": '/inform{"order_number": "YS2611050002"}',
        },
    ]
    assert said.slots == {}


def test_where_nothing_can_be_refunded_the_form_ends_with_a_human_offered(backend, run):
    said = run("action_ask_order_number", customer="c1004", loop="refund_form")
    assert "没有可以在线退款的" in said.texts[0]
    assert [button["payload"] for button in said.buttons] == ["/request_human"]
    assert said.slots == {"requested_slot": None}


def test_before_filing_the_customer_sees_what_would_be_filed(backend, run):
    said = run(
        "action_ask_refund_confirmed",
        slots={"order_number": "YS2611050002", "refund_reason": "尺码不合适"},
        loop="refund_form",
    )
    for part in ("YS2611050002", "羽绒服", "¥638.00", "尺码不合适", "确认提交吗"):
        assert part in said.texts[0]
    assert [button["payload"] for button in said.buttons] == ["/affirm", "修改退款原因", "换一个订单退款", "/cancel"]
    assert backend.refunds("c1001") == []


def test_an_order_that_is_no_longer_the_customers_ends_the_form(backend, run):
    said = run("action_ask_refund_confirmed", customer="c1002", slots={"order_number": "YS2611050002"})
    assert "没有提交" in said.texts[0]
    assert said.slots == {"order_number": None, "requested_slot": None}
