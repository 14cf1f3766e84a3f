"""Knowledge with the real model: answers with sources, articles, the unknown, and what was picked from buttons."""

import pytest


@pytest.mark.parametrize(
    "question, expected",
    [("满多少包邮？", "59"), ("下单以后多久发货？", "48"), ("怎么开发票？", "发票"), ("退货的运费谁出？", "运费")],
)
def test_a_known_question_gets_the_template_and_its_source(chat, question, expected):
    said = chat.say(question)
    assert expected in said
    assert chat.kinds == {"template"}
    assert [source["kind"] for source in chat.sources] == ["template"]


def test_an_article_answers_with_its_passage_and_link(chat):
    said = chat.say("羽绒服怎么洗")
    assert chat.kinds == {"passage"}
    source = chat.sources[0]
    assert source["kind"] == "article" and source["url"].startswith("/articles/")
    assert "洗" in said


@pytest.mark.parametrize("question", ["你们老板结婚了没有", "帮我写一首关于秋天的诗"])
def test_the_unknown_is_admitted_with_a_human_and_kept_for_teaching(chat, question):
    chat.say(question)
    assert chat.kinds == {"unknown"}
    assert "转人工客服" in chat.titles
    assert chat.result["unknown"] is not None


def test_a_vague_question_is_asked_back_and_answered_when_picked(chat):
    chat.say("运费")
    assert chat.kinds <= {"choose", "unknown"}
    questions = [title for title in chat.titles if title != "转人工客服"]
    assert questions, "no nearest question was offered"
    chat.press(questions[0])
    assert chat.kinds == {"template"}
