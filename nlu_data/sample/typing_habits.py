"""How customers really type: slips of the input method, missing marks, emoji, particles, messages sent in pieces."""

import re
from dataclasses import dataclass
from random import Random

# Slips of a pinyin keyboard and spoken spellings; the right hand is what appears in the log.
_SLIPS = tuple(
    tuple(slip.split(">"))
    for slip in (
        "在吗>再吗 怎么>咋 怎么>怎末 什么>啥 什么>什莫 没有>木有 退款>推款 退货>退或 "
        "快递>快第 客服>可服 发货>发或 优惠券>优惠卷 账号>帐号 的话>得话 已经>以经 一直>一只 "
        "知道>之道 时候>时侯 质量>质亮 发票>发漂 吗>嘛 吗>么 这个>这哥 可以>可已 "
        "订单>定单 收到>受到 尺码>尺马 地址>地止 真的>真滴 好的>好滴 不是>不四 积分>积份 "
        "付款>付宽 为什么>为毛 到底>到低 申请>申清 你们>尼们 东西>东东 "
    ).split()
)
_BEFORE = (
    "你好，", "您好，", "请问", "请问一下，", "那个，", "亲，",
    "麻烦问下，", "想问一下，", "哈喽，", "客服你好，", "问一下", "打扰了，",
    "咨询个事，", "急，", "我想问下，",
)  # fmt: skip
_AFTER = (
    "啊",
    "呢",
    "，谢谢",
    "，急",
    "，麻烦了",
    "呀",
    "，在线等",
    "哈",
    "～",
    "，辛苦看一下",
    "，拜托",
    "，等您回复",
)
_HAPPY = ("😊", "🙏", "😄", "👌", "🌹", "❤️", "😂")
_UPSET = ("😡", "😤", "💢", "🙄", "😒", "👎", "😭", "😓")
_PIECES = re.compile(r"(?<=[，。！？,])")


@dataclass(frozen=True)
class TypingHabits:
    """One customer's way of typing in one conversation; probabilities per message."""

    slip: float
    emoji: float
    pieces: float
    no_marks: float

    @classmethod
    def draw(cls, random: Random) -> "TypingHabits":
        """Return the habits of a random person: some type carefully, some do not."""
        return cls(
            slip=random.choice((0.0, 0.05, 0.15, 0.3)),
            emoji=random.choice((0.0, 0.0, 0.08, 0.25)),
            pieces=random.choice((0.05, 0.2, 0.5)),
            no_marks=random.choice((0.2, 0.6, 0.9)),
        )

    def typed(
        self, text: str, random: Random, *, upset: bool = False, framed: bool = False, whole: bool = False
    ) -> list[str]:
        """Return the messages in which `text` is sent.

        :param upset: which emoji fit, and whether marks are doubled.
        :param framed: whether a greeting or a particle may be put around it (openings).
        :param whole: whether it is sent in one piece (numbers and addresses, pasted from elsewhere).
        """
        if framed and not upset:
            if random.random() < 0.3 and not text.startswith(("你好", "您好", "请问", "亲")):
                text = random.choice(_BEFORE) + text
            if random.random() < 0.18 and text[-1] not in "吗呢吧啊！？。":
                text += random.choice(_AFTER)
        pieces = [text]
        if not whole and random.random() < self.pieces:
            pieces = [piece for piece in _PIECES.split(text) if piece.strip("，。！？, ")]
        return [self._typed_piece(piece, random, upset) for piece in pieces]

    def _typed_piece(self, text: str, random: Random, upset: bool) -> str:
        if random.random() < self.slip:
            fitting = [slip for slip in _SLIPS if slip[0] in text]
            if fitting:
                right, wrong = random.choice(fitting)
                text = text.replace(right, wrong, 1)
        if upset and random.random() < 0.35:
            text = text.rstrip("，。！？!?,") + random.choice(("！！！", "？？？", "！", "？？"))
        elif random.random() < self.no_marks:
            text = text.rstrip("，。？！,")
            if random.random() < 0.5:
                text = text.replace("，", " ")
        if random.random() < self.emoji:
            text += random.choice(_UPSET if upset else _HAPPY)
        return text
