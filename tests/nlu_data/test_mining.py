"""Answer pairs out of conversations."""

from nlu_data.conversations import Conversation, Message
from nlu_data.mining import AnswerPair, conversation_pairs, mine_pairs
from nlu_data.small_talk import fixed_phrases, is_data_exchange, is_filler, without_courtesy


def talk(*lines: str, id="a", category="物流", satisfaction=None, resolved=True, transferred=False) -> Conversation:
    """A conversation of lines "c:…" and "a:…", 30 seconds apart."""
    senders = {"c": "customer", "a": "agent"}
    messages = tuple(Message(30.0 * number, senders[line[0]], line[2:]) for number, line in enumerate(lines))
    return Conversation(id, category, satisfaction, resolved, transferred, None, messages)


def mined(*conversations: Conversation) -> list[tuple[str, str]]:
    return [(pair.question, pair.answer) for pair in mine_pairs(lambda: conversations)]


def test_small_talk_on_both_sides_is_skipped():
    conversation = talk(
        "c:在吗",
        "a:您好，请问有什么可以帮您？",
        "c:运费怎么算",
        "a:请稍等",
        "c:好的",
        "a:满59元包邮，不满收6元。",
        "c:谢谢",
        "a:不客气，祝您生活愉快",
    )
    assert mined(conversation) == [("运费怎么算", "满59元包邮，不满收6元。")]


def test_a_question_in_pieces_and_an_answer_in_pieces_are_joined():
    conversation = talk("c:我的耳机", "c:左边没声音！", "c:怎么修", "a:可以寄回来修的", "a:保修一年。")
    assert mined(conversation) == [("我的耳机，左边没声音！怎么修", "可以寄回来修的，保修一年。")]


def test_asking_for_the_order_number_is_no_answer_and_giving_it_no_question():
    conversation = talk(
        "c:我的退款到哪了", "a:订单号发我一下。", "c:订单号YS2611050001", "a:仓库昨天签收，三天内到账。"
    )
    assert mined(conversation) == [("我的退款到哪了", "仓库昨天签收，三天内到账。")]


def test_a_question_without_an_answer_gives_no_pair():
    assert mined(talk("c:什么时候补货", "a:请稍等", "c:人呢")) == []
    assert mined(talk("a:您好，很高兴为您服务", "c:谢谢")) == []


def test_phrases_said_in_every_category_are_no_answers():
    categories = ("物流", "售后", "支付", "发票", "会员")
    phrase = "这边帮您登记一下情况哈"
    conversations = [
        talk(
            f"c:第{n}个问题怎么办呢",
            f"a:{phrase}",
            f"a:{categories[n % 5]}的第{n}种办法是这样的",
            id=str(n),
            category=categories[n % 5],
        )
        for n in range(20)
    ]
    assert phrase in fixed_phrases(conversations)
    assert all(phrase not in answer for _, answer in mined(*conversations))


def test_a_fixed_sentence_inside_an_answer_is_taken_out():
    categories = ("物流", "售后", "支付", "发票")
    conversations = [
        talk(
            f"c:第{n}个问题怎么办呢",
            f"a:{categories[n % 4]}的第{n}种办法是这样。您看这样处理可以吗？",
            id=str(n),
            category=categories[n % 4],
        )
        for n in range(20)
    ]
    assert [pair.answer for pair in mine_pairs(lambda: conversations)][:1] == ["物流的第0种办法是这样。"]


def test_an_answer_given_often_in_one_category_is_kept():
    conversations = [talk(f"c:问法{n}：运费多少", "a:满59元包邮，不满收6元。", id=str(n)) for n in range(20)] + [
        talk("c:可以开发票吗", "a:可以开电子发票的。", id="x", category="发票"),
        talk("c:积分怎么用", "a:结算时可以抵扣。", id="y", category="会员"),
    ]
    assert fixed_phrases(conversations) == frozenset()


def test_near_same_questions_get_the_best_answer_of_their_group():
    good = talk("c:退货运费谁来承担呢", "a:质量问题我们承担运费。", id="good", satisfaction=5)
    bad = talk("c:退货运费谁来承担", "a:这个我也不清楚，您看页面吧。", id="bad", satisfaction=1, resolved=False)
    other = talk("c:口红可以试色吗", "a:专柜可以试，线上不行。", id="other")
    pairs = mine_pairs(lambda: [bad, good, other])
    by_question = {pair.question: pair for pair in pairs}
    assert by_question["退货运费谁来承担"].answer == "质量问题我们承担运费。"
    assert by_question["退货运费谁来承担"].conversation == "good"
    assert by_question["口红可以试色吗"].answer == "专柜可以试，线上不行。"
    assert len(pairs) == 3


def test_the_same_question_in_another_category_keeps_its_own_answer():
    first = talk("c:什么时候可以到账", "a:积分签收后到账。", id="1", category="会员")
    second = talk("c:什么时候可以到账", "a:退款三天内到账。", id="2", category="售后")
    assert mined(first, second) == [("什么时候可以到账", "积分签收后到账。"), ("什么时候可以到账", "退款三天内到账。")]


def test_a_question_asked_twice_is_one_pair():
    assert len(mined(talk("c:运费怎么算？", "a:满59元包邮。"), talk("c:运费怎么算", "a:满59元包邮。", id="b"))) == 1


def quality(**facts) -> float:
    (pair,) = conversation_pairs(talk("c:运费怎么算", "a:满59元包邮的。", **facts))
    return pair.quality


def test_quality_follows_the_outcome():
    assert (
        quality(satisfaction=5)
        > quality(satisfaction=4)
        > quality()
        > quality(satisfaction=2)
        > quality(satisfaction=1)
    )
    assert quality() > quality(resolved=False)
    assert quality() > quality(transferred=True)
    assert 0.0 <= quality(satisfaction=1, resolved=False, transferred=True) <= 1.0


def test_an_answer_given_often_counts_more():
    one = mine_pairs(lambda: [talk("c:运费怎么算", "a:满59元包邮的。")])
    lines = ("运费怎么算", "快递费多少钱", "要不要付邮费")
    many = mine_pairs(lambda: [talk(f"c:{line}", "a:满59元包邮的。", id=line) for line in lines])
    assert many[0].quality > one[0].quality


def test_an_answer_with_somebodys_own_number_counts_less():
    (plain,) = conversation_pairs(talk("c:退款提交了吗", "a:退款已经提交了。"))
    (personal,) = conversation_pairs(talk("c:退款提交了吗", "a:已经提交了，单号RF12345678。"))
    assert personal.quality < plain.quality


def test_a_pair_survives_its_line():
    pair = AnswerPair("运费？", "满59元包邮。", "物流", 0.75, "a")
    assert AnswerPair.from_line(pair.line()) == pair


def test_fillers_by_side():
    assert is_filler("customer", "好的，谢谢！😊")
    assert is_filler("customer", "😡😡")
    assert not is_filler("customer", "好的东西在哪")
    assert is_filler("agent", "请您稍等，正在为您查询~")
    assert not is_filler("agent", "请稍等，48小时内发货")
    assert is_data_exchange("agent", "亲，麻烦发一下订单号哦。")
    assert not is_data_exchange(
        "agent", "已登记，退款单号RF12345678。24小时内审核，通过后按地址寄回，收到货就给您退款，请放心。"
    )
    assert is_data_exchange("customer", "〔姓名〕 〔手机号〕 〔地址〕")
    assert not is_data_exchange("customer", "YS2611050001到哪了")


def test_courtesy_is_taken_from_the_front_only():
    assert without_courtesy("你好，请问运费多少") == "运费多少"
    assert without_courtesy("你好") == "你好"
    assert without_courtesy("运费多少，你好") == "运费多少，你好"
