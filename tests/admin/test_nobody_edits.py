"""Nothing in the admin edits money or a state by hand."""

from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client

from settlement.models import Escrow, Operation, Transfer
from tasks.models import Order
from tests.admin.pages import staff, text, url
from tests.orders import an_order, everything

pytestmark = pytest.mark.django_db

MODELS = [
    model for model in admin.site._registry if model._meta.app_label in ("tasks", "settlement")
]
NAMES = [model._meta.label for model in MODELS]


def page(model: type[Model], kind: str, *args: Any) -> str:
    return url(f"{model._meta.app_label}_{model._meta.model_name}_{kind}", *args)


@pytest.fixture
def browser() -> Client:
    return staff()


def test_the_money_and_the_orders_are_in_the_admin() -> None:
    assert {"tasks.Order", "tasks.Task", "tasks.Dispute"} <= set(NAMES)
    assert {f"settlement.{name}" for name in SHOWN} <= set(NAMES)


SHOWN = (
    "Operation",
    "Transfer",
    "Escrow",
    "PayoutAccount",
    "LedgerCheck",
    "Total",
    "Halt",
    "ManualDecision",
)


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_no_row_of_money_or_work_can_be_added(model: type[Model], browser: Client) -> None:
    assert browser.post(page(model, "add"), {"state": "PAID"}).status_code == 403
    assert browser.get(page(model, "add")).status_code == 403


@pytest.mark.parametrize("model", [Order, Escrow, Transfer, Operation])
def test_no_row_of_money_or_work_can_be_changed(model: type[Model], browser: Client) -> None:
    order = an_order("DISPUTED")
    before = everything(order)
    row = model._default_manager.first()
    assert row is not None
    given = {"state": "CONFIRMED", "price_fen": 1, "held": 0, "paid": 80_000, "amount_fen": 1}
    assert browser.post(page(model, "change", row.pk), given).status_code == 403
    assert everything(order) == before


@pytest.mark.parametrize("model", [Order, Escrow, Transfer, Operation])
def test_no_row_of_money_or_work_can_be_deleted(model: type[Model], browser: Client) -> None:
    order = an_order("DISPUTED")
    before = everything(order)
    row = model._default_manager.first()
    assert row is not None
    assert browser.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
    browser.post(page(model, "changelist"), chosen)
    assert everything(order) == before


@pytest.mark.parametrize("model", MODELS, ids=NAMES)
def test_nobody_holds_the_right_to_edit(model: type[Model], rf: Any) -> None:
    from tests.builders import ops

    request = rf.get("/")
    request.user = ops()
    page_admin = admin.site._registry[model]
    assert not page_admin.has_add_permission(request)
    assert not page_admin.has_change_permission(request)
    assert not page_admin.has_delete_permission(request)
    assert not getattr(page_admin, "list_editable", ())


def test_the_page_of_an_order_has_no_field_to_fill_in(browser: Client) -> None:
    order = an_order("DELIVERED")
    shown = text(browser.get(page(Order, "change", order.pk)))
    assert 'name="state"' not in shown
    assert 'name="price_fen"' not in shown
    assert 'name="_save"' not in shown
