"""Place names that start an address: provinces, larger cities, and the first characters of number plates."""

_PROVINCES = (
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 "
    "四川 贵州 云南 陕西 "
    "甘肃 青海 台湾 内蒙古 广西壮族 广西 西藏 宁夏回族 宁夏 新疆维吾尔 新疆 香港 澳门"
)

# Not every city: an unlisted one is recognised by the 市 behind it.
_CITIES = (
    "石家庄 唐山 秦皇岛 邯郸 保定 廊坊 沧州 太原 大同 临汾 呼和浩特 包头 鄂尔多斯 赤峰 沈阳 大连 鞍山 抚顺 "
    "锦州 长春 吉林 哈尔滨 齐齐哈尔 大庆 "
    "南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 "
    "衢州 舟山 台州 丽水 义乌 "
    "合肥 芜湖 蚌埠 安庆 阜阳 六安 福州 厦门 泉州 漳州 莆田 南昌 九江 赣州 上饶 宜春 济南 青岛 淄博 烟台 潍坊 "
    "济宁 威海 临沂 菏泽 聊城 "
    "郑州 开封 洛阳 新乡 许昌 南阳 商丘 信阳 武汉 黄石 宜昌 襄阳 荆州 长沙 株洲 湘潭 衡阳 岳阳 常德 郴州 广州 "
    "深圳 珠海 汕头 佛山 韶关 "
    "湛江 茂名 肇庆 惠州 梅州 清远 东莞 中山 江门 揭阳 南宁 柳州 桂林 北海 玉林 海口 三亚 成都 自贡 攀枝花 "
    "泸州 德阳 绵阳 宜宾 南充 达州 "
    "贵阳 遵义 昆明 曲靖 大理 丽江 拉萨 日喀则 西安 宝鸡 咸阳 渭南 汉中 榆林 兰州 天水 西宁 银川 吴忠 "
    "乌鲁木齐 克拉玛依 喀什 伊宁 "
)


def _alternatives(names: str) -> str:
    # Longest first: an alternation takes the first name that fits.
    return "|".join(sorted(set(names.split()), key=lambda name: (-len(name), name)))


PROVINCES = _alternatives(_PROVINCES)
CITIES = _alternatives(_CITIES)
PLATE_PREFIXES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
