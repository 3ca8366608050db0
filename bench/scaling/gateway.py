"""How an operation is asked about, as a chain of looks: the same schedule as the code's own."""

import math
import os
import random
from dataclasses import dataclass
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vtask.settings")
os.environ.setdefault("VTASK_ENV", "test")

import django

django.setup()

from bench.scaling.flows import Life  # noqa: E402
from policy.numbers import DEFAULTS  # noqa: E402
from settlement import operations  # noqa: E402


def _seconds(wait: timedelta) -> float:
    return wait.total_seconds()


STEPS_S = tuple(_seconds(step) for step in operations.STEPS)
JITTER = operations.JITTER
LEASE_S = _seconds(operations.LEASE)
SOON_S = _seconds(operations.POLL_SOON)
POLL_S, POLL_LATER_S = _seconds(operations.POLL_PAYER), _seconds(operations.POLL_PAYER_LATER)
REFUND_S = _seconds(operations.REFUND_QUERY_AFTER)
WINDOW_S = DEFAULTS.payment_window_minutes * 60.0
# A call that hangs is given up after this much: the client's time for reading.
HANGS_S = 15.0

# The next look at an operation. FREEZE, SEND and REFUND are the first, which sends; SOON and LATER
# ask whether the payer has confirmed; from DOUBT on nobody knows what became of it.
FREEZE, SEND, REFUND, REFUND_QUERY, SOON, LATER, DOUBT = range(7)
LOOKS = DOUBT + len(STEPS_S)
FIRST = (FREEZE, SEND, REFUND)
DONE = -1


@dataclass(frozen=True, slots=True)
class Chances:
    """What a look leads to, from the shares of a life. In the fluid the two spans of waiting for
    the payer have no memory: they are left after as many looks as they have, on average.
    """

    lost: float
    confirms_soon: float
    confirms_later: float
    leaves_soon: float
    expires: float
    refunds_queried: float

    @classmethod
    def of(cls, life: Life) -> "Chances":
        after_soon, after_all = _unconfirmed(life, SOON_S), _unconfirmed(life, WINDOW_S)
        # Geometric spans with the same mean number of looks, and the same ends, as the fixed ones.
        soon, later = polls_s(life)
        looks_soon = sum(_unconfirmed(life, after) for after in soon)
        looks_later = sum(_unconfirmed(life, after) for after in later) / after_soon
        return cls(
            lost=life.lost_answers,
            confirms_soon=(1 - after_soon) / looks_soon,
            leaves_soon=after_soon / looks_soon,
            confirms_later=(1 - after_all / after_soon) / looks_later,
            expires=after_all / after_soon / looks_later,
            refunds_queried=life.refunds_queried,
        )


def _unconfirmed(life: Life, after_s: float) -> float:
    return life.gives_up + (1 - life.gives_up) * math.exp(-after_s / life.payer_s)


def polls_s(life: Life) -> tuple[list[float], list[float]]:
    """When it is asked whether the payer has confirmed, if he never does: soon, and later. The wait
    begins with the answer.
    """
    soon, later = (
        [begin + every * k for k in range(math.ceil((end - begin) / every))]
        for begin, end, every in (
            (0.0, SOON_S, POLL_S + latency_s(life)),
            (SOON_S, WINDOW_S, POLL_LATER_S + latency_s(life)),
        )
    )
    return soon, later


def looks_per_freeze(life: Life) -> float:
    """How often the gateway is asked about one payment, with the first request; without doubt."""
    soon, later = polls_s(life)
    return 1 + sum(_unconfirmed(life, after) for after in (*soon, *later))


def looks_per_order(life: Life) -> float:
    """How often the gateway is asked for one order, when all is well."""
    return (
        life.freezes * looks_per_freeze(life)
        + life.sends
        + life.refunds * (1 + life.refunds_queried)
    )


def latency_s(life: Life) -> float:
    """The mean of the lognormal latency with this median and 99th percentile."""
    return life.gateway_p50_s * math.exp(sigma(life) ** 2 / 2)


def sigma(life: Life) -> float:
    return math.log(life.gateway_p99_s / life.gateway_p50_s) / 2.326


def doubt(look: int) -> int:
    """The look after one that said nothing."""
    return min(look + 1, LOOKS - 1) if look >= DOUBT else DOUBT


def wait_s(look: int) -> float:
    """How long before this look the operation rests."""
    fixed = {REFUND_QUERY: REFUND_S, SOON: POLL_S, LATER: POLL_LATER_S}
    return fixed.get(look, 0.0) if look < DOUBT else STEPS_S[look - DOUBT]


def part(n: int, share: float, dice: random.Random) -> int:
    """That share of n, rounded by lot, so that nothing is lost and nothing is favoured."""
    return min(n, int(n * share + dice.random()))


def told(look: int, n: int, chances: Chances, dice: random.Random) -> list[tuple[int, int]]:
    """What n looks lead to: (next look or DONE, how many)."""
    if look == SEND and n > 1:  # the most frequent case
        lost = part(n, chances.lost, dice)
        return [(DONE, n - lost), (DOUBT, lost)] if lost else [(DONE, n)]
    lost = part(n, chances.lost, dice)
    known = n - lost
    parts = [(doubt(look), lost)] if lost else []
    if look == FREEZE:
        parts.append((SOON, known))
    elif look == REFUND:
        queried = part(known, chances.refunds_queried, dice)
        parts += [(REFUND_QUERY, queried), (DONE, known - queried)]
    elif look == SOON:
        confirmed = part(known, chances.confirms_soon, dice)
        leaving = min(known - confirmed, part(known, chances.leaves_soon, dice))
        stay = known - confirmed - leaving
        parts += [(DONE, confirmed), (LATER, leaving), (SOON, stay)]
    elif look == LATER:
        over = part(known, chances.confirms_later + chances.expires, dice)
        parts += [(DONE, over), (LATER, known - over)]
    else:
        parts.append((DONE, known))
    return parts
