"""Worlds of any size, written by the database itself: users, merchants, creators, tasks, orders
with their escrows, and the transfers, operations, messages and totals of their lives.

Loaded with the triggers and the indexes off, in sets; what comes out is what the verbs would have
left, but for the hashes, which are numbers, and for how few events and operations are kept. Every
hundredth merchant is a big one, so that there is somebody with a long history; the first of them
also has a hundred open orders.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, models

from accounts.models import Role, User
from creators.models import Channel, Creator, Status
from merchants.models import Merchant
from settlement.models import Escrow, Operation, OperationOrder, PayoutAccount, Total, Transfer
from tasks.models import Delivery, Order, OrderEvent, Outbox, Task

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
PER_TASK = 5
PRICE_FEN = 80_000
OPEN_OF_FIRST = 100

# The ledger: from when on, over how many days, and the lines of a life.
BEGAN_DAYS, LASTED_DAYS = -300, 298
LIFE = (
    ("freeze", "outside", "frozen"),
    ("capture", "frozen", "held"),
    ("confirm", "held", "payable"),
    ("payout", "payable", "in_transit"),
    ("paid", "in_transit", "paid"),
)
AGAIN = (
    ("payout_returned", "paid", "payable"),
    ("payout", "payable", "in_transit"),
    ("paid", "in_transit", "paid"),
)
BEFORE_CONFIRMATION = 2
# Each line of an order comes this part of all orders after the one before it: so late that a page
# of a statement tells of as many different orders in a small world as in a large one.
LAG = 30
SNAPSHOTS = 20


@dataclass(frozen=True)
class Size:
    """How much there is. `due` orders, the first ones, wait for the clock; the rest is finished.

    A life leaves five transfers. Where more of them are asked for, each finished order was paid
    out again and again, because the money came back: so many lines does one order have in truth
    only seldom, but all of them fit together.
    """

    orders: int
    transfers: int
    due: int = 0

    @property
    def merchants(self) -> int:
        return max(10, self.orders // 500)

    @property
    def creators(self) -> int:
        return max(20, self.orders // 100)

    @property
    def payouts(self) -> int:
        """How often each finished order was paid out."""
        finished = max(1, self.orders - self.due)
        lines = (self.transfers - BEFORE_CONFIRMATION * self.due) / finished
        return 1 + max(0, round((lines - len(LIFE)) / len(AGAIN)))

    @property
    def life(self) -> tuple[tuple[str, str, str], ...]:
        return LIFE + (self.payouts - 1) * AGAIN

    @property
    def lag(self) -> int:
        """How many orders began between two lines of one order."""
        return max(1, self.orders // LAG)

    @property
    def ticks(self) -> int:
        """The instants of the ledger: at each one an order begins, or goes on, or there is none."""
        return self.orders + (len(self.life) - 1) * self.lag


def fill(size: Size) -> None:
    """Write the whole world but its history into an empty, migrated database."""
    with connection.cursor() as cursor:
        people_and_orders(size)
        ledger(size)
        cursor.execute("vacuum (analyze)")


@contextmanager
def loading() -> Iterator[None]:
    """Without triggers and without waiting for the disk."""
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute("set synchronous_commit = off")
        cursor.execute("set maintenance_work_mem = '1GB'")
        cursor.execute("set work_mem = '256MB'")
        yield
        for name in (
            "session_replication_role", "synchronous_commit", "maintenance_work_mem", "work_mem",
        ):  # fmt: skip
            cursor.execute(f"reset {name}")


def people_and_orders(size: Size) -> None:
    with loading():
        people(size)
        orders(size)


def ledger(size: Size) -> None:
    with loading():
        transfers(size)


def history(size: Size) -> None:
    """What a life leaves besides: the payout's operation, the messages, the totals of parties."""
    with loading():
        operations(size)
        messages(size)


def everything_else(size: Size) -> None:
    """All that needs no ledger."""
    people_and_orders(size)
    history(size)


def totals(size: Size) -> None:
    """What has to be summed from the ledger."""
    with loading():
        snapshots(size)


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
    n, payouts = size.orders, size.payouts
    channel = Channel.objects.order_by("pk").first()
    assert channel is not None
    insert(
        Task, n // PER_TASK, merchant_id=_merchant_of_task(size, "g"), theme="'Theme ' || g",
        requirements="'Use it for a week, then show texture and feel.'",
        start_at=instant(-30), due_at=instant(-20), channel_id=str(channel.pk),
        content_format="'POST'", created_at=instant(-40), changed_at=instant(-40),
        sent_at=instant(-40),
    )  # fmt: skip
    is_due = f"g <= {size.due}"
    insert(
        Order, n, task_id=_task("g"), merchant_id=_merchant(size, "g"),
        creator_id=_creator(size, "g"),
        state=f"case when {is_due} then 'DELIVERED' else 'REVIEWED' end",
        price_fen=str(PRICE_FEN), requirements="'Use it for a week, then show texture and feel.'",
        start_at=instant(-30), due_at=instant(-20),
        confirm_by=f"case when {is_due} then {instant(-1)} - g * interval '1 ms' end",
        clock_from=f"case when {is_due} then {instant(-11)} end",
        reminded_at=f"case when {is_due} then {instant(-2)} end",
        auto_confirm_days="10", fee_bps="0", fee_fen="0", tax_fen="0", net_fen=str(PRICE_FEN),
        payee=f"'creator:' || {_creator(size, 'g')}",
        sent_at=instant(-40), paid_at=instant(-39), accepted_at=instant(-38),
        secured_at=instant(-38), delivered_at=instant(-11),
        confirmed_at=f"case when not {is_due} then {instant(-2)} end",
        reviewed_at=f"case when not {is_due} then {instant(-1)} end",
        closed_at=f"case when not {is_due} then {instant(-1)} end",
    )  # fmt: skip
    last = f"case when {is_due} then {BEFORE_CONFIRMATION} else {len(size.life)} end"
    insert(
        Escrow, n, pk="order_id", merchant_id=_merchant(size, "g"),
        funded=str(PRICE_FEN), held=f"case when {is_due} then {PRICE_FEN} else 0 end",
        paid=f"case when {is_due} then 0 else {PRICE_FEN} end",
        seq=last, head=_hash(_line_id(size, "g", f"({last})")),
        freeze_no=_number("F", "g"), auth_no="'a' || g", freezes="1",
        payouts=f"case when {is_due} then 0 else {payouts} end",
    )  # fmt: skip
    insert(Delivery, n, order_id="g", at=instant(-11), url="'https://we.example/post/' || g")
    insert(
        OrderEvent, n, order_id="g", at=instant(-11), verb="'deliver'", source="'ACCEPTED'",
        target="'DELIVERED'", role="'CREATOR'", money="'[]'",
    )  # fmt: skip


def transfers(size: Size) -> None:
    """The lines of all orders in the order of time; of those that are due, the first two."""
    life, lag = size.life, size.lag
    seen: dict[str, int] = {}
    suffixes = []
    for code, _, _ in life:
        seen[code] = seen.get(code, 0) + 1
        suffixes.append(f":{code}" + (f":{seen[code]}" if seen[code] > 1 else ""))
    codes, debits, credits_ = (_array(column) for column in zip(*life, strict=True))
    letters = _array(["F", "C"] + ["T"] * (len(life) - BEFORE_CONFIRMATION))
    with connection.cursor() as cursor, without_indexes(Transfer, size.orders):
        cursor.execute(
            f"""
            insert into settlement_transfer (id, order_id, seq, code, debit, credit, amount_fen,
              debit_party, credit_party, operation, at, key, hash)
            select id, o, seq, ({codes})[seq], ({debits})[seq], ({credits_})[seq], {PRICE_FEN},
              case when seq <= 3 then merchant else creator end,
              case when seq <= 2 then merchant else creator end,
              ({letters})[seq] || nr, {_instant_of("tick", size)},
              'order:' || o || ({_array(suffixes)})[seq], {_hash("id")}
            from (select g as id, 1 + (g - 1) / {len(life)} as tick,
                (1 + (g - 1) % {len(life)})::int as seq,
                1 + (g - 1) / {len(life)} - ((g - 1) % {len(life)}) * {lag} as o
              from generate_series(1::bigint, {size.ticks * len(life)}) g) lines
            cross join lateral (select 'merchant:' || {_merchant(size, "o")} as merchant,
              'creator:' || {_creator(size, "o")} as creator,
              lpad(o::text, 31, '0') as nr offset 0) parties
            where o between 1 and {size.orders}
              and (o > {size.due} or seq <= {BEFORE_CONFIRMATION})
            """
        )


def operations(size: Size) -> None:
    """The payout of each finished order, as the gateway answered it."""
    finished, number = size.orders - size.due, f"(g + {size.due})"
    insert(
        Operation, finished, owner="'orders'", kind="'TRANSFER'", out_no=_number("T", number),
        amount_fen=str(PRICE_FEN),
        request=f"jsonb_build_object('title', 'vtask order ' || {number},"
        f" 'remark', 'order ' || {number}, 'payout_account', {_creator(size, number)})",
        payout_account_id=_creator(size, number), merchant_id=_merchant(size, number),
        created_at=instant(-2), state="'SUCCEEDED'", next_at=instant(-2), asks="1", sends="1",
        first_sent_at=instant(-2), gateway_no=_number("2026", number), resolved_at=instant(-2),
    )  # fmt: skip
    insert(
        OperationOrder, finished, operation_id="g", order_id=number, amount_fen=str(PRICE_FEN),
    )  # fmt: skip


def messages(size: Size) -> None:
    """To the merchant and to the creator of each finished order that it is confirmed."""
    finished, number = size.orders - size.due, f"((g + 1) / 2 + {size.due})"
    insert(
        Outbox, 2 * finished, order_id=number, kind="'confirmed'",
        to="case when g % 2 = 0 then 'MERCHANT' else 'CREATOR' end",
        party=f"case when g % 2 = 0 then {_merchant(size, number)}"
        f" else {_creator(size, number)} end",
        at=instant(-2), next_at=instant(-2), done_at=instant(-2), seen_at=instant(-1),
    )  # fmt: skip


def snapshots(size: Size) -> None:
    """What every party had in every pocket, some times; the job writes them by the hour, so that
    fewer lines have to be added than here.
    """
    every = -(-size.ticks * len(size.life) // SNAPSHOTS)
    with connection.cursor() as cursor, without_indexes(Total, size.orders):
        cursor.execute(
            f"""
            with lines as (
              select (id - 1) / {every} as nth, credit_party as party, credit as pocket, amount_fen
                from settlement_transfer
              union all select (id - 1) / {every}, debit_party, debit, -amount_fen
                from settlement_transfer),
            moved as materialized (
              select party, pocket, nth, sum(amount_fen) as fen from lines group by 1, 2, 3)
            insert into settlement_total (party, pocket, through_id, amount_fen, at)
            select party, pocket, (nth + 1) * {every},
              sum(coalesce(fen, 0)) over (partition by party, pocket order by nth),
              {_instant_of(f"((nth + 1) * {every} / {len(size.life)} + 1)", size)}
            from (select distinct party, pocket from moved) parties
            cross join generate_series(0, {SNAPSHOTS - 1}) nth
            left join moved using (party, pocket, nth)
            """
        )


# Parts of statements; `order` is the text of an order's number


def _task(order: str) -> str:
    return f"(({order} - 1) / {PER_TASK} + 1)"


def _merchant_of_task(size: Size, task: str) -> str:
    """Of the finished ones every fifth is one of the first hundredth of the merchants. Of those
    that are due the first merchant has a hundred orders in every world, so that worlds differ in
    the length of his history alone.
    """
    m = size.merchants
    return (
        f"case when {task} <= {min(size.due, OPEN_OF_FIRST) // PER_TASK} then 1"
        f" when {task} <= {-(-size.due // PER_TASK)} then 2 + {task} % {m - 1}"
        f" when {task} % 5 = 0 then 1 + {task} % {max(1, m // 100)} else 1 + {task} % {m} end"
    )


def _merchant(size: Size, order: str) -> str:
    return f"({_merchant_of_task(size, _task(order))})"


def _creator(size: Size, order: str) -> str:
    return f"(1 + ({order} * 31 + {order} / {size.creators}) % {size.creators})"


def _line_id(size: Size, order: str, seq: str) -> str:
    """The number of a line of an order in the ledger."""
    return f"(({order} + ({seq} - 1) * {size.lag} - 1)::bigint * {len(size.life)} + {seq})"


def _hash(line_id: str) -> str:
    return f"lpad(to_hex({line_id}), 64, '0')"


def _number(letters: str, order: str) -> str:
    return f"'{letters}' || lpad({order}::text, {32 - len(letters)}, '0')"


def _instant_of(tick: str, size: Size) -> str:
    return f"{instant(BEGAN_DAYS)} + {tick} * interval '{LASTED_DAYS * 86_400 / size.ticks} second'"


def _array(values: Any) -> str:
    return "array[" + ", ".join(f"'{value}'" for value in values) + "]"


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
    with connection.cursor() as cursor, without_indexes(model, count):
        cursor.execute(
            f"insert into {model._meta.db_table} ({names})"
            f" select {', '.join(columns.values())} from generate_series(1, {count}) g"
        )


MANY = 20_000


@contextmanager
def without_indexes(model: type[models.Model], count: int) -> Iterator[None]:
    """Where many rows come, the indexes are made anew after them, in sorted order: far faster than
    entry by entry. The sequence of the table is set to its last row as well.
    """
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if count >= MANY:
            cursor.execute(
                "update pg_index set indisready = false, indisvalid = false"
                f" where indrelid = '{table}'::regclass"
            )
        yield
        if count >= MANY:
            cursor.execute(f"reindex table {table}")
        if model._meta.pk.column == "id":
            cursor.execute(
                f"select setval(pg_get_serial_sequence('{table}', 'id'),"
                f" (select coalesce(max(id), 1) from {table}))"
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
