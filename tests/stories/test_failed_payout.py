"""A payout that fails leaves the money payable until it has a place to go."""

# ruff: noqa: E501 - a table is read line by line

import pytest

from tests.stories.conftest import Tell


@pytest.mark.rule("V52")
def test_a_closed_account_is_replaced_and_the_money_arrives_there(story: Tell) -> None:
    story(800_00).goes(
        """
step                  | state     | pockets        | merchant   | creator        | platform | payer | frozen | guarantee | payees
orders are sent       | UNPAID    | -              | -          | -              | -        | 2000  | 0      | 0         | 0
merchant pays         | UNPAID    | -              | -          | -              | -        | 2000  | 0      | 0         | 0
gateway answers       | UNPAID    | -              | -          | -              | -        | 2000  | 0      | 0         | 0
payer confirms        | UNPAID    | -              | -          | -              | -        | 1200  | 800    | 0         | 0
gateway answers       | PAID      | frozen 800     | frozen 800 | -              | -        | 1200  | 800    | 0         | 0
A accepts             | ACCEPTED  | frozen 800     | frozen 800 | -              | -        | 1200  | 800    | 0         | 0
gateway answers       | ACCEPTED  | held 800       | held 800   | -              | -        | 1200  | 0      | 800       | 0
A delivers            | DELIVERED | held 800       | held 800   | -              | -        | 1200  | 0      | 800       | 0
account is closed A   | DELIVERED | held 800       | held 800   | -              | -        | 1200  | 0      | 800       | 0
merchant confirms A   | CONFIRMED | in_transit 800 | -          | in_transit 800 | -        | 1200  | 0      | 800       | 0
gateway answers       | CONFIRMED | payable 800    | -          | payable 800    | -        | 1200  | 0      | 800       | 0
A names a new account | CONFIRMED | payable 800    | -          | payable 800    | -        | 1200  | 0      | 800       | 0
A asks for the payout | CONFIRMED | in_transit 800 | -          | in_transit 800 | -        | 1200  | 0      | 800       | 0
gateway answers       | CONFIRMED | paid 800       | -          | paid 800       | -        | 1200  | 0      | 0         | 800
"""
    )
