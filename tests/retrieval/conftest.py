"""A small shop's knowledge, made on the spot, and an encoder small enough to build for each session."""

import pytest

from retrieval.encoder_training import TextPair, untrained_encoder
from storage.knowledge import KnowledgeDraft

QUESTIONS = [
    (
        "invoice-get",
        "怎么开发票？",
        ["可以开票吗", "在哪申请电子发票"],
        "下单时填写抬头，确认收货后 24 小时内发到邮箱。",
    ),
    ("invoice-title", "发票抬头可以改吗？", ["抬头写错了", "开错抬头怎么办"], "开票后 30 天内可以修改一次抬头。"),
    (
        "return-rule",
        "可以七天无理由退货吗？",
        ["不喜欢能退吗", "拆开了还能退货吗"],
        "签收七天内，不影响再次销售即可退货。",
    ),
    (
        "return-freight",
        "退货运费谁出？",
        ["退回去的邮费算谁的", "寄回来要自己付钱吗"],
        "质量问题由我们承担，其他原因由您承担。",
    ),
    ("exchange", "怎么换货？", ["想换个颜色", "尺码不合适能换吗"], "签收 15 天内在订单里申请换货。"),
    ("refund-time", "退款多久到账？", ["钱什么时候退回来", "退款要几天"], "审核通过后钱包 1–3 个工作日到账。"),
    ("ship-time", "下单后多久发货？", ["什么时候发货", "今天拍今天能发吗"], "16:00 前付款的订单当天发出。"),
    ("ship-fee", "运费怎么算？", ["满多少包邮", "邮费多少"], "满 59 元包邮，不满收 6 元。"),
    ("address", "怎么修改收货地址？", ["地址填错了", "想换个地方收货"], "发货前可以在我的订单里改一次。"),
    ("lost", "快递丢了怎么赔？", ["包裹弄丢了", "快递找不到了"], "确认丢件后为您补发或全额退款。"),
    ("pay-ways", "支持哪些付款方式？", ["能用微信付吗", "可以刷银行卡吗"], "支持微信支付、支付宝和银联卡。"),
    ("pay-twice", "重复扣款怎么办？", ["扣了我两次钱", "付款成功却显示未支付"], "多扣的款项会在 24 小时内原路退回。"),
    ("instalment", "可以分期付款吗？", ["能不能分十二期", "支持花呗分期吗"], "满 300 元可以分 3、6、12 期。"),
    ("coupon", "优惠券怎么用？", ["券在哪里用", "结算时用不了券"], "结算页选择优惠券即可抵扣。"),
    ("price", "买贵了可以补差价吗？", ["刚买就降价了", "有没有价保"], "自营商品 30 天内可以申请价格保护。"),
    ("points", "积分怎么用？", ["积分能当钱花吗", "多少积分抵一块"], "100 积分抵 1 元。"),
    ("password", "忘记密码怎么办？", ["登录不上去", "想重设密码"], "在登录页点「忘记密码」用短信重设。"),
    ("genuine", "是正品吗？", ["会不会是假货", "怎么验真伪"], "所有商品均可用防伪码查验。"),
    ("warranty", "保修多久？", ["坏了能修吗", "过保了怎么办"], "数码家电整机保修一年。"),
    ("hours", "人工客服几点上班？", ["客服工作时间", "晚上有人吗"], "每天 9:00–21:00。"),
]
ARTICLE = """## 首次使用

空炸前请先清洗炸篮。清洗时**不要**把主机放进水里，用软布擦干即可。第一次加热可能有轻微气味，属于正常现象，通风十分钟后就会散去。

第一次使用请按顺序操作：

1. 取出全部包装材料。
2. 空烧十分钟。
3. 冷却后再放食材。

## 温度与时间

| 食材 | 温度 | 时间 |
|---|---|---|
| 薯条 | 200 度 | 15 分钟 |
| 鸡翅 | 180 度 | 18 分钟 |
"""
#: Within every entry's validity unless a test says otherwise.
NOW = 1_000_000.0


def question_draft(id, question, variants, answer, **more):
    return KnowledgeDraft(id=id, kind="question", title=question, variants=tuple(variants), body=answer, **more)


@pytest.fixture(scope="session")
def entries():
    drafts = [question_draft(*row) for row in QUESTIONS]
    drafts.append(KnowledgeDraft(id="air-fryer", kind="article", title="空气炸锅使用说明", body=ARTICLE))
    return [draft.as_entry() for draft in drafts]


@pytest.fixture(scope="session")
def encoder(entries):
    pairs = [TextPair(entry.title, entry.body) for entry in entries]
    pairs += [TextPair(variant, entry.title) for entry in entries for variant in entry.variants]
    return untrained_encoder(pairs, dimension=64, seed=1)
