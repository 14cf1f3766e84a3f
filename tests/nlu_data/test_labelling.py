"""Intent examples mined from the logs, and the families that hold them in check."""

import pytest

from nlu_data.conversations import Conversation, Message
from nlu_data.families import read_families
from nlu_data.labelling import label_examples
from nlu_data.mining import AnswerPair

LABELLED = {
    "ask_invoice": ["可以开发票吗", "发票怎么开", "发票什么时候能开出来"],
    "ask_shipping_fee": ["运费多少钱", "满多少包邮", "快递费怎么算"],
    "out_of_scope": ["今天天气怎么样", "给我写首诗"],
}
FAMILIES = {"ask_invoice": "发票", "ask_shipping_fee": "物流"}


def found(candidates, **options) -> list[tuple[str, str]]:
    return [(each.text, each.intent) for each in label_examples(candidates, LABELLED, FAMILIES, **options)]


def test_a_likely_sentence_of_the_right_category_is_labelled():
    assert found([("请问发票什么时候能开", "发票"), ("运费要多少钱呀", "物流")]) == [
        ("发票什么时候能开", "ask_invoice"),
        ("运费要多少钱呀", "ask_shipping_fee"),
    ]


def test_the_category_has_to_agree():
    assert found([("发票什么时候能开", "物流")]) == []


def test_an_intent_without_a_family_gets_nothing():
    assert found([("今天天气怎么样啊", "其他")]) == []


def test_unlike_and_undecided_sentences_are_left_out():
    assert found([("你们仓库在哪个城市", "物流")]) == []
    both = [("发票怎么开，运费多少", "发票")]
    assert found(both, threshold=0.3, margin=0.3) == []
    assert found(both, threshold=0.3, margin=0.0) == [("发票怎么开，运费多少", "ask_invoice")]


def test_known_repeated_long_and_masked_sentences_are_left_out():
    sentences = ["可以开发票吗？", "发票怎么开呢", "发票怎么开呢！", "发票怎么开呢" * 12, "发票怎么开〔手机号〕"]
    assert found([(text, "发票") for text in sentences]) == [("发票怎么开呢", "ask_invoice")]


def test_never_more_than_asked_for_and_the_best_first():
    candidates = [(f"发票{word}怎么开", "发票") for word in ("到底", "应该", "自己", "重新", "后来")]
    assert len(found(candidates, threshold=0.2)) == 5
    assert len(found(candidates, threshold=0.2, per_intent=2)) == 2
    assert found(candidates, per_intent=0) == []
    scores = [each.score for each in label_examples(candidates, LABELLED, FAMILIES, threshold=0.2)]
    assert scores == sorted(scores, reverse=True)


def test_pairs_and_conversations_are_taken_too():
    pair = AnswerPair("运费要多少钱呀", "满59元包邮。", "物流", 0.7, "a")
    messages = (
        Message(0, "customer", "在吗"),
        Message(30, "agent", "在的"),
        Message(60, "customer", "发票什么时候能开"),
    )
    conversation = Conversation("b", "发票", None, True, False, None, messages)
    assert found([pair, conversation]) == [
        ("发票什么时候能开", "ask_invoice"),
        ("运费要多少钱呀", "ask_shipping_fee"),
    ]


def test_nothing_to_learn_from_is_no_error():
    assert label_examples([], LABELLED, FAMILIES) == []
    assert label_examples([("运费", "物流")], {}, FAMILIES) == []


@pytest.mark.parametrize("options", [{"threshold": 1.2}, {"margin": -0.1}, {"per_intent": -1}])
def test_impossible_options_are_named(options):
    with pytest.raises(ValueError, match=f"{next(iter(options))}={next(iter(options.values()))}"):
        label_examples([("运费", "物流")], LABELLED, FAMILIES, **options)


def test_the_families_cover_every_intent_once():
    families = read_families()
    assert len(families) == 39
    assert families["refund_status"] == "售后" and families["complain"] == "投诉"
    assert "out_of_scope" not in families


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("- a\n", "expected `category"),
        ("物流: ask_stock\n", "expected a list"),
        ("物流: [ask_stock]\n订单: [ask_stock]\n", "ask_stock is in 物流 and in 订单"),
    ],
)
def test_a_wrong_families_file_is_explained(tmp_path, content, error):
    path = tmp_path / "families.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=error):
        read_families(path)
