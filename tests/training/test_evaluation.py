"""The figures are counted as their names say: courses of action, offered questions, shares."""

import pytest

from bot.settings import load_settings
from bot.training.evaluation import _course, _offered, _share, evaluate


def test_all_knowledge_intents_are_one_course():
    assert _course("ask_invoice") == _course("ask_contact") == _course("out_of_scope")
    assert len({_course(name) for name in ("ask_invoice", "track_order", "complain", "greet")}) == 4


def test_offered_questions_are_the_buttons_that_ask_them():
    buttons = [
        {"title": "运费怎么算？", "payload": "运费怎么算？"},
        {"title": "转人工客服", "payload": "/request_human"},
    ]
    result = {"replies": [{"buttons": []}, {"buttons": buttons}]}
    assert _offered(result) == ["运费怎么算？"]


@pytest.mark.parametrize("truths, share", [([], 0.0), ([True], 1.0), ([True, False, False, False], 0.25)])
def test_a_share_of_nothing_is_nothing(truths, share):
    assert _share(truths) == share


def test_without_a_model_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("YINGDA_MODEL_DIR", str(tmp_path / "models"))
    with pytest.raises(SystemExit, match="make train"):
        evaluate(load_settings(), root=tmp_path)
