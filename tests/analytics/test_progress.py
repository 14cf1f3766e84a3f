"""The bar shows how far it is and how the losses stand."""

import pytest

from analytics.progress import EpochBar


def test_the_last_epoch_and_its_losses_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with EpochBar("insight") as bar:
        bar(1, 9, {"loss": 1.5})
        bar(2, 9, {"loss": 0.25, "validation_loss": 0.75})

    shown = capsys.readouterr().out
    assert "insight" in shown
    assert "2/9" in shown
    assert "loss 0.250" in shown
