"""A dispute with each ruling. A refund counts when the gateway has confirmed it."""

# ruff: noqa: E501 - a table is read line by line

import pytest

from policy.numbers import Policy
from tests.stories.conftest import Tell


@pytest.mark.rule("V40")
def test_ruled_to_pay(story: Tell) -> None:
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
merchant disputes A | DISPUTED  | held 800       | held 800   | -              | -        | 1200  | 0      | 800       | 0
ops rule: pay A     | CONFIRMED | in_transit 800 | -          | in_transit 800 | -        | 1200  | 0      | 800       | 0
gateway answers     | CONFIRMED | paid 800       | -          | paid 800       | -        | 1200  | 0      | 0         | 800
merchant reviews A  | REVIEWED  | paid 800       | -          | paid 800       | -        | 1200  | 0      | 0         | 800
"""
    )


@pytest.mark.rule("V40", "V41", "V53")
def test_ruled_to_refund(story: Tell) -> None:
    story(800_00).goes(
        """
step                | state     | pockets               | merchant              | creator | platform | payer | frozen | guarantee | payees
orders are sent     | UNPAID    | -                     | -                     | -       | -        | 2000  | 0      | 0         | 0
merchant pays       | UNPAID    | -                     | -                     | -       | -        | 2000  | 0      | 0         | 0
gateway answers     | UNPAID    | -                     | -                     | -       | -        | 2000  | 0      | 0         | 0
payer confirms      | UNPAID    | -                     | -                     | -       | -        | 1200  | 800    | 0         | 0
gateway answers     | PAID      | frozen 800            | frozen 800            | -       | -        | 1200  | 800    | 0         | 0
A accepts           | ACCEPTED  | frozen 800            | frozen 800            | -       | -        | 1200  | 800    | 0         | 0
gateway answers     | ACCEPTED  | held 800              | held 800              | -       | -        | 1200  | 0      | 800       | 0
A delivers          | DELIVERED | held 800              | held 800              | -       | -        | 1200  | 0      | 800       | 0
merchant disputes A | DISPUTED  | held 800              | held 800              | -       | -        | 1200  | 0      | 800       | 0
ops rule: refund A  | REFUNDED  | refund_in_transit 800 | refund_in_transit 800 | -       | -        | 1200  | 0      | 800       | 0
gateway answers     | REFUNDED  | refund_in_transit 800 | refund_in_transit 800 | -       | -        | 2000  | 0      | 0         | 0
gateway answers     | REFUNDED  | returned 800          | returned 800          | -       | -        | 2000  | 0      | 0         | 0
"""
    )


@pytest.mark.rule("V40")
def test_ruled_to_split(story: Tell) -> None:
    story(800_00).goes(
        """
step                   | state     | pockets                           | merchant              | creator     | platform | payer | frozen | guarantee | payees
orders are sent        | UNPAID    | -                                 | -                     | -           | -        | 2000  | 0      | 0         | 0
merchant pays          | UNPAID    | -                                 | -                     | -           | -        | 2000  | 0      | 0         | 0
gateway answers        | UNPAID    | -                                 | -                     | -           | -        | 2000  | 0      | 0         | 0
payer confirms         | UNPAID    | -                                 | -                     | -           | -        | 1200  | 800    | 0         | 0
gateway answers        | PAID      | frozen 800                        | frozen 800            | -           | -        | 1200  | 800    | 0         | 0
A accepts              | ACCEPTED  | frozen 800                        | frozen 800            | -           | -        | 1200  | 800    | 0         | 0
gateway answers        | ACCEPTED  | held 800                          | held 800              | -           | -        | 1200  | 0      | 800       | 0
A delivers             | DELIVERED | held 800                          | held 800              | -           | -        | 1200  | 0      | 800       | 0
merchant disputes A    | DISPUTED  | held 800                          | held 800              | -           | -        | 1200  | 0      | 800       | 0
ops rule: refund 300 A | CONFIRMED | payable 500 refund_in_transit 300 | refund_in_transit 300 | payable 500 | -        | 1200  | 0      | 800       | 0
gateway answers        | CONFIRMED | payable 500 refund_in_transit 300 | refund_in_transit 300 | payable 500 | -        | 1500  | 0      | 500       | 0
gateway answers        | CONFIRMED | paid 500 returned 300             | returned 300          | paid 500    | -        | 1500  | 0      | 0         | 500
merchant reviews A     | REVIEWED  | paid 500 returned 300             | returned 300          | paid 500    | -        | 1500  | 0      | 0         | 500
"""
    )


@pytest.mark.rule("V40", "V59")
def test_ruled_to_split_with_a_fee_of_20_percent(story: Tell) -> None:
    story(800_00, policy=Policy(fee_bps=2000)).goes(
        """
step                   | state     | pockets                                   | merchant              | creator     | platform | payer | frozen | guarantee | payees
orders are sent        | UNPAID    | -                                         | -                     | -           | -        | 2000  | 0      | 0         | 0
merchant pays          | UNPAID    | -                                         | -                     | -           | -        | 2000  | 0      | 0         | 0
gateway answers        | UNPAID    | -                                         | -                     | -           | -        | 2000  | 0      | 0         | 0
payer confirms         | UNPAID    | -                                         | -                     | -           | -        | 1200  | 800    | 0         | 0
gateway answers        | PAID      | frozen 800                                | frozen 800            | -           | -        | 1200  | 800    | 0         | 0
A accepts              | ACCEPTED  | frozen 800                                | frozen 800            | -           | -        | 1200  | 800    | 0         | 0
gateway answers        | ACCEPTED  | held 800                                  | held 800              | -           | -        | 1200  | 0      | 800       | 0
A delivers             | DELIVERED | held 800                                  | held 800              | -           | -        | 1200  | 0      | 800       | 0
merchant disputes A    | DISPUTED  | held 800                                  | held 800              | -           | -        | 1200  | 0      | 800       | 0
ops rule: refund 300 A | CONFIRMED | payable 400 refund_in_transit 300 fee 100 | refund_in_transit 300 | payable 400 | fee 100  | 1200  | 0      | 800       | 0
gateway answers        | CONFIRMED | payable 400 refund_in_transit 300 fee 100 | refund_in_transit 300 | payable 400 | fee 100  | 1500  | 0      | 500       | 0
gateway answers        | CONFIRMED | paid 400 returned 300 fee 100             | returned 300          | paid 400    | fee 100  | 1500  | 0      | 100       | 400
"""
    )


@pytest.mark.rule("V40", "V52")
def test_the_clock_stands_still_while_in_dispute(story: Tell) -> None:
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
merchant disputes A | DISPUTED  | held 800       | held 800   | -              | -        | 1200  | 0      | 800       | 0
a year passes       | DISPUTED  | held 800       | held 800   | -              | -        | 1200  | 0      | 800       | 0
ops rule: pay A     | CONFIRMED | in_transit 800 | -          | in_transit 800 | -        | 1200  | 0      | 800       | 0
gateway answers     | CONFIRMED | paid 800       | -          | paid 800       | -        | 1200  | 0      | 0         | 800
"""
    )
