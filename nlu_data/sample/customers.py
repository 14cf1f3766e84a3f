"""The customers of the sample log: a fixed circle of people who come back, each with a phone and an address."""

from dataclasses import dataclass
from random import Random

_FAMILY = (
    "陈林黄吴徐孙胡朱高郭何罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢"
    "汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚"
)
_GIVEN = (
    "晓雯 嘉怡 子涵 建国 丽娟 志强 雨桐 浩然 敏 静 磊 思远 文静 海燕 俊杰 欣怡 梓萱 "
    "伟 艳 一鸣 佳琪 国栋 秀英 明辉 雪梅 宇航 慧 鹏飞 婷婷 泽宇"
)
_PLACES = (
    ("上海市", "浦东新区", "宁波市 杭州市 苏州市"),
    ("杭州市", "滨江区", "上海市"),
    ("成都市", "武侯区", "重庆市"),
    ("武汉市", "洪山区", "长沙市"),
    ("西安市", "雁塔区", "兰州市"),
    ("广州市", "天河区", "深圳市"),
    ("长沙市", "岳麓区", "武汉市"),
    ("青岛市", "市南区", "济南市"),
    ("沈阳市", "和平区", "大连市"),
    ("昆明市", "五华区", "贵阳市"),
    ("南京市", "鼓楼区", "合肥市"),
    ("厦门市", "思明区", "福州市"),
    ("乌鲁木齐市", "天山区", "西宁市"),
    ("郑州市", "金水区", "洛阳市"),
)
_ROADS = "青禾路 望江路 梧桐街 学府路 长宁大道 映月路 五一街 科创路 桂花巷 临江大道 东风路 向阳街"
_ESTATES = "云栖花园 锦绣家园 书香小区 阳光公寓 翠湖花园 南湖新村 金桥大厦 枫林小区"
_MAIL = "qm163.example post.example mailbox.example"
#: How strongly the most faithful customers dominate; 1 would be nobody in particular.
_FAITHFULNESS = 1.6


@dataclass(frozen=True)
class Customer:
    """One customer; everything here is personal data that the import has to mask."""

    id: str
    name: str
    phone: str
    address: str
    city: str
    other_city: str
    email: str


def draw_customers(count: int, random: Random) -> list[Customer]:
    """Return `count` invented customers."""
    customers = []
    for number in range(1, count + 1):
        city, district, others = random.choice(_PLACES)
        street = f"{random.choice(_ROADS.split())}{random.randint(1, 399)}号"
        house, room = random.randint(1, 28), f"{random.randint(1, 18)}0{random.randint(1, 4)}"
        home = f"{random.choice(_ESTATES.split())}{house}栋{room}室"
        handle = "".join(random.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(random.randint(5, 8)))
        customers.append(
            Customer(
                id=f"K{200000 + number * 7:06d}",
                name=random.choice(_FAMILY) + random.choice(_GIVEN.split()),
                phone=random.choice(("135", "138", "139", "150", "158", "177", "186", "199"))
                + "".join(str(random.randint(0, 9)) for _ in range(8)),
                address=f"{city}{district}{street}{home}",
                city=city.removesuffix("市"),
                other_city=random.choice(others.split()).removesuffix("市"),
                email=f"{handle}{random.randint(10, 99)}@{random.choice(_MAIL.split())}",
            )
        )
    return customers


def pick_customer(customers: list[Customer], random: Random) -> Customer:
    """Return one of the customers; those at the front of the list come back more often."""
    return customers[int(len(customers) * random.random() ** _FAITHFULNESS)]
