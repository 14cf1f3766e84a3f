"""Entity extractor: numbers with a fixed form, amounts, products of the catalogue and reasons for a refund."""

import re
from typing import Any

from rasa.engine.graph import GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.fingerprint import source_hash
from nlu_data import text as nlu_text

_DIGIT = r"[0-9０-９]"
#: A hyphen, space or full-width letter in a number is how people copy it; the value is the plain form.
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("order_number", re.compile(rf"(?<![A-Za-z0-9])[YyＹｙ][SsＳｓ][\s\-]?{_DIGIT}{{10}}(?!{_DIGIT})")),
    ("parcel_number", re.compile(rf"(?<![A-Za-z0-9])[YyＹｙ][TtＴｔ][\s\-]?{_DIGIT}{{13}}(?!{_DIGIT})")),
    ("phone", re.compile(r"(?<!\d)(?:\+?86[\s-]?)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)")),
    (
        "amount",
        re.compile(
            r"(?<![\dA-Za-z.])(?:[¥￥]\s?(\d{1,7}(?:\.\d{1,2})?)|(\d{1,7}(?:\.\d{1,2})?)\s?(?:元|块钱|块|rmb|RMB))"
        ),
    ),
)

#: Heading in nlu_data/catalogue.txt of the words that nobody buys: 包邮, 签收, 转人工.
SERVICES = "交易与服务"

#: How customers say why they want their money back → the reason as the back end files it.
REFUND_REASONS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "质量问题",
        re.compile(
            r"质量(?:有)?(?:问题|不好|太差|差)|有(?:质量)?(?:瑕疵|毛病)|是?坏的|坏了|破损|破了|漏液|开线|掉色|起球|"
            r"充不(?:进|上)电|开不了机|用不了|没声音|不通电"
        ),
    ),
    (
        "发错货或少件",
        re.compile(r"发错(?:货|了|颜色|尺码|型号)?|寄错了?|错发|货不对|少件|少发|漏发|少了(?:一)?(?:个|件|样)"),
    ),
    (
        "尺码不合适",
        re.compile(
            r"(?:尺码|尺寸|大小|码数|号码)(?:不合适|不对|不合|偏大|偏小|太大|太小|大了|小了)|(?:穿|戴)(?:着)?(?:不合适|太大|太小|不下|不上)|"
            r"(?:买|拍)(?:大|小)了"
        ),
    ),
    (
        "与描述不符",
        re.compile(
            r"(?:与|跟|和)?(?:描述|图片|照片|页面|宣传|介绍)(?:的)?(?:不符|不一样|不一致|差太多|差很多)|货不对板|色差(?:太|很)?大?"
        ),
    ),
    (
        "不想要了",
        re.compile(
            r"不(?:太)?想要了?|不要了|不喜欢|不需要了?|用不(?:到|着)了?|买多了|(?:买|拍)(?:错|重复)了?|重复(?:下单|买)了?"
        ),
    ),
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class YingdaEntityExtractor(GraphComponent):
    """Adds entities with exact offsets into the typed text; overlapping finds keep the first and longest."""

    @classmethod
    def create(cls, config, model_storage, resource, execution_context) -> "YingdaEntityExtractor":
        return cls()

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        return source_hash(nlu_text.CATALOGUE_PATH)

    def __init__(self) -> None:
        # Longest first: 无线蓝牙耳机 before 耳机.
        products = sorted(_products(), key=len, reverse=True)
        self._products = re.compile("|".join(map(re.escape, products)), re.IGNORECASE)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            typed = message.get(TEXT) or ""
            if not typed.startswith("/"):  # a button's payload names its entities itself
                message.set(ENTITIES, message.get(ENTITIES, []) + self.extract(typed), add_to_output=True)
        return messages

    def extract(self, typed: str) -> list[dict[str, Any]]:
        """Return Rasa entity dicts {"entity", "value", "start", "end", "extractor"} in order of appearance."""
        found: list[tuple[int, int, str, str]] = []
        for name, pattern in _PATTERNS:
            found += [(*match.span(), name, _value(name, match)) for match in pattern.finditer(typed)]
        for value, pattern in REFUND_REASONS:
            found += [(*match.span(), "refund_reason", value) for match in pattern.finditer(typed)]
        found += [(*match.span(), "product", match.group()) for match in self._products.finditer(typed)]
        return [
            {"entity": name, "value": value, "start": start, "end": end, "extractor": type(self).__name__}
            for start, end, name, value in _without_overlaps(found)
        ]


def _products() -> list[str]:
    """Return what the catalogue sells: the words under its one-word headings, those of trade and services left out."""
    found, sold = [], False
    for line in nlu_text.CATALOGUE_PATH.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            heading = line[1:].strip()
            sold = " " not in heading and heading != SERVICES
        elif line.strip() and sold:
            found.append(nlu_text.normalise(line.split()[0]))
    return found


def _value(name: str, match: re.Match[str]) -> str:
    plain = nlu_text.normalise(match.group()).upper()
    if name in ("order_number", "parcel_number"):
        return re.sub(r"[\s\-]", "", plain)
    if name == "phone":
        return re.sub(r"\D", "", plain)[-11:]
    return next(group for group in match.groups() if group)  # amount: the number alone, in yuan


def _without_overlaps(found: list[tuple[int, int, str, str]]) -> list[tuple[int, int, str, str]]:
    kept: list[tuple[int, int, str, str]] = []
    for each in sorted(found, key=lambda span: (span[0], span[0] - span[1])):
        if not kept or each[0] >= kept[-1][1]:
            kept.append(each)
    return kept
