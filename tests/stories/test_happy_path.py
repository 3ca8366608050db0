"""From payment to review, with every balance after every step."""

# ruff: noqa: E501 - a table is read line by line

import pytest

from policy.numbers import Policy
from tests.stories.conftest import Tell


@pytest.mark.rule("V1", "V31", "V32", "V33", "V34", "V35", "V50", "V51", "V52")
def test_one_order_from_payment_to_review(story: Tell) -> None:
    story(800_00).goes(
        """
step                | state     | pockets        | merchant   | creator        | platform | payer | frozen | guarantee | payees
orders are sent     | UNPAID    | -              | -          | -              | -        | 2000  | 0      | 0         | 0
merchant pays       | UNPAID    | -              | -          | -              | -        | 2000  | 0      | 0         | 0
gateway answers     | UNPAID    | -              | -          | -              | -        | 2000  | 0      | 0         | 0
payer confirms      | UNPAID    | -              | -          | -              | -        | 1200  | 800    | 0         | 0
notice arrives      | UNPAID    | -              | -          | -              | -        | 1200  | 800    | 0         | 0
gateway answers     | PAID      | frozen 800     | frozen 800 | -              | -        | 1200  | 800    | 0         | 0
A accepts           | ACCEPTED  | frozen 800     | frozen 800 | -              | -        | 1200  | 800    | 0         | 0
gateway answers     | ACCEPTED  | held 800       | held 800   | -              | -        | 1200  | 0      | 800       | 0
A delivers          | DELIVERED | held 800       | held 800   | -              | -        | 1200  | 0      | 800       | 0
merchant confirms A | CONFIRMED | in_transit 800 | -          | in_transit 800 | -        | 1200  | 0      | 800       | 0
gateway answers     | CONFIRMED | paid 800       | -          | paid 800       | -        | 1200  | 0      | 0         | 800
merchant reviews A  | REVIEWED  | paid 800       | -          | paid 800       | -        | 1200  | 0      | 0         | 800
"""
    )


@pytest.mark.rule("V34", "V52")
def test_the_clock_confirms_after_ten_days_without_any_action(story: Tell) -> None:
    story(800_00).goes(
        """
step               | state     | pockets        | merchant   | creator        | platform | payer | frozen | guarantee | payees
orders are sent    | UNPAID    | -              | -          | -              | -        | 2000  | 0      | 0         | 0
merchant pays      | UNPAID    | -              | -          | -              | -        | 2000  | 0      | 0         | 0
gateway answers    | UNPAID    | -              | -          | -              | -        | 2000  | 0      | 0         | 0
payer confirms     | UNPAID    | -              | -          | -              | -        | 1200  | 800    | 0         | 0
gateway answers    | PAID      | frozen 800     | frozen 800 | -              | -        | 1200  | 800    | 0         | 0
A accepts          | ACCEPTED  | frozen 800     | frozen 800 | -              | -        | 1200  | 800    | 0         | 0
gateway answers    | ACCEPTED  | held 800       | held 800   | -              | -        | 1200  | 0      | 800       | 0
A delivers         | DELIVERED | held 800       | held 800   | -              | -        | 1200  | 0      | 800       | 0
ten days pass A    | CONFIRMED | in_transit 800 | -          | in_transit 800 | -        | 1200  | 0      | 800       | 0
gateway answers    | CONFIRMED | paid 800       | -          | paid 800       | -        | 1200  | 0      | 0         | 800
merchant reviews A | REVIEWED  | paid 800       | -          | paid 800       | -        | 1200  | 0      | 0         | 800
"""
    )


@pytest.mark.rule("V59", "N7")
def test_a_fee_of_20_percent_is_taken_at_the_release(story: Tell) -> None:
    story(800_00, policy=Policy(fee_bps=2000)).goes(
        """
step                | state     | pockets                | merchant   | creator        | platform | payer | frozen | guarantee | payees
orders are sent     | UNPAID    | -                      | -          | -              | -        | 2000  | 0      | 0         | 0
merchant pays       | UNPAID    | -                      | -          | -              | -        | 2000  | 0      | 0         | 0
gateway answers     | UNPAID    | -                      | -          | -              | -        | 2000  | 0      | 0         | 0
payer confirms      | UNPAID    | -                      | -          | -              | -        | 1200  | 800    | 0         | 0
gateway answers     | PAID      | frozen 800             | frozen 800 | -              | -        | 1200  | 800    | 0         | 0
A accepts           | ACCEPTED  | frozen 800             | frozen 800 | -              | -        | 1200  | 800    | 0         | 0
gateway answers     | ACCEPTED  | held 800               | held 800   | -              | -        | 1200  | 0      | 800       | 0
A delivers          | DELIVERED | held 800               | held 800   | -              | -        | 1200  | 0      | 800       | 0
merchant confirms A | CONFIRMED | in_transit 640 fee 160 | -          | in_transit 640 | fee 160  | 1200  | 0      | 800       | 0
gateway answers     | CONFIRMED | paid 640 fee 160       | -          | paid 640       | fee 160  | 1200  | 0      | 160       | 640
"""
    )


@pytest.mark.rule("V59")
def test_the_fee_of_an_odd_price_is_rounded_once(story: Tell) -> None:
    story(333_33, policy=Policy(fee_bps=2000)).goes(
        """
step                | state     | pockets                     | merchant      | creator           | platform  | payer   | frozen | guarantee | payees
orders are sent     | UNPAID    | -                           | -             | -                 | -         | 2000    | 0      | 0         | 0
merchant pays       | UNPAID    | -                           | -             | -                 | -         | 2000    | 0      | 0         | 0
gateway answers     | UNPAID    | -                           | -             | -                 | -         | 2000    | 0      | 0         | 0
payer confirms      | UNPAID    | -                           | -             | -                 | -         | 1666.67 | 333.33 | 0         | 0
gateway answers     | PAID      | frozen 333.33               | frozen 333.33 | -                 | -         | 1666.67 | 333.33 | 0         | 0
A accepts           | ACCEPTED  | frozen 333.33               | frozen 333.33 | -                 | -         | 1666.67 | 333.33 | 0         | 0
gateway answers     | ACCEPTED  | held 333.33                 | held 333.33   | -                 | -         | 1666.67 | 0      | 333.33    | 0
A delivers          | DELIVERED | held 333.33                 | held 333.33   | -                 | -         | 1666.67 | 0      | 333.33    | 0
merchant confirms A | CONFIRMED | in_transit 266.66 fee 66.67 | -             | in_transit 266.66 | fee 66.67 | 1666.67 | 0      | 333.33    | 0
gateway answers     | CONFIRMED | paid 266.66 fee 66.67       | -             | paid 266.66       | fee 66.67 | 1666.67 | 0      | 66.67     | 266.66
"""
    )
