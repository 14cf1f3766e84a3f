import json
import math

import pytest

from retrieval.fusion import Evidence, Fusion, Weights, intent_evidence, logit


def test_more_evidence_scores_higher_and_scores_are_probabilities():
    weights = Fusion().question
    scores = [weights.score(Evidence(lexical=x, dense=x)) for x in (0.0, 0.3, 0.6, 1.0)]
    assert scores == sorted(scores) and 0 < scores[0] < 0.1 and 0.9 < scores[-1] < 1


def test_extreme_weights_do_not_overflow():
    assert Weights(-1e6).score(Evidence()) == pytest.approx(0) and Weights(1e6).score(Evidence()) == pytest.approx(1)


def test_survives_json():
    fusion = Fusion(question=Weights(-1.5, lexical=2.5), article=Weights(-3.0, dense=4.0, intent=0.25))
    assert Fusion.from_dict(json.loads(json.dumps(fusion.as_dict()))) == fusion


def test_intent_evidence_is_relative_to_chance():
    intents = {"ask_invoice": 0.7, "ask_coupon": 0.2, "greet": 0.1, "deny": 0.0}
    assert intent_evidence(["ask_invoice"], intents) == pytest.approx(math.log(0.7 * 4))
    assert intent_evidence(["deny"], intents) < intent_evidence(["greet"], intents) < 0
    assert intent_evidence(["never_heard"], intents) == intent_evidence(["deny"], intents)
    assert intent_evidence([], intents) == intent_evidence(["deny"], None) == intent_evidence(["deny"], {}) == 0


def test_logit_is_bounded_and_inverts_the_curve():
    assert logit(0.5) == 0 and logit(0.0) == pytest.approx(-12, abs=0.1) and logit(1.0) == pytest.approx(12, abs=0.1)
    assert logit(Weights(1.25).score(Evidence())) == pytest.approx(1.25)
