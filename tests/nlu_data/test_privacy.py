"""What is masked, what stays, and that masking is safe to repeat."""

import re
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu_data.privacy import LABELS, is_bank_card, is_id_card, mask, mask_counted
from nlu_data.sample.customers import draw_customers

_PARTS = (
    *("收件人", "：", "张三", "欧阳", "13812345678", "电话", "地址", "浙江省", "杭州市", "西湖区", "文三路", "100号"),
    *("3栋", "花园", "，", "YS2611050001", "〔手机号〕", "〔地址〕", "6222", "京A12345", "a@b.cn", "是", " ", "12"),
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def made_id_card(region: int, day: str, sequence: int) -> str:
    first = f"{region:06d}{day}{sequence:03d}"
    return first + "10X98765432"[sum(int(d) * w for d, w in zip(first, _WEIGHTS)) % 11]


def made_bank_card(digits: list[int]) -> str:
    for check in range(10):
        number = "".join(map(str, [*digits, check]))
        total = 0
        for position, digit in enumerate(reversed(number)):
            value = int(digit) * (2 if position % 2 else 1)
            total += value - 9 if value > 9 else value
        if total % 10 == 0:
            return number
    raise AssertionError("one of ten check digits always fits")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13812345678", "电话〔手机号〕"),
        ("138 1234 5678或+86 139-1234-5678", "〔手机号〕或〔手机号〕"),
        ("tel:8613812345678急", "tel:〔手机号〕急"),
        ("１３８１２３４５６７８", "〔手机号〕"),
        ("座机010-88886666", "座机〔手机号〕"),
        ("发到 zhang.san@example.com 谢谢", "发到 〔邮箱〕 谢谢"),
        ("车牌京A12345，沪AD12345", "车牌〔车牌〕，〔车牌〕"),
        ("身份证11010519491231002X", "身份证〔身份证〕"),
        ("卡号 4111 1111 1111 1111", "卡号 〔银行卡〕"),
        ("麻烦帮我改到杭州市西湖区文三路100号3栋2单元501室", "麻烦帮我改到〔地址〕"),
        ("地址改成浙江省杭州市西湖区文三路100号可以吗", "地址改成〔地址〕可以吗"),
        ("我在人民路188号", "我在〔地址〕"),
        ("收件人：张三，电话13812345678", "收件人：〔姓名〕，电话〔手机号〕"),
        (
            "收件人:张三电话13812345678地址:广东省深圳市南山区科技园路8号",
            "收件人:〔姓名〕电话〔手机号〕地址:〔地址〕",
        ),
        ("李小红 13812345678 浙江省杭州市余杭区五常街道西溪花园5栋302室", "〔姓名〕 〔手机号〕 〔地址〕"),
        ("江苏省苏州市星湖街328号创意产业园6-B302，王五，13812345678", "〔地址〕，〔姓名〕，〔手机号〕"),
        ("收件人叫王小明", "收件人叫〔姓名〕"),
    ],
)
def test_personal_data_is_masked(text, masked):
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "订单YS2611050001，快递YT8613812345678，退款RF12345678，工单H123456",
        "热线400-800-1234，12315",
        "身份证110105194912310021",  # wrong check digit
        "证件110105194913310021",  # there is no 13th month
        "卡号6222021234567890120",  # fails Luhn
        "0000000000000000",
        "12345678901",  # 11 digits, but no mobile prefix
        "138123456789",  # 12 digits
        "发到新疆乌鲁木齐市要几天",
        "浙江省杭州市能送吗",
        "上海发货，2号能到吗",
        "我知道3号能到吗",
        "在路上，3号能到吗",
        "物流停在武汉转运中心，杭州萧山分拣中心也没动",
        "地铁2号线在哪",
        "收件人是我妈",
        "姓名: 电话: 地址:",
        "地址：填错了怎么改",
        "新T恤多少钱，新款A款",
        "京东A区",
        "满200减30，共1000000积分",
        "3.5元@客服",
        "",
    ],
)
def test_what_is_not_personal_stays(text):
    assert mask(text) == text


def test_counts_per_label():
    masked, counts = mask_counted("13812345678，13912345678，a@b.example，〔手机号〕")
    assert masked == "〔手机号〕，〔手机号〕，〔邮箱〕，〔手机号〕"
    assert counts == {"〔手机号〕": 2, "〔邮箱〕": 1}


@given(
    st.integers(110000, 659999),
    st.dates(min_value=date(1930, 1, 1), max_value=date(2025, 1, 1)),
    st.integers(0, 999),
    st.integers(1, 10),
)
@settings(max_examples=150, deadline=None)
def test_every_right_id_card_is_found_and_every_wrong_check_digit_is_not(region, day, sequence, shift):
    card = made_id_card(region, f"{day:%Y%m%d}", sequence)
    assert is_id_card(card)
    assert mask(f"我的证件是{card}。") == "我的证件是〔身份证〕。"
    wrong = card[:17] + "0123456789X"[("0123456789X".index(card[17]) + shift) % 11]
    assert not is_id_card(wrong)


@given(st.lists(st.integers(0, 9), min_size=15, max_size=18).filter(lambda digits: len(set(digits)) > 1))
@settings(max_examples=150, deadline=None)
def test_every_right_bank_card_is_found_and_one_changed_digit_is_not(digits):
    card = made_bank_card(digits)
    assert is_bank_card(card)
    assert card not in mask(f"卡号{card}，退到这里")
    wrong = card[:-1] + str((int(card[-1]) + 1) % 10)
    assert not is_bank_card(wrong)


@given(
    st.integers(3, 9), st.integers(0, 999_999_999), st.sampled_from(["", " ", "-"]), st.sampled_from(["", "+86 ", "86"])
)
@settings(max_examples=150, deadline=None)
def test_every_mobile_number_is_masked(second, rest, gap, country):
    digits = f"1{second}{rest:09d}"
    written = country + gap.join((digits[:3], digits[3:7], digits[7:]))
    assert mask(f"打我电话{written}，谢谢") == "打我电话〔手机号〕，谢谢"


@given(
    st.lists(
        st.sampled_from(_PARTS),
        max_size=12,
    ).map("".join)
    | st.text(max_size=80)
)
@settings(max_examples=500, deadline=None)
def test_masking_twice_changes_nothing(text):
    once = mask(text)
    assert mask(once) == once


def test_a_card_and_a_number_without_anything_between_them():
    assert mask("11010519491231002X13812345678") == "〔身份证〕〔手机号〕"
    assert mask("11010519491231002X11010519491231002X") == "〔身份证〕〔身份证〕"


def test_addresses_and_names_of_many_invented_customers_are_masked():
    for customer in draw_customers(200, Random(11)):
        text = f"收件人：{customer.name}，电话{customer.phone}，地址：{customer.address}"
        assert mask(text) == "收件人：〔姓名〕，电话〔手机号〕，地址：〔地址〕"
        assert mask(f"{customer.address}，{customer.name}，{customer.phone}") == "〔地址〕，〔姓名〕，〔手机号〕"
        assert mask(customer.email) == "〔邮箱〕"


def test_long_hostile_texts_do_not_blow_up():
    # Nested repetition in an expression would make these take minutes instead of milliseconds.
    for text in (
        "路" * 10_000,
        "1" * 10_000,
        "a." * 5_000,
        "杭州市" * 3_000,
        "地址：" * 3_000,
        "1-" * 5_000,
        "三号" * 5_000,
    ):
        assert len(mask(text)) <= len(text)


def test_labels_are_all_different_and_bracketed():
    assert len(set(LABELS)) == 7
    assert all(re.fullmatch(r"〔.{2,3}〕", label) for label in LABELS)
