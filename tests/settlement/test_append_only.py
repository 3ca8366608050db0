"""What was written stays: the database refuses plain SQL too, and the site's role has no right."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction

from policy.models import PolicyChange
from settlement import check, manual
from settlement.gateway.messages import Outcome
from settlement.models import Notice, Operation
from tasks import workflow
from tasks.workflow import engine
from tests.builders import ops
from tests.gateway import scripted
from tests.orders import DAY, NOW, an_order, creator_of, delivered_at, merchant_of, settle
from tests.verbs import operation_of

pytestmark = pytest.mark.django_db

APPS = ("policy", "settlement", "tasks")
APPEND_ONLY: list[type[models.Model]] = [
    model
    for app in APPS
    for model in apps.get_app_config(app).models_module.APPEND_ONLY  # type: ignore[union-attr]
]
NEVER_DELETED = ["tasks_order", "settlement_escrow", "settlement_operation"]


def a_row_in_every_table() -> None:
    an_order("REVIEWED")
    order = an_order("REFUNDED")
    check.take_totals(at=NOW)
    check.run(at=NOW)
    operation = Operation.objects.all()[0]
    Notice.objects.create(notify_id="n1", operation=operation, raw="{}", received_at=NOW)
    PolicyChange.objects.create(
        key="auto_confirm_days", value=7, effective_at=NOW, made_at=NOW, reason="kürzer"
    )
    assert order.state == "REFUNDED"


def execute(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.rule("N3")
def test_no_statement_changes_or_deletes_a_line_of_the_books() -> None:
    a_row_in_every_table()
    filled = [model for model in APPEND_ONLY if model._default_manager.exists()]
    assert len(filled) >= 13
    for model in filled:
        table = model._meta.db_table
        for statement in (f"update {table} set id = id", f"delete from {table}"):
            with pytest.raises(DatabaseError, match="Cannot update or delete"):
                execute(statement)


def test_every_append_only_table_has_its_triggers_switched_on() -> None:
    for model in APPEND_ONLY:
        names = triggers_of(model._meta.db_table)
        assert any(name.startswith("pgtrigger_append_only") for name in names), model
        assert any(name.startswith("pgtrigger_no_truncate") for name in names), model


def triggers_of(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select tgname from pg_trigger where tgrelid = %s::regclass and tgenabled = 'O'",
            [table],
        )
        return [name for (name,) in cursor.fetchall()]


@pytest.mark.rule("N3")
def test_no_table_of_the_books_can_be_emptied() -> None:
    for table in [*(model._meta.db_table for model in APPEND_ONLY), *NEVER_DELETED]:
        with pytest.raises(DatabaseError, match="Cannot truncate"):
            execute(f"truncate {table} cascade")


def test_orders_escrows_and_operations_are_never_deleted() -> None:
    an_order("PAID")
    for table in NEVER_DELETED:
        with pytest.raises(DatabaseError, match="Cannot delete"):
            execute(f"delete from {table}")


def test_every_table_of_facts_is_in_the_list() -> None:
    names = {model.__name__ for model in APPEND_ONLY}
    assert {"Transfer", "Attempt", "Notice", "Total", "OperationOrder", "PayoutAccount"} <= names
    assert {"OrderEvent", "Delivery", "Review", "Dispute", "Ruling", "PolicyChange"} <= names


# The escrow


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("frozen = frozen - 1", "escrow_sums_to_funded"),
        ("paid = paid + 1", "escrow_sums_to_funded"),
        ("funded = funded + 1", "escrow_sums_to_funded"),
        ("frozen = -1, returned = funded + 1", "escrow_frozen_not_negative"),
    ],
)
def test_the_database_refuses_money_that_was_made_or_lost(change: str, constraint: str) -> None:
    an_order("PAID")
    with pytest.raises(DatabaseError, match=constraint):
        execute(f"update settlement_escrow set {change}")


# The operation


@pytest.mark.parametrize(
    "change",
    [
        "amount_fen = 1",
        "request = '{}'",
        "out_no = 'X'",
        "kind = 'REFUND'",
        "created_at = now()",
        "merchant_id = 1",
    ],
)
def test_what_an_operation_asks_for_never_changes(change: str) -> None:
    order = an_order("PAID")
    engine.run_one(workflow.ACCEPT, order.pk, at=NOW, by=creator_of(order))
    with pytest.raises(DatabaseError, match="Cannot update"):
        execute(f"update settlement_operation set {change} where state = 'READY'")


def test_the_end_of_an_operation_stands() -> None:
    an_order("PAID")
    with pytest.raises(DatabaseError, match="Cannot update"):
        execute("update settlement_operation set state = 'FAILED'")


def test_an_operation_is_resolved_exactly_when_it_has_an_end() -> None:
    an_order("PAID")
    with pytest.raises(DatabaseError, match="operation_resolved"):
        execute("update settlement_operation set resolved_at = null")


def test_one_person_cannot_approve_his_own_decision_whatever_the_code_does() -> None:
    order = an_order("DELIVERED")
    at = delivered_at(order) + DAY
    engine.run_one(workflow.CONFIRM, order.pk, at=at, by=merchant_of(order))
    with scripted() as gateway:
        gateway.says["TRANSFER"] = Outcome.MANUAL
        settle(at)
    one = ops()
    decision = manual.propose(operation_of(order).pk, "FAILED", "Beleg", at=at, by=one.pk)
    with pytest.raises(DatabaseError, match="decision_needs_four_eyes"):
        execute(
            f"update settlement_manualdecision set approved_by_id = {one.pk} "
            f"where id = {decision.pk}"
        )


# The role of the running site


@pytest.fixture
def as_the_site() -> Iterator[None]:
    """The connection acts as the site's own database role."""
    call_command("grant_app_role")
    with connection.cursor() as cursor:
        cursor.execute("set role vtask_app")
        yield
        cursor.execute("reset role")


@pytest.mark.rule("N3")
def test_the_sites_role_may_add_to_the_books_and_never_change_them(as_the_site: None) -> None:
    for model in APPEND_ONLY:
        table = model._meta.db_table
        assert rights(table) == {"SELECT", "INSERT"}, table


def test_the_sites_role_may_work_on_orders_and_cannot_switch_the_triggers_off(
    as_the_site: None,
) -> None:
    assert {"SELECT", "INSERT", "UPDATE"} <= rights("tasks_order")
    assert "TRUNCATE" not in rights("tasks_order")
    with pytest.raises(DatabaseError, match="permission denied"):
        execute("set session_replication_role = replica")
    with pytest.raises(DatabaseError, match="must be owner"):
        execute("alter table settlement_transfer disable trigger all")


def test_the_whole_life_of_an_order_needs_no_more_than_the_sites_rights(as_the_site: None) -> None:
    assert an_order("REVIEWED").state == "REVIEWED"


def rights(table: str) -> set[str]:
    kinds = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
    with connection.cursor() as cursor:
        cursor.execute(
            "select k from unnest(%s::text[]) k where has_table_privilege('vtask_app', %s, k)",
            [list(kinds), table],
        )
        return {kind for (kind,) in cursor.fetchall()}
