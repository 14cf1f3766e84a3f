"""Questions of the knowledge that name their intent are examples of it."""

from pathlib import Path

from nlu_data.faq_examples import faq_examples

KNOWLEDGE = Path(__file__).parents[2] / "nlu_data" / "knowledge"

FAQ = """
- {id: invoice, question: 怎么开发票, variants: [发票在哪里开, 能开发票吗], answer: 在订单里申请。, intent: ask_invoice}
- {id: story, question: 公司的故事, variants: [谁创办的], answer: 说来话长。}
- {id: fee, question: 运费怎么算, answer: 满 59 元包邮。, intent: ask_shipping_fee}
"""


def test_questions_and_variants_with_an_intent(tmp_path):
    (tmp_path / "faq").mkdir()
    (tmp_path / "faq" / "b.yml").write_text(FAQ, encoding="utf-8")
    (tmp_path / "faq" / "a.yml").write_text("", encoding="utf-8")
    assert faq_examples(tmp_path) == [
        ("怎么开发票", "ask_invoice"),
        ("发票在哪里开", "ask_invoice"),
        ("能开发票吗", "ask_invoice"),
        ("运费怎么算", "ask_shipping_fee"),
    ]


def test_a_missing_folder_has_none(tmp_path):
    assert faq_examples(tmp_path / "nowhere") == []


def test_the_sample_company_names_intents():
    found = faq_examples(KNOWLEDGE)
    assert len(found) > 500
    assert all(intent.startswith("ask_") or intent in {"request_human"} for _, intent in found), {i for _, i in found}
