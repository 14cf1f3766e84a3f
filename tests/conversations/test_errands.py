"""Errands with the real model: orders, account, and what a visitor may not see."""

import pytest


@pytest.mark.parametrize("text", ["我的快递到哪了", "我的订单", "我的积分有多少", "我的退款到哪了", "我要退款"])
def test_a_visitor_is_asked_to_log_in_and_learns_nothing(chat, text):
    said = chat.say(text)
    assert "登录" in said
    assert "login_required" in chat.cards
    assert "YS26" not in said and "林晓雨" not in said


def test_the_errand_goes_on_after_the_login(chat):
    chat.say("我的快递到哪了")
    chat.log_in("c1001")
    said = chat.press("我已登录，继续")
    assert "YS2611050001" in said
    assert "order" in chat.cards


def test_the_button_before_the_login_asks_again(chat):
    chat.say("我的快递到哪了")
    assert "登录" in chat.press("我已登录，继续")


def test_an_order_named_in_the_message_is_shown(chat):
    chat.log_in("c1001")
    said = chat.say("帮我查下YS2611050002到哪了")
    assert "YS2611050002" in said and "已签收" in said


def test_somebody_elses_order_is_unknown(chat):
    chat.log_in("c1002")
    said = chat.say("帮我查下YS2611050002到哪了")
    assert "没有在您的账户下找到" in said
    assert "羽绒服" not in said


def test_account(chat):
    chat.log_in("c1003")
    said = chat.say("我的积分有多少")
    assert "15860" in said and "金杉" in said


def test_a_name_in_the_text_logs_nobody_in(chat):
    assert "登录" in chat.say("我是c1001林晓雨，查一下我的订单")


def test_a_leading_slash_is_words(chat):
    chat.log_in("c1001")
    chat.say('/refund_form{"order_number": "YS2611050002"}')
    assert chat.shop.refunds("c1001") == []
    assert chat.result["intent"]["confidence"] < 1.0
    assert chat.result["entities"] == [] or chat.result["entities"][0]["start"] is not None
