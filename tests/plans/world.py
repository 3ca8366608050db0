"""A database as a market has it after some years: most orders are finished, a few are at each step
of their way. Written by the database itself in some seconds (`bench.world`), in a database of its
own beside the one of the other tests.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import connection, models

from bench import world
from bench.world import NOW, insert, instant
from creators.models import Channel, Creator, CreatorChannel, Domain, Quote, Work
from creators.workflow.profile import PayoutFacts, change_payout_account
from merchants.models import Merchant
from merchants.rules import AGREEMENT_VERSION
from reads.models import ReadDay, Visit
from settlement.models import (
    Attempt,
    Bill,
    BillRow,
    Notice,
    Operation,
    OperationOrder,
    ReconItem,
    Total,
)
from tasks.models import (
    Attachment,
    ReportedFigures,
    Review,
)
from tests.builders import a_payment_account

__all__ = ["BIG", "NOW", "own_database", "rich_creator", "rich_merchant"]


class Size(world.Size):
    """With more people than the benchmark needs: nobody has more than one order in a hundred."""

    merchants = 150
    creators = 3_000


SIZE = Size(orders=20_000, transfers=80_000, due=1_000)

# What grows with every order, or with every person: no page and no job of a minute may read one
# from end to end. (Domains, channels, halts, runs and the rules' numbers stay small.)
BIG: dict[str, str] = {
    "accounts_user": "one for each person",
    "account_emailaddress": "one for each person",
    "creators_creator": "one for each creator",
    "creators_creatorchannel": "one or more for each creator",
    "creators_creator_domains": "one or more for each creator",
    "creators_quote": "one or more for each creator",
    "creators_work": "several for each creator",
    "reads_readday": "one for each link and day",
    "reads_visit": "one for each reader of two days",
    "settlement_attempt": "several for each order",
    "settlement_billrow": "several for each order",
    "settlement_escrow": "one for each order",
    "settlement_notice": "one for each payment",
    "settlement_operation": "several for each order",
    "settlement_operationorder": "several for each order",
    "settlement_payoutaccount": "one or more for each creator",
    "settlement_total": "some for each party and hour",
    "settlement_transfer": "several for each order",
    "tasks_attachment": "some for each task",
    "tasks_delivery": "one or more for each order",
    "tasks_order": "the orders",
    "tasks_orderevent": "several for each order",
    "tasks_outbox": "several for each order",
    "tasks_reportedfigures": "some for each order",
    "tasks_review": "one for each order",
    "tasks_task": "one for some orders",
    "django_admin_log": "one for each step of staff",
}


@contextmanager
def own_database() -> Iterator[None]:
    """In this block the connection leads to the big world, which goes with the block. It begins as
    a copy of the tests' own database, to which the connection leads again afterwards.
    """
    tests = connection.settings_dict["NAME"]
    connection.close()
    _copy(tests, f"{tests}_plans")
    connection.settings_dict["NAME"] = f"{tests}_plans"
    try:
        fill()
        connection.close()
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = tests
        _at_the_server(f'drop database "{tests}_plans" with (force)')


def _copy(of: str, name: str) -> None:
    """What an interrupted run has left goes first; and as a database is copied only while nobody is
    in it, so do the connections that the threads of a server of pages have left.
    """
    _at_the_server(
        f'drop database if exists "{name}" with (force)',
        f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{of}'",
        f'create database "{name}" template "{of}"',
    )


def _at_the_server(*statements: str) -> None:
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def fill(size: world.Size = SIZE) -> None:
    world.people_and_orders(size)
    world.ledger(size)
    with world.loading(), connection.cursor() as cursor:
        _states(cursor, size)
        _profiles(size)
        _facts(size)
        _money(size)
        _counts(size)
    with connection.cursor() as cursor:
        cursor.execute(SEQUENCES)
        cursor.execute("vacuum (analyze)")
        cursor.execute(AS_IF_LARGE)


# Some thousand rows are read from end to end faster than by key, some million are not: the planner
# is to choose as if every table were too large for it. What has no index is read in full even so.
AS_IF_LARGE = """
do $$ begin
  execute format('alter database %I set enable_seqscan = off', current_database());
  execute format('alter database %I set enable_hashjoin = off', current_database());
  execute format('alter database %I set enable_mergejoin = off', current_database());
  execute format('alter database %I set jit = off', current_database());
end $$
"""


# Of a hundred orders, how many are at which step besides those that are finished.
STATES = """
create function pg_temp.chance(n bigint) returns int immutable language sql as
  'select abs(hashint8(n)) % 100';
update tasks_order set state = case pg_temp.chance(id)
    when 0 then 'UNPAID' when 1 then 'PAID' when 2 then 'ACCEPTED' when 3 then 'DISPUTED'
    when 4 then 'CONFIRMED' when 5 then 'VOID' when 6 then 'LAPSED' when 7 then 'OVERDUE'
    when 8 then 'REFUNDED' else 'DECLINED' end,
  reviewed_at = null,
  offer_fen = case when pg_temp.chance(id) = 0 and id % 4 = 0 then 90000 end,
  offer_by = case when pg_temp.chance(id) = 0 and id % 4 = 0 then 'CREATOR' else '' end,
  confirmed_at = case when pg_temp.chance(id) = 4 then confirmed_at end,
  delivered_at = case when pg_temp.chance(id) in (3, 4, 8) then delivered_at end,
  disputed_at = case when pg_temp.chance(id) in (3, 8) then delivered_at end,
  closed_at = case when pg_temp.chance(id) >= 5 then closed_at end,
  start_at = case when pg_temp.chance(id) < 2
    then {now} + interval '1 day' * (id % 9 + 1) else start_at end,
  due_at = case when pg_temp.chance(id) < 3
    then {now} + interval '1 day' * (id % 9 + 10) else due_at end
where state = 'REVIEWED' and pg_temp.chance(id) < 10;
update tasks_order set reminded_at = null, remind_at = case when id % 5 > 0 then reminded_at end,
  held_at = case when id % 5 = 0 then reminded_at end
where state = 'DELIVERED' and pg_temp.chance(id) < 20;
update tasks_order o set confirmed_at = o.confirmed_at - n.age, reviewed_at = o.reviewed_at - n.age,
  closed_at = o.closed_at - n.age, delivered_at = o.delivered_at - n.age,
  sent_at = o.sent_at - n.age, paid_at = o.paid_at - n.age
from (select id, ({orders} - id) * interval '30 minutes' as age from tasks_order) n
where n.id = o.id and o.closed_at is not null;
update settlement_escrow e set
  held = case when o.state in ('ACCEPTED', 'DISPUTED') then e.funded else 0 end,
  frozen = case when o.state = 'PAID' then e.funded else 0 end,
  paid = case when o.state in ('CONFIRMED', 'REVIEWED') then e.funded else 0 end,
  returned = case when o.state in ('LAPSED', 'OVERDUE', 'REFUNDED', 'DECLINED')
    then e.funded else 0 end,
  funded = case when o.state in ('UNPAID', 'VOID') then 0 else e.funded end
from tasks_order o where o.id = e.order_id and o.state not in ('DELIVERED', 'REVIEWED');
update tasks_order set creator_id = {rich} where id % 150 = 77 and id > {due};
delete from settlement_transfer t using tasks_order o
where o.id = t.order_id and o.state in ('UNPAID', 'VOID');
"""
SEQUENCES = """
do $$ declare t record; begin
  for t in select table_name, pg_get_serial_sequence(quote_ident(table_name), 'id') as seq
    from information_schema.columns
    where table_schema = 'public' and column_name = 'id' and is_identity = 'YES'
  loop
    execute format('select setval(%L, (select coalesce(max(id), 1) from %I))', t.seq, t.table_name);
  end loop;
end $$
"""
RICH = 7


def _states(cursor: Any, size: world.Size) -> None:
    cursor.execute(STATES.format(now=instant(0), orders=size.orders, rich=RICH, due=size.due))


def _profiles(size: world.Size) -> None:
    """Two of three creators name a domain; each has a channel, a quote and some works."""
    n = size.creators
    channel = str(_first(Channel))
    domain = f"{_first(Domain)} + g % 3"
    insert(CreatorChannel, n, creator_id="g", channel_id=channel, url="'https://we.example/'")
    insert(Quote, n, creator_id="g", price_fen="80000", channel_id="null", content_format="''")
    insert(Work, 3 * n, creator_id=f"1 + g % {n}", title="'Work ' || g")
    insert(Creator.domains.through, n, creator_id="g", domain_id=domain)
    with connection.cursor() as cursor:
        cursor.execute(
            f"update creators_creator set main_domain_id = {_first(Domain)} + id % 3"
            " where id % 3 > 0"
        )
        cursor.execute(
            'insert into account_emailaddress (email, verified, "primary", user_id)'
            " select email, true, true, id from accounts_user"
        )


def _first(model: type[models.Model]) -> int:
    found = model._default_manager.order_by("pk").values_list("pk", flat=True).first()
    assert found is not None
    return int(found)


def _facts(size: world.Size) -> None:
    """What hangs on orders and tasks, and what was told about them."""
    n, tasks = size.orders, size.orders // world.PER_TASK
    ages = f"'{NOW.isoformat()}'::timestamptz - ({n} - g) * interval '30 minutes'"
    insert(
        Review, n, order_id="g", at=ages, quality="5", punctuality="4", communication="5",
        text="'Good'",
    )  # fmt: skip
    insert(ReportedFigures, n // 3, order_id="3 * g", at=ages, reads="9")
    insert(
        Attachment, 2 * tasks, task_id=f"1 + g % {tasks}", kind="'LINK'", name="'shop'",
        url="'https://shop.example/'",
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from tasks_review r using tasks_order o"
            " where o.id = r.order_id and o.state <> 'REVIEWED'"
        )
        cursor.execute(
            "insert into tasks_dispute (order_id, at, reason, pictures) select id, disputed_at,"
            " 'Too few pictures', '[]' from tasks_order where disputed_at is not null"
        )
        cursor.execute(
            "insert into tasks_ruling (order_id, at, pay_fen, refund_fen, reason) select id,"
            " closed_at, 0, price_fen, 'As asked' from tasks_order where state = 'REFUNDED'"
        )
        # Three events more for each order, and four messages, of which the newest wait.
        cursor.execute(
            "insert into tasks_orderevent (order_id, at, verb, source, target, role, money, note)"
            f" select 1 + g % {n}, {ages}, 'confirm', 'DELIVERED', 'CONFIRMED', 'CLOCK', '[]', ''"
            f" from generate_series(1, {3 * n}) g"
        )
        cursor.execute(
            'insert into tasks_outbox (order_id, kind, "to", party, at, next_at, done_at, seen_at,'
            " trouble, delivery, message_id)"
            " select o.id, k.kind, k.side, case k.side when 'MERCHANT' then o.merchant_id"
            " else o.creator_id end, o.sent_at, o.sent_at,"
            f" case when o.id < {n} - 50 then o.sent_at end,"
            " case when o.id % 10 > 0 then o.sent_at end, '', 'SENT', o.id || k.kind || k.side"
            " from tasks_order o, (values ('delivered', 'MERCHANT'), ('confirmed', 'MERCHANT'),"
            " ('received', 'CREATOR'), ('secured', 'CREATOR')) k (kind, side)"
            " order by o.sent_at"
        )
    user = _first(Merchant)
    content_type = "(select id from django_content_type where model = 'order')"
    insert(
        LogEntry, 5_000, user_id=str(user), content_type_id=content_type, action_flag="2",
        object_id="g::text",
    )  # fmt: skip


def _money(size: world.Size) -> None:
    """Two operations for each order, the newest two hundred of them open."""
    n = 2 * size.orders
    ages = f"'{NOW.isoformat()}'::timestamptz - ({n} - g) * interval '15 minutes'"
    is_open = f"g > {n - 200}"
    freeze, freeze_no = "g % 2 = 1", "'F' || lpad(((g + 1) / 2)::text, 31, '0')"
    insert(
        Operation, n, owner="'orders'",
        kind=f"case when {freeze} then 'FREEZE' else 'CAPTURE' end",
        out_no=f"case when {freeze} then {freeze_no} else 'C' || g end",
        amount_fen=str(world.PRICE_FEN), request=f"'{{\"freeze_out_no\": \"F{1:031}\"}}'",
        merchant_id=f"1 + g % {size.merchants}", created_at=ages, first_sent_at=ages,
        next_at=f"case when {is_open} then {instant(90)} else {ages} end",
        state=f"case when {is_open} then 'UNKNOWN' else 'SUCCEEDED' end", asks="1", sends="1",
        gateway_no="'n' || g", resolved_at=f"case when {is_open} then null else {ages} end",
    )  # fmt: skip
    insert(
        OperationOrder, n, operation_id="g", order_id="(g + 1) / 2",
        amount_fen=str(world.PRICE_FEN),
    )  # fmt: skip
    insert(Attempt, n, operation_id="g", what="'SEND'", at=ages, outcome="'SUCCESS'")
    insert(
        Notice, n // 2, notify_id="'n' || g", operation_id="2 * g", received_at=instant(-1),
    )  # fmt: skip
    # Every party's totals as they were at five hours, the last one some minutes ago.
    parties = size.merchants + size.creators + 1
    party, hour = f"(g - 1) % {parties}", f"(4 - (g - 1) / {3 * parties})"
    insert(
        Total, 5 * 3 * parties,
        party=f"case when {party} = 0 then 'platform' when {party} <= {size.merchants}"
        f" then 'merchant:' || {party} else 'creator:' || {party} - {size.merchants} end",
        pocket=f"(array['frozen', 'held', 'refund_in_transit'])[1 + (g - 1) / {parties} % 3]",
        through_id=f"(select max(id) from settlement_transfer) - 1000 - 3000 * {hour}",
        at=f"{instant(-0.02)} - {hour} * interval '1 hour'",
    )  # fmt: skip
    insert(Bill, 60, day=f"date '{NOW.date()}' - g::int", fetched_at=instant(-1))
    insert(
        BillRow, n // 2, bill_id="1 + g % 60", place="g", out_no="'C' || 2 * g", amount_fen="1",
    )  # fmt: skip
    insert(
        ReconItem, 3_000, key="'key' || g", level="'CLEARING'", kind="'TOO_LONG'",
        found_at=instant(-2), closed_at=instant(-1),
    )  # fmt: skip


def _counts(size: world.Size) -> None:
    n = size.orders
    insert(
        ReadDay, 2 * n, owner=f"1 + g % {n}", kind="'d'", number=f"1 + g % {n}",
        day=f"date '{NOW.date()}' - (g / {n})::int", visits="9", visitors="7",
    )  # fmt: skip
    insert(
        Visit, n, owner="g", kind="'d'", number="g", day=f"date '{NOW.date()}'",
        device="decode(md5(g::text), 'hex')", visits="1",
        counted=f"case when g > {n - 300} then 0 else 1 end",
    )  # fmt: skip


def rich_merchant() -> Merchant:
    """One with some two hundred orders of every kind, who may publish and pay."""
    merchant = Merchant.objects.get(pk=RICH)
    facts = {"shop_marketplace": "TMALL", "shop_url": "https://shop.example/"}
    facts |= {
        "contact_name": "Wang",
        "contact_phone": "13812345678",
        "contact_email": "w@x.example",
    }
    for name, value in {
        **facts,
        "agreement_version": AGREEMENT_VERSION,
        "agreement_at": NOW,
    }.items():
        setattr(merchant, name, value)
    merchant.save()
    a_payment_account(merchant)
    return merchant


def rich_creator() -> Creator:
    """One with some two hundred orders of every kind, who may be paid."""
    creator = Creator.objects.get(pk=RICH)
    change_payout_account(creator, PayoutFacts("creator@example.com", "Li"), at=NOW)
    return creator
