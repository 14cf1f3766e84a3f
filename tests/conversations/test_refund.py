"""The refund form with the real model: straight on, corrected, interrupted, cancelled, refused, repeated."""

import pytest

ORDER = "YS2611050002"


@pytest.fixture
def customer(chat):
    chat.log_in("c1001")
    return chat


def to_confirmation(chat, reason: str = "不想要了") -> str:
    chat.say("我要退款")
    chat.say(ORDER)
    return chat.say(reason)


def test_straight_on(customer):
    assert ORDER in to_confirmation(customer)
    said = customer.say("确认")
    assert "RF" in said
    refund = customer.shop.refunds("c1001")[0]
    assert (refund.order_id, refund.reason, refund.amount) == (ORDER, "不想要了", 63800)


def test_everything_in_one_message(customer):
    said = customer.say(f"{ORDER}这单质量问题，我要退款")
    assert ORDER in said and "质量问题" in said and "确认" in said
    assert customer.shop.refunds("c1001") == []  # nothing is filed before the yes


def test_by_buttons_alone(customer):
    customer.say("申请退款")
    customer.press(next(title for title in customer.titles if "羽绒服" in title))
    customer.press("质量问题")
    assert "RF" in customer.press("确认提交")


def test_the_reason_in_the_customers_own_words(customer):
    customer.say("我要退款")
    customer.say(ORDER)
    said = customer.say("收到以后家里人觉得颜色太艳了")
    assert "收到以后家里人觉得颜色太艳了" in said


def test_the_order_is_corrected_at_the_confirmation(customer):
    to_confirmation(customer)
    said = customer.say("不对，订单号是YS2611050001")
    assert "YS2611050001" in said and ORDER not in said
    customer.say("确认")
    assert customer.shop.refunds("c1001")[0].order_id == "YS2611050001"


def test_the_reason_is_corrected_at_the_confirmation(customer):
    to_confirmation(customer)
    said = customer.say("原因改成质量问题")
    assert "质量问题" in said
    customer.say("确认提交")
    assert customer.shop.refunds("c1001")[0].reason == "质量问题"


@pytest.mark.parametrize(
    "question, expected",
    [("满多少包邮", "59"), ("退款多久到账", "工作日"), ("你是机器人吗", "不是真人"), ("你好", "您好")],
)
@pytest.mark.parametrize("stage", ["order", "reason", "confirmation"])
def test_a_question_in_the_middle_is_answered_and_the_form_goes_on(customer, stage, question, expected):
    customer.say("我要退款")
    if stage != "order":
        customer.say(ORDER)
    if stage == "confirmation":
        customer.say("不想要了")
    said = customer.say(question)
    assert expected in said
    asked_again = {"order": "哪一单", "reason": "原因", "confirmation": "确认"}[stage]
    assert asked_again in said
    if stage == "confirmation":
        assert "RF" in customer.say("确认")


@pytest.mark.parametrize("stage", ["order", "reason", "confirmation"])
@pytest.mark.parametrize("words", ["取消", "算了不弄了"])
def test_cancelling_at_any_time(customer, stage, words):
    customer.say("我要退款")
    if stage != "order":
        customer.say(ORDER)
    if stage == "confirmation":
        customer.say("不想要了")
    assert "取消" in customer.say(words)
    assert customer.shop.refunds("c1001") == []
    # The next refund asks from the start: nothing of the cancelled one is left.
    assert "哪一单" in customer.say("我要退款")


def test_a_no_at_the_confirmation_files_nothing(customer):
    to_confirmation(customer)
    customer.say("不")
    assert customer.shop.refunds("c1001") == []


def test_an_order_that_is_too_old_is_refused_with_the_reason(customer):
    customer.say("我要退款")
    said = customer.say("YS2610010003")
    assert "天" in said
    assert customer.shop.refunds("c1001") == []


def test_somebody_elses_order_is_not_refunded(customer):
    customer.say("我要退款")
    assert "没有在您的账户下找到" in customer.say("YS2611010006")


def test_a_repeated_confirmation_files_once(customer):
    to_confirmation(customer)
    first = customer.say("确认", message_id="same-message")
    again = customer.say("确认", message_id="same-message")
    assert first == again
    assert len(customer.shop.refunds("c1001")) == 1


def test_asking_for_a_human_in_the_middle(customer):
    customer.say("我要退款")
    customer.say("转人工")
    assert customer.result["handoff"]["reason"] == "asked_for_human"
