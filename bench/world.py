"""Worlds of any size, written by the database itself: users, merchants, creators, tasks, orders
with their escrows, and as many transfers as asked.

Loaded with the triggers off, in sets; what comes out is what the verbs would have left, but for the
hashes, which are random. Every hundredth merchant is a big one, so that there is somebody with a
long history.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, models

from accounts.models import Role, User
from creators.models import Channel, Creator, Status
from merchants.models import Merchant
from settlement.models import Escrow, PayoutAccount, Transfer
from tasks.models import Delivery, Order, OrderEvent, Outbox, Task

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
PER_TASK = 5
PRICE_FEN = 80_000


@dataclass(frozen=True)
class Size:
    """How much there is. `due` orders wait for the clock; the rest is finished."""

    orders: int
    transfers: int
    due: int = 0

    @property
    def merchants(self) -> int:
        return max(10, self.orders // 500)

    @property
    def creators(self) -> int:
        return max(20, self.orders // 100)


def fill(size: Size) -> None:
    """Write the whole world into an empty, migrated database."""
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute("set synchronous_commit = off")
        people(size)
        orders(size)
        transfers(size)
        cursor.execute("reset session_replication_role")
        for model in (User, Merchant, Creator, Task, Order, Escrow, Transfer, OrderEvent, Outbox):
            table = model._meta.db_table
            if model is not Escrow:
                cursor.execute(
                    f"select setval(pg_get_serial_sequence('{table}', 'id'),"
                    f" (select coalesce(max(id), 1) from {table}))"
                )
        cursor.execute("vacuum (analyze)")


def people(size: Size) -> None:
    """Users 1 to M are the merchants' with the same number; then come the creators'."""
    m, c = size.merchants, size.creators
    insert(
        User, m + c,
        email="'u' || g || '@bench.example'",
        password="'!'",
        name="'Person ' || g",
        role=f"case when g <= {m} then '{Role.MERCHANT}' else '{Role.CREATOR}' end",
        is_active="true",
        joined_at=instant(-400),
    )  # fmt: skip
    insert(
        Merchant, m, user_id="g", company_name="'Company ' || g", shop_name="'Shop ' || g",
        status=f"'{Status.ACTIVE}'", created_at=instant(-400), activated_at=instant(-400),
    )  # fmt: skip
    insert(
        PayoutAccount, c, party="'creator:' || g", created_at=instant(-400),
    )  # fmt: skip
    insert(
        Creator, c, user_id=f"g + {m}", nickname="'Creator ' || g", status=f"'{Status.ACTIVE}'",
        activated_at=instant(-400), created_at=instant(-400), is_accepting="true",
        followers="(g * 7919) % 1000000", avg_reads="(g * 104729) % 100000",
        default_price_fen=str(PRICE_FEN), payout_account_id="g",
    )  # fmt: skip


def orders(size: Size) -> None:
    """Tasks of five orders each. The first `due` orders are delivered, the rest reviewed."""
    n, m, c = size.orders, size.merchants, size.creators
    channel = Channel.objects.order_by("pk").first()
    assert channel is not None
    # Every fifth order is one of the first hundredth of the merchants.
    merchant = f"case when g % 5 = 0 then 1 + g % {max(1, m // 100)} else 1 + g % {m} end"
    insert(
        Task, n // PER_TASK, merchant_id=merchant, theme="'Theme ' || g",
        requirements="'Use it for a week, then show texture and feel.'",
        start_at=instant(-30), due_at=instant(-20), channel_id=str(channel.pk),
        content_format="'POST'", created_at=instant(-40), changed_at=instant(-40),
        sent_at=instant(-40),
    )  # fmt: skip
    is_due = f"g <= {size.due}"
    insert(
        Order, n, task_id=f"(g - 1) / {PER_TASK} + 1",
        merchant_id=f"(select merchant_id from tasks_task t where t.id = (g - 1) / {PER_TASK} + 1)",
        creator_id=f"1 + (g * 31 + g / {c}) % {c}",
        state=f"case when {is_due} then 'DELIVERED' else 'REVIEWED' end",
        price_fen=str(PRICE_FEN), requirements="'Use it for a week, then show texture and feel.'",
        start_at=instant(-30), due_at=instant(-20),
        confirm_by=f"case when {is_due} then {instant(-1)} - g * interval '1 ms' end",
        clock_from=f"case when {is_due} then {instant(-11)} end",
        reminded_at=f"case when {is_due} then {instant(-2)} end",
        auto_confirm_days="10", fee_bps="0", fee_fen="0", tax_fen="0", net_fen=str(PRICE_FEN),
        payee=f"'creator:' || (1 + (g * 31 + g / {c}) % {c})",
        sent_at=instant(-40), paid_at=instant(-39), accepted_at=instant(-38),
        secured_at=instant(-38), delivered_at=instant(-11),
        confirmed_at=f"case when not {is_due} then {instant(-2)} end",
        reviewed_at=f"case when not {is_due} then {instant(-1)} end",
        closed_at=f"case when not {is_due} then {instant(-1)} end",
    )  # fmt: skip
    insert(
        Escrow, n, pk="order_id",
        merchant_id="(select merchant_id from tasks_order o where o.id = g)",
        funded=str(PRICE_FEN), held=f"case when {is_due} then {PRICE_FEN} else 0 end",
        paid=f"case when {is_due} then 0 else {PRICE_FEN} end",
        seq=str(-(-size.transfers // n)), head="md5(g::text) || md5((-g)::text)",
        freeze_no="'F' || g", auth_no="'a' || g", freezes="1",
    )  # fmt: skip
    insert(Delivery, n, order_id="g", at=instant(-11), url="'https://we.example/post/' || g")
    insert(
        OrderEvent, n, order_id="g", at=instant(-11), verb="'deliver'", source="'ACCEPTED'",
        target="'DELIVERED'", role="'CREATOR'", money="'[]'",
    )  # fmt: skip


def transfers(size: Size) -> None:
    """So many transfers in the order of time, spread evenly over the orders; an order with more of
    them than its life has only serves as history.
    """
    n = size.orders
    order = f"1 + (g - 1) % {n}"
    merchant = (
        f"(select 'merchant:' || merchant_id from settlement_escrow where order_id = {order})"
    )
    insert(
        Transfer, size.transfers, order_id=order, seq=f"1 + (g - 1) / {n}",
        code="case when (g / 7) % 2 = 0 then 'freeze' else 'capture' end",
        debit="case when (g / 7) % 2 = 0 then 'outside' else 'frozen' end",
        credit="case when (g / 7) % 2 = 0 then 'frozen' else 'held' end",
        amount_fen=str(PRICE_FEN), debit_party=merchant, credit_party=merchant,
        at=f"{instant(-300)} + g * interval '1 second'",
        key="'bench:' || g", hash="md5(g::text) || md5((-g)::text)",
    )  # fmt: skip


def instant(days: float) -> str:
    at = NOW + timedelta(days=days)
    return f"'{at.isoformat()}'::timestamptz"


def insert(model: type[models.Model], count: int, pk: str = "id", **expressions: str) -> None:
    """Insert rows 1 to `count`; `g` is the row's number. Columns that are not named get null, or
    the emptiest value of their type.
    """
    columns = {pk: "g"}
    for field in model._meta.concrete_fields:
        if field.column != pk and field.db_default is models.fields.NOT_PROVIDED:
            columns[field.column] = expressions.get(field.column) or _emptiest(field)
    unknown = expressions.keys() - columns.keys()
    assert not unknown, f"{model.__name__} has no {unknown}"
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {model._meta.db_table} ({names})"
            f" select {', '.join(columns.values())} from generate_series(1, {count}) g"
        )


def _emptiest(field: Any) -> str:
    if field.null:
        return "null"
    kinds = {
        models.BooleanField: "false",
        models.IntegerField: "0",
        models.JSONField: "'[]'",
        models.DateTimeField: instant(0),
        models.ForeignKey: "1",
    }
    return next((value for kind, value in kinds.items() if isinstance(field, kind)), "''")
