def test_a_customer_reads_level_points_and_balance(backend, run):
    said = run("action_my_account", customer="c1002", intent="my_account")
    assert said.texts == ["周大海，您目前是普通会员，可用积分 120 分（可抵 1.20 元），账户余额 ¥50.00。"]


def test_a_customer_the_shop_does_not_know_is_sent_to_a_human(backend, run):
    said = run("action_my_account", customer="c9999", intent="my_account")
    assert "没有查到" in said.texts[0]
    assert said.buttons[0]["payload"] == "/request_human"
