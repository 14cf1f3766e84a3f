"""The sample knowledge is what customers are told: well-formed, without doubles, and never at odds with the shop."""

import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

KNOWLEDGE = Path(__file__).parents[2] / "nlu_data" / "knowledge"

INTENTS = {
    "ask_shipping_time",
    "ask_shipping_fee",
    "ask_delivery_area",
    "ask_change_address",
    "ask_parcel_exception",
    "ask_return_policy",
    "ask_return_freight",
    "ask_exchange",
    "ask_refund_time",
    "ask_payment_method",
    "ask_payment_problem",
    "ask_installment",
    "ask_invoice",
    "ask_coupon",
    "ask_price_protection",
    "ask_membership",
    "ask_account",
    "ask_authenticity",
    "ask_size",
    "ask_stock",
    "ask_cancel_order",
    "ask_damaged",
    "ask_warranty",
    "ask_contact",
    "ask_gift",
}
QUESTION_KEYS = {"id", "question", "variants", "answer", "tags", "intent", "language"}
ARTICLE_KEYS = {"id", "title", "tags", "language"}
VALIDITY_KEYS = {"valid_from_days", "valid_until_days"}
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


def read_questions() -> list[dict]:
    return [
        entry
        for path in sorted((KNOWLEDGE / "faq").glob("*.yml"))
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def read_article(path: Path) -> tuple[dict, str]:
    opening, front, body = re.split(r"^---\n", path.read_text(encoding="utf-8"), maxsplit=2, flags=re.MULTILINE)
    assert opening == "", f"{path.name}: text above the front matter"
    return yaml.safe_load(front), body


QUESTIONS = read_questions()
ARTICLE_PATHS = sorted((KNOWLEDGE / "articles").glob("*.md"))
ARTICLES = {path.stem: read_article(path) for path in ARTICLE_PATHS}


def bare(text: str) -> str:
    """What is left of a question when punctuation, spaces and case are taken away."""
    return re.sub(r"[\W_]", "", text).lower()


def test_there_is_enough_knowledge() -> None:
    assert len(QUESTIONS) >= 115
    assert len(ARTICLES) >= 14


def test_ids_are_unique_slugs() -> None:
    ids = [entry["id"] for entry in QUESTIONS] + [front["id"] for front, _ in ARTICLES.values()]
    assert [name for name, count in Counter(ids).items() if count > 1] == []
    assert [name for name in ids if not SLUG.fullmatch(name)] == []


def test_every_intent_that_asks_has_answers() -> None:
    counts = Counter(entry["intent"] for entry in QUESTIONS)
    assert set(counts) == INTENTS
    assert [intent for intent in INTENTS if counts[intent] < 3] == []


@pytest.mark.parametrize("entry", QUESTIONS, ids=[entry["id"] for entry in QUESTIONS])
def test_question_is_well_formed(entry: dict) -> None:
    assert QUESTION_KEYS <= set(entry) <= QUESTION_KEYS | VALIDITY_KEYS
    assert 3 <= len(entry["variants"]) <= 20
    assert 10 <= len(entry["answer"]) <= 300
    assert entry["tags"] and entry["language"] == "zh"
    for text in [entry["question"], entry["answer"], *entry["variants"], *entry["tags"]]:
        assert isinstance(text, str) and text == text.strip() != ""
    assert entry["answer"].endswith("。")
    assert not re.search(r"[{}]", entry["answer"]), "answers are said word for word: nothing fills a slot"
    assert not re.search(r"[\u4e00-\u9fff][,;!?]|你(?!们)", entry["answer"]), "full-width punctuation, and 您"


def test_no_two_entries_are_asked_alike() -> None:
    asked = defaultdict(list)
    for entry in QUESTIONS:
        for text in [entry["question"], *entry["variants"]]:
            asked[bare(text)].append(entry["id"])
    assert {text: ids for text, ids in asked.items() if len(ids) > 1} == {}


@pytest.mark.parametrize("name", ARTICLES)
def test_article_is_well_formed(name: str) -> None:
    front, body = ARTICLES[name]
    assert ARTICLE_KEYS <= set(front) <= ARTICLE_KEYS | VALIDITY_KEYS
    assert front["id"] == name
    assert front["tags"] and front["language"] == "zh"
    sections = re.findall(r"^## (.+)$", body, re.MULTILINE)
    assert len(sections) >= 2
    assert len(set(sections)) == len(sections), "a source names its section"
    assert 400 <= len(re.findall(r"[\u4e00-\u9fff]", body)) <= 900


@pytest.mark.parametrize("name", ARTICLES)
def test_rows_of_a_table_have_as_many_cells_as_its_head(name: str) -> None:
    for table in re.findall(r"(?:^\|.*\|\n)+", ARTICLES[name][1], re.MULTILINE):
        assert len({row.count("|") for row in table.splitlines()}) == 1, table


def test_validity_has_a_running_an_expired_and_a_coming_entry() -> None:
    spans = {
        entry["id"]: (entry.get("valid_from_days"), entry.get("valid_until_days"))
        for entry in [*QUESTIONS, *(front for front, _ in ARTICLES.values())]
        if VALIDITY_KEYS & set(entry)
    }
    for name, (start, end) in spans.items():
        assert isinstance(start, int) and isinstance(end, int) and start < end, name
    assert spans["promotion-expired-double-eleven"][1] == -5
    assert spans["promotion-upcoming-new-year-food"][0] > 0
    running = [name for name, (start, end) in spans.items() if start <= 0 < end]
    assert "promotion-current-appliance-season" in running
    assert len(running) >= 3


class Guard(NamedTuple):
    """A fact of the shop: wherever `pattern` is found, its groups say one of `allowed`; `wrong` must be caught."""

    pattern: str
    allowed: set[str]
    wrong: str


GUARDS = {
    "free delivery from": Guard(r"(?<!不)满 ?(\d+) ?元(?:就|才|同样)?(?:包邮|免运费)", {"59"}, "满 49 元包邮"),
    "delivery below that": Guard(
        r"不满(?: 59 元)?就?(?:收|补收) (\d+ 元起?)", {"6 元", "12 元起"}, "不满 59 元收 8 元"
    ),
    "ships today until": Guard(r"(\d+:\d\d) 前付款", {"16:00"}, "17:00 前付款的当天发"),
    "ships at latest": Guard(r"(?:付款满|最晚不超过) (\d+) 小时", {"48"}, "最晚不超过 72 小时"),
    "delivery in most regions": Guard(r"大部分地区 (\d–\d) 天", {"1–3"}, "大部分地区 2–4 天"),
    "delivery in remote regions": Guard(r"偏远地区 (\d–\d) 天", {"3–7"}, "偏远地区 5–9 天"),
    "return without reason": Guard(
        r"签收(?:当天起|后) (\d+) 天内[^。；]{0,40}无理由", {"7"}, "签收后 10 天内可无理由退"
    ),
    "return for quality": Guard(r"质量问题[^。；]{0,20}签收后 (\d+) 天内", {"15"}, "质量问题签收后 30 天内"),
    "exchange": Guard(r"签收后 (\d+) 天内可以换", {"15"}, "签收后 7 天内可以换货"),
    "refund reviewed": Guard(r"退款申请 (\d+) 小时内审核", {"24"}, "退款申请 48 小时内审核"),
    "refund to a card": Guard(r"银行卡的? (\d+–\d+) 个工作日", {"3–7"}, "银行卡 1–3 个工作日"),
    "refund to a wallet": Guard(r"支付宝的? (\d+–\d+) 个工作日", {"1–3"}, "支付宝 3–5 个工作日"),
    "price protection": Guard(
        r"(?:付款后|买后|已超过|付款超过) (\d+) 天(?:内降价|的订单|。)", {"30"}, "付款后 15 天内降价"
    ),
    "invoice changed": Guard(r"开票后 (\d+) 天内", {"30"}, "开票后 60 天内可以换开"),
    "points": Guard(r"(\d+ 积分抵 \d+ 元)", {"100 积分抵 1 元"}, "1000 积分抵 1 元"),
    "silver from": Guard(r"银杉（(?:年消费)?满 (\d+) 元", {"1000"}, "银杉（满 500 元）"),
    "gold from": Guard(r"金杉（(?:年消费)?满 (\d+) 元", {"5000"}, "金杉（满 3000 元）"),
    "black from": Guard(r"黑杉（(?:年消费)?满 (\d+) 元", {"20000"}, "黑杉（满 10000 元）"),
    "instalments from": Guard(r"满 (\d+) 元(?:的订单)?(?:也|还)?可以(?:选|分)", {"300"}, "满 500 元可以分 3 期"),
    "warranty": Guard(r"整机保修 (\d+ 年)", {"1 年"}, "整机保修 2 年"),
    "warranty of accessories": Guard(r"配件（[^）]*）保修 (\d+ 个月)", {"3 个月"}, "配件（内锅）保修 6 个月"),
    "hotline": Guard(r"(400-\d{3}-\d{4})", {"400-800-1234"}, "请打 400-800-4321"),
    "hours of people": Guard(r"每天 (\d+:\d\d–\d+:\d\d)", {"9:00–21:00"}, "每天 8:00–20:00 在线"),
}


@pytest.mark.parametrize("fact", GUARDS)
def test_main_facts_are_never_contradicted(fact: str) -> None:
    guard = GUARDS[fact]
    told = {entry["id"]: entry["answer"] for entry in QUESTIONS}
    told |= {name: body for name, (_, body) in ARTICLES.items()}
    found = {name: set(re.findall(guard.pattern, text)) for name, text in told.items()}
    assert any(found.values()), "nothing states this fact, or the guard no longer recognises how it is said"
    assert {name: values - guard.allowed for name, values in found.items() if values - guard.allowed} == {}
    assert set(re.findall(guard.pattern, guard.wrong)) - guard.allowed, "the guard must catch a wrong figure"


def test_surcharges_of_remote_regions_agree_with_the_short_answer() -> None:
    rows = re.findall(
        r"^\| (\S+) \| (\d+) 元 \| \d+ 元 \| (\d)–(\d) 天 \|$", ARTICLES["remote-area-surcharges"][1], re.MULTILINE
    )
    assert {region for region, *_ in rows} == {"新疆", "西藏", "青海", "宁夏", "内蒙古"}
    assert min(int(fee) for _, fee, *_ in rows) == 12
    assert all(3 <= int(low) <= int(high) <= 7 for *_, low, high in rows)
