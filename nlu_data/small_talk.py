"""Tells messages that carry no question and no answer: greetings, fillers, and an agent's fixed phrases."""

import re
from collections import defaultdict
from collections.abc import Iterable

from nlu_data.conversations import Conversation
from nlu_data.text import normalise, sentences

_NOT_WORDS = re.compile(r"[^\w〔〕]|_")
_VARYING = re.compile(r"〔[^〕]*〕|[a-z]*\d[\d.:/-]*")

_CUSTOMER_FILLER = re.compile(
    r"(?:(?:你好|您好|亲|哈喽|hello|hi|嗨|在吗|在不在|在么|有人吗|有人在吗|人呢|客服在吗|客服|人工|人工客服|转人工|喂)+"
    r"|(?:好|好的|好吧|好滴|好嘞|行|行吧|可以|嗯|嗯嗯|哦|哦哦|噢|ok|okay|知道了|明白了|明白|了解|收到|懂了|清楚了|解决了"
    r"|是|是的|对|对的|没错|有|没有|没了|没有了|不用了|不是|太好了|给你点赞|服务真好|啦|那我等着|小姐姐|麻烦你了|麻烦您了"
    r"|谢谢|多谢|感谢|谢谢你|谢谢您|谢了|辛苦了|麻烦了|再见|拜拜|88|886|那|就这样|先这样|等一下|稍等|快点|哈|哈哈|呵呵|啊|呢|吧|了|哈喽|嘛)+)"
)
_AGENT_FILLER = re.compile(
    r"(?:请|麻烦)?(?:您)?(?:稍|耐心)?等(?:一下|下|待|片刻|哦|呢|哈)*(?:正在|马上|这边|帮您|为您|查询|核实|看|一下|呢|哦|哈)*"
    r"|(?:还|请问还)?有(?:什么)?(?:其他|别的)?(?:问题|可以|需要|能)?.{0,6}(?:帮|协助).{0,8}(?:吗|呢|的)"
    r"|.{0,12}(?:很高兴为您服务|竭诚为您服务|请问有什么可以帮.{0,6}|感谢您的(?:咨询|支持|理解|耐心等待).{0,30}|祝您(?:生活|购物|工作).{0,12})"
    r"|(?:您好|你好|亲|在的|好的|嗯|不客气|没关系|应该的|收到|是的|可以的|呢|哦|哈|亲亲|亲爱的|再见)+"
)
# What an agent asks for before the matter can be looked at, and a customer's message that holds just that.
_ASKS_DATA = re.compile(
    r"(?:提供|发|报|告诉|说).{0,14}(?:订单号|订单编号|单号|手机号|电话|号码|收件信息|收货信息)"
    r"|(?:订单|单|手机)号.{0,10}(?:发|多少|是什么|提供)|(?:新的收件人|新地址).{0,16}发|哪一?(?:笔|个)订单"
)
_ASKING_CHARACTERS = 45
_AROUND_DATA = re.compile(
    r"(?:我|我的|这个|就这个|就这单|就|这单|给你|给您|订单|定单|编号|单号|号|手机|手机号|电话|是|还是|我找找|找到了"
    r"|收件人|收货人|姓名|地址|收货地址|改到|绑的|尾号|不对吗|尾号不对吗|买的\w{1,8}|[:：])*"
)

# What customers put in front of a question without meaning anything by it.
_COURTESY = re.compile(
    r"(?:(?:你好|您好|亲|哈喽|客服你好|在吗|请问一下|请问|麻烦问下|麻烦|打扰了|那个|想问一下|我想问下|问一下|再问一下|顺便问下|咨询个事|咨询下"
    r"|还有|另外|对了|哦还有个事|急)[，,。！! ~～]*)+"
)


def without_courtesy(text: str) -> str:
    """Return `text` without the greeting or "by the way" in front of it; a text that is nothing else stays."""
    match = _COURTESY.match(text)
    return text[match.end() :] if match and match.end() < len(text) else text


def bare(text: str) -> str:
    """Return the normal form without punctuation, spaces and emoji: what two greetings have in common."""
    return _NOT_WORDS.sub("", normalise(text))


def shape(text: str) -> str:
    """Return `bare` with labels and numbers removed, so that a phrase with a number filled in stays one phrase."""
    return bare(_VARYING.sub("", normalise(text)))


def is_filler(sender: str, text: str) -> bool:
    """Return whether a message of `sender` is only greeting, thanks, consent or waiting."""
    core = bare(text)
    pattern = _CUSTOMER_FILLER if sender == "customer" else _AGENT_FILLER
    return not core or pattern.fullmatch(core) is not None


def is_data_exchange(sender: str, text: str) -> bool:
    """Return whether a message only asks for a number or an address (agent), or only gives one (customer).

    Between a question and its answer such messages change nothing: the question stands in front of them.
    """
    if sender == "agent":
        return len(text) <= _ASKING_CHARACTERS and _ASKS_DATA.search(text) is not None
    return _VARYING.search(normalise(text)) is not None and _AROUND_DATA.fullmatch(shape(text)) is not None


def fixed_phrases(conversations: Iterable[Conversation]) -> frozenset[str]:
    """Return the shapes of what agents say whatever the matter is: messages and sentences that answer nothing.

    Such a phrase occurs in at least 1 % of the conversations (never fewer than 5) and in 40 % of the categories,
    3 at least. A log with fewer than 3 categories cannot show that; there it takes 10 % (never fewer than 8).
    An answer that is merely given often stays inside its own category and is kept.
    """
    seen: dict[str, int] = defaultdict(int)
    categories: dict[str, set[str]] = defaultdict(set)
    all_categories: set[str] = set()
    total = 0
    for conversation in conversations:
        total += 1
        all_categories.add(conversation.category)
        said = [message.text for message in conversation.messages if message.sender == "agent"]
        for phrase in {shape(part) for text in said for part in (text, *sentences(text))}:
            seen[phrase] += 1
            categories[phrase].add(conversation.category)
    if len(all_categories) < 3:
        least, spread = max(8, total / 10), 1
    else:
        least, spread = max(5, total / 100), max(3, len(all_categories) * 0.4)
    return frozenset(phrase for phrase, count in seen.items() if count >= least and len(categories[phrase]) >= spread)


def substance(text: str, phrases: frozenset[str]) -> str:
    """Return an agent's message without the sentences that are fillers or in `phrases`; empty if all are."""
    if is_filler("agent", text) or is_data_exchange("agent", text) or shape(text) in phrases:
        return ""
    parts = sentences(text)
    kept = [part for part in parts if not is_filler("agent", part) and shape(part) not in phrases]
    return text if len(kept) == len(parts) else "".join(kept)
