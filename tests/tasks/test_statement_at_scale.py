"""The statement costs the same with a long history: each read goes by an index to what it shows."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from merchants.models import Merchant
from settlement import statements
from settlement.models import Transfer
from tasks import statement
from tasks.statement import Edge, Page
from tests.builders import a_merchant
from tests.orders import DAY, NOW, an_order

pytestmark = pytest.mark.django_db

LINES = 40_000  # one in ten of them the merchant's, the others of fifty others
MINUTE = timedelta(minutes=1)
LATER = NOW + 400 * DAY

# Again and again: frozen, secured, paid to a creator.
HISTORY = """
insert into settlement_transfer (order_id, seq, code, debit, credit, amount_fen, debit_party,
  credit_party, operation, at, key, hash)
select case when n %% 10 = 0 then %(order)s else 10000000 + n end, 1000 + n,
  (array['freeze', 'capture', 'confirm'])[step], (array['outside', 'frozen', 'held'])[step],
  (array['frozen', 'held', 'payable'])[step], 100, party,
  case when step = 3 then 'creator:' || n else party end, '',
  %(begin)s + n * interval '1 minute', 'made:' || n, ''
from generate_series(1, %(lines)s) n, lateral (
  select case when n %% 10 = 0 then %(party)s else 'merchant:9000' || n %% 50 end as party,
    (n - 1) / 10 %% 3 + 1 as step
) facts
order by n
"""
CLOSED = """
insert into settlement_escrow (order_id, merchant_id, funded, frozen, held, payable, in_transit,
  refund_in_transit, paid, returned, fee, tax, seq, head, freeze_no, auth_no, freezes, payouts,
  returns)
select 20000000 + n, %(merchant)s, 100, 0, 0, 0, 0, 0, 0, 100, 0, 0, 2, '', '', '', 0, 0, 0
from generate_series(1, 5000) n
"""
TOTALS = """
insert into settlement_total (party, pocket, through_id, amount_fen, at)
select %(party)s, pocket, id, 0, at from (
  select id, at, row_number() over (order by id) as place from settlement_transfer
) t, unnest(array['frozen', 'held', 'refund_in_transit']) pocket
where place %% 60 = 0
"""


@pytest.fixture
def busy() -> Merchant:
    """A merchant with a long history, an open order, and totals taken every hour of it."""
    order = an_order("ACCEPTED", merchant=a_merchant())
    party = f"merchant:{order.merchant_id}"
    facts: dict[str, Any] = {"order": order.pk, "merchant": order.merchant_id, "party": party}
    facts |= {"begin": NOW + 10 * DAY, "lines": LINES}
    with connection.cursor() as cursor:
        for sql in (HISTORY, CLOSED, TOTALS):
            cursor.execute(sql, {name: facts[name] for name in facts if f"%({name})s" in sql})
        for table in ("transfer", "escrow", "total"):
            cursor.execute(f"analyze settlement_{table}")
    return order.merchant


def reads(act: Callable[[], Any]) -> dict[str, int]:
    """How many rows each kind of scan reads of the ledger while something is asked for."""
    with CaptureQueriesContext(connection) as captured:
        act()
    found: dict[str, int] = {}
    for query in captured.captured_queries:
        if "settlement_transfer" not in query["sql"] and "settlement_escrow" not in query["sql"]:
            continue
        with connection.cursor() as cursor:
            cursor.execute("explain (analyze, format json) " + query["sql"].replace("%", "%%"), [])
            told = cursor.fetchone()
        assert told is not None
        plan = told[0] if isinstance(told[0], list) else json.loads(told[0])
        for node in nodes(plan[0]["Plan"]):
            name = f"{node['Node Type']} {node.get('Relation Name', '')}"
            if "settlement_" in name:
                rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
                found[name] = found.get(name, 0) + int(rows * node["Actual Loops"])
    return found


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


def ledger_rows(act: Callable[[], Any]) -> int:
    """The rows read of transfers and escrows; no table is read from end to end."""
    found = reads(act)
    assert [name for name in found if name.startswith("Seq Scan")] == []
    return sum(found.values())


def page(merchant: Merchant, edge: Edge | None = None, **asked: Any) -> Page:
    return statement.page(statement.wanted(merchant.pk, **asked), at=LATER, edge=edge)


def test_a_page_reads_only_what_it_shows(busy: Merchant) -> None:
    first = page(busy)
    assert ledger_rows(lambda: page(busy)) < 120
    assert ledger_rows(lambda: page(busy, first.older)) < 120
    middle = Transfer.objects.filter(credit_party=f"merchant:{busy.pk}").order_by("id")[LINES // 20]
    deep = Edge(middle.pk, held_fen=0)
    assert ledger_rows(lambda: page(busy, deep)) < 120
    assert len(page(busy, deep).rows) == statement.PAGE_SIZE


def test_the_present_balance_reads_only_open_escrows(busy: Merchant) -> None:
    assert ledger_rows(lambda: statements.held_now(f"merchant:{busy.pk}")) < 10
    assert ledger_rows(lambda: statement.holdings(busy.pk)) < 10


def test_a_balance_that_is_not_carried_costs_an_hour_of_lines(busy: Merchant) -> None:
    edge = page(busy).older
    assert edge is not None
    assert ledger_rows(lambda: page(busy, Edge(edge.transfer_id))) < 300


def test_a_stretch_of_time_long_ago_costs_an_hour_of_lines_at_its_ends(busy: Merchant) -> None:
    since: datetime = NOW + 12 * DAY
    asked: dict[str, Any] = {"since": since, "until": since + DAY}
    assert ledger_rows(lambda: page(busy, **asked)) < 1_000
    assert page(busy, **asked).rows[0].line.at == since + DAY - 10 * MINUTE


def test_a_rare_kind_stops_after_its_window(busy: Merchant) -> None:
    found = page(busy, kinds=["fee"])
    assert (found.rows, found.stopped_early) == ([], True)
    assert ledger_rows(lambda: page(busy, kinds=["fee"])) < 3 * statement.WINDOW


def test_the_sums_give_up_in_time(busy: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement, "MOST_SUMMED", 1_000)
    asked = statement.wanted(busy.pk)
    assert statement.sums(asked) is None
    assert ledger_rows(lambda: statement.sums(asked)) <= 2 * (statement.MOST_SUMMED + 1)
