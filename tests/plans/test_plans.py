"""No page, job or verb reads a big table from end to end, and every index is read by something.

The numbers are rows and plans, never times: they are the same on every machine.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.plans.conftest import Seen
from tests.plans.reading import Statement
from tests.plans.world import BIG

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Allowed:
    """Who may read much of which tables, and why that is right."""

    source: str  # a regular expression
    tables: str
    why: str
    sql: str = ""  # how the statement begins


ALLOWED = (
    Allowed(
        r"anonymous landing",
        "tasks_order settlement_escrow creators_creator",
        "The platform's own figures over the newest 20,000 orders, kept for all visitors.",
    ),
    Allowed(
        r"merchant tasks:creators(\?.*)?",
        "creators_creator creators_creatorchannel",
        "How many creators can be chosen is counted; there are some tens of thousands at most.",
    ),
    Allowed(
        r"merchant tasks:statement\?search=.*",
        "creators_creator",
        "Words are looked for anywhere in the names of creators, of whom there are not so many.",
    ),
    Allowed(
        r"admin:\w+\?(?!p=).*",
        " ".join(BIG),
        "What staff filter, sort or search a list by is any of its columns; one of them waits.",
    ),
    Allowed(
        r"admin:\w+",
        " ".join(BIG),
        "A list of the admin says how many rows it has, and counts the next thousand in one index.",
        sql="SELECT COUNT(*) ",
    ),
    Allowed(
        r"admin:\w+ history",
        "django_admin_log",
        "The log of the admin is as long as staff are busy.",
    ),
    Allowed(
        r"job settlement.jobs.check_ledger",
        "settlement_transfer settlement_escrow",
        "The check of the ledger proves all of it: that no line is without its order too.",
    ),
    Allowed(
        r"job settlement.jobs.watch_clearing",
        "settlement_escrow",
        "Twice an hour; an index on what is on its way would cost every payout two entries.",
    ),
    Allowed(
        r"job settlement.jobs.take_totals",
        "settlement_total",
        "The last totals of all parties are what the next ones are made of.",
    ),
)


def is_allowed(statement: Statement, fault: str) -> bool:
    return any(
        re.fullmatch(rule.source, statement.source)
        and statement.sql.startswith(rule.sql)
        and any(re.search(rf"\b{table}\b", fault) for table in rule.tables.split())
        for rule in ALLOWED
    )


def faults(seen: Seen) -> Iterator[str]:
    for statement in seen.statements:
        for fault in statement.faults(seen.sizes):
            if not is_allowed(statement, fault):
                yield f"{statement.source}: reads {fault}\n    {statement.sql[:2000]}"


def test_no_statement_reads_a_big_table_from_end_to_end(seen: Seen) -> None:
    assert "\n".join(faults(seen)) == ""


def test_the_walk_has_seen_pages_lists_jobs_and_verbs(seen: Seen) -> None:
    """A walk that has lost its way would find nothing wrong."""
    sources = {statement.source for statement in seen.statements}
    for expected in (
        "merchant tasks:tasks?tab=completed&page=2",
        "creator tasks:orders?tab=completed&sort=amount",
        "merchant tasks:statement?kind=confirm",
        "admin:tasks_order?o=1",
        "job tasks.jobs.sweep_all",
        "an order that becomes REVIEWED",
    ):
        assert expected in sources
    assert len(seen.statements) > 1_500
    assert min(seen.sizes.values()) >= 2_000


# What no statement of the walk reads, and stays.
KEPT = {
    "accounts_user_email_b2644a56_like": "Made by Django beside the unique one; people are few.",
    "creators_creator_payout_account_id_75706be1": "For the key; creators are seldom written.",
    "creators_quote_channel_id_96e004e5": "For the key; quotes are seldom written.",
    "settlement_billrow_out_no_d0b588b5": "The bills of a day are compared by it; here are none.",
    "settlement_payoutaccount_logon_id_index_214b7bf2": "Accounts are found by it.",
}
# Tables that Django makes for a many-to-many field, with an index for each side.
MADE_BY_DJANGO = (
    "accounts_user_groups",
    "accounts_user_user_permissions",
    "creators_creator_domains",
)


def test_every_index_of_a_big_table_is_read(seen: Seen) -> None:
    """One that nothing reads is written for nothing, with every row."""
    read = {name for statement in seen.statements for name in statement.indexes()}
    unread = [
        f"{index.name} on {index.table}({', '.join(index.columns)})"
        for index in seen.indexes
        if index.table in BIG
        and index.table not in MADE_BY_DJANGO
        and not index.is_unique
        and index.name not in read
        and index.name not in KEPT
    ]
    assert unread == []


def test_no_index_is_the_beginning_of_another(seen: Seen) -> None:
    covered = [
        f"{index.name} by {other.name}"
        for index in seen.indexes
        for other in seen.indexes
        if index.begins(other) and index.table not in MADE_BY_DJANGO
    ]
    assert covered == []


# What rows alone lead to, however many they are.
MORE_WITH_A_HISTORY = {
    "merchant tasks:home": 1,  # a domain's name in the chart
    "merchant tasks:notices": 1,  # what only some messages tell
    "merchant tasks:notices_latest": 1,
    "merchant tasks:statement": 3,  # what was held before the lines shown
}


def test_pages_send_as_many_statements_for_a_history_as_for_the_first_orders(seen: Seen) -> None:
    more = {page: seen.of_rich[page] - few for page, few in seen.of_new.items()}
    assert {page: count for page, count in more.items() if count} == MORE_WITH_A_HISTORY
