"""The shop's hour of the day."""

import pytest

from analytics.daytime import hour_of_day


@pytest.mark.parametrize(
    ("at", "hour"),
    [(0.0, 8.0), (16 * 3600.0, 0.0), (16 * 3600.0 - 1, 24 - 1 / 3600), (1_790_049_600.0, 12.0), (-8 * 3600.0, 0.0)],
)
def test_hours_are_beijings(at: float, hour: float) -> None:
    assert hour_of_day(at) == pytest.approx(hour)


@pytest.mark.parametrize("at", [float("nan"), float("inf")])
def test_a_time_that_is_no_number_is_refused(at: float) -> None:
    with pytest.raises(ValueError, match="finite UTC epoch second"):
        hour_of_day(at)
