"""The creator reports the channel's own figures with a picture as proof (V60)."""

import pytest

from tasks import workflow
from tasks.models import ReportedFigures
from tasks.states import State
from tasks.workflow.report_figures import MOST, Figures
from tests.orders import DAY, an_order, creator_of, delivered_at, merchant_of, pockets
from tests.verbs import (
    CREATOR,
    a_case,
    another_creator,
    asked,
    do,
    do_twice,
    last_event,
    refusal,
    refused,
    told,
    transfers,
)

pytestmark = [pytest.mark.django_db, pytest.mark.rule("V60")]

REPORT = workflow.REPORT_FIGURES
SHOWN = Figures(reads=12_300, likes=456, comments=78, picture="figures/1.png")


@pytest.mark.parametrize("state", ["DELIVERED", "DISPUTED", "CONFIRMED", "REVIEWED"])
def test_figures_are_kept_and_the_merchant_is_told_while_nothing_else_moves(state: str) -> None:
    order = an_order(state)
    at = delivered_at(order) + 4 * DAY
    before = (transfers(order), pockets(order), order.confirm_by)
    order = do(REPORT, order, at=at, by=creator_of(order), given=SHOWN)
    kept = ReportedFigures.objects.get(order=order)
    assert (kept.reads, kept.likes, kept.comments) == (12_300, 456, 78)
    assert (kept.picture, kept.at) == ("figures/1.png", at)
    assert order.state == state
    assert (transfers(order), pockets(order), order.confirm_by) == before
    assert told(order) == [("MERCHANT", "figures_reported")]


def test_the_event_says_what_was_reported() -> None:
    order = an_order("CONFIRMED")
    do(REPORT, order, at=delivered_at(order) + 2 * DAY, by=creator_of(order), given=SHOWN)
    event = last_event(order)
    assert (event.verb, event.note) == ("report_figures", "12,300 / 456 / 78")
    assert (event.source, event.target, event.role) == ("CONFIRMED", "CONFIRMED", "CREATOR")


def test_several_reports_are_all_kept() -> None:
    order = an_order("CONFIRMED")
    at, by = delivered_at(order) + 2 * DAY, creator_of(order)
    later = Figures(20_000, 700, 90, "figures/2.png")
    do(REPORT, order, at=at, by=by, given=SHOWN)
    do(REPORT, order, at=at + DAY, by=by, given=later)
    assert [f.reads for f in ReportedFigures.objects.filter(order=order)] == [12_300, 20_000]


@pytest.mark.parametrize(
    ("figures", "code"),
    [
        (Figures(-1, 0, 0, "figures/1.png"), "NUMBER"),
        (Figures(0, MOST + 1, 0, "figures/1.png"), "NUMBER"),
        (Figures(0, 0, -5, "figures/1.png"), "NUMBER"),
        (Figures(1, 1, 1, ""), "NO_PROOF"),
    ],
)
def test_impossible_numbers_and_figures_without_proof_are_refused(
    figures: Figures, code: str
) -> None:
    order = an_order("DELIVERED")
    at, by = delivered_at(order) + DAY, creator_of(order)
    assert refusal(REPORT, order, at=at, by=by, given=figures) == code
    assert refused(a_case("DELIVERED"), REPORT, at=at, by=CREATOR, given=figures) == code
    assert not ReportedFigures.objects.exists()


@pytest.mark.parametrize("number", [0, MOST])
def test_the_limits_themselves_are_possible(number: int) -> None:
    given = Figures(number, number, number, "figures/1.png")
    order = an_order("DELIVERED")
    case = a_case("DELIVERED")
    [record] = asked(case, REPORT, at=delivered_at(order), by=CREATOR, given=given).records
    assert isinstance(record, ReportedFigures)
    assert record.reads == number


@pytest.mark.parametrize("state", sorted(set(State) - set(REPORT.sources)))
def test_before_a_delivery_and_after_a_refund_there_is_nothing_to_report(state: str) -> None:
    order = an_order(state)
    at, by = delivered_at(order) + 3 * DAY, creator_of(order)
    assert refusal(REPORT, order, at=at, by=by, given=SHOWN) == "WRONG_STATE"


def test_only_the_orders_own_creator_reports() -> None:
    order = an_order("DELIVERED")
    at = delivered_at(order) + DAY
    assert refusal(REPORT, order, at=at, by=another_creator(), given=SHOWN) == "NOT_FOUND"
    assert refusal(REPORT, order, at=at, by=merchant_of(order), given=SHOWN) == "WRONG_STATE"


@pytest.mark.rule("N20")
def test_the_same_form_sent_twice_reports_once() -> None:
    order = an_order("DELIVERED")
    at, by = delivered_at(order) + DAY, creator_of(order)
    assert do_twice(REPORT, order, at=at, by=by, given=SHOWN) == "ALREADY"
    assert ReportedFigures.objects.filter(order=order).count() == 1
