"""Anger, rules and humans with the real model."""


def test_asking_for_a_human_stores_why_and_says_what_comes_next(chat):
    said = chat.say("转人工")
    assert chat.result["handoff"] == {
        "reason": "asked_for_human",
        "because": chat.result["handoff"]["because"],
        "queue": "综合客服",
        "priority": "normal",
    }
    assert "客户要求人工" in chat.result["handoff"]["because"]
    assert "人工" in said and "handoff" in chat.cards


def test_growing_anger_fires_the_rule_without_being_asked(chat):
    fired = []
    for seconds, text in [
        (20, "我的退款怎么还没到"),
        (6, "我问的是我的退款为什么还没到！"),
        (5, "你听不懂人话吗？？退款！！"),
        (4, "什么垃圾客服，气死我了！！！"),
        (4, "骗子平台，我要投诉你们！！！"),
    ]:
        chat.say(text, seconds=seconds)
        fired.append(chat.result["handoff"])
    assert fired[0] is None, "one calm question is no reason"
    fired = [each for each in fired if each]
    assert len(fired) == 1, "handed over once, not again while one is waiting"
    assert fired[0]["because"].startswith("因为")


def test_a_calm_customer_is_not_handed_over(chat):
    for text in ["你好", "满多少包邮？", "谢谢", "怎么开发票？", "好的，再见"]:
        chat.say(text)
        assert chat.result["handoff"] is None


def test_every_message_has_an_insight(chat):
    chat.say("太好了，谢谢你们")
    insight = chat.result["insight"]
    assert insight["sentiment"]["label"] == "positive"
    assert 0.0 <= insight["frustration"] <= 1.0
    chat.say("等了半个月还没收到，太差劲了！")
    assert chat.result["insight"]["sentiment"]["label"] == "negative"


def test_a_worker_that_restarts_goes_on_where_the_other_stopped(chat, new_chat, loaded):
    _, store, _ = loaded
    chat.log_in("c1001")
    chat.say("我要退款")
    store.forget(chat.id)  # as a new process would: nothing in memory
    said = chat.say("YS2611050002")
    assert "原因" in said
