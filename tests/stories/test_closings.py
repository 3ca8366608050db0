"""Each way in which an order closes without being done, with its money going back."""

# ruff: noqa: E501 - a table is read line by line

import pytest

from tests.stories.conftest import Tell


@pytest.mark.rule("V36")
def test_void_because_nobody_paid(story: Tell) -> None:
    story(800_00).goes(
        """
step            | state  | pockets | merchant | creator | platform | payer | frozen | guarantee | payees
orders are sent | UNPAID | -       | -        | -       | -        | 2000  | 0      | 0         | 0
start passes    | VOID   | -       | -        | -       | -        | 2000  | 0      | 0         | 0
"""
    )


@pytest.mark.rule("V36", "V53")
def test_void_with_a_payer_who_confirms_too_late_and_is_given_everything_back(story: Tell) -> None:
    story(800_00).goes(
        """
step            | state  | pockets      | merchant     | creator | platform | payer | frozen | guarantee | payees
orders are sent | UNPAID | -            | -            | -       | -        | 2000  | 0      | 0         | 0
merchant pays   | UNPAID | -            | -            | -       | -        | 2000  | 0      | 0         | 0
gateway answers | UNPAID | -            | -            | -       | -        | 2000  | 0      | 0         | 0
start passes    | VOID   | -            | -            | -       | -        | 2000  | 0      | 0         | 0
payer confirms  | VOID   | -            | -            | -       | -        | 1200  | 800    | 0         | 0
gateway answers | VOID   | returned 800 | returned 800 | -       | -        | 2000  | 0      | 0         | 0
"""
    )


@pytest.mark.rule("V17")
def test_a_payer_who_says_no_can_pay_again(story: Tell) -> None:
    story(800_00).goes(
        """
step            | state  | pockets    | merchant   | creator | platform | payer | frozen | guarantee | payees
orders are sent | UNPAID | -          | -          | -       | -        | 2000  | 0      | 0         | 0
merchant pays   | UNPAID | -          | -          | -       | -        | 2000  | 0      | 0         | 0
gateway answers | UNPAID | -          | -          | -       | -        | 2000  | 0      | 0         | 0
payer says no   | UNPAID | -          | -          | -       | -        | 2000  | 0      | 0         | 0
gateway answers | UNPAID | -          | -          | -       | -        | 2000  | 0      | 0         | 0
merchant pays   | UNPAID | -          | -          | -       | -        | 2000  | 0      | 0         | 0
gateway answers | UNPAID | -          | -          | -       | -        | 2000  | 0      | 0         | 0
payer confirms  | UNPAID | -          | -          | -       | -        | 1200  | 800    | 0         | 0
gateway answers | PAID   | frozen 800 | frozen 800 | -       | -        | 1200  | 800    | 0         | 0
"""
    )


@pytest.mark.rule("V38", "V53")
def test_declined(story: Tell) -> None:
    story(800_00).goes(
        """
step            | state    | pockets      | merchant     | creator | platform | payer | frozen | guarantee | payees
orders are sent | UNPAID   | -            | -            | -       | -        | 2000  | 0      | 0         | 0
merchant pays   | UNPAID   | -            | -            | -       | -        | 2000  | 0      | 0         | 0
gateway answers | UNPAID   | -            | -            | -       | -        | 2000  | 0      | 0         | 0
payer confirms  | UNPAID   | -            | -            | -       | -        | 1200  | 800    | 0         | 0
gateway answers | PAID     | frozen 800   | frozen 800   | -       | -        | 1200  | 800    | 0         | 0
A declines      | DECLINED | frozen 800   | frozen 800   | -       | -        | 1200  | 800    | 0         | 0
gateway answers | DECLINED | returned 800 | returned 800 | -       | -        | 2000  | 0      | 0         | 0
"""
    )


@pytest.mark.rule("V37", "V53")
def test_lapsed(story: Tell) -> None:
    story(800_00).goes(
        """
step            | state  | pockets      | merchant     | creator | platform | payer | frozen | guarantee | payees
orders are sent | UNPAID | -            | -            | -       | -        | 2000  | 0      | 0         | 0
merchant pays   | UNPAID | -            | -            | -       | -        | 2000  | 0      | 0         | 0
gateway answers | UNPAID | -            | -            | -       | -        | 2000  | 0      | 0         | 0
payer confirms  | UNPAID | -            | -            | -       | -        | 1200  | 800    | 0         | 0
gateway answers | PAID   | frozen 800   | frozen 800   | -       | -        | 1200  | 800    | 0         | 0
start passes    | LAPSED | frozen 800   | frozen 800   | -       | -        | 1200  | 800    | 0         | 0
gateway answers | LAPSED | returned 800 | returned 800 | -       | -        | 2000  | 0      | 0         | 0
"""
    )


@pytest.mark.rule("V39", "V53")
def test_overdue(story: Tell) -> None:
    story(800_00).goes(
        """
step            | state    | pockets               | merchant              | creator | platform | payer | frozen | guarantee | payees
orders are sent | UNPAID   | -                     | -                     | -       | -        | 2000  | 0      | 0         | 0
merchant pays   | UNPAID   | -                     | -                     | -       | -        | 2000  | 0      | 0         | 0
gateway answers | UNPAID   | -                     | -                     | -       | -        | 2000  | 0      | 0         | 0
payer confirms  | UNPAID   | -                     | -                     | -       | -        | 1200  | 800    | 0         | 0
gateway answers | PAID     | frozen 800            | frozen 800            | -       | -        | 1200  | 800    | 0         | 0
A accepts       | ACCEPTED | frozen 800            | frozen 800            | -       | -        | 1200  | 800    | 0         | 0
gateway answers | ACCEPTED | held 800              | held 800              | -       | -        | 1200  | 0      | 800       | 0
due time passes | OVERDUE  | refund_in_transit 800 | refund_in_transit 800 | -       | -        | 1200  | 0      | 800       | 0
gateway answers | OVERDUE  | refund_in_transit 800 | refund_in_transit 800 | -       | -        | 2000  | 0      | 0         | 0
gateway answers | OVERDUE  | returned 800          | returned 800          | -       | -        | 2000  | 0      | 0         | 0
"""
    )
