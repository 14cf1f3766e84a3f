"""Masks personal data in a message, so that logs, training data and analytics never hold it.

Masked: mainland mobile and fixed-line numbers, resident ID cards (checksum), bank cards (Luhn), e-mail,
number plates, addresses down to the street or building, names in address forms. Kept: the shop's own
numbers (order YS…, parcel YT…, refund RF…), its hotline, and place names without a street, because the
answer often depends on them (偏远地区).
"""

import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from nlu_data import places

PHONE, ID_CARD, BANK_CARD = "〔手机号〕", "〔身份证〕", "〔银行卡〕"
EMAIL, PLATE, ADDRESS, NAME = "〔邮箱〕", "〔车牌〕", "〔地址〕", "〔姓名〕"
LABELS = (PHONE, ID_CARD, BANK_CARD, EMAIL, PLATE, ADDRESS, NAME)

#: Numbers that only mean something inside the shop; they stay, so that the bot can learn to ask for them.
_KEPT = r"(?P<kept>(?<![A-Za-z])(?:YS\d{10}|YT\d{13}|RF\d{8}|H\d{6})(?!\d))"
_MAX_PASSES = 12
_GAP = r"[ \-–—.·]{0,3}"


def mask(text: str) -> str:
    """Return `text` with personal data replaced by labels such as 〔手机号〕; masking twice changes nothing."""
    return mask_counted(text)[0]


def mask_counted(text: str) -> tuple[str, Counter[str]]:
    """Return the masked text and how often each label was put in (labels already there are not counted)."""
    counts: Counter[str] = Counter()
    # What one rule puts in can be the border that an earlier rule was missing, so go on until nothing changes.
    for _ in range(_MAX_PASSES):
        before = text
        for rule in _RULES:
            text = rule.apply(text, counts)
        if text == before:
            break
    return text, counts


class _Rule(NamedTuple):
    """One kind of personal data: what it looks like, and what proves that it is that kind.

    The group `secret` is replaced (the whole match if there is none); a match with group `kept` stays.
    """

    label: str
    pattern: re.Pattern[str]
    proof: Callable[[str], bool] | None = None

    def apply(self, text: str, counts: Counter[str]) -> str:
        def replaced(match: re.Match[str]) -> str:
            groups = match.groupdict()
            if groups.get("kept"):
                return match.group()
            name = "secret" if groups.get("secret") else 0
            if self.proof is not None and not self.proof(match.group(name)):
                return match.group()
            counts[self.label] += 1
            start, end = (position - match.start() for position in match.span(name))
            return match.group()[:start] + self.label + match.group()[end:]

        return self.pattern.sub(replaced, text)


# --- checks -----------------------------------------------------------------------------------------

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"


def is_id_card(number: str) -> bool:
    """Return whether 18 characters (spaces and dashes aside) are a resident ID card: a real date, ISO 7064 check."""
    compact = _compact(number).upper()
    if len(compact) != 18 or not compact[:17].isdecimal():
        return False
    try:
        date(int(compact[6:10]), int(compact[10:12]), int(compact[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(compact, _ID_WEIGHTS))
    last = compact[17]
    return _ID_CHECK[total % 11] == (str(int(last)) if last.isdecimal() else last)


def is_bank_card(number: str) -> bool:
    """Return whether 16 to 19 digits (spaces and dashes aside) pass the Luhn check; one digit repeated does not."""
    digits = [int(digit) for digit in _compact(number)]
    if not 16 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _compact(number: str) -> str:
    return "".join(character for character in number if character.isalnum())


def _is_plate(plate: str) -> bool:
    # At most two letters behind the city letter: "新T恤" and product names are not plates.
    return sum(character.isdecimal() for character in plate) >= 3


# --- names ------------------------------------------------------------------------------------------

_HAN = r"[\u4e00-\u9fff]"
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
    "石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "赖萧阎尤俞章鲁葛岳倪殷翟申耿焦左柳甘祝舒阮纪梅童凌毕裴霍涂苗谷曲盛翁冉骆蓝游靳管柴鲍华喻祁蒲房滕屈饶牟艾穆卓古吉缪项芦麦褚娄窦戚岑景宫费卜晏席卫米柏宗瞿桂佟臧闵邬卞姬仇栾隋"
    "刁沙荣巫桑甄仲虞敖巩佘池鞠惠荆冀郁胥班储栗燕楚闻厉伊洪施牛康安齐庞樊兰季常文辛聂简车庄"
)
_PERSON = rf"(?:(?:欧阳|司马|上官|诸葛|慕容|皇甫)|[{_SURNAMES}]){_HAN}{{1,2}}"
_FORM_KEY = r"(?:(?:收件|收货|联系|寄件|签收)人(?:的?(?:姓名|名字))?|(?:收货|收件|客户|真实)?姓名)"
_FORM_END = r"(?=\s|[,，、。．.;；:：/|!！?？()（）\d]|〔|电话|手机|联系|号码|地址|住址|身份证|$)"
_FORM_NAME = re.compile(
    rf"{_FORM_KEY}\s*(?:[:：]\s*(?P<secret>(?!电话|手机|联系|号码|地址|住址|身份证)"
    rf"{_HAN}(?:·?{_HAN}){{1,5}}?{_FORM_END}|{_PERSON}|"
    r"[A-Za-z]+(?: [A-Za-z]+){0,2}))"
)
_SPOKEN_NAME = re.compile(rf"{_FORM_KEY}(?:改|换|写)?(?:是|叫|成|为|填)\s?(?P<secret>{_PERSON}?{_FORM_END})")
# A pasted address card: name, phone and address stand next to each other in any common order.
_CARD_GAP = r"[\s,，、;；]*"
_NO_NAME = "电话|手机|联系|号码|收件|收货|地址|谢谢|麻烦|我的|改成|换成|是的|好的|还是|还有|另外|或者"
_PASTED_NAME = re.compile(
    rf"(?<!{_HAN})(?P<before>{_PERSON}(?:先生|女士|小姐)?)(?={_CARD_GAP}(?:{PHONE}{_CARD_GAP}{ADDRESS}|{ADDRESS}))"
    # Between an address and a phone number anything short is a name, whatever its first character.
    rf"|{ADDRESS}[\s,，、;；]+(?P<between>(?!{_NO_NAME}){_HAN}{{2,4}})(?=[\s,，、;；]+{PHONE})"
    rf"|(?:{ADDRESS}|{PHONE}{_CARD_GAP}{ADDRESS}|{ADDRESS}{_CARD_GAP}{PHONE}){_CARD_GAP}"
    rf"(?P<behind>{_PERSON})(?!{_HAN})"
)

# --- addresses --------------------------------------------------------------------------------------

# A place name has none of the little words that stand before it in a sentence ("帮我改到杭州市").
_PLACE = r"(?:(?![到在寄去来是从改送发给把换成往为住我你您的了个这那和帮要能吗呢，])[\u4e00-\u9fff])"
_SEP = r"[\s,，]{0,2}"
_NUMBER = r"(?:[A-Za-z]?\d{1,5}(?:[-—]\d{1,4}){0,2}[A-Za-z]?|[一二三四五六七八九十百]{1,4}|[A-Za-z])"
_UNIT = r"(?:号楼|号院|号|弄|栋|幢|座|单元|层|楼|室|房|户|组|队|支路)"
_DETAIL = rf"(?:\s?{_NUMBER}\s?{_UNIT})"
_ROAD = r"(?:大道|大街|路|街|巷|胡同|弄|里弄)"
_ESTATE = (
    r"(?:小区|花园|花苑|公寓|大厦|家园|新村|广场|(?<!分拣|转运|集散|配送|客服|服务|处理)中心|苑|宿舍"
    r"|学校|大学|学院|中学|小学|医院|产业园|科技园|工业园)"
)
_SETTLEMENT = r"(?:街道|镇|乡|村|屯|庄|开发区|新区)"
# No comma inside the tail: behind one, "5号" is more likely a day than a house.
_TAIL = (
    rf"(?:\s?{_PLACE}{{1,10}}?{_ESTATE}|{_DETAIL}"
    r"|\s?[A-Za-z]?\d{1,4}(?:[-—][A-Za-z]?\d{1,4}){0,3}(?![\d元块天个件点月日分小%.]))"
)
_ADMIN = (
    rf"(?:(?:{places.PROVINCES})(?:省|市|自治区|特别行政区)?{_SEP}"
    rf"(?:(?:{places.CITIES}|{_PLACE}{{2,5}}?)(?:市|自治州|地区|盟){_SEP})?"
    rf"|(?:{places.CITIES})市?{_SEP}|{_PLACE}{{2,4}}市{_SEP})"
    rf"(?:{_HAN}{{1,7}}?(?:自治县|区|县|旗|市){_SEP})?"
)
_FULL_ADDRESS = re.compile(
    rf"{_ADMIN}(?:[A-Za-z0-9]{{0,4}}{_PLACE}{{1,10}}?(?:{_SETTLEMENT}|{_ROAD}|{_ESTATE}){_SEP}){{1,4}}"
    rf"{_TAIL}{{0,6}}"
)
_STREET = re.compile(
    rf"{_PLACE}{{1,8}}?(?:{_ROAD}\s?(?:\d{{1,5}}|[一二三四五六七八九十百]{{1,4}})(?:[-—]\d{{1,4}})?\s?(?:号|弄)(?!线)"
    rf"|(?:{_ESTATE}|小镇)\s?{_NUMBER}\s?(?:栋|幢|号楼|座|单元|室)){_TAIL}{{0,6}}"
)
_FORM_ADDRESS = re.compile(
    r"(?:收货|收件|详细|家庭|新|寄件|公司)?(?:地址|住址)(?:改成|换成|改到|改为|[:：是为])[:：]?\s*"
    r"(?P<secret>[^\n,，。;；!！?？〔〕:：]{4,60}?)(?=\s*(?:[\n,，。;；!！?？〔]|电话|手机|联系|收件人|收货人|姓名|$))"
)
_PLACE_EVIDENCE = re.compile(rf"(?:{_ROAD}|{_ESTATE}|{_SETTLEMENT}|[省市区县]|{_DETAIL})")


def _looks_placed(text: str) -> bool:
    return len(set(_PLACE_EVIDENCE.findall(text))) >= 2


class _PastedNames(NamedTuple):
    """The name on a pasted address card: found only beside a masked address, on either side of it."""

    label: str = NAME

    def apply(self, text: str, counts: Counter[str]) -> str:
        if ADDRESS not in text:
            return text

        def replaced(match: re.Match[str]) -> str:
            # Just one of the three named groups takes part in a match.
            group = match.lastgroup or 0
            counts[self.label] += 1
            start, end = (position - match.start() for position in match.span(group))
            return match.group()[:start] + self.label + match.group()[end:]

        return _PASTED_NAME.sub(replaced, text)


# Numbers first, longest first: what they leave behind is the evidence for addresses and names.
_RULES: tuple[_Rule | _PastedNames, ...] = (
    _Rule(
        EMAIL,
        re.compile(
            r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]{1,64}[@＠][A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,4}"
        ),
    ),
    _Rule(
        ID_CARD,
        re.compile(rf"{_KEPT}|(?<!\d)\d{{6}}[ \-]?\d{{8}}[ \-]?\d{{3}}(?:[XxＸｘ]|\d(?!\d))"),
        is_id_card,
    ),
    _Rule(
        BANK_CARD,
        re.compile(
            rf"{_KEPT}|(?<!\d)(?:\d{{16,19}}|\d{{6}}[ \-]\d{{10,13}}"
            r"|\d{4}(?P<gap>[ \-])\d{4}(?P=gap)\d{4}(?P=gap)\d{4}(?:(?P=gap)?\d{1,3})?)(?!\d)"
        ),
        is_bank_card,
    ),
    _Rule(
        PHONE,
        re.compile(
            rf"{_KEPT}|(?<!\d)(?:[+＋(（]{{0,2}}(?:00)?[8８][6６][)）]?{_GAP})?[1１][3-9３-９](?:{_GAP}\d){{9}}(?!\d)"
            r"|(?<!\d)(?:[(（]0\d{2,3}[)）]|0\d{2,3}[ \-—])\s?\d{7,8}(?!\d)"
        ),
    ),
    _Rule(
        PLATE,
        re.compile(
            rf"[{places.PLATE_PREFIXES}][A-HJ-NP-Z][ ·•\-]?"
            r"[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳](?![A-Za-z0-9])",
            re.IGNORECASE,
        ),
        _is_plate,
    ),
    _Rule(ADDRESS, _FULL_ADDRESS),
    _Rule(ADDRESS, _STREET),
    _Rule(ADDRESS, _FORM_ADDRESS, _looks_placed),
    _Rule(NAME, _FORM_NAME),
    _Rule(NAME, _SPOKEN_NAME),
    _PastedNames(),
)
