"""The public rules page: every number from the policy in force, every state from the table."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client, override_settings
from django.utils import translation

from core import clock
from policy.models import FeePolicy, PolicyChange
from policy.numbers import Policy
from policy.queries import in_force
from tasks import workflow
from tasks.rules import REMINDER_HOURS
from tasks.states import TRANSITIONS, State
from tests.builders import a_browser, a_creator, a_merchant, ops, queries_of
from tests.environment import ROOT
from vtask import rulebook

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def page(browser: Client | None = None) -> str:
    return unescape((browser or a_browser()).get("/rules/").content.decode())


def set_number(key: str, value: int, at: datetime) -> None:
    PolicyChange.objects.create(key=key, value=value, effective_at=at, made_at=at, reason="test")


def row_of(key: str, text: str) -> str:
    """The article about one number, as text without tags."""
    found = re.search(rf'id="number-{key}">(.*?)</article>', text, re.DOTALL)
    assert found is not None
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[1])).strip()


def test_everybody_reads_the_same_rules() -> None:
    people = (None, a_merchant().user, a_creator().user, ops())
    assert [a_browser(who).get("/rules/").status_code for who in people] == [200] * 4
    assert a_browser().post("/rules/").status_code == 405
    assert 'href="/rules/"' in a_browser().get("/").content.decode()


# Numbers


def test_every_number_of_the_policy_is_there_with_its_unit_and_its_reason() -> None:
    text = page()
    with translation.override("en"):
        for key, limits in Policy.limits().items():
            row = row_of(key, text)
            assert rulebook.amount(key, limits.default) in row
            assert str(limits.label) in row
            assert str(rulebook.MEANINGS[key]) in row
            assert "since the beginning" in row


@pytest.mark.parametrize("key", list(Policy.limits()))
def test_a_change_of_a_number_changes_the_page_at_once(key: str) -> None:
    browser, limits = a_browser(), Policy.limits()[key]
    before = page(browser)
    other = limits.maximum if limits.default != limits.maximum else limits.minimum
    set_number(key, other, clock.now())
    row = row_of(key, page(browser))
    with translation.override("en"):
        was, now = rulebook.amount(key, limits.default), rulebook.amount(key, other)
    assert now in row
    assert now not in row_of(key, before)
    assert re.search(rf"Earlier values {re.escape(was)} since the beginning", row)


def test_no_browser_keeps_an_old_page() -> None:
    assert a_browser().get("/rules/")["Cache-Control"] == "no-cache"


@pytest.mark.rule("N2", "V52")
def test_the_sentences_carry_the_numbers_too() -> None:
    set_number("auto_confirm_days", 7, clock.now() - DAY)
    set_number("start_max_days", 90, clock.now() - DAY)
    text = re.sub(r"\s+", " ", page())
    assert "the clock confirms 7 days after the last delivery" in text
    assert "24 hours to 90 days after the task is sent" in text
    assert "7 days pass after the last delivery, without an answer" in text
    assert "10 days" not in re.sub(r'<section aria-labelledby="numbers">.*?</section>', "", text)


def test_what_is_announced_is_told_and_not_yet_in_force() -> None:
    set_number("auto_confirm_days", 21, clock.now() + 3 * DAY)
    row = row_of("auto_confirm_days", page())
    assert "21 days from" in row
    assert re.match(r".*satisfied, and the creator is paid\. 10 days since the beginning", row)


def test_the_history_is_newest_first_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    for days, value in ((9, 5), (6, 6), (3, 7)):
        set_number("auto_confirm_days", value, now - days * DAY)
    shown = rulebook.numbers(now)[list(Policy.limits()).index("auto_confirm_days")]
    with translation.override("en"):
        assert [one.shown for one in (shown.now, *shown.before)] == [
            "7 days",
            "6 days",
            "5 days",
            "10 days",
        ]
    monkeypatch.setattr(rulebook, "HISTORY", 2)
    shown = rulebook.numbers(now)[list(Policy.limits()).index("auto_confirm_days")]
    assert len(shown.before) == 1


@pytest.mark.rule("V12")
def test_where_the_payment_service_freezes_for_less_the_page_says_so() -> None:
    assert "keeps money frozen" not in page()
    with override_settings(FREEZE_MAX_DAYS=100):
        assert "keeps money frozen for at most 100 days" in page()


# The fee


@pytest.mark.rule("V59")
def test_without_a_fee_the_creator_gets_everything() -> None:
    text = page()
    assert "the fee is <strong>0 %</strong> now" in text
    assert "No fee has been announced." in text


@pytest.mark.rule("V59")
def test_fees_are_told_with_their_scope_and_period_and_what_they_take() -> None:
    now = clock.now()
    fee = {"rate_bps": 2000, "reason": "test", "starts_at": now - DAY}
    FeePolicy.objects.create(name="Spring fee", scope="CAMPAIGN", campaign="Spring", **fee)
    FeePolicy.objects.create(name="Old fee", **{**fee, "rate_bps": 500}, ends_at=now)
    FeePolicy.objects.create(name="Next fee", **{**fee, "starts_at": now + DAY, "rate_bps": 1250})
    text = re.sub(r"<[^>]+>|\s+", " ", page())
    for part in ("Spring fee", "Old fee", "Next fee", "12.5 %", "in force", "to come", "over"):
        assert part in text
    assert "Orders of the campaign Spring" in text
    with translation.override("en"):
        policy = in_force(now)
        shown = rulebook.examples(policy, rulebook.fees(now))
    assert [(e.label, e.rate, e.terms.fee_fen, e.terms.net_fen) for e in shown] == [
        ("Without a campaign", "0 %", 0, 80_000),
        ("Spring fee", "20 %", 16_000, 64_000),
    ]


# States, money, clocks


@pytest.mark.rule(
    "V30", "V31", "V32", "V33", "V34", "V35", "V36", "V37", "V38", "V39", "V40", "V41"
)
def test_every_state_is_there_with_all_that_leads_out_of_it() -> None:
    text = page()
    for place in rulebook.states():
        assert f'id="state-{place.code.lower()}"' in text
    with translation.override("en"):
        told = {
            (place.code, lead.target.label) for place in rulebook.states() for lead in place.leads
        }
        assert told == {(source.value, target.label) for source, target in TRANSITIONS}
        assert {place.code for place in rulebook.states()} == {state.value for state in State}


def test_every_verb_that_changes_a_state_is_in_words() -> None:
    for source, target in TRANSITIONS:
        for verb in workflow.VERBS.values():
            if source in verb.sources and target in verb.targets:
                assert str(rulebook.lead_text(verb.name, target))


@pytest.mark.rule("V50", "V51", "V52", "V53")
def test_the_money_has_four_places_and_the_endings_that_give_it_back() -> None:
    text = page()
    for place in (rulebook.FROZEN, rulebook.ESCROW, rulebook.OUT, rulebook.BACK):
        with translation.override("en"):
            assert str(place) in text
    assert "When an order ends as: Lapsed, Declined, Overdue, Refunded" in text
    assert set(rulebook.MONEY) == set(State) - {State.UNPAID}


def test_every_clock_that_ends_or_confirms_an_order_is_told() -> None:
    with translation.override("en"):
        told = [(clock.source.label, clock.target.label) for clock in rulebook.clocks(Policy())]
    assert told == [
        ("Awaiting payment", "Not in effect"),
        ("Not yet accepted", "Lapsed"),
        ("Accepted", "Overdue"),
        ("Delivered", "Awaiting review"),
    ]


@pytest.mark.rule("N4", "V64")
def test_reminders_and_contact_are_told() -> None:
    text = page()
    hours = "{}, {} and {} hours before the clock confirms".format(*REMINDER_HOURS)
    assert f"The merchant is reminded {hours}." in text
    assert "From the moment a creator accepts an order" in text


def test_the_page_leads_to_each_of_its_parts() -> None:
    text = page()
    toc = re.search(r'<nav class="toc".*?</nav>', text, re.DOTALL)
    assert toc is not None
    parts = re.findall(r'href="#(\w+)"', toc[0])
    assert parts == re.findall(r'<h2 id="(\w+)"', text)[1:]
    assert len(parts) == 10


def test_the_template_holds_no_number() -> None:
    source = (ROOT / "templates/pages/rules.html").read_text()
    words = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|<[^>]+>", " ", source)
    marked = " ".join(re.findall(r'translate "([^"]+)"', source))
    assert re.findall(r"\d+", f"{words} {marked}") == []


def test_it_asks_the_same_however_often_the_policy_changed() -> None:
    browser, now = a_browser(), clock.now()
    few = queries_of(browser, "/rules/")
    for days in range(1, 9):
        set_number("auto_confirm_days", 3 + days, now - days * DAY)
        FeePolicy.objects.create(
            name=f"Fee {days}", scope="CAMPAIGN", campaign=f"C{days}", rate_bps=100,
            starts_at=now - days * DAY, reason="test",
        )  # fmt: skip
    assert queries_of(browser, "/rules/") == few == 6  # five of the page, one of the clock
