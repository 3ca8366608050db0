"""Charts: what is drawn, what stands in the table, and what a screen reader says."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from core import charts
from core.charts import Chart, Series, Span

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
DAYS = [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)]


def drawn(chart: Chart, options: str = "") -> str:
    source = "{% load ui %}{% chart it " + options + " %}"
    return Template(source).render(Context({"it": chart})).strip()


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def reads() -> Chart:
    return charts.line("Reads", DAYS, [Series("Visits", [1_200, None, 13_000])])


def test_days_are_short_on_the_axis_and_whole_in_the_table() -> None:
    chart = reads()
    assert chart.labels == ("1 Mar", "2 Mar", "3 Mar")
    assert chart.head == ("Day", "Visits")
    assert chart.rows == (("1 Mar 2026", "1,200"), ("2 Mar 2026", "–"), ("3 Mar 2026", "13,000"))


def test_days_are_written_in_the_readers_habit() -> None:
    with translation.override("zh-hans"):
        assert reads().rows[0][0] != "1 Mar 2026"


def test_first_days_of_months_are_months() -> None:
    chart = charts.bars("Spend", [date(2026, 2, 1), date(2026, 3, 1)], [Series("Spend", [0, 5])])
    assert chart.head[0] == "Month"
    assert chart.labels == ("Feb 2026", "Mar 2026")


def test_one_day_alone_is_a_day_even_if_it_begins_a_month() -> None:
    assert charts.line("Reads", DAYS[:1], [Series("Visits", [4])]).rows == (("1 Mar 2026", "4"),)


def test_money_is_told_in_yuan_and_drawn_from_fen() -> None:
    chart = charts.bars("Spend", ["Food", "Cars"], [Series("Paid", [123_450, 0])], money=True)
    assert chart.rows == (("Food", "¥1,234.50"), ("Cars", "¥0.00"))
    assert data_of(drawn(chart))["unit"] == "money"
    assert data_of(drawn(chart))["series"] == [{"name": "Paid", "values": [123_450, 0]}]


def test_a_chart_of_two_units_is_refused() -> None:
    with pytest.raises(ValueError, match="not both"):
        charts.line("Both", ["a"], [Series("x", [1])], money=True, percent=True)


def test_a_series_has_a_value_for_every_label() -> None:
    with pytest.raises(ValueError, match="one value per label"):
        charts.line("Reads", DAYS, [Series("Visits", [1, 2])])


def test_the_highest_value_is_told_to_who_cannot_see_it() -> None:
    assert reads().summary == "Visits: at most 13,000 (3 Mar 2026)"
    assert 'aria-label="Reads. Visits: at most 13,000 (3 Mar 2026)"' in drawn(reads())


def test_shares_are_told_with_their_part_of_the_whole() -> None:
    chart = charts.shares("Spend", ["Food", "Cars"], [30_000, 10_000], money=True)
    assert chart.head == ("Part", "Amount", "Share")
    assert chart.rows == (("Food", "¥300.00", "75.0 %"), ("Cars", "¥100.00", "25.0 %"))


def test_percents_are_not_told_twice() -> None:
    chart = charts.shares("Gender", ["Women", "Men"], [60, 40], percent=True)
    assert chart.rows == (("Women", "60 %"), ("Men", "40 %"))


def test_shares_of_nothing_are_empty_and_divide_by_nothing() -> None:
    chart = charts.shares("Spend", ["Food"], [0])
    assert chart.is_empty
    assert chart.rows == (("Food", "0", "–"),)


@pytest.mark.parametrize(
    ("chart", "is_empty"),
    [
        (charts.line("Reads", [], []), True),
        (charts.line("Reads", ["a", "b"], [Series("x", [0, None])]), True),
        (charts.line("Reads", ["a", "b"], [Series("x", [0, 1])]), False),
        (charts.line("Net", ["a"], [Series("x", [-5])]), False),
        (charts.spans("Path", [], at=NOON), True),
        (charts.spans("Path", [Span("Paid", NOON)], at=NOON), False),
    ],
)
def test_a_chart_knows_whether_there_is_anything_to_draw(chart: Chart, is_empty: bool) -> None:
    assert chart.is_empty is is_empty


def test_an_empty_chart_says_so_and_loads_no_script() -> None:
    page = drawn(charts.line("Reads", [], []), 'empty="No reads yet."')
    assert "No reads yet." in page
    assert "data-chart" not in page
    assert "chart-box" not in page
    assert "Nothing to draw yet." in drawn(charts.line("Reads", [], []))


def test_a_path_tells_from_when_to_when_and_how_long() -> None:
    path = [
        Span("Paid", NOON - timedelta(hours=26), NOON - timedelta(hours=2), "wait"),
        Span("At work", NOON - timedelta(hours=2), None, "run"),
    ]
    chart = charts.spans("Path", path, at=NOON)
    assert chart.rows == (
        ("Paid", "1 Mar 2026, 10:00", "2 Mar 2026, 10:00", "1 d"),
        ("At work", "2 Mar 2026, 10:00", "runs still", "2 h 0 min"),
    )
    assert chart.summary == "Paid: 1 d; At work: 2 h 0 min"
    assert chart.size == 2


def test_a_path_is_drawn_on_the_viewers_wall_clock() -> None:
    chart = charts.spans("Path", [Span("Paid", NOON, NOON + timedelta(hours=1))], at=NOON)
    with timezone.override("Europe/Berlin"):
        there = charts.spans("Path", [Span("Paid", NOON)], at=NOON + timedelta(hours=1))
    begin = datetime(2026, 3, 2, 12, 0, tzinfo=UTC).timestamp() * 1000
    assert chart.data["spans"][0]["from"] == begin
    assert chart.data["spans"][0]["to"] == begin + 3_600_000
    assert there.data["spans"][0]["from"] == begin - 7 * 3_600_000
    assert there.data["spans"][0]["open"] is True


def test_the_table_stands_in_the_page_whether_or_not_a_script_draws() -> None:
    page = drawn(reads())
    assert '<figure class="chart" data-chart="' in page
    assert '<th scope="row">3 Mar 2026</th><td class="num">13,000</td>' in page
    assert 'role="img"' in page


def test_names_cannot_break_out_of_the_data() -> None:
    bad = "</script><script>alert(1)</script>"
    page = drawn(charts.shares(bad, [bad], [1]))
    assert "<script>alert" not in page
    assert data_of(page)["labels"] == [bad]


def test_a_title_that_a_heading_says_already_is_for_screen_readers_only() -> None:
    assert '<figcaption class="chart-title">' in drawn(reads())
    assert '<figcaption class="visually-hidden">' in drawn(reads(), "quiet=True")


def test_a_lying_chart_grows_with_its_rows() -> None:
    many = [str(n) for n in range(20)]
    assert charts.bars("x", ["a", "b"], [Series("y", [1, 2])], lying=True).size == 2
    assert charts.bars("x", many, [Series("y", [1] * 20)], lying=True).size == 12
    assert charts.bars("x", many, [Series("y", [1] * 20)]).size == 0
