import json

import pytest

from bot.gateway.turn_protocol import UnusableResult, parse_result, request_for
from storage.inbox import PendingTurn

TURN = PendingTurn(
    message_id="m_1",
    conversation_id="k_1",
    participant_id="v_1",
    owner="bot",
    seq=1,
    request={"text": "你好"},
    attempts=0,
    accepted_at=1.0,
)
RESULT = {
    "message_id": "m_1",
    "conversation_id": "k_1",
    "replies": [{"text": "您好", "answer_kind": "template"}],
    "intent": {"name": "greet", "confidence": 0.9},
    "model": "m",
    "elapsed_ms": 1.0,
}
REPLY = RESULT["replies"][0]


def test_the_profile_is_added():
    assert request_for(TURN, {"messages": 3}) == {"text": "你好", "profile": {"messages": 3}}


def test_what_may_be_left_out_is_filled_in():
    result = parse_result(json.dumps({**RESULT, "newer": 1}).encode(), TURN)
    assert result["replies"] == [
        {"text": "您好", "buttons": [], "sources": [], "custom": None, "answer_kind": "template"}
    ]
    assert (result["insight"], result["handoff"], result["unknown"], result["entities"]) == (None, None, None, [])
    assert "newer" not in result


@pytest.mark.parametrize(
    "change",
    [
        {"message_id": "m_2"},
        {"conversation_id": "k_2"},
        {"replies": None},
        {"replies": [{"text": "您好"}]},
        {"replies": [{**REPLY, "answer_kind": "poem"}]},
        {"replies": [{**REPLY, "text": "a\0b"}]},
        {"replies": [{**REPLY, "text": "\ud800"}]},
        {"replies": [{**REPLY, "custom": {"total": float("nan")}}]},
        {"replies": [{**REPLY, "custom": {"a\0": 1}}]},
        {"replies": [{**REPLY, "buttons": [{"title": "a"}]}]},
        {"intent": {"name": "x" * 65, "confidence": 1}},
        {"elapsed_ms": float("inf")},
        {"handoff": {"reason": "a"}},
        {"handoff": {"reason": "a" * 65, "because": "b", "queue": "c", "priority": "low"}},
    ],
)
def test_what_could_not_be_stored_is_refused(change):
    with pytest.raises(UnusableResult):
        parse_result(json.dumps({**RESULT, **change}).encode(), TURN)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_result_is_refused(body):
    with pytest.raises(UnusableResult):
        parse_result(body, TURN)
