"""Tokens are words of the normal form whose places point into the message as the customer typed it."""

import pytest
from rasa.shared.nlu.training_data.message import Message

from bot.components.tokenizer import YingdaTokenizer
from nlu_data.text import normalise, words


@pytest.fixture(scope="module")
def tokenizer() -> YingdaTokenizer:
    return YingdaTokenizer(YingdaTokenizer.get_default_config())


def tokens(tokenizer, text):
    return tokenizer.tokenize(Message({"text": text}), "text")


@pytest.mark.parametrize(
    "text",
    [
        "我要退货",
        "订单 YS2611050001 到哪了",
        "ＹＳ２６１１０５０００１到了吗？",
        "买了T恤和USB充电宝",
        "满５９元　包邮吗",
        "  空格  很多  ",
        "第一行\n第二行",
        "退货退货退货",
    ],
)
def test_every_token_covers_what_was_typed(tokenizer, text):
    found = tokens(tokenizer, text)
    assert [token.text for token in found] == words(text), "no word is lost"
    for token in found:
        assert normalise(text[token.start : token.end]) == token.text
    assert all(one.end <= next.start for one, next in zip(found, found[1:])), "in order, without overlap"


def test_full_width_and_upper_case_keep_their_places(tokenizer):
    text = "查ＹＳ２６１１０５０００１"
    (token,) = [token for token in tokens(tokenizer, text) if token.text == "ys2611050001"]
    assert (token.start, token.end) == (1, len(text))


def test_the_same_word_twice_has_two_places(tokenizer):
    assert [(token.start, token.end) for token in tokens(tokenizer, "快递快递")] == [(0, 2), (2, 4)]


def test_spaces_are_no_tokens(tokenizer):
    assert all(token.text.strip() for token in tokens(tokenizer, "耳机 坏 了　吗"))


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_has_no_tokens(tokenizer, text):
    assert tokens(tokenizer, text) == []
