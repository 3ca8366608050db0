"""Invoices are between merchant and creator: asked for, handed in, kept with the order (V57)."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tasks.models import Invoice, InvoiceRequest, Side
from tasks.workflow.decision import Actor, Case, Decision, Refused


@dataclass(frozen=True, slots=True)
class Wanted:
    """To whom the invoice is made out."""

    title: str
    tax_number: str
    creator_gives_invoices: bool | None = None


@dataclass(frozen=True, slots=True)
class HandedIn:
    """The invoice's number and the stored name of its checked file."""

    number: str
    file: str


class UnableToInvoice(Refused):
    code = "UNABLE_TO_INVOICE"


def request(case: Case, *, at: datetime, by: Actor, given: Wanted) -> Decision:
    """The merchant asks. A creator who gives no invoices cannot be asked."""
    order = case.order
    if given.creator_gives_invoices is False:
        raise UnableToInvoice(_("This creator does not give invoices."), code="NO_INVOICES")
    if order.invoice_wanted_at is not None:
        raise UnableToInvoice(_("The invoice has been asked for already."), code="ASKED")
    if not given.title.strip() or not given.tax_number.strip():
        raise UnableToInvoice(_("Enter the title and the tax number."), code="INCOMPLETE")
    order.invoice_wanted_at = at
    wanted = InvoiceRequest(
        order_id=order.pk, at=at, title=given.title.strip(), tax_number=given.tax_number.strip()
    )
    return Decision(records=(wanted,), tell=((Side.CREATOR, "invoice_wanted"),))


def hand_in(case: Case, *, at: datetime, by: Actor, given: HandedIn) -> Decision:
    """The creator hands in the invoice that was asked for, once."""
    order = case.order
    if order.invoice_wanted_at is None:
        raise UnableToInvoice(_("No invoice has been asked for."), code="NOT_ASKED")
    if order.invoiced_at is not None:
        raise UnableToInvoice(_("The invoice has been handed in already."), code="HANDED_IN")
    if not given.number.strip():
        raise UnableToInvoice(_("Enter the number of the invoice."), code="INCOMPLETE")
    order.invoiced_at = at
    invoice = Invoice(order_id=order.pk, at=at, number=given.number.strip(), file=given.file)
    return Decision(records=(invoice,), tell=((Side.MERCHANT, "invoice_handed_in"),))
