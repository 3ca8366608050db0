"""Every read of the sums. `owners` is a list of numbers or a query that gives them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet, Sum

from reads.days import days
from reads.models import ReadDay

Owners = Iterable[int] | QuerySet  # type: ignore[type-arg]
Day = tuple[date, int, int]
LONGEST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Reads:
    """Visits, and visitors: each device once a day."""

    visits: int = 0
    visitors: int = 0

    def __add__(self, other: "Reads") -> "Reads":
        return Reads(self.visits + other.visits, self.visitors + other.visitors)


def per_day(owners: Owners, kind: str, *, since: date, until: date) -> list[Day]:
    """Day, visits and visitors of every day of the span, those without any included.

    One query; of a span longer than LONGEST_DAYS the last days.
    """
    span = list(days(since, until))[-LONGEST_DAYS:]
    return every_day(span, sums_by_day(owners, kind, span[0], span[-1]) if span else ())


def sums_by_day(owners: Owners, kind: str, since: date, until: date) -> QuerySet[ReadDay, Any]:
    """The days with visits between these two, both included."""
    rows = ReadDay.objects.filter(owner__in=owners, kind=kind, day__range=(since, until))
    return rows.values_list("day").annotate(Sum("visits"), Sum("visitors")).order_by()


def every_day(span: Iterable[date], sums: Iterable[tuple[Any, ...]]) -> list[Day]:
    """Those of some days and nothing on the others."""
    found = {day: (int(visits), int(visitors)) for day, visits, visitors in sums}
    return [(day, *found.get(day, (0, 0))) for day in span]


def of_links(owners: Owners) -> dict[tuple[int, str, int], Reads]:
    """The sums of every link of these owners that was ever visited, by (owner, kind, number)."""
    rows = ReadDay.objects.filter(owner__in=owners).values_list("owner", "kind", "number")
    sums = rows.annotate(Sum("visits"), Sum("visitors")).order_by()
    return {
        (owner, kind, number): Reads(visits, visitors)
        for owner, kind, number, visits, visitors in sums
    }
