"""How many statements the whole life of one order costs, step by step."""

from unittest.mock import patch

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from bench import life

# As in production: what begins a transaction of its own is no savepoint of the test.
pytestmark = pytest.mark.django_db(transaction=True)

# Statements of one order, savepoints included. Fewer is better: write the new number here. More
# needs a reason; say it in the commit that changes the number.
STATEMENTS = {
    "draft": 7,
    "publish": 11,
    "start payment": 6,
    "gateway: freeze": 8,
    "accept": 2,
    "gateway: capture": 6,
    "deliver": 3,
    "confirm": 2,
    "gateway: payout": 6,
    "review": 3,
}


def test_the_life_of_an_order_is_a_known_number_of_commits() -> None:
    try:
        life.people()
        with patch.object(BaseDatabaseWrapper, "_commit", autospec=True) as committed:
            committed.side_effect = lambda self: self.connection.commit()
            life.live(1)
    finally:
        life.people.cache_clear()
        life._channel.cache_clear()
    assert committed.call_count == life.COMMITS


def test_the_life_of_an_order_costs_a_known_number_of_statements() -> None:
    try:
        steps = life.live(1)["steps"]
    finally:  # the next test's database knows nothing of these people
        life.people.cache_clear()
        life._channel.cache_clear()
    assert steps == STATEMENTS, (
        f"The life of an order now costs {sum(steps.values())} statements, not"
        f" {sum(STATEMENTS.values())}: {steps}. On purpose? Then write these numbers into"
        " STATEMENTS, and why into the commit."
    )
