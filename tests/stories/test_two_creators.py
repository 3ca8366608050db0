"""Two creators of one task, paid in one freeze, whose orders end differently."""

# ruff: noqa: E501 - a table is read line by line

import pytest

from policy.numbers import Policy
from tests.stories.conftest import Tell


@pytest.mark.rule("V16", "V35", "V38")
def test_one_accepts_and_delivers_and_the_other_declines(story: Tell) -> None:
    story(800_00, 500_00).goes(
        """
step                | state              | pockets                      | merchant              | creator           | platform | payer | frozen | guarantee | payees
orders are sent     | UNPAID UNPAID      | -, -                         | -                     | -, -              | -        | 2000  | 0      | 0         | 0 0
merchant pays       | UNPAID UNPAID      | -, -                         | -                     | -, -              | -        | 2000  | 0      | 0         | 0 0
gateway answers     | UNPAID UNPAID      | -, -                         | -                     | -, -              | -        | 2000  | 0      | 0         | 0 0
payer confirms      | UNPAID UNPAID      | -, -                         | -                     | -, -              | -        | 700   | 1300   | 0         | 0 0
gateway answers     | PAID PAID          | frozen 800, frozen 500       | frozen 1300           | -, -              | -        | 700   | 1300   | 0         | 0 0
A accepts           | ACCEPTED PAID      | frozen 800, frozen 500       | frozen 1300           | -, -              | -        | 700   | 1300   | 0         | 0 0
B declines          | ACCEPTED DECLINED  | frozen 800, frozen 500       | frozen 1300           | -, -              | -        | 700   | 1300   | 0         | 0 0
gateway answers     | ACCEPTED DECLINED  | held 800, returned 500       | held 800 returned 500 | -, -              | -        | 1200  | 0      | 800       | 0 0
A delivers          | DELIVERED DECLINED | held 800, returned 500       | held 800 returned 500 | -, -              | -        | 1200  | 0      | 800       | 0 0
merchant confirms A | CONFIRMED DECLINED | in_transit 800, returned 500 | returned 500          | in_transit 800, - | -        | 1200  | 0      | 800       | 0 0
gateway answers     | CONFIRMED DECLINED | paid 800, returned 500       | returned 500          | paid 800, -       | -        | 1200  | 0      | 0         | 800 0
merchant reviews A  | REVIEWED DECLINED  | paid 800, returned 500       | returned 500          | paid 800, -       | -        | 1200  | 0      | 0         | 800 0
"""
    )


@pytest.mark.rule("V16", "V39", "V59")
def test_one_delivers_and_the_other_is_overdue_with_a_fee_of_20_percent(story: Tell) -> None:
    story(800_00, 500_00, policy=Policy(fee_bps=2000)).goes(
        """
step               | state              | pockets                              | merchant                       | creator           | platform | payer | frozen | guarantee | payees
orders are sent    | UNPAID UNPAID      | -, -                                 | -                              | -, -              | -        | 2000  | 0      | 0         | 0 0
merchant pays      | UNPAID UNPAID      | -, -                                 | -                              | -, -              | -        | 2000  | 0      | 0         | 0 0
gateway answers    | UNPAID UNPAID      | -, -                                 | -                              | -, -              | -        | 2000  | 0      | 0         | 0 0
payer confirms     | UNPAID UNPAID      | -, -                                 | -                              | -, -              | -        | 700   | 1300   | 0         | 0 0
gateway answers    | PAID PAID          | frozen 800, frozen 500               | frozen 1300                    | -, -              | -        | 700   | 1300   | 0         | 0 0
A accepts          | ACCEPTED PAID      | frozen 800, frozen 500               | frozen 1300                    | -, -              | -        | 700   | 1300   | 0         | 0 0
B accepts          | ACCEPTED ACCEPTED  | frozen 800, frozen 500               | frozen 1300                    | -, -              | -        | 700   | 1300   | 0         | 0 0
gateway answers    | ACCEPTED ACCEPTED  | held 800, held 500                   | held 1300                      | -, -              | -        | 700   | 0      | 1300      | 0 0
A delivers         | DELIVERED ACCEPTED | held 800, held 500                   | held 1300                      | -, -              | -        | 700   | 0      | 1300      | 0 0
due time passes    | DELIVERED OVERDUE  | held 800, refund_in_transit 500      | held 800 refund_in_transit 500 | -, -              | -        | 700   | 0      | 1300      | 0 0
gateway answers    | DELIVERED OVERDUE  | held 800, refund_in_transit 500      | held 800 refund_in_transit 500 | -, -              | -        | 1200  | 0      | 800       | 0 0
gateway answers    | DELIVERED OVERDUE  | held 800, returned 500               | held 800 returned 500          | -, -              | -        | 1200  | 0      | 800       | 0 0
ten days pass A    | CONFIRMED OVERDUE  | in_transit 640 fee 160, returned 500 | returned 500                   | in_transit 640, - | fee 160  | 1200  | 0      | 800       | 0 0
gateway answers    | CONFIRMED OVERDUE  | paid 640 fee 160, returned 500       | returned 500                   | paid 640, -       | fee 160  | 1200  | 0      | 160       | 640 0
merchant reviews A | REVIEWED OVERDUE   | paid 640 fee 160, returned 500       | returned 500                   | paid 640, -       | fee 160  | 1200  | 0      | 160       | 640 0
"""
    )


@pytest.mark.rule("V16", "V37")
def test_one_accepts_and_the_other_lapses(story: Tell) -> None:
    story(800_00, 500_00).goes(
        """
step            | state           | pockets                | merchant              | creator | platform | payer | frozen | guarantee | payees
orders are sent | UNPAID UNPAID   | -, -                   | -                     | -, -    | -        | 2000  | 0      | 0         | 0 0
merchant pays   | UNPAID UNPAID   | -, -                   | -                     | -, -    | -        | 2000  | 0      | 0         | 0 0
gateway answers | UNPAID UNPAID   | -, -                   | -                     | -, -    | -        | 2000  | 0      | 0         | 0 0
payer confirms  | UNPAID UNPAID   | -, -                   | -                     | -, -    | -        | 700   | 1300   | 0         | 0 0
gateway answers | PAID PAID       | frozen 800, frozen 500 | frozen 1300           | -, -    | -        | 700   | 1300   | 0         | 0 0
A accepts       | ACCEPTED PAID   | frozen 800, frozen 500 | frozen 1300           | -, -    | -        | 700   | 1300   | 0         | 0 0
gateway answers | ACCEPTED PAID   | held 800, frozen 500   | frozen 500 held 800   | -, -    | -        | 700   | 500    | 800       | 0 0
start passes    | ACCEPTED LAPSED | held 800, frozen 500   | frozen 500 held 800   | -, -    | -        | 700   | 500    | 800       | 0 0
gateway answers | ACCEPTED LAPSED | held 800, returned 500 | held 800 returned 500 | -, -    | -        | 1200  | 0      | 800       | 0 0
"""
    )
