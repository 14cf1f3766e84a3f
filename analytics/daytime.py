"""The shop's own clock: which hour of the day a moment falls in, for a shop that keeps Beijing time."""

import math

#: China keeps one zone without summer time, so a fixed offset is exact and needs no zone database.
SHOP_UTC_OFFSET_SECONDS = 8 * 3600


def hour_of_day(at: float) -> float:
    """Return the shop's local hour, 0.0 ≤ hour < 24.0, of the UTC epoch second `at`.

    :raises ValueError: when `at` is not a finite number.
    """
    if not math.isfinite(at):
        raise ValueError(f"at={at!r}: expected a finite UTC epoch second; pass the time the message was accepted")
    return ((at + SHOP_UTC_OFFSET_SECONDS) % 86_400) / 3600
