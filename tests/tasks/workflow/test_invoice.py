"""Invoices are between merchant and creator: asked for, handed in, kept with the order (V57)."""

import pytest

from tasks import workflow
from tasks.models import Invoice, InvoiceRequest
from tasks.workflow.invoice import HandedIn, Wanted
from tests.orders import DAY, an_order, creator_of, delivered_at, merchant_of
from tests.verbs import another_creator, another_merchant, do, do_twice, refusal, told, transfers

pytestmark = [pytest.mark.django_db, pytest.mark.rule("V57")]

ASK, HAND_IN = workflow.REQUEST_INVOICE, workflow.HAND_IN_INVOICE
WANTED = Wanted(" 杭州晨光贸易有限公司 ", "91330100MA2", creator_gives_invoices=True)
INVOICE = HandedIn(" 044001900111 ", "invoices/1.pdf")
AFTER = 3 * DAY


def test_the_merchant_asks_and_the_creator_is_told() -> None:
    order = an_order("CONFIRMED")
    at = delivered_at(order) + AFTER
    before = transfers(order)
    order = do(ASK, order, at=at, by=merchant_of(order), given=WANTED)
    wanted = InvoiceRequest.objects.get(order=order)
    assert (wanted.title, wanted.tax_number) == ("杭州晨光贸易有限公司", "91330100MA2")
    assert (order.state, order.invoice_wanted_at) == ("CONFIRMED", at)
    assert told(order) == [("CREATOR", "invoice_wanted")]
    assert transfers(order) == before


def test_the_creator_hands_it_in_and_the_merchant_is_told() -> None:
    order = an_order("REVIEWED")
    at = delivered_at(order) + AFTER
    do(ASK, order, at=at, by=merchant_of(order), given=WANTED)
    order = do(HAND_IN, order, at=at + DAY, by=creator_of(order), given=INVOICE)
    invoice = Invoice.objects.get(order=order)
    assert (invoice.number, invoice.file) == ("044001900111", "invoices/1.pdf")
    assert order.invoiced_at == at + DAY
    assert told(order) == [("MERCHANT", "invoice_handed_in")]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wanted("Chenguang", "913", creator_gives_invoices=False), "NO_INVOICES"),
        (Wanted(" ", "913"), "INCOMPLETE"),
        (Wanted("Chenguang", ""), "INCOMPLETE"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(wanted: Wanted, code: str) -> None:
    order = an_order("CONFIRMED")
    at, by = delivered_at(order) + AFTER, merchant_of(order)
    assert refusal(ASK, order, at=at, by=by, given=wanted) == code


def test_it_is_asked_for_and_handed_in_once() -> None:
    order = an_order("CONFIRMED")
    at, merchant, creator = delivered_at(order) + AFTER, merchant_of(order), creator_of(order)
    assert refusal(HAND_IN, order, at=at, by=creator, given=INVOICE) == "NOT_ASKED"
    do(ASK, order, at=at, by=merchant, given=WANTED)
    assert refusal(ASK, order, at=at, by=merchant, given=WANTED) == "ASKED"
    assert refusal(HAND_IN, order, at=at, by=creator, given=HandedIn(" ", "")) == "INCOMPLETE"
    do(HAND_IN, order, at=at, by=creator, given=INVOICE)
    assert refusal(HAND_IN, order, at=at, by=creator, given=INVOICE) == "HANDED_IN"


@pytest.mark.rule("N20")
def test_the_same_form_sent_twice_asks_once() -> None:
    order = an_order("CONFIRMED")
    at, by = delivered_at(order) + AFTER, merchant_of(order)
    assert do_twice(ASK, order, at=at, by=by, given=WANTED) == "ALREADY"


@pytest.mark.parametrize("state", ["UNPAID", "PAID", "DELIVERED", "DISPUTED", "REFUNDED", "LAPSED"])
def test_only_what_was_paid_for_has_an_invoice(state: str) -> None:
    order = an_order(state)
    at, by = delivered_at(order) + AFTER, merchant_of(order)
    assert refusal(ASK, order, at=at, by=by, given=WANTED) == "WRONG_STATE"


def test_strangers_do_not_find_the_order_and_neither_side_acts_for_the_other() -> None:
    order = an_order("CONFIRMED")
    at = delivered_at(order) + AFTER
    assert refusal(ASK, order, at=at, by=another_merchant(), given=WANTED) == "NOT_FOUND"
    assert refusal(HAND_IN, order, at=at, by=another_creator(), given=INVOICE) == "NOT_FOUND"
    assert refusal(ASK, order, at=at, by=creator_of(order), given=WANTED) == "WRONG_STATE"
    assert refusal(HAND_IN, order, at=at, by=merchant_of(order), given=INVOICE) == "WRONG_STATE"
