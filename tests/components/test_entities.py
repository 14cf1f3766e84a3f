"""Entities: exact places in the typed text, plain values, and nothing where nothing is."""

import pytest

from bot.components.entities import YingdaEntityExtractor


@pytest.fixture(scope="module")
def extractor() -> YingdaEntityExtractor:
    return YingdaEntityExtractor()


def found(extractor, text):
    return [(each["entity"], each["value"], text[each["start"] : each["end"]]) for each in extractor.extract(text)]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("订单YS2611050001到哪了", [("order_number", "YS2611050001", "YS2611050001")]),
        ("ys2611050001", [("order_number", "YS2611050001", "ys2611050001")]),
        ("ＹＳ２６１１０５０００１", [("order_number", "YS2611050001", "ＹＳ２６１１０５０００１")]),
        ("YS-2611050001，谢谢", [("order_number", "YS2611050001", "YS-2611050001")]),
        ("单号YT7700012345001没更新", [("parcel_number", "YT7700012345001", "YT7700012345001")]),
        ("打我138 0000 1001", [("phone", "13800001001", "138 0000 1001")]),
        ("退我59.5元", [("amount", "59.5", "59.5元")]),
        ("¥128退一下", [("amount", "128", "¥128")]),
        ("质量问题", [("refund_reason", "质量问题", "质量问题")]),
        ("拍错了", [("refund_reason", "不想要了", "拍错了")]),
    ],
)
def test_values_and_places(extractor, text, expected):
    assert found(extractor, text) == expected


@pytest.mark.parametrize("text", ["你好", "YS261105000", "YS26110500011", "今天天气不错", "2026年11月"])
def test_nothing_where_nothing_is(extractor, text):
    assert found(extractor, text) == []


def test_one_number_is_one_entity(extractor):
    # The digits of an order number are no phone and no amount.
    assert [name for name, *_ in found(extractor, "YS2613800001 退款")] == ["order_number"]
