import pytest

from bot.engine.output import ANSWER, ReplyCollector

pytestmark = pytest.mark.asyncio


async def collected(*messages):
    collector = ReplyCollector("widget")
    for message in messages:
        await collector.send_response("c-1", message)
    return collector.replies


async def test_a_reply_stays_whole_with_its_blank_lines_buttons_and_card():
    card = {"type": "order", "order_id": "YS2611050001"}
    buttons = [{"title": "查物流", "payload": "/track_order", "type": "postback"}]
    (reply,) = await collected({"text": " 第一段\n\n第二段 ", "buttons": buttons, "custom": card})
    assert reply == {
        "text": "第一段\n\n第二段",
        "buttons": [{"title": "查物流", "payload": "/track_order"}],
        "sources": [],
        "custom": card,
        "answer_kind": "action",
    }


async def test_an_answer_carries_its_kind_and_sources_and_no_card():
    source = {"entry_id": "shipping-time", "revision": 2}
    (reply,) = await collected(
        {"text": "48 小时内", "custom": {"type": ANSWER, "kind": "passage", "sources": [source]}}
    )
    assert (reply["answer_kind"], reply["sources"], reply["custom"]) == ("passage", [source], None)


async def test_replies_keep_their_order_and_empty_ones_are_left_out():
    replies = await collected(
        {"text": "一"}, {"text": "  "}, {"text": None, "custom": {}}, {"text": "二", "buttons": None}
    )
    assert [reply["text"] for reply in replies] == ["一", "二"]


async def test_a_card_without_text_is_kept():
    (reply,) = await collected({"custom": {"type": "login_required"}})
    assert (reply["text"], reply["custom"]) == ("", {"type": "login_required"})


async def test_what_the_gateway_takes_out_of_a_reply_stays_in_the_event():
    event = {"text": "好的", "custom": {"type": "handoff", "handoff": {"reason": "asked_for_human"}}}
    (reply,) = await collected(event)
    reply["custom"].pop("handoff")
    assert event["custom"]["handoff"] == {"reason": "asked_for_human"}


async def test_the_channel_is_named_and_plain_text_is_taken_too():
    collector = ReplyCollector("rest")
    await collector.send_text_message("c-1", "你好")
    assert (collector.name(), collector.replies[0]["text"]) == ("rest", "你好")
