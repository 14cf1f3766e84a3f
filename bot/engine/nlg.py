"""Natural language generator: fixed texts from the domain, knowledge answers from what the retriever attached."""

from typing import Any

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.engine.output import ANSWER

UTTER_KNOWLEDGE = "utter_knowledge"
#: Set on the message by bot.components.retriever.KnowledgeRetriever.
KNOWLEDGE = "knowledge"
#: A customer reads three choices at a glance; more are a list to search through.
MOST_CHOICES = 3

UNKNOWN = "抱歉，这个问题我暂时没有找到可靠的答案，已经记录下来请同事补充。"
UNKNOWN_WITH_NEAREST = UNKNOWN + "您看看是不是想问下面这些？也可以转人工客服。"
UNKNOWN_WITHOUT = UNKNOWN + "您可以换个说法再问一次，或者转人工客服。"
NOT_AVAILABLE = "抱歉，知识库暂时无法查询，您可以稍后再试，或者转人工客服。"
HUMAN_BUTTON = {"title": "转人工客服", "payload": "/request_human"}


class KnowledgeResponder(TemplatedNaturalLanguageGenerator):
    """Composes `utter_knowledge` in process; every other response is Rasa's own templating.

    Named in endpoints.yml (`nlg: type: bot.engine.nlg.KnowledgeResponder`), so `rasa run` and `rasa shell`
    answer as the product does.
    """

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None) -> None:
        super().__init__((domain or Domain.empty()).responses)

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        if utter_action != UTTER_KNOWLEDGE:
            return await super().generate(utter_action, tracker, output_channel, **kwargs)
        parse_data = tracker.latest_message.parse_data if tracker.latest_message else {}
        return respond(parse_data.get(KNOWLEDGE))


def respond(found: dict[str, Any] | None) -> dict[str, Any]:
    """Turn what the retriever found into a Rasa response with its sources and buttons."""
    if found is None:
        return {"text": NOT_AVAILABLE, "buttons": [HUMAN_BUTTON], "custom": {"type": ANSWER, "kind": "unknown"}}
    custom = {"type": ANSWER, "kind": found["kind"], "sources": found["sources"]}
    nearest = [_question_button(hit) for hit in found["nearest"][:MOST_CHOICES]]
    if found["kind"] == "unknown":
        custom["nearest"] = [hit["entry_id"] for hit in found["nearest"]]
        text = UNKNOWN_WITH_NEAREST if nearest else UNKNOWN_WITHOUT
        return {"text": text, "buttons": [*nearest, HUMAN_BUTTON], "custom": custom}
    if found["kind"] == "choose":
        return {"text": found["text"], "buttons": [*nearest, HUMAN_BUTTON], "custom": custom}
    return {"text": found["text"], "buttons": [], "custom": custom}


def _question_button(hit: dict[str, Any]) -> dict[str, str]:
    # The question itself, as if typed: Rasa's RegexMessageHandler reads payloads, and drops what the retriever found.
    return {"title": hit["title"], "payload": hit["title"]}
