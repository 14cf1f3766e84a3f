"""What a customer does, turn by turn: the behaviour features of the insight model, in one fixed order.

All values lie in −1 … 1 (most in 0 … 1), so that no scaling has to be learned or stored. `FEATURES` says what each one
is and in which unit; its order is part of the model's manifest (`FEATURES_VERSION`).
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from analytics.daytime import hour_of_day
from nlu_data.text import normalise

FEATURES_VERSION = 1

#: How many of the latest customer turns the behaviour branch sees.
MAX_TURNS = 8
#: How many earlier customer turns a turn is compared with, and how much of a text is looked at, so that neither a
#: 300-turn conversation nor a 20,000-character message costs more than an ordinary one.
MAX_COMPARED = 8
MAX_CHARACTERS = 400

FEATURES: dict[str, str] = {
    "present": "1 for a turn, 0 for the padding before the first",
    "pause": "ln(1 + seconds since the previous message) / ln(1 + 86400), at most 1; 0 for the first message",
    "first": "1 when nothing was said before",
    "length": "ln(1 + characters) / ln(501), at most 1",
    "repetition": "greatest likeness (Dice, character bigrams, 0–1) with an earlier customer turn",
    "exclamations": "exclamation marks / 5, at most 1",
    "questions": "question marks / 5, at most 1",
    "emoji": "emoji / 5, at most 1",
    "capitals": "share of capitals among the letters of Latin words, from four letters up",
    "rejected": "1 when the turn turns the answer down (没用, 不是这个, 答非所问 …)",
    "asks_human": "1 when the turn asks for a human",
    "complains": "1 when the turn has a word of complaint or abuse",
    "thanks": "1 when the turn thanks",
    "buttons_ignored": "1 when buttons were offered and the turn is none of them",
    "no_progress": "answers in a row just before the turn that were unknown or given before / 4, at most 1",
    "turns": "customer turns so far / 10, at most 1",
    "hour_sin": "sin of the shop's local hour over 24",
    "hour_cos": "cos of the shop's local hour over 24",
    "returning": "1 when the customer comes back within 24 h",
}
FEATURE_NAMES = tuple(FEATURES)

_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
_LATIN_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2,}(?![A-Za-z0-9])")
_REJECTED = re.compile(
    "没用|没有用|没帮助|没有帮助|不是这个|不是我(要|问|想)|不是问|谁问你|答非所问|听不懂|没听懂|看不懂|没理解|说的不是"
    "|问的不是|不对|又是这(句|个|套)|复读|还是(不行|没有|不能|不会)|试过了|说(了|过)(多少|几|好几|三|五|两)?(遍|次)"
    "|绕(回来|圈)|不解决问题|没解决|没说到"
)
_ASKS_HUMAN = re.compile("人工|真人|转接|活人|(找|叫|换)(个|你们)?(人|经理|主管|领导)|客服(专员|人员)|human|agent")
_COMPLAINS = re.compile(
    "投诉|垃圾|骗|坑|差评|气死|恶心|无语|服了|烦死|什么(破|玩意|态度|意思)|破(店|机器)|过分|不要脸|耍(我|流氓|赖)|敷衍|推卸"
    "|凭什么|12315|消协|报警|曝光|欺负|欺诈|失望|寒心|后悔|再也不|受够|忍不了|到底(管|有没有|能不能|什么时候)|有病|糊弄|赖我"
    "|呵呵|霸王|装死|踢皮球|浪费(我)?时间"
)
_THANKS = re.compile("谢|感恩|辛苦|多亏|有劳|thank|3q")
_UNKNOWN_ANSWER = re.compile(
    "没有?(理解|明白|查到|找到相关)|没有?听懂|不(太)?明白您|换(个|一个|一种)说法|暂时(没有|无法)(答案|回答)"
)


@dataclass(frozen=True)
class Turn:
    """One message of a conversation; `at` is a UTC epoch second.

    `data` may hold, for a customer's turn: seconds_since_last (float), returning_within_24h, buttons_offered (bool),
    payload (a button was pressed); for a bot's: answer_kind ("unknown" …), buttons ([{"title": …}]).
    """

    text: str
    at: float
    sender: str  # customer | bot | agent
    data: dict = field(default_factory=dict)


def behaviour_features(history: Sequence[Turn]) -> np.ndarray:
    """Return float32 (MAX_TURNS, features): the latest customer turns, oldest first, zero rows before them.

    Messages out of order are taken as they stand; a negative pause counts as none.

    :raises ValueError: when a time is not finite.
    """
    matrix = np.zeros((MAX_TURNS, len(FEATURE_NAMES)), dtype=np.float32)
    customer = [index for index, turn in enumerate(history) if turn.sender == "customer"]
    seen = customer[-(MAX_TURNS + MAX_COMPARED) :]
    grams = {index: _bigrams(history[index].text) for index in seen}
    stuck = _answers_without_progress(history)
    shown = customer[-MAX_TURNS:]
    for row, index in enumerate(shown, start=MAX_TURNS - len(shown)):
        position = len(customer) - len(shown) + row - (MAX_TURNS - len(shown))
        earlier = [grams[other] for other in customer[max(0, position - MAX_COMPARED) : position] if other in grams]
        matrix[row] = _features_of(history, index, position, grams[index], earlier, stuck[index])
    return matrix


def named_features(row: np.ndarray) -> dict[str, float]:
    """Return one row of `behaviour_features` as names with values rounded to four digits."""
    return {name: round(float(value), 4) for name, value in zip(FEATURE_NAMES, row, strict=True)}


def _features_of(
    history: Sequence[Turn], index: int, position: int, grams: frozenset, earlier: list[frozenset], stuck: int
) -> list[float]:
    turn = history[index]
    text = turn.text[:MAX_CHARACTERS]
    lowered = text.lower()
    previous = history[index - 1] if index else None
    pause = turn.data.get("seconds_since_last")
    if pause is None:
        pause = turn.at - previous.at if previous is not None else 0.0
    angle = hour_of_day(turn.at) / 24 * 2 * math.pi
    letters = "".join(_LATIN_WORD.findall(text))
    capitals = sum(letter.isupper() for letter in letters) / len(letters) if len(letters) >= 4 else 0.0
    return [
        1.0,
        min(1.0, math.log1p(max(0.0, pause)) / math.log1p(86_400)),
        float(index == 0),
        min(1.0, math.log1p(len(turn.text)) / math.log(501)),
        max((_likeness(grams, other) for other in earlier), default=0.0),
        min(1.0, (text.count("!") + text.count("！")) / 5),
        min(1.0, (text.count("?") + text.count("？")) / 5),
        min(1.0, len(_EMOJI.findall(text)) / 5),
        capitals,
        float(_REJECTED.search(lowered) is not None),
        float(_ASKS_HUMAN.search(lowered) is not None),
        float(_COMPLAINS.search(lowered) is not None),
        float(_THANKS.search(lowered) is not None),
        float(_ignores_buttons(turn, previous)),
        min(1.0, stuck / 4),
        min(1.0, (position + 1) / 10),
        math.sin(angle),
        math.cos(angle),
        float(bool(turn.data.get("returning_within_24h"))),
    ]


def _bigrams(text: str) -> frozenset[str]:
    text = normalise(text[:MAX_CHARACTERS]).replace(" ", "")
    return frozenset(text[start : start + 2] for start in range(len(text) - 1)) or frozenset({text} - {""})


def _likeness(a: frozenset, b: frozenset) -> float:
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 0.0


def _ignores_buttons(turn: Turn, previous: Turn | None) -> bool:
    if turn.data.get("payload"):
        return False
    buttons = previous.data.get("buttons") if previous is not None and previous.sender == "bot" else None
    titles = {button.get("title") for button in buttons or ()}
    return bool(buttons or turn.data.get("buttons_offered")) and turn.text not in titles


def _answers_without_progress(history: Sequence[Turn]) -> dict[int, int]:
    """For each customer turn: how many answers in a row before it brought nothing new."""
    counts: dict[int, int] = {}
    given: set[str] = set()
    stuck = 0
    for index, turn in enumerate(history):
        if turn.sender == "customer":
            counts[index] = stuck
            continue
        text = turn.text[:MAX_CHARACTERS]
        unknown = turn.data.get("answer_kind") == "unknown" or _UNKNOWN_ANSWER.search(text) is not None
        stuck = stuck + 1 if unknown or text in given else 0
        given.add(text)
    return counts
