"""The measuring process: what a step costs in CPU time of Python and of PostgreSQL, in WAL, and in
bytes on disk. It runs on a database of its own, on a server on which nobody else works.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vtask.settings")

import django

django.setup()

import time  # noqa: E402
from collections.abc import Callable, Iterator  # noqa: E402
from contextlib import contextmanager  # noqa: E402
from dataclasses import replace  # noqa: E402
from datetime import datetime, timedelta  # noqa: E402
from functools import partial  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402
from unittest.mock import patch  # noqa: E402

import httpx  # noqa: E402
import psutil  # noqa: E402
import psycopg  # noqa: E402
from cryptography.hazmat.primitives import serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from psycopg.conninfo import make_conninfo  # noqa: E402

from accounts.models import User  # noqa: E402
from bench import life, world  # noqa: E402
from bench.player import serve  # noqa: E402
from creators.models import (  # noqa: E402
    Audience,
    AudienceShare,
    Channel,
    Creator,
    CreatorChannel,
    Domain,
    Quote,
    Work,
)
from policy.numbers import Policy  # noqa: E402
from reads import counting  # noqa: E402
from settlement import check, doorbell, inbox, operations, worker  # noqa: E402
from settlement.gateway.client import PublicKeyClient, use_transport  # noqa: E402
from settlement.gateway.messages import Answer, Ask  # noqa: E402
from settlement.gateway.notices import VerifiedNotice  # noqa: E402
from settlement.kinds import Kind  # noqa: E402
from settlement.models import Operation  # noqa: E402
from tasks import figures, messages, workflow  # noqa: E402
from tasks.models import Delivery, Order, Outbox, Task  # noqa: E402
from tasks.workflow import engine  # noqa: E402
from tasks.workflow.decision import CLOCK  # noqa: E402
from tests import gateway  # noqa: E402
from tests.builders import ops  # noqa: E402
from tests.gateway import ScriptedGateway  # noqa: E402
from tests.orders import NOW, START, a_sent_task, start_payment  # noqa: E402

BACKEND = "accounts.backends.PeopleBackend"
POLL = timedelta(seconds=21)
# As long as an answer of the gateway is; its signature is looked at and found wrong.
RAW = (
    b'{"alipay_trade_pay_response":{"code":"10000","msg":"Success","buyer_logon_id":"159****5620",'
    b'"buyer_pay_amount":"800.00","buyer_user_id":"2088000000000001","fund_bill_list":[{"amount":'
    b'"800.00","fund_channel":"ALIPAYACCOUNT"}],"gmt_payment":"2026-03-02 12:00:00",'
    b'"invoice_amount":"800.00","out_trade_no":"CABCDEFGHIJKLMNOPQRSTUVWXYZ","point_amount":"0.00",'
    b'"receipt_amount":"800.00","total_amount":"800.00","trade_no":"2026030222001400001000000001"},'
    b'"sign":"' + b"A" * 342 + b'=="}'
)
DOMAINS, CHANNELS, QUOTES, WORKS, SHARES = 2, 2, 3, 3, 12


def postgres_seconds(postmaster: psutil.Process) -> float:
    """CPU time of the whole server so far: the backends' and that of all who write behind them."""
    total = 0.0
    for process in (postmaster, *postmaster.children()):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def one_value(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def postmaster() -> psutil.Process:
    directory = one_value("show data_directory")
    pid = int((Path(directory) / "postmaster.pid").read_text(encoding="ascii").split()[0])
    return psutil.Process(pid)


@contextmanager
def measured(n: int, told: dict[str, Any]) -> Iterator[None]:
    """For one of `n`: CPU-ms in this process and in PostgreSQL, and bytes of WAL."""
    server = postmaster()
    with connection.cursor() as cursor:
        cursor.execute("checkpoint")
    before = one_value("select pg_current_wal_lsn()::text")
    python, database = time.process_time(), postgres_seconds(server)
    yield
    python, database = time.process_time() - python, postgres_seconds(server) - database
    wal = one_value(f"select pg_wal_lsn_diff(pg_current_wal_lsn(), '{before}')")
    told |= {
        "python_ms": round(1000 * python / n, 3),
        "postgres_ms": round(1000 * database / n, 3),
        "wal_bytes": round(float(wal) / n),
    }


def sizes(tables: list[str], n: int) -> dict[str, Any]:
    """For one of `n`: bytes of each table with its indexes, and of the indexes alone."""
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze)")
        cursor.execute(
            "select relname, pg_total_relation_size(oid), pg_indexes_size(oid), reltuples"
            " from pg_class where relname = any(%s)",
            [tables],
        )
        rows = cursor.fetchall()
    return {
        name: {"bytes": round(total / n), "indexes": round(indexes / n), "rows": round(rows / n, 2)}
        for name, total, indexes, rows in sorted(rows)
    }


def of_apps(*apps: str) -> list[str]:
    return [name for name in connection.introspection.table_names() if name.split("_")[0] in apps]


# One order


def lives(n: int) -> dict[str, Any]:
    """So many whole lives after half as many, and what each more of them adds on disk."""
    tables = of_apps("tasks", "settlement")
    with patch.object(ScriptedGateway, "send", _told_at_length(ScriptedGateway.send)):
        life.live(n // 2)
        before = sizes(tables, 1)
        told: dict[str, Any] = {}
        with measured(n, told):
            lived = life.live(n)
    return {
        **told,
        "statements": lived["queries"],
        "steps": lived["steps"],
        "tables": growth(before, sizes(tables, 1), n),
    }


def _told_at_length(send: Callable[..., Answer]) -> Callable[..., Answer]:
    """As long as the gateway's answers are: their bytes are kept for ever."""

    def sent(gateway: ScriptedGateway, ask: Ask) -> Answer:
        return replace(send(gateway, ask), raw=RAW, method="alipay.trade.pay", code="10000")

    return sent


def growth(before: dict[str, Any], after: dict[str, Any], n: int) -> dict[str, Any]:
    """What one of `n` added to each table that grew."""
    return {
        table: {
            what: round((facts[what] - before.get(table, {}).get(what, 0)) / n, 2) for what in facts
        }
        for table, facts in after.items()
        if facts["rows"] > before.get(table, {}).get("rows", 0)
    }


def notices(n: int) -> dict[str, Any]:
    """Notices of the gateway, verified ones."""
    operations_ = list(Operation.objects.order_by("pk")[:n])
    before = sizes(["settlement_notice"], 1)
    told: dict[str, Any] = {}
    with measured(n, told):
        for number, operation in enumerate(operations_):
            inbox.take_in(
                VerifiedNotice(
                    f"{number:064}",
                    "trade_status_sync",
                    operation.out_no,
                    operation.amount_fen,
                    Kind(operation.kind),
                    {"raw": RAW.decode()},
                ),
                at=START,
            )
    return {**told, "tables": growth(before, sizes(["settlement_notice"], 1), n)}


def calls(n: int) -> dict[str, Any]:
    """Requests to the gateway, signed, and their answers verified; without the network and TLS."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    client = PublicKeyClient("1", "http://gateway.test/", private.decode(), public.decode())
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, content=RAW))
    told: dict[str, Any] = {}
    with use_transport(transport), measured(n, told):
        for _ in range(n):
            reply = client.call("alipay.trade.pay", {"out_trade_no": "C" * 27}, {})
    return {**told, "problem": reply.problem}


def letters() -> dict[str, Any]:
    """The letters of these lives, into a mail server that costs nothing."""
    waiting = Outbox.objects.filter(done_at=None).count()
    told: dict[str, Any] = {}
    sent = 0
    with measured(waiting, told):
        while now := messages.send_due(at=START + timedelta(days=2)):
            sent += now
    return {**told, "letters": waiting, "sent": sent}


def ledger_check() -> dict[str, Any]:
    told: dict[str, Any] = {}
    orders = Order.objects.count()
    with measured(orders, told):
        run = check.run(at=START + timedelta(days=3))
    return {**told, "orders": run.orders, "differences": len(run.differences)}


def claims(leased: int, n: int, dead: int = 0) -> dict[str, Any]:
    """Claiming, while so many operations before it are in other workers' hands, and so many dead
    versions of them lie in the index because somebody still looks at an old state of the world.
    """
    at = START + timedelta(days=9)
    with connection.cursor() as cursor, psycopg.connect(_place(), autocommit=False) as reader:
        cursor.execute("set session_replication_role = replica")
        cursor.execute(QUEUE, {"leased": leased, "n": n, "at": at})
        cursor.execute("analyze settlement_operation")
        reader.execute("set transaction isolation level repeatable read")
        reader.execute("select count(*) from settlement_operation")
        for _ in range(dead // 1_000):
            cursor.execute(
                "update settlement_operation set next_at = next_at + interval '1 us'"
                " where id in (select id from settlement_operation where out_no like 'C%%-%%'"
                " order by id limit 1000)"
            )
        cursor.execute("reset session_replication_role")
        told: dict[str, Any] = {}
        with measured(n, told):
            for _ in range(n):
                assert operations.claim(at=at) is not None
        reader.rollback()
        cursor.execute("set session_replication_role = replica")
        cursor.execute("delete from settlement_operation where out_no like 'C%-%'")
        cursor.execute("reset session_replication_role")
        cursor.execute("vacuum settlement_operation")
    return told


QUEUE = """
insert into settlement_operation(owner, kind, out_no, amount_fen, request, merchant_id, created_at,
  state, next_at, lease_until, asks, sends, code_url, gateway_no, payer, trouble)
select 'orders', 'CAPTURE', 'C' || g || '-' || %(leased)s, 1, '{}', 1, %(at)s,
  case when g <= %(leased)s then 'SENT' else 'READY' end,
  %(at)s::timestamptz - interval '1 hour' + g * interval '1 ms',
  case when g <= %(leased)s then %(at)s::timestamptz + interval '1 hour' end,
  0, 0, '', '', '', '' from generate_series(1, %(leased)s + %(n)s) g
"""


def _place() -> str:
    given = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    return make_conninfo(**{name: given[name] for name in names if given.get(name)})


def polls(n: int) -> dict[str, Any]:
    """Looks at a payment that its payer has not confirmed: claimed, asked, written down."""
    long = Policy(payment_window_minutes=24 * 60)
    start_payment(a_sent_task(), policy=long)
    told: dict[str, Any] = {}
    asked = 0
    with gateway.scripted() as scripted, measured(n, told):
        scripted.payer_confirms = False
        for number in range(n):
            asked += worker.pump(partial(_later, number))
    return {**told, "asked": asked}


def _later(polls: int) -> datetime:
    return NOW + polls * POLL


def visits(n: int) -> dict[str, Any]:
    """Readers who follow a link, each another device, and the sums of them."""
    order = Order.objects.earliest("pk")
    told: dict[str, Any] = {}
    with measured(n, told):
        for number in range(n):
            counting.count(
                counting.Link(order.pk, "d", number % 10),
                network=f"198.51.{number // 250}.{number % 250}",
                user_agent="Mozilla/5.0",
                at=START,
            )
    summed: dict[str, Any] = {}
    with measured(n, summed):
        while counting.roll_up():
            pass
    return {"count": told, "roll_up": summed, "tables": sizes(of_apps("reads"), n)}


def follows(n: int) -> dict[str, Any]:
    """Readers at the door: the whole request, with the counting of `visits`."""
    path = figures.short_link(Delivery.objects.earliest("pk")).removeprefix(settings.SITE_URL)
    browser = Client(
        headers={"host": "localhost", "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
    )
    return _opened(browser, path, n)


# The clock


def sweep(n: int) -> dict[str, Any]:
    """The confirmation of what is due, five hundred to a transaction."""
    told: dict[str, Any] = {}
    done = 0
    with measured(n, told):
        while done < n:
            done += len(engine.sweep(workflow.CONFIRM, at=world.NOW, by=CLOCK, size=500))
    return {**told, "done": done}


def clicks(first: int, n: int, apart: int = 1) -> dict[str, Any]:
    """Confirmations one by one. Far apart, each writes to pages of its own, which go to the WAL as
    a whole after a checkpoint: the most that there can be.
    """
    told: dict[str, Any] = {}
    with measured(n, told):
        for order_id in range(first, first + n * apart, apart):
            engine.run_one(workflow.CONFIRM, order_id, at=world.NOW, by=CLOCK)
    return told


# Pages


def pages(n: int) -> dict[str, Any]:
    """The pages that a merchant and a creator open, each so many times."""
    merchant = _browser(User.objects.get(pk=1))
    task = Task.objects.filter(merchant_id=1).latest("pk")
    order = task.orders.earliest("pk")
    creator = _browser(order.creator.user)
    asked = {
        "merchant: home": (merchant, reverse("tasks:home")),
        "merchant: tasks": (merchant, reverse("tasks:tasks")),
        "merchant: a task": (merchant, reverse("tasks:task", args=[task.pk])),
        "merchant: an order": (merchant, reverse("tasks:order", args=[order.pk])),
        "merchant: statement": (merchant, reverse("tasks:statement")),
        "merchant: bell": (merchant, reverse("tasks:notice_count")),
        "creator: home": (creator, reverse("tasks:home")),
        "creator: orders": (creator, reverse("tasks:orders")),
        "creator: an order": (creator, reverse("tasks:order", args=[order.pk])),
        "creator: earnings": (creator, reverse("tasks:earnings")),
        "staff: orders": (_browser(ops()), reverse("admin:tasks_order_changelist")),
        "visitor: landing": (Client(headers={"host": "localhost"}), "/"),
    }
    return {name: _opened(browser, path, n) for name, (browser, path) in asked.items()}


def _opened(browser: Client, path: str, n: int) -> dict[str, Any]:
    for _ in range(3):
        status = browser.get(path).status_code
    told: dict[str, Any] = {}
    with measured(n, told):
        for _ in range(n):
            browser.get(path)
    return {**told, "status": status}


def _browser(user: User) -> Client:
    browser = Client(headers={"host": "localhost", "accept-language": "en"})
    browser.force_login(user, BACKEND)
    return browser


# Creators


def people(n: int) -> dict[str, Any]:
    """So many creators with complete profiles, and what they take on disk."""
    size = world.Size(orders=n * 100, transfers=0)
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        world.people(size)
        _profiles(n)
        cursor.execute("update creators_creator set nickname = 'Maker ' || md5(id::text)")
        cursor.execute("reset session_replication_role")
    tables = [
        *of_apps("creators"),
        "accounts_user",
        "account_emailaddress",
        "settlement_payoutaccount",
    ]
    return {"tables": sizes(tables, n), "tree": _index_sizes(n)}


def _profiles(n: int) -> None:
    domain, channel = (
        model.objects.order_by("pk").values_list("pk", flat=True) for model in (Domain, Channel)
    )
    domains, channels = list(domain), list(channel)

    def each(of: int) -> str:
        return f"1 + (g - 1) / {of}"

    def pick(numbers: list[int], of: int) -> str:
        listed = ",".join(str(number) for number in numbers)
        return f"(array[{listed}])[1 + ((g - 1) / {of} + (g - 1) % {of}) % {len(numbers)}]"

    through = Creator.domains.through
    world.insert(
        through, n * DOMAINS, creator_id=each(DOMAINS), domain_id=pick(domains, DOMAINS)
    )  # fmt: skip
    world.insert(
        CreatorChannel, n * CHANNELS, creator_id=each(CHANNELS),
        channel_id=pick(channels, CHANNELS), url="'https://we.example/people/' || g",
        followers="(g % 1000) * 997",
        avg_reads="(g % 1000) * 97", approved_at=world.instant(-300),
    )  # fmt: skip
    world.insert(
        Quote, n * QUOTES, creator_id=each(QUOTES), channel_id=pick(channels, QUOTES),
        content_format="(array['POST','VIDEO','LIST'])[1 + g % 3]", price_fen="80000",
    )  # fmt: skip
    world.insert(
        Work, n * WORKS, creator_id=each(WORKS), title="'A week with the new cream, part ' || g",
        url="'https://we.example/post/' || g", published_at=world.instant(-90), reads="g % 50000",
    )  # fmt: skip
    world.insert(Audience, n, creator_id="g", reported_at=world.instant(-30))
    world.insert(
        AudienceShare, n * SHARES, audience_id=each(SHARES), kind="'REGION'",
        code=f"'CODE' || (g - 1) % {SHARES}", percent="8",
    )  # fmt: skip


def _index_sizes(n: int) -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.relname, pg_relation_size(c.oid) from pg_class c join pg_index i"
            " on i.indexrelid = c.oid where i.indrelid = 'creators_creator'::regclass"
        )
        return {name: round(size / n, 1) for name, size in cursor.fetchall()}


SEARCHES = {
    "first page, a domain": "domain={domain}",
    "first page, no filter": "sort=followers",
    "page 100": "sort=followers&page=100",
    "by name": "name=abc12",
}


def discovery(n: int) -> dict[str, Any]:
    """The list in which a merchant chooses: what each way of looking costs."""
    from tests.orders import a_draft

    task = a_draft()
    browser = _browser(task.merchant.user)
    path = reverse("tasks:creators", args=[task.pk])
    domain = Domain.objects.order_by("pk").values_list("pk", flat=True).first()
    return {
        name: _opened(browser, f"{path}?{query.format(domain=domain)}", n)
        for name, query in SEARCHES.items()
    } | {"landing's count": _counted(n)}


def _counted(n: int) -> dict[str, Any]:
    from creators.queries import listed_count

    told: dict[str, Any] = {}
    with measured(n, told):
        for _ in range(n):
            listed_count()
    return told


DOINGS: dict[str, Callable[..., Any]] = {
    doing.__name__: doing
    for doing in (
        lives, letters, notices, calls, ledger_check, polls, claims, visits, sweep, clicks, pages,
        people, discovery, follows,
    )
}  # fmt: skip

if __name__ == "__main__":
    doorbell.answer_with()
    serve(DOINGS)
