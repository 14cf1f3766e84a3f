import pytest

from actions.errand import FAILED
from actions.login import LOGIN_TEXT

ORDER, OTHER = "YS2611050002", "YS2611050001"
DONE = {"order_number": ORDER, "refund_reason": "不想要了"}


def test_an_order_of_the_customers_own_is_accepted(check, backend):
    said = check({"order_number": ORDER}, requested="order_number", entities={"order_number": ORDER})
    assert (said.slots, said.texts) == ({"order_number": ORDER}, [])


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("YS2611060004", "没有在您的账户下找到订单 YS2611060004"),
        ("YS9999999999", "没有在您的账户下找到"),
        ("YS2610010003", "签收已超过 15 天"),
    ],
    ids=["somebody else's", "nobody's", "too old"],
)
def test_an_order_that_cannot_be_refunded_is_asked_for_again(check, backend, number, words):
    said = check({"order_number": number}, requested="order_number", entities={"order_number": number})
    assert said.slots == {"order_number": None}
    assert words in said.texts[0]


def test_two_orders_at_once_are_too_many(check, backend):
    said = check({"order_number": OTHER}, requested="order_number", entities={"order_number": [ORDER, OTHER]})
    assert said.slots == {"order_number": None}
    assert "一次只能办理一笔退款" in said.texts[0]


@pytest.mark.parametrize(
    ("text", "entities", "filed"),
    [
        ("穿着太小了", {"refund_reason": "尺码不合适"}, "尺码不合适"),
        ("买错了，而且是坏的", {"refund_reason": ["不想要了", "质量问题"]}, "质量问题"),
        ("  家里人  说颜色太老气。 ", {}, "家里人 说颜色太老气"),
        ("／inform 不喜欢", {}, "inform 不喜欢"),
        ("<b>'; DROP TABLE refunds;--", {}, "<b>'; DROP TABLE refunds;--"),
        ("慢" * 500, {}, "慢" * 100),
    ],
)
def test_a_reason_is_filed_by_its_name_or_as_it_was_written(check, backend, text, entities, filed):
    given = {"refund_reason": text}
    said = check(given, before={"order_number": ORDER}, requested="refund_reason", text=text, entities=entities)
    assert said.slots == {"refund_reason": filed}


@pytest.mark.parametrize("text", ["。", "  ", "/"])
def test_an_empty_reason_is_asked_for_again(check, backend, text):
    said = check({"refund_reason": text}, before={"order_number": ORDER}, requested="refund_reason", text=text)
    assert said.slots == {"refund_reason": None}


def test_a_reason_that_comes_too_late_ends_the_form_and_offers_a_human(check, backend):
    said = check(
        {"refund_reason": "不想要了"},
        before={"order_number": "YS2610250008"},
        requested="refund_reason",
        customer="c1003",
        entities={"refund_reason": "不想要了"},
    )
    assert "签收已超过 7 天" in said.texts[0]
    assert said.buttons[0]["payload"] == "/request_human"
    assert said.slots == {"refund_reason": None, "refund_confirmed": None, "requested_slot": None}


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_yes_or_no_stands_when_nothing_else_was_said(check, backend, confirmed):
    said = check({"refund_confirmed": confirmed}, before=DONE, requested="refund_confirmed")
    assert said.slots == {"refund_confirmed": confirmed}


@pytest.mark.parametrize(("confirmed", "intent"), [(True, "affirm"), (False, "deny")])
@pytest.mark.parametrize(("slot", "value"), [("order_number", OTHER), ("refund_reason", "质量问题")])
def test_a_correction_is_neither_yes_nor_no(check, backend, confirmed, intent, slot, value):
    said = check(
        {slot: value, "refund_confirmed": confirmed},
        before=DONE,
        requested="refund_confirmed",
        intent=intent,
        entities={slot: value},
    )
    assert said.slots == {slot: value, "refund_confirmed": None}


def test_a_yes_that_repeats_the_order_is_a_yes(check, backend):
    said = check(
        {"order_number": ORDER, "refund_confirmed": True},
        before=DONE,
        requested="refund_confirmed",
        intent="affirm",
        entities={"order_number": ORDER},
    )
    assert said.slots == {"order_number": ORDER, "refund_confirmed": True}


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("修改退款原因", "refund_reason"),
        ("不对，原因选错了", "refund_reason"),
        ("我想改一下理由", "refund_reason"),
        ("换一个订单退款", "order_number"),
        ("订单号填错了", "order_number"),
        ("不是这单", "order_number"),
    ],
)
@pytest.mark.parametrize("intent", ["deny", "affirm", "ask_change_address"])
def test_a_wish_to_change_something_asks_for_it_again(check, backend, text, slot, intent):
    given = {"deny": {"refund_confirmed": False}, "affirm": {"refund_confirmed": True}}.get(intent, {})
    said = check(given, before=DONE, requested="refund_confirmed", text=text, intent=intent)
    assert said.slots == {slot: None, "refund_confirmed": None}


def test_another_order_wished_for_is_not_taken_as_the_reason(check, backend):
    said = check(
        {"refund_reason": "换个订单"}, before={"order_number": ORDER}, requested="refund_reason", text="换个订单"
    )
    assert said.slots == {"order_number": None, "refund_reason": None, "refund_confirmed": None}


@pytest.mark.parametrize("text", ["订单发错了，不是我要的", "把尺码改小也没用", "买的那单颜色错了"])
def test_a_reason_that_only_sounds_like_a_wish_stays_a_reason(check, backend, text):
    said = check({"refund_reason": text}, before={"order_number": ORDER}, requested="refund_reason", text=text)
    assert said.slots == {"refund_reason": text}


def test_an_answer_that_fits_nothing_makes_the_form_ask_again(check, backend):
    said = check({}, requested="order_number", intent="deny", text="不是")
    assert said.slots == {"refund_confirmed": None}
    assert check({}, requested="order_number", intent="ask_shipping_time", text="多久发货").slots == {}


def test_a_customer_who_signed_out_is_asked_to_log_in_and_the_form_ends(check, backend):
    said = check({"order_number": ORDER}, requested="order_number", customer=None)
    assert said.texts == [LOGIN_TEXT]
    assert said.slots == {"refund_confirmed": None, "requested_slot": None}


def test_slots_that_were_just_emptied_stay_empty(check, backend):
    given = {"order_number": None, "refund_reason": None, "refund_confirmed": None}
    said = check(given, intent="request_refund", text="我要退款")
    assert (said.slots, said.texts) == (given, [])


def test_a_failing_shop_ends_the_form_with_an_apology(check, broken_shop):
    said = check({"order_number": ORDER}, requested="order_number", entities={"order_number": ORDER})
    assert said.texts == [FAILED]
    assert said.slots == {"refund_confirmed": None, "requested_slot": None}
