"""Messages over REST: what is accepted as it is, what is refused and how, and that nothing is stored twice."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.gateway.running import Visitor, error_of, wait_until
from tests.gateway.worker_stand_in import reply


def test_a_message_is_accepted_and_answered(visitor, worker):
    (answer,) = visitor.ask("你好")
    assert answer["sender"] == "bot" and answer["text"] == "回声：你好" and answer["ratable"] is True
    own = visitor.messages()[0]
    assert (own["seq"], own["sender"], own["text"], own["client_message_id"]) == (1, "customer", "你好", "auto-1")
    request = worker.requests[0]
    assert set(request) == {
        "message_id", "conversation_id", "text", "payload", "customer_id", "channel", "language", "sent_at",
        "profile", "behaviour",
    }  # fmt: skip
    assert request["payload"] is None and request["customer_id"] is None and request["channel"] == "widget"
    assert request["behaviour"] == {
        "seconds_since_last": None,
        "returning_within_24h": False,
        "buttons_offered": False,
        "open_ticket": None,
    }


@pytest.mark.parametrize(
    "text",
    [
        "😀👍🏽",
        "👨‍👩‍👧",
        "?",
        "'; DROP TABLE messages; --",
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "/request_refund{\"order_number\": \"YS2611050001\"}",
        "/restart",
        "第一行\n第二行",
        pytest.param("好" * 500, id="500"),
        "{ticket} %s {0}",
    ],
)  # fmt: skip
def test_unusual_text_is_only_text(visitor, worker, text):
    (answer,) = visitor.ask(text)
    assert visitor.said_by("customer") == [text]
    assert worker.requests[0]["text"] == text
    assert worker.requests[0]["payload"] is None
    assert "回声" in answer["text"]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  你好\u0000\u0007\u001b[31m 吗 ", "你好[31m 吗"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("价格\u202e低很", "价格低很"),
    ],
)
def test_control_characters_are_removed(visitor, typed, stored):
    visitor.ask(typed)
    assert visitor.said_by("customer") == [stored]


def test_half_a_surrogate_pair_is_removed(visitor):
    answer = visitor.post(
        f"{visitor.path}/messages",
        headers={"Content-Type": "application/json"},
        content='{"client_message_id": "c-1", "text": "好\\ud83d的"}',
    )
    assert answer.status_code == 202
    assert visitor.said_by("customer") == ["好的"]


@pytest.mark.parametrize("text", ["", "   ", "\u0000\u0001\u0002", "\u200b\u200b", "\u3164", "\n\t", "\ufe0f"])
def test_nothing_visible_is_refused(visitor, text):
    answer = visitor.post(f"{visitor.path}/messages", {"client_message_id": "c-1", "text": text})
    assert error_of(answer, 422, "text_empty")["key"] == "text"
    assert visitor.messages() == []


@pytest.mark.parametrize(("text", "status", "code"), [
    pytest.param("a" * 501, 422, "text_too_long", id="501"),
    pytest.param("a" * 10_000, 422, "text_too_long", id="10,000"),
    pytest.param("好" * 10_000, 413, "body_too_large", id="10,000 wide"),
])  # fmt: skip
def test_too_much_text_is_refused(visitor, text, status, code):
    answer = visitor.post(f"{visitor.path}/messages", {"client_message_id": "c-1", "text": text})
    assert error_of(answer, status, code)["expected"]
    assert visitor.messages() == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "nonsense",
        '{"client_message_id": "c-1", "text": }',
        pytest.param("[" * 8000, id="deep"),
        b'{"client_message_id": "c-1", "text": "\xff\xfe"}',
    ],
)
def test_malformed_json_is_refused(visitor, body):
    headers = {"Content-Type": "application/json"}
    answer = visitor.post(f"{visitor.path}/messages", content=body, headers=headers)
    if body == "":
        error_of(answer, 422, "invalid_request")
    else:
        error_of(answer, 400, "malformed_json")
    assert visitor.messages() == []


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ([], "body"),
        ("text", "body"),
        (None, "body"),
        ({}, "client_message_id"),
        ({"client_message_id": "c-1"}, "body"),
        ({"client_message_id": "c-1", "text": 5}, "text"),
        ({"client_message_id": "c-1", "text": ["a"]}, "text"),
        ({"client_message_id": "c-1", "text": {"a": "b"}}, "text"),
        ({"client_message_id": "c-1", "text": True}, "text"),
        ({"client_message_id": 7, "text": "a"}, "client_message_id"),
        ({"client_message_id": "", "text": "a"}, "client_message_id"),
        ({"client_message_id": "a b", "text": "a"}, "client_message_id"),
        ({"client_message_id": "c-1\n", "text": "a"}, "client_message_id"),
        ({"client_message_id": "c" * 65, "text": "a"}, "client_message_id"),
        ({"client_message_id": "c-1", "text": "a", "button_token": "b"}, "body"),
        ({"client_message_id": "c-1", "text": "a", "payload": "/greet"}, "payload"),
        ({"client_message_id": "c-1", "text": "a", "customer_id": "1001"}, "customer_id"),
        ({"client_message_id": "c-1", "text": "a", "language": "fr"}, "language"),
    ],
)
def test_wrong_types_are_refused(visitor, body, key):
    answer = visitor.post(
        f"{visitor.path}/messages", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert error_of(answer, 422, "invalid_request")["key"] == key
    assert visitor.messages() == []


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_other_content_types_are_refused(visitor, content_type):
    answer = visitor.post(
        f"{visitor.path}/messages",
        content='{"client_message_id": "c-1", "text": "a"}',
        headers={"Content-Type": content_type},
    )
    error_of(answer, 415, "wrong_content_type")


@pytest.mark.parametrize("conversation_id", ["k_nothing", "' OR 1=1 --", "好", pytest.param("k" * 5000, id="long")])
def test_unknown_conversation(visitor, conversation_id):
    path = f"/conversations/{conversation_id}/messages"
    error_of(visitor.post(path, {"client_message_id": "c-1", "text": "a"}), 404, "unknown_conversation")
    error_of(visitor.get(path), 404, "unknown_conversation")


def test_a_strangers_conversation_looks_unknown(gateway, visitor):
    visitor.ask("秘密")
    stranger = Visitor(gateway)
    there, nowhere = (
        stranger.post(f"/conversations/{id}/messages", {"client_message_id": "c-9", "text": "a"})
        for id in (visitor.conversation_id, "k_nothing")
    )
    one, other = error_of(there, 404, "unknown_conversation"), error_of(nowhere, 404, "unknown_conversation")
    assert {**one, "value": "", "request_id": ""} == {**other, "value": "", "request_id": ""}
    error_of(stranger.get(f"{visitor.path}/messages"), 404, "unknown_conversation")
    assert len(visitor.messages()) == 2


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "limit=201", "after=99999999999999999999"])
def test_bad_paging(visitor, query):
    error_of(visitor.get(f"{visitor.path}/messages?{query}"), 422, "invalid_request")


def test_paging(visitor):
    for number in range(3):
        visitor.ask(f"第{number}句")
    page = visitor.get(f"{visitor.path}/messages", params={"after": 2, "limit": 2}).json()
    assert [message["seq"] for message in page["messages"]] == [3, 4]
    assert page["last_seq"] == 6


def test_the_same_client_id_twice_is_one_message(visitor, worker):
    first = visitor.send("查物流", "c-1")
    wait_until(lambda: visitor.said_by("bot"))
    again = visitor.send("查物流", "c-1")
    assert again == {**first, "duplicate": True} and first["duplicate"] is False
    assert len(visitor.messages()) == 2 and len(worker.requests) == 1


def test_the_same_client_id_at_the_same_time_is_one_message(visitor, worker):
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda _: visitor.send("查物流", "c-1"), range(8)))
    assert sorted(receipt["duplicate"] for receipt in receipts) == [False] + [True] * 7
    assert len({(receipt["message_id"], receipt["seq"]) for receipt in receipts}) == 1
    wait_until(lambda: visitor.said_by("bot"))
    assert len(visitor.messages()) == 2 and len(worker.requests) == 1


def test_the_same_client_id_in_two_conversations_is_two_messages(gateway):
    one, two = Visitor(gateway), Visitor(gateway)
    assert one.send("a", "c-1")["duplicate"] is False
    assert two.send("a", "c-1")["duplicate"] is False


def test_order_within_a_conversation(visitor, worker):
    worker.behaviours["第0句"] = ["hold"]
    for number in range(6):
        visitor.send(f"第{number}句")
    worker.release.set()
    wait_until(lambda: len(visitor.said_by("bot")) == 6)
    assert visitor.said_by("bot") == [f"回声：第{number}句" for number in range(6)]
    assert [request["text"] for request in worker.requests] == [f"第{number}句" for number in range(6)]
    assert worker.most_at_once == 1
    assert [message["seq"] for message in visitor.messages()] == list(range(1, 13))


def test_one_slow_conversation_does_not_hold_up_another(gateway, worker):
    slow, quick = Visitor(gateway), Visitor(gateway)
    worker.behaviours["慢"] = ["hold"]
    slow.send("慢")
    assert quick.ask("快")[0]["text"] == "回声：快"
    assert slow.said_by("bot") == []


def test_too_many_messages(start_gateway):
    visitor = Visitor(start_gateway(messages_per_minute=3))
    for number in range(3):
        visitor.send(f"第{number}句")
    refused = visitor.post(f"{visitor.path}/messages", {"client_message_id": "late", "text": "再来"})
    error_of(refused, 429, "rate_limited")
    assert 1 <= int(refused.headers["Retry-After"]) <= 20
    assert "再来" not in visitor.said_by("customer")
    other = Visitor(visitor.gateway)
    assert other.send("你好")["duplicate"] is False


def test_too_many_messages_from_one_address(start_gateway):
    gateway = start_gateway(messages_per_minute_per_address=2)
    for _ in range(2):
        Visitor(gateway).send("你好")
    visitor = Visitor(gateway)
    refused = visitor.post(f"{visitor.path}/messages", {"client_message_id": "c-1", "text": "你好"})
    error_of(refused, 429, "rate_limited")


def test_behaviour_facts(visitor, worker, clock):
    worker.results["选"] = {"replies": [reply("选一个", buttons=[{"title": "退款", "payload": "/request_refund"}])]}
    visitor.ask("选")
    clock.ahead += 7200
    visitor.ask("不选")
    behaviour = worker.requests[1]["behaviour"]
    assert behaviour["buttons_offered"] is True and behaviour["returning_within_24h"] is True
    assert 7200 <= behaviour["seconds_since_last"] < 7300


def test_a_worker_gets_the_profile_of_the_turns_before(visitor, worker):
    visitor.ask("你好")
    visitor.ask("在吗")
    before, after = (request["profile"] for request in worker.requests)
    assert before != after


def test_wrong_method_and_address(visitor):
    error_of(visitor.request("DELETE", f"{visitor.path}/messages"), 405, "method_not_allowed")
    error_of(visitor.get("/nothing"), 404, "not_found")
    error_of(visitor.get("/conversations/%00/messages"), 404, "not_found")
