"""Counting visits (V60): a visit writes its device's own row, a job adds the rows up.

    a visitor → one INSERT (or the bump of his own row) → every half minute, in sets → ReadDay

No two visitors write the same row, however many come at once.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from reads.days import day_of
from reads.devices import device_of
from reads.models import DaySalt, Visit

# More visits of one device on one day are not written: no reader needs more, a flood has no end.
MOST_VISITS = 20
# How long a visitor may wait for a lock before his visit is let go, in milliseconds.
PATIENCE_MS = 300
SALT_BYTES = 32
SIZE = 5000
# Yesterday's rows stay: a visit at midnight is written and added up on the next day.
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Link:
    """What is counted: the kind and number of a link, and the owner whose links are summed up."""

    owner: int
    kind: str
    number: int


def count(link: Link, *, network: str, user_agent: str, at: datetime) -> None:
    """One visit. Raises DatabaseError when that takes too long; then nothing was counted."""
    day = day_of(at)
    with transaction.atomic(), connection.cursor() as cursor:
        device = device_of(
            link=f"{link.owner}:{link.kind}:{link.number}",
            network=network,
            user_agent=user_agent,
            salt=_salt_of(day),
        )
        cursor.execute(COUNT, [link.owner, link.kind, link.number, day, device, MOST_VISITS])


COUNT = """
insert into reads_visit as seen (owner, kind, number, day, device, visits, counted)
values (%s, %s, %s, %s, %s, 1, 0)
on conflict (day, owner, kind, number, device)
do update set visits = seen.visits + 1 where seen.visits < %s
"""


def _salt_of(day: date) -> bytes:
    """The day's salt; the first visitor of the day draws it. Waits for locks no longer than set."""
    ask = f"""
        select set_config('lock_timeout', '{PATIENCE_MS}', true),
               (select salt from reads_daysalt where day = %s)
    """  # noqa: S608 - a number of ours
    with connection.cursor() as cursor:
        cursor.execute(ask, [day])
        salt = cursor.fetchone()[1]
    if salt is None:
        drawn = DaySalt(day=day, salt=secrets.token_bytes(SALT_BYTES))
        DaySalt.objects.bulk_create([drawn], ignore_conflicts=True)
        salt = DaySalt.objects.values_list("salt", flat=True).get(day=day)
    return bytes(salt)


def roll_up(*, size: int = SIZE) -> int:
    """Add up to `size` rows that have something new to the sums of their day; how many rows.

    A row is marked and added together or not at all, and two jobs at once take different rows. They
    are locked first, since only the next statement sees what others have committed meanwhile.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TAKE, [size])
        taken = [row[0] for row in cursor.fetchall()]
        cursor.execute(ROLL_UP, [taken])
    return len(taken)


TAKE = """
select id from reads_visit where counted < visits order by id limit %s for update skip locked
"""
ROLL_UP = """
with taken as materialized (
  select id, visits - counted as more, (counted = 0)::int as is_new
  from reads_visit where id = any(%s::bigint[])),
 marked as (
  update reads_visit v set counted = v.visits from taken where v.id = taken.id
  returning v.owner, v.kind, v.number, v.day, taken.more, taken.is_new)
insert into reads_readday as sums (owner, kind, number, day, visits, visitors)
select owner, kind, number, day, sum(more), sum(is_new) from marked
group by owner, kind, number, day order by owner, kind, number, day
on conflict (owner, kind, number, day) do update
set visits = sums.visits + excluded.visits, visitors = sums.visitors + excluded.visitors
"""


def forget(*, at: datetime) -> int:
    """Throw away the devices and salts of past days, once they are added up; how many rows.

    From here on nobody can tell who visited.
    """
    last = day_of(at) - KEPT
    gone, _ = Visit.objects.filter(day__lt=last, counted=F("visits")).delete()
    waiting = Visit.objects.filter(day__lt=last).values("day")
    DaySalt.objects.filter(day__lt=last).exclude(day__in=waiting).delete()
    return gone
