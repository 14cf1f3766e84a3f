"""Fills the open places of a text with the particulars of one conversation."""

import re
from datetime import datetime, timedelta
from random import Random

from nlu_data.sample.customers import Customer

_SLOT = re.compile(r"\{(\w+)\}")
_PRODUCTS = (
    "蓝牙耳机 充电宝 机械键盘 智能手表 电饭煲 空气炸锅 吹风机 加湿器 羽绒服 T恤 牛仔裤 运动鞋 四件套 收纳箱 "
    "护眼台灯 坚果礼盒 挂耳咖啡 "
    "龙井茶 纸尿裤 奶瓶 面霜 洗面奶 口红"
)


class Particulars:
    """What stays the same throughout one conversation: its order, parcel, product, dates and so on."""

    def __init__(self, customer: Customer, start: datetime, random: Random) -> None:
        ordered = start - timedelta(days=random.randint(1, 12))
        product, other = random.sample(_PRODUCTS.split(), 2)
        self.values = {
            "order": f"YS{ordered:%y%m%d}{random.randint(1, 9999):04d}",
            "parcel": "YT" + "".join(str(random.randint(0, 9)) for _ in range(13)),
            "refund": f"RF{random.randint(10_000_000, 99_999_999)}",
            "product": product,
            "other_product": other,
            "phone": _written_phone(customer.phone, random),
            "address": customer.address,
            "person": customer.name,
            "city": random.choice((customer.city, customer.city, customer.other_city)),
            "email": customer.email,
            "amount": f"{random.choice((19, 29, 39, 49, 59, 69, 79, 89, 99, 129, 159, 199, 239, 299, 399, 599))}",
            "points": str(random.randint(3, 99) * 50 + random.randint(0, 49)),
            "date": f"{ordered.month}月{ordered.day}号",
            "ago": random.choice(("昨天", "前天", "大前天", "上周", "三天前", "好几天前", "周末", "上个月底")),
            "card": _bank_card(random),
        }

    def fill(self, text: str) -> str:
        """Return `text` with every slot filled."""
        return _SLOT.sub(lambda match: self.values[match.group(1)], text)


def _written_phone(phone: str, random: Random) -> str:
    return random.choice(
        (phone, phone, f"{phone[:3]} {phone[3:7]} {phone[7:]}", f"{phone[:3]}-{phone[3:7]}-{phone[7:]}")
    )


def _bank_card(random: Random) -> str:
    """Return 19 digits with a right Luhn digit, so that the mask has something to find."""
    digits = [6, 2, 2, 0] + [random.randint(0, 9) for _ in range(14)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[::-1][::2])
    total = sum(doubled) + sum(digits[::-1][1::2])
    return "".join(map(str, digits)) + str(-total % 10)
