"""The refund form from the first word to the filed refund, through Rasa's own form, rules and slot mappings."""

import pytest

from actions.login import LOGIN_TEXT
from actions.shop import ShopError
from bot.engine.nlg import NOT_AVAILABLE
from tests.engine.conftest import Customer

pytestmark = pytest.mark.asyncio


async def test_from_the_first_word_to_the_filed_refund(customer, backend):
    assert "请问要退哪一单" in (await customer.says("我要退款"))[0]
    assert "原因是什么" in (await customer.clicks("羽绒服"))[0]
    assert "确认提交吗" in (await customer.clicks("尺码不合适"))[0]
    assert backend.refunds("c1001") == []
    assert "退款申请已提交" in (await customer.clicks("确认提交"))[0]
    (refund,) = backend.refunds("c1001")
    assert (refund.order_id, refund.reason) == ("YS2611050002", "尺码不合适")
    # The form is over: a yes now confirms nothing, and the next refund starts from nothing.
    assert await customer.says("是的") == ["好的。还有什么可以帮您的吗？"]
    assert "请问要退哪一单" in (await customer.says("我要退款"))[0]
    assert len(backend.refunds("c1001")) == 1


async def test_what_the_first_message_says_is_not_asked_again(customer, backend):
    said = await customer.says("我要退款 YS2611050002 质量问题")
    assert "确认提交吗" in said[0] and "YS2611050002" in said[0] and "质量问题" in said[0]


async def test_a_reason_in_the_customers_own_words(customer, backend):
    await customer.says("我要退款 YS2611050002")
    assert "原因：家里人说颜色太老气了" in (await customer.says("家里人说颜色太老气了"))[0]


async def test_a_question_in_the_middle_is_answered_and_the_form_goes_on(customer, backend):
    await customer.says("我要退款")
    said = await customer.says("多久发货")
    assert said[0] == NOT_AVAILABLE  # what knowledge says without a retriever
    assert "请问要退哪一单" in said[1]
    await customer.clicks("羽绒服")
    said = await customer.says("查物流 YS2611050001")
    assert "YS2611050001（杉悦无线蓝牙耳机 Pro" in said[0]
    assert "原因是什么" in said[1]
    said = await customer.clicks("不想要了")
    assert "YS2611050002" in said[0]  # the order asked about in between is not the one that goes back


async def test_a_slot_is_corrected_by_naming_the_new_value(customer, backend):
    await customer.says("我要退款 YS2611050002 不想要了")
    said = await customer.says("不对 质量问题")
    assert "原因：质量问题" in said[0] and "确认提交吗" in said[0]
    said = await customer.says("订单号YS2611050001")
    assert "订单：YS2611050001" in said[0] and "原因：质量问题" in said[0]
    await customer.clicks("确认提交")
    (refund,) = backend.refunds("c1001")
    assert (refund.order_id, refund.reason) == ("YS2611050001", "质量问题")


async def test_a_slot_is_corrected_by_asking_for_it_again(customer, backend):
    await customer.says("我要退款 YS2611050002 不想要了")
    assert "原因是什么" in (await customer.clicks("修改原因"))[0]
    assert "原因：质量问题" in (await customer.clicks("质量问题"))[0]
    assert "请问要退哪一单" in (await customer.clicks("换一单"))[0]
    assert "订单：YS2611050001" in (await customer.clicks("耳机"))[0]


@pytest.mark.parametrize("steps", [[], ["羽绒服"], ["羽绒服", "不想要了"]], ids=["order", "reason", "confirmation"])
@pytest.mark.parametrize("words", ["算了", "算了，不想要了"])
async def test_it_is_cancelled_at_any_time(customer, backend, steps, words):
    await customer.says("我要退款")
    for title in steps:
        await customer.clicks(title)
    assert await customer.says(words) == ["好的，已为您取消，退款没有提交。还有什么可以帮您的吗？"]
    assert await customer.says("算了") == ["目前没有正在办理的业务，不用取消。还有什么可以帮您的吗？"]
    assert backend.refunds("c1001") == []


async def test_a_no_at_the_end_files_nothing(customer, backend):
    await customer.says("我要退款 YS2611050002 不想要了")
    assert await customer.says("不对") == ["好的，退款没有提交。需要的时候随时告诉我。"]
    assert backend.refunds("c1001") == []


async def test_an_answer_that_fits_nothing_is_asked_again(customer, backend):
    await customer.says("我要退款")
    assert "请问要退哪一单" in (await customer.says("不对"))[0]
    assert len(customer.turns[-1]["replies"]) == 1


async def test_somebody_elses_order_is_refused_and_another_asked_for(customer, backend):
    said = await customer.says("我要退款 YS2611060004")
    assert "没有在您的账户下找到订单 YS2611060004" in said[0]
    assert "请问要退哪一单" in said[1]


async def test_a_reason_that_is_too_late_ends_the_form(runner, backend):
    customer = Customer(runner, customer_id="c1003")
    said = await customer.says("我要退款 YS2610250008 不想要了")
    assert "签收已超过 7 天" in said[0] and "请问要退哪一单" in said[1]  # another one may go back for this reason
    await customer.says("算了")
    assert "原因是什么" in (await customer.says("我要退款 YS2610250008"))[0]
    said = await customer.says("不想要了")
    assert len(said) == 1 and "签收已超过 7 天" in said[0]
    assert await customer.says("是的") == ["好的。还有什么可以帮您的吗？"]
    assert backend.refunds("c1003") == []


async def test_without_anything_to_refund_no_form_is_left_open(runner, backend):
    customer = Customer(runner, customer_id="c1004")
    assert "没有可以在线退款的" in (await customer.says("我要退款"))[0]
    assert await customer.says("算了") == ["目前没有正在办理的业务，不用取消。还有什么可以帮您的吗？"]


async def test_after_the_login_it_goes_on_with_what_was_said(runner, backend):
    customer = Customer(runner, customer_id=None)
    assert await customer.says("我要退款 YS2611050002") == [LOGIN_TEXT]
    customer.customer_id = "c1001"
    assert "原因是什么" in (await customer.clicks("我已登录"))[0]


async def test_signed_out_in_the_middle_the_form_ends_with_a_login(customer, backend):
    await customer.says("我要退款 YS2611050002 不想要了")
    customer.customer_id = None
    assert await customer.clicks("确认提交") == [LOGIN_TEXT]
    customer.customer_id = "c1001"
    assert await customer.says("是的") == ["好的。还有什么可以帮您的吗？"]
    assert backend.refunds("c1001") == []


async def test_asking_for_a_human_in_the_middle_hands_over_and_keeps_the_form(customer, backend):
    await customer.says("我要退款")
    said = await customer.says("转人工")
    assert "已为您登记人工服务" in said[0]
    assert customer.turns[-1]["handoff"]["reason"] == "asked_for_human"
    await customer.says("YS2611050002")
    assert "原因是什么" in "".join(reply["text"] for reply in customer.turns[-1]["replies"])


@pytest.mark.parametrize("broken", ["orders", "order", "request_refund"])
async def test_a_failing_shop_leaves_no_dead_form(customer, backend, monkeypatch, broken):
    def fail(*_: object, **__: object) -> None:
        raise ShopError("the shop is down")

    await customer.says("我要退款")
    with monkeypatch.context() as failing:
        failing.setattr(backend, broken, fail)
        said = [*await customer.says("YS2611050002", '/inform{"order_number": "YS2611050002"}')]
        if broken == "orders":
            said += await customer.says("修改订单，换个订单")
        if broken == "request_refund":
            await customer.says("不想要了")
            said += await customer.says("是的")
    assert any("非常抱歉" in text for text in said)
    assert {"title": "转人工客服", "payload": "/request_human"} in customer.turns[-1]["replies"][-1]["buttons"]
    assert await customer.says("算了") == ["目前没有正在办理的业务，不用取消。还有什么可以帮您的吗？"]
    assert backend.refunds("c1001") == []
    assert "请问要退哪一单" in (await customer.says("我要退款"))[0]


async def test_the_order_just_looked_at_is_the_one_to_refund(customer, backend):
    await customer.says("查物流 YS2611050002")
    assert "原因是什么" in (await customer.says("我要退款"))[0]
