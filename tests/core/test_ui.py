"""The parts that every page is made of."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.template import Context, Template
from django.utils import timezone, translation

from core import words
from tasks.models import Order

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


def drawn(source: str, **context: Any) -> str:
    return Template("{% load ui %}" + source).render(Context(context)).strip()


def test_money_has_its_sign_and_two_decimals() -> None:
    assert drawn("{% money fen %}", fen=123_450) == (
        '<span class="money"><span class="sign">¥</span>1,234.50</span>'
    )


def test_an_unknown_amount_is_a_dash() -> None:
    assert drawn("{% money fen %}", fen=None) == '<span class="money">–</span>'


def test_an_amount_that_matters_most_is_big_and_can_be_kept_for_a_figure() -> None:
    assert drawn('{% money 100 size="big" %}').startswith('<span class="money money-big">')
    kept = drawn('{% money 100 as paid %}{% metric "Paid" paid %}')
    assert '<dd class="figure"><span class="money"><span class="sign">¥</span>1.00</span>' in kept


def test_a_figure_stands_with_its_name_note_icon_and_tone() -> None:
    shown = drawn('{% metric "Overdue" 2 note="this month" icon="clock" tone="bad" %}')
    assert shown.startswith('<div class="figure-box is-bad"><dt><svg')
    assert 'Overdue</dt><dd class="figure">2</dd><dd class="small-note">this month</dd>' in shown


def test_what_people_wrote_is_text_and_never_markup() -> None:
    assert "&lt;b&gt;" in drawn("{% badge word %}", word="<b>")
    assert "&lt;b&gt;" in drawn('{% metric word "1" %}', word="<b>")
    assert "&lt;b&gt;" in drawn('{% metric "x" word %}', word="<b>")


def test_no_instant_is_a_dash() -> None:
    assert drawn("{% moment None %}") == "–"
    assert drawn("{% countdown None at %}", at=NOON) == "–"


def test_a_state_speaks_in_its_own_words() -> None:
    assert drawn("{% state_badge order %}", order=Order(state="PAID")) == (
        '<span class="state state-wait" data-state="PAID">Not yet accepted</span>'
    )


def test_an_instant_is_told_in_the_viewers_zone_with_the_exact_one_at_hand() -> None:
    shown = drawn("{% moment at %}", at=NOON)
    assert shown == (
        '<time datetime="2026-03-02T04:00:00+00:00" title="2 Mar 2026, 12:00 (CST, UTC+0800)">'
        "2 Mar 2026, 12:00</time>"
    )
    with timezone.override("Europe/Berlin"):
        assert "2 Mar 2026, 05:00" in drawn("{% moment at %}", at=NOON)


@pytest.mark.parametrize(
    ("left", "text", "look"),
    [
        (timedelta(days=3, hours=5, minutes=59), "3 d 5 h", 'class="left"'),
        (timedelta(days=2), "2 d", 'class="left"'),
        (timedelta(hours=5, minutes=7), "5 h 7 min", "is-near"),
        (timedelta(seconds=20), "1 min", "is-near"),
        (timedelta(0), "time is up", "is-over"),
        (-timedelta(days=1), "time is up", "is-over"),
    ],
)
def test_what_is_left_is_told_in_its_two_largest_units(
    left: timedelta, text: str, look: str
) -> None:
    shown = drawn("{% countdown until at %}", until=NOON + left, at=NOON)
    assert f">{text}</time>" in shown
    assert look in shown
    assert 'data-now="2026-03-02T04:00:00+00:00"' in shown


@pytest.mark.parametrize(
    ("language", "number", "text"),
    [
        ("en", 9_999, "9,999"),
        ("en", 12_345, "12.3k"),
        ("en", 40_000, "40k"),
        ("en", 1_840_000, "1.8M"),
        ("zh-hans", 12_345, "1.2万"),
        ("zh-hans", 1_840_000, "184万"),
        ("en", None, "–"),
    ],
)
def test_large_counts_are_short_in_the_readers_habit(
    language: str, number: int | None, text: str
) -> None:
    with translation.override(language):
        assert drawn("{{ n|compact }}", n=number) == text


def test_an_icon_is_hidden_from_screen_readers_unless_it_carries_its_own_words() -> None:
    assert 'aria-hidden="true"' in drawn('{% icon "home" %}')
    assert 'role="img" aria-label="Home"' in drawn('{% icon "home" "Home" %}')


class Question(forms.Form):
    text = forms.CharField(label="Question", help_text="Be short.")


def test_a_field_is_tied_to_its_label_hint_counter_and_errors() -> None:
    form = Question({"text": ""})
    form.is_valid()
    shown = drawn("{% field form.text limit=20 %}", form=form)
    assert '<label class="form-label" for="id_text">Question</label>' in shown
    assert 'aria-describedby="id_text_helptext id_text_error"' in shown
    assert 'aria-invalid="true"' in shown
    assert 'id="id_text_error"' in shown
    assert "This field is required." in shown
    assert 'data-counter="id_text_count"' in shown
    assert '<span class="counter" id="id_text_count" data-limit="20">0 / 20</span>' in shown


def test_each_form_has_a_token_of_its_own() -> None:
    first, second = drawn("{% form_key %}"), drawn("{% form_key %}")
    assert first.startswith('<input type="hidden" name="form_key" value="')
    assert first != second


def test_an_instant_told_before_is_told_anew_in_another_zone_and_language() -> None:
    at = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
    told = []
    for zone, language in (("Asia/Shanghai", "en"), ("Europe/Berlin", "en"), ("UTC", "zh-hans")):
        with timezone.override(ZoneInfo(zone)), translation.override(language):
            told.append((words.exact(at), words.day(timezone.localtime(at))))
    assert told == [
        ("3 Mar 2026, 01:00 (CST, UTC+0800)", "3 Mar 2026"),
        ("2 Mar 2026, 18:00 (CET, UTC+0100)", "2 Mar 2026"),
        ("2026-03-02 17:00 (UTC, UTC+0000)", "2026-03-02"),
    ]
