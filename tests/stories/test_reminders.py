"""The clock waits for its reminders: late, lost and returned ones, with the money where it was."""

# ruff: noqa: E501 - a table is read line by line

import pytest

from tests.stories.conftest import Tell

pytestmark = pytest.mark.rule("N4", "V52")


def test_a_mail_server_that_is_away_delays_the_release(story: Tell) -> None:
    story(800_00).goes(
        """
step                | state     | pockets        | merchant   | creator        | platform | payer | frozen | guarantee | payees
orders are sent     | UNPAID    | -              | -          | -              | -        | 2000  | 0      | 0         | 0
merchant pays       | UNPAID    | -              | -          | -              | -        | 2000  | 0      | 0         | 0
gateway answers     | UNPAID    | -              | -          | -              | -        | 2000  | 0      | 0         | 0
payer confirms      | UNPAID    | -              | -          | -              | -        | 1200  | 800    | 0         | 0
gateway answers     | PAID      | frozen 800     | frozen 800 | -              | -        | 1200  | 800    | 0         | 0
A accepts           | ACCEPTED  | frozen 800     | frozen 800 | -              | -        | 1200  | 800    | 0         | 0
gateway answers     | ACCEPTED  | held 800       | held 800   | -              | -        | 1200  | 0      | 800       | 0
A delivers          | DELIVERED | held 800       | held 800   | -              | -        | 1200  | 0      | 800       | 0
mail server is away | DELIVERED | held 800       | held 800   | -              | -        | 1200  | 0      | 800       | 0
a year passes       | DELIVERED | held 800       | held 800   | -              | -        | 1200  | 0      | 800       | 0
two hours pass      | CONFIRMED | in_transit 800 | -          | in_transit 800 | -        | 1200  | 0      | 800       | 0
gateway answers     | CONFIRMED | paid 800       | -          | paid 800       | -        | 1200  | 0      | 0         | 800
"""
    )


def test_a_reminder_that_comes_back_holds_the_release_until_ops_have_looked(story: Tell) -> None:
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
reminder comes back A | DELIVERED | held 800       | held 800   | -              | -        | 1200  | 0      | 800       | 0
a year passes         | DELIVERED | held 800       | held 800   | -              | -        | 1200  | 0      | 800       | 0
ops release A         | DELIVERED | held 800       | held 800   | -              | -        | 1200  | 0      | 800       | 0
two hours pass        | DELIVERED | held 800       | held 800   | -              | -        | 1200  | 0      | 800       | 0
three days pass A     | CONFIRMED | in_transit 800 | -          | in_transit 800 | -        | 1200  | 0      | 800       | 0
gateway answers       | CONFIRMED | paid 800       | -          | paid 800       | -        | 1200  | 0      | 0         | 800
"""
    )


def test_the_merchant_confirms_what_is_held(story: Tell) -> None:
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
reminder comes back A | DELIVERED | held 800       | held 800   | -              | -        | 1200  | 0      | 800       | 0
merchant confirms A   | CONFIRMED | in_transit 800 | -          | in_transit 800 | -        | 1200  | 0      | 800       | 0
gateway answers       | CONFIRMED | paid 800       | -          | paid 800       | -        | 1200  | 0      | 0         | 800
"""
    )
