"""Reads of the money."""

from datetime import datetime

from django.db.models import Max, Q, QuerySet, Sum

from settlement.models import (
    Halt,
    LedgerCheck,
    ManualDecision,
    Operation,
    PayoutAccount,
    Total,
    Transfer,
)
from settlement.operations import overdue_since
from settlement.pockets import OUTSIDE, POCKETS

# Operations that need a person. That they are open is said too: the index holds only those.
MANUAL = Q(resolved_at=None, state=Operation.State.MANUAL)


def total_fen(party: str, pocket: str) -> int:
    """What a party has in a pocket: the last snapshot plus the transfers since. No row is kept hot
    for it.
    """
    last = Total.objects.filter(party=party, pocket=pocket).order_by("-through_id").first()
    # A snapshot holds every pocket that anything ever entered: who is in none had nothing then.
    through, amount = (last.through_id, last.amount_fen) if last else (_last_snapshot(), 0)
    newer = Transfer.objects.filter(id__gt=through)
    came = newer.filter(credit_party=party, credit=pocket).aggregate(sum=Sum("amount_fen"))["sum"]
    went = newer.filter(debit_party=party, debit=pocket).aggregate(sum=Sum("amount_fen"))["sum"]
    return amount + (came or 0) - (went or 0)


def _last_snapshot() -> int:
    newest: int | None = Total.objects.aggregate(newest=Max("through_id"))["newest"]
    return newest or 0


def totals(party: str) -> dict[str, int]:
    """What a party has in each pocket, in fen. Four queries, however many pockets there are."""
    through = Total.objects.filter(party=party).aggregate(newest=Max("through_id"))["newest"] or 0
    found = Total.objects.filter(party=party, through_id=through).values_list(
        "pocket", "amount_fen"
    )
    sums = {
        **dict.fromkeys(POCKETS, 0),
        **{pocket: fen for pocket, fen in found if pocket in POCKETS},
    }
    newer = Transfer.objects.filter(id__gt=through).order_by()
    came = newer.filter(credit_party=party).values_list("credit").annotate(Sum("amount_fen"))
    went = newer.filter(debit_party=party).exclude(debit=OUTSIDE).values_list("debit")
    for pocket, fen in came:
        sums[pocket] += fen
    for pocket, fen in went.annotate(Sum("amount_fen")):
        sums[pocket] -= fen
    return sums


def open_halts() -> QuerySet[Halt]:
    return Halt.objects.filter(cleared_at=None)


def last_check() -> LedgerCheck | None:
    return LedgerCheck.objects.order_by("-id").first()


def stuck(at: datetime) -> QuerySet[Operation]:
    """Open operations that ops should look at: manual ones, and those first sent too long ago."""
    return stuck_since(overdue_since(at=at))


def stuck_since(since: datetime) -> QuerySet[Operation]:
    return Operation.objects.filter(resolved_at=None).filter(
        Q(state=Operation.State.MANUAL)
        | (Q(first_sent_at__lt=since) & ~Q(state=Operation.State.WAIT_USER))
    )


def waiting_for_second_person() -> QuerySet[Operation]:
    """Operations for which somebody proposed a decision that nobody has approved yet."""
    proposed = ManualDecision.objects.filter(approved_by=None).values("operation")
    return Operation.objects.filter(MANUAL, pk__in=proposed)


def payout_account(party: str) -> PayoutAccount | None:
    """The newest version of where a party is paid."""
    return PayoutAccount.objects.filter(party=party).order_by("-id").first()
