import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine.nlg import (
    HUMAN_BUTTON,
    MOST_CHOICES,
    NOT_AVAILABLE,
    UNKNOWN,
    UTTER_KNOWLEDGE,
    KnowledgeResponder,
    respond,
)
from bot.engine.output import ANSWER

SOURCE = {"entry_id": "shipping-time", "revision": 1, "title": "多久发货"}


def hit(number):
    return {"entry_id": f"entry-{number}", "title": f"问题 {number}"}


def found(kind, nearest=0, text=""):
    return {"kind": kind, "text": text, "sources": [SOURCE], "nearest": [hit(number) for number in range(nearest)]}


@pytest.mark.parametrize("kind", ["template", "passage"])
def test_an_answer_says_where_it_comes_from(kind):
    response = respond(found(kind, nearest=2, text="48 小时内发货。"))
    assert response == {
        "text": "48 小时内发货。",
        "buttons": [],
        "custom": {"type": ANSWER, "kind": kind, "sources": [SOURCE]},
    }


def test_the_unknown_is_admitted_with_the_nearest_questions_and_a_human():
    response = respond(found("unknown", nearest=5))
    assert response["text"].startswith(UNKNOWN) and "是不是想问" in response["text"]
    assert [button["title"] for button in response["buttons"]] == ["问题 0", "问题 1", "问题 2", HUMAN_BUTTON["title"]]
    assert response["buttons"][0]["payload"] == "问题 0", "as if typed"
    assert response["custom"]["kind"] == "unknown"
    assert response["custom"]["nearest"] == [f"entry-{number}" for number in range(5)]


def test_the_unknown_without_anything_near_offers_a_human():
    response = respond(found("unknown"))
    assert "换个说法" in response["text"]
    assert response["buttons"] == [HUMAN_BUTTON]


def test_a_choice_offers_a_few_questions_and_a_human():
    response = respond(found("choose", nearest=5, text="您想问哪一个？"))
    assert response["text"] == "您想问哪一个？"
    assert len(response["buttons"]) == MOST_CHOICES + 1


def test_without_a_retriever_it_says_so_and_offers_a_human():
    response = respond(None)
    assert (response["text"], response["buttons"]) == (NOT_AVAILABLE, [HUMAN_BUTTON])
    assert response["custom"]["kind"] == "unknown"


def test_two_answers_share_no_list_that_a_caller_could_change():
    respond(None)["buttons"].clear()
    assert respond(None)["buttons"] == [HUMAN_BUTTON]


def tracker(knowledge):
    parse_data = {"text": "多久发货", "intent": {"name": "ask_shipping_time"}, "entities": [], "knowledge": knowledge}
    return DialogueStateTracker.from_events("c-1", [UserUttered("多久发货", parse_data=parse_data)])


@pytest.mark.asyncio
async def test_knowledge_is_composed_from_what_the_retriever_left_on_the_message():
    responder = KnowledgeResponder(domain=Domain.empty())
    response = await responder.generate(UTTER_KNOWLEDGE, tracker(found("template", text="48 小时内。")), "widget")
    assert response["text"] == "48 小时内。"


@pytest.mark.asyncio
async def test_other_responses_are_the_domains():
    domain = Domain.from_yaml('version: "3.1"\nresponses:\n  utter_greet:\n  - text: "您好，{name}"\n')
    responder = KnowledgeResponder(domain=domain)
    assert (await responder.generate("utter_greet", tracker(None), "widget", name="林晓雨"))["text"] == "您好，林晓雨"
    assert await responder.generate("utter_nothing", tracker(None), "widget") is None
