"""Plain `rasa train`, without flags, finds everything the project trains on and leaves a model where Rasa looks."""

import tarfile

import pytest

from tests.trained_company import ROOT

#: What the project root must offer to `rasa train`; models go beside it, and the cache is the root's own.
NEEDED = ("config.yml", "endpoints.yml", "credentials.yml", "requirements.lock", ".rasa")
ROOMS = ("bot", "nlu_data", "retrieval", "analytics", "storage", "actions")


@pytest.mark.timeout(500)
def test_rasa_train_without_flags(stock_rasa, tmp_path):
    for name in (*NEEDED, *ROOMS):
        (tmp_path / name).symlink_to(ROOT / name)

    done = stock_rasa.run("train", cwd=tmp_path)

    assert done.returncode == 0, done.stdout[-4000:]
    (model,) = (tmp_path / "models").glob("*.tar.gz")
    with tarfile.open(model) as archive:
        names = " ".join(archive.getnames())
    for component in ("SentenceEncoderFeaturizer", "YingdaIntentClassifier", "KnowledgeRetriever", "InsightAnalyzer"):
        assert component in names, f"{component} was not trained"
