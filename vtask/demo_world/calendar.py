"""When people are at their desks: three short sittings a day, at other minutes every day.

Everything that people do in the demo falls into a sitting, so that the months are played in a few
hundred rounds. Sitting 0 is the first one of the day on which the demo is loaded; all of history
has a number below zero.
"""

import random
from datetime import datetime, timedelta
from functools import lru_cache

PER_DAY = 3
HOURS = ((9, 11), (14, 17), (19, 22))
SITTING = timedelta(seconds=40)


class Calendar:
    """Sittings around a midnight (Shanghai), the same for the same seed and midnight."""

    def __init__(self, midnight: datetime, seed: str) -> None:
        self.midnight, self.seed = midnight, seed
        self._minutes = lru_cache(maxsize=None)(self._minute)

    def starts(self, sitting: int) -> datetime:
        return self.midnight + timedelta(
            days=sitting // PER_DAY, minutes=self._minutes(sitting), seconds=5
        )

    def moment(self, sitting: int, rng: random.Random) -> datetime:
        """Some moment within a sitting."""
        return self.starts(sitting) + timedelta(milliseconds=rng.randrange(40_000))

    def last_before(self, instant: datetime) -> int:
        """The last sitting that is over before an instant."""
        sitting = ((instant - self.midnight).days + 1) * PER_DAY
        while self.starts(sitting) + SITTING >= instant:
            sitting -= 1
        return sitting

    def day(self, days: int, hour: int) -> datetime:
        """An hour of a day: what a merchant writes into a brief."""
        return self.midnight + timedelta(days=days, hours=hour)

    def _minute(self, sitting: int) -> int:
        first, last = HOURS[sitting % PER_DAY]
        rng = random.Random(f"{self.seed}:{self.midnight.date()}:{sitting}")  # noqa: S311
        return rng.randrange(first * 60, last * 60)
