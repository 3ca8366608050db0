"""A world of the benchmark is what the verbs would have left."""

import pytest
from django.db.models import Sum

from bench import world
from bench.world import Size
from settlement import check, statements
from settlement.ledger import line_of
from settlement.models import Escrow, Operation, Total, Transfer
from settlement.pockets import chain
from tasks.models import Order, Outbox

pytestmark = pytest.mark.django_db

SIZE = Size(orders=400, transfers=4_000, due=100)


@pytest.fixture(autouse=True)
def _filled() -> None:
    for part in (world.people_and_orders, world.ledger, world.history, world.totals):
        part(SIZE)


def the_lines(escrow: Escrow) -> list[Transfer]:
    return list(Transfer.objects.filter(order_id=escrow.order_id).order_by("seq"))


def chained(lines: list[Transfer]) -> list[Transfer]:
    """With the hashes that a world does not make."""
    head = ""
    for line in lines:
        head = line.hash = chain(head, line_of(line))
    return lines


def test_the_transfers_of_each_order_make_up_its_escrow() -> None:
    for escrow in Escrow.objects.all():
        lines = the_lines(escrow)
        assert escrow.head == lines[-1].hash

        escrow.head = chained(lines)[-1].hash
        assert check.check_order(escrow, lines) == []


def test_there_are_as_many_transfers_as_asked_for_but_for_some() -> None:
    assert Transfer.objects.count() == 2 * 100 + 14 * 300


def test_ids_follow_the_instants() -> None:
    instants = list(Transfer.objects.order_by("id").values_list("at", flat=True))

    assert instants == sorted(instants)
    assert instants[-1] < world.NOW


def test_the_first_orders_are_due_and_the_rest_is_finished() -> None:
    states = list(Order.objects.order_by("pk").values_list("state", flat=True))

    assert states == ["DELIVERED"] * 100 + ["REVIEWED"] * 300


def test_the_first_merchant_has_a_hundred_open_orders_and_a_long_history() -> None:
    party = statements.merchant(1)

    assert statements.held_now(party) == 100 * world.PRICE_FEN
    assert Order.objects.filter(merchant_id=1, state="REVIEWED").count() > 50


def test_the_newest_totals_are_the_sums_of_all_lines() -> None:
    newest = Total.objects.filter(party="merchant:1", pocket="held").latest("through_id")

    assert newest.through_id >= Transfer.objects.latest("id").pk
    assert newest.amount_fen == 100 * world.PRICE_FEN


def test_what_was_held_before_an_instant_is_what_the_lines_make_it() -> None:
    lines = list(Transfer.objects.order_by("id"))
    middle = lines[len(lines) // 2]
    party = statements.merchant(1)
    mine = [line for line in lines if line.pk < middle.pk]
    mine = [line for line in mine if party in (line.debit_party, line.credit_party)]

    held_fen = sum(statements.change_fen(line) for line in mine)

    assert statements.held_before(party, middle.pk) == held_fen > 0


def test_each_finished_order_was_paid_out_and_told_of() -> None:
    paid = Operation.objects.aggregate(sum=Sum("amount_fen"))["sum"]

    assert paid == 300 * world.PRICE_FEN
    assert Outbox.objects.filter(done_at=None).count() == 0
    assert Outbox.objects.count() == 600


@pytest.mark.parametrize(
    ("size", "payouts"),
    [
        (Size(orders=100, transfers=100, due=100), 1),
        (Size(orders=1_000, transfers=5_000), 1),
        (Size(orders=1_000, transfers=10_000, due=100), 3),
    ],
)
def test_more_transfers_than_a_life_leaves_are_payouts_that_came_back(
    size: Size, payouts: int
) -> None:
    assert size.payouts == payouts
