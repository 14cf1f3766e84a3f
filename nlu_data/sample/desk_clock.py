"""When conversations happen: the desk's hours, its busy times of day, and how fast people type and answer."""

from datetime import date, datetime, timedelta, timezone
from random import Random

CHINA = timezone(timedelta(hours=8))
#: The log covers so many days before its end.
DAYS = 90
# Weight of each hour in which a conversation may begin; agents work from 9 to 21.
_HOURS = {9: 5, 10: 9, 11: 8, 12: 5, 13: 6, 14: 9, 15: 9, 16: 8, 17: 6, 18: 5, 19: 8, 20: 7}
_WEEKEND = 1.25


def start_times(count: int, ending: date, random: Random) -> list[datetime]:
    """Return `count` starts in ascending order within the `DAYS` days before `ending` (exclusive)."""
    days = [ending - timedelta(days=back) for back in range(DAYS, 0, -1)]
    weights = [_WEEKEND if day.weekday() >= 5 else 1.0 for day in days]
    starts = []
    for day in random.choices(days, weights, k=count):
        hour = random.choices(list(_HOURS), list(_HOURS.values()))[0]
        # Not after 20:40, so that a conversation ends before the desk closes.
        minute = random.randint(0, 40 if hour == 20 else 59)
        starts.append(datetime(day.year, day.month, day.day, hour, minute, random.randint(0, 59), tzinfo=CHINA))
    return sorted(starts)


class Pace:
    """The running time of one conversation."""

    def __init__(self, start: datetime, random: Random) -> None:
        self._now = start
        self._random = random
        self._busy = random.choice((0.7, 1.0, 1.0, 1.6))

    def first(self) -> datetime:
        """Return the time of the first message."""
        return self._now

    def piece(self) -> datetime:
        """Return the time of the next piece of the same utterance: 2 to 20 seconds later."""
        return self._later(self._random.randint(2, 20))

    def customer(self) -> datetime:
        """Return when the customer answers."""
        return self._later(self._random.randint(8, 75))

    def agent(self) -> datetime:
        """Return when the agent answers; on busy days that takes longer."""
        return self._later(int(self._random.randint(10, 60) * self._busy))

    def _later(self, seconds: int) -> datetime:
        self._now += timedelta(seconds=max(1, seconds))
        return self._now
