import pytest


def test_a_named_order_is_shown_with_its_parcel(backend, run):
    said = run("action_track_order", intent="track_order", entities={"order_number": "YS2611050001"})
    assert said.texts == [
        "订单 YS2611050001（杉悦无线蓝牙耳机 Pro，共 ¥299.00）目前运输中。\n"
        "云达快运，运单号 YT7700012345001。\n"
        "最新动态：11-23 07:16 快件已到达杭州余杭营业部，正在安排派送"
    ]
    (card,) = said.cards
    assert card["type"] == "order"
    assert card["status"] == "运输中"
    assert card["items"] == [{"name": "杉悦无线蓝牙耳机 Pro", "quantity": 1, "price": "299.00"}]
    assert card["parcel"]["events"][0] == {"at": "11-23 07:16", "text": "快件已到达杭州余杭营业部，正在安排派送"}
    assert said.slots == {"order_number": "YS2611050001"}  # “我要退款” next is about this one


def test_a_named_parcel_finds_its_order(backend, run):
    said = run("action_track_order", intent="inform", entities={"parcel_number": "YT7700012345002"})
    assert said.cards[0]["order_id"] == "YS2611050002"


@pytest.mark.parametrize(
    "entities",
    [
        {"order_number": "YS2611060004"},
        {"order_number": "YS0000000000"},
        {"parcel_number": "YT7700012345007"},
        {"order_number": "YS2611050001' OR '1'='1"},
    ],
    ids=["somebody else's", "nobody's", "somebody else's parcel", "SQL"],
)
def test_an_order_of_somebody_else_is_as_unknown_as_none(backend, run, entities):
    said = run("action_track_order", intent="track_order", entities=entities)
    assert len(said.texts) == 1
    assert said.texts[0].startswith("没有在您的账户下找到")
    assert said.cards == []
    assert said.slots == {}


def test_the_only_open_order_is_shown_unasked(backend, run):
    assert run("action_track_order", intent="track_order").cards[0]["order_id"] == "YS2611050001"


def test_an_order_not_yet_sent_says_when_it_will_be(backend, run):
    said = run("action_track_order", customer="c1002", intent="track_order")
    assert said.cards[0]["parcel"] is None
    assert "待发货" in said.texts[0] and "48 小时" in said.texts[0]


def test_several_orders_are_offered_as_buttons(backend, shop_database, run):
    with shop_database.begin() as connection:
        connection.exec_driver_sql("UPDATE orders SET status = 'shipped' WHERE customer_id = 'c1001'")
    said = run("action_track_order", intent="track_order")
    assert said.cards == []
    assert [button["payload"] for button in said.buttons] == [
        '/track_order{"order_number": "YS2611050001"}',
        '/track_order{"order_number": "YS2611050002"}',
        '/track_order{"order_number": "YS2610010003"}',
    ]


def test_a_look_at_another_order_leaves_the_form_alone(backend, run):
    said = run(
        "action_track_order", intent="track_order", entities={"order_number": "YS2611050001"}, loop="refund_form"
    )
    assert said.cards and said.slots == {}


def test_a_reason_out_of_nowhere_is_asked_about_and_needs_no_login(backend, run):
    said = run("action_track_order", customer=None, intent="inform", entities={"refund_reason": "质量问题"})
    assert said.cards == []
    assert [button["payload"] for button in said.buttons] == ["/track_order", "/request_refund"]


def test_the_orders_are_listed_newest_first(backend, run):
    said = run("action_list_orders", intent="list_orders")
    (card,) = said.cards
    assert [order["order_id"] for order in card["orders"]] == ["YS2611050001", "YS2611050002", "YS2610010003"]
    assert card["orders"][2] == {
        "order_id": "YS2610010003",
        "status": "已签收",
        "title": "小杉每日坚果 30 包 × 2",
        "total": "178.00",
    }
    for order in card["orders"]:
        assert order["order_id"] in said.texts[0] and order["title"] in said.texts[0]


@pytest.mark.parametrize("action", ["action_track_order", "action_list_orders"])
def test_a_customer_without_orders_hears_so(backend, run, action):
    said = run(action, customer="c1004", intent="list_orders")
    assert said.texts == ["您的账户下还没有订单。"]
