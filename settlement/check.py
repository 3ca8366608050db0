"""The ledger check: every pocket rebuilt from the transfers, every chain verified, every operation
compared.

It reads in pages by order number, so its memory stays flat. A difference halts payouts until ops
have looked.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max, Sum

from settlement.kinds import Kind
from settlement.ledger import line_of
from settlement.models import Escrow, Halt, LedgerCheck, Operation, OperationOrder, Total, Transfer
from settlement.operations import halt
from settlement.pockets import OUTSIDE, POCKETS, chain

PAGE = 1_000
MOST_DIFFERENCES = 100

# What a successful operation of a kind has moved: the code of its transfer.
MOVED = {
    Kind.FREEZE: "freeze",
    Kind.CAPTURE: "capture",
    Kind.UNFREEZE: "return",
    Kind.REFUND: "return",
    Kind.TRANSFER: "paid",
}
CAME_BACK = "payout_returned"  # a transfer that succeeded and was returned later


def run(*, at: datetime) -> LedgerCheck:
    """Check everything and keep the result; payouts are halted when something differs."""
    started = time.monotonic()
    on_its_own = not connection.in_atomic_block
    with transaction.atomic():
        if on_its_own:
            _one_instant()
        differences: list[str] = []
        orders = transfers = 0
        for escrows in _pages():
            lines = _transfers_of(escrows)
            orders += len(escrows)
            transfers += sum(len(found) for found in lines.values())
            differences += _differences(escrows, lines)
        differences += list(orphans())
    result = LedgerCheck.objects.create(
        at=at,
        orders=orders,
        transfers=transfers,
        differences=differences[:MOST_DIFFERENCES],
        elapsed_ms=int((time.monotonic() - started) * 1000),
    )
    if differences:
        halt(Halt.Scope.PAYOUTS, Halt.Reason.LEDGER_DIFFERS, at=at)
    return result


def _one_instant() -> None:
    """All pages must see one state of the database, though the world goes on meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read")


def _pages() -> Iterator[list[Escrow]]:
    last = 0
    while page := list(Escrow.objects.filter(order_id__gt=last).order_by("order_id")[:PAGE]):
        yield page
        last = page[-1].order_id


def _transfers_of(escrows: Iterable[Escrow]) -> dict[int, list[Transfer]]:
    found: defaultdict[int, list[Transfer]] = defaultdict(list)
    ids = [escrow.order_id for escrow in escrows]
    for transfer in Transfer.objects.filter(order_id__in=ids).order_by("order_id", "seq"):
        found[transfer.order_id].append(transfer)
    return found


def _differences(escrows: list[Escrow], lines: dict[int, list[Transfer]]) -> list[str]:
    found = []
    done = _succeeded(escrows)
    for escrow in escrows:
        transfers = lines.get(escrow.order_id, [])
        found += [f"order {escrow.order_id}: {text}" for text in check_order(escrow, transfers)]
        moved = {(t.code, t.operation): t.amount_fen for t in transfers if t.operation}
        found += _against_operations(escrow, moved, done.get(escrow.order_id, []))
    return found


def check_order(escrow: Escrow, transfers: list[Transfer]) -> list[str]:
    """What is wrong with one order's money: its pockets, its chain. Empty when all is well."""
    found = []
    rebuilt = dict.fromkeys(POCKETS, 0)
    funded, head = 0, ""
    for seq, transfer in enumerate(transfers, 1):
        if transfer.seq != seq:
            found.append(f"transfer {seq} is missing")
            break
        head = chain(head, line_of(transfer))
        if transfer.hash != head:
            found.append(f"the chain breaks at transfer {seq}")
            break
        if transfer.debit == OUTSIDE:
            funded += transfer.amount_fen
        else:
            rebuilt[transfer.debit] -= transfer.amount_fen
        rebuilt[transfer.credit] += transfer.amount_fen
    if not found and (escrow.seq, escrow.head) != (len(transfers), head):
        found.append("the chain does not end where the escrow says")
    found += [
        f"{pocket} is {getattr(escrow, pocket)} fen, the transfers make it {amount}"
        for pocket, amount in rebuilt.items()
        if getattr(escrow, pocket) != amount
    ]
    if escrow.funded != funded:
        found.append(f"funded is {escrow.funded} fen, the transfers make it {funded}")
    return found


def _succeeded(escrows: list[Escrow]) -> dict[int, list[tuple[Operation, int]]]:
    shares = OperationOrder.objects.filter(
        order_id__in=[escrow.order_id for escrow in escrows],
        operation__state=Operation.State.SUCCEEDED,
        operation__kind__in=list(MOVED),
    ).select_related("operation")
    found: defaultdict[int, list[tuple[Operation, int]]] = defaultdict(list)
    for share in shares:
        found[share.order_id].append((share.operation, share.amount_fen))
    return found


def _against_operations(
    escrow: Escrow, moved: dict[tuple[str, str], int], done: list[tuple[Operation, int]]
) -> list[str]:
    """Every successful operation moved its amount, and nothing was moved in the name of another."""
    expected = {(MOVED[Kind(op.kind)], op.out_no): amount for op, amount in done}
    for code, number in moved:
        if code == CAME_BACK:  # it gives back what that very transfer had paid
            expected[code, number] = expected.get((MOVED[Kind.TRANSFER], number), 0)
    known = {*MOVED.values(), CAME_BACK}
    actual = {key: amount for key, amount in moved.items() if key[0] in known}
    return [
        f"order {escrow.order_id}: {code} of {number} moved {actual.get((code, number))} fen, "
        f"the gateway {expected.get((code, number))}"
        for code, number in sorted(expected.keys() | actual.keys())
        if expected.get((code, number)) != actual.get((code, number))
    ]


def orphans() -> Iterator[str]:
    """Transfers of orders without an escrow."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct t.order_id from settlement_transfer t"
            " left join settlement_escrow e using (order_id) where e.order_id is null limit 10"
        )
        for (order_id,) in cursor.fetchall():
            yield f"order {order_id}: transfers without an escrow"


def take_totals(*, at: datetime) -> int:
    """Snapshot what every party has in every pocket, up to the newest transfer; how many rows were
    written.

    The table is locked against writers for a moment while the newest id is read, so that no older
    one can still be on its way in.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("lock table settlement_transfer in share mode")
        newest = Transfer.objects.aggregate(newest=Max("id"))["newest"]
        last = Total.objects.aggregate(last=Max("through_id"))["last"] or 0
    if newest is None or newest == last:
        return 0
    sums = _sums_through(newest)
    rows = [
        Total(party=party, pocket=pocket, through_id=newest, amount_fen=amount, at=at)
        for (party, pocket), amount in sums.items()
    ]
    Total.objects.bulk_create(rows, batch_size=5_000, ignore_conflicts=True)
    return len(rows)


def _sums_through(newest: int) -> dict[tuple[str, str], int]:
    """The last snapshot plus what came since."""
    last = Total.objects.aggregate(last=Max("through_id"))["last"] or 0
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for total in Total.objects.filter(through_id=last):
        sums[total.party, total.pocket] = total.amount_fen
    newer = Transfer.objects.filter(id__gt=last, id__lte=newest)
    for party, pocket, amount in newer.values_list("credit_party", "credit").annotate(
        Sum("amount_fen")
    ):
        sums[party, pocket] += amount
    for party, pocket, amount in newer.values_list("debit_party", "debit").annotate(
        Sum("amount_fen")
    ):
        sums[party, pocket] -= amount
    return dict(sums)
