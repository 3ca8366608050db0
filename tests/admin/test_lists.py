"""The lists of the admin draw what they show once."""

from unittest.mock import patch

import pytest

from tests.admin.pages import staff, url
from tests.orders import an_order
from vtask import admin_lists

pytestmark = pytest.mark.django_db


def test_the_headings_of_a_list_are_drawn_once_and_stand_over_every_column() -> None:
    for _row in range(3):
        an_order("PAID")
    with patch("vtask.admin_lists.draw", wraps=admin_lists.draw) as drawn:
        page = staff().get(url("tasks_order_changelist")).content.decode()
    assert drawn.call_count == 1
    assert page.count('data-label="theme"') == 3
