"""What the demo world is like, at a small size. It is made once, and only read here."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Model
from django.test import override_settings

from accounts.models import User
from creators import queries as creator_queries
from creators.models import Creator, CreatorChannel, Quote, Work
from merchants.models import Merchant, PaymentAccount
from merchants.rules import missing_before_paying
from reads.models import ReadDay
from settlement import check
from settlement.models import Operation, Transfer
from tasks import queries, tabs
from tasks.models import (
    Attachment,
    Delivery,
    Dispute,
    Order,
    OrderEvent,
    Outbox,
    ReportedFigures,
    Review,
    Task,
)
from tasks.states import State, Tab
from tests.vtask.small_world import TODAY, load
from vtask.demo_world import logins, texts
from vtask.demo_world.people import CREATOR, MERCHANT, OPS, PASSWORD
from vtask.management.commands.load_demo_world import demo_logins


@pytest.fixture(scope="module", autouse=True)
def _world(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        load()
        yield
        transaction.set_rollback(True)


def the_merchant() -> Merchant:
    return Merchant.objects.get(user__email=MERCHANT)


def the_creator() -> Creator:
    return Creator.objects.get(user__email=CREATOR)


@pytest.mark.rule("V30", "V31", "V32", "V33", "V34", "V35", "V36", "V37", "V38", "V39", "V40")
def test_the_world_has_orders_in_every_state() -> None:
    assert set(Order.objects.values_list("state", flat=True)) == set(State.values)
    assert Order.objects.count() == 60


def test_the_ledger_holds_and_no_operation_is_left_open() -> None:
    assert check.run(at=TODAY).differences == []
    assert not Operation.objects.filter(resolved_at=None).exists()


def test_the_history_is_made_of_past_steps_only() -> None:
    events = OrderEvent.objects.order_by("at")
    first, last = events.first(), events.last()
    assert first is not None
    assert last is not None
    assert TODAY - timedelta(days=125) < first.at
    assert last.at < TODAY


def test_every_paid_order_has_the_transfers_of_its_state() -> None:
    for order in Order.objects.exclude(state__in=[State.UNPAID, State.VOID]):
        codes = set(Transfer.objects.filter(order_id=order.pk).values_list("code", flat=True))
        assert "freeze" in codes
        assert ("capture" in codes) == (order.accepted_at is not None)
        assert ("confirm" in codes) == (order.confirmed_at is not None)


# What the logins find


def test_the_merchant_may_pay_and_the_creator_is_complete() -> None:
    merchant = the_merchant()
    assert missing_before_paying(merchant, merchant.account_or_none) == []
    assert creator_queries.completeness_of(the_creator()).missing == []


def test_the_merchant_finds_something_in_every_tab() -> None:
    found = tabs.task_counts(the_merchant().pk)
    assert all(found[tab].number for tab in Tab), found


def test_the_creator_finds_orders_of_every_tab_and_every_state() -> None:
    orders = queries.orders_of_creator(the_creator().pk)
    assert set(orders.values_list("state", flat=True)) == set(State.values)


def test_what_waits_for_the_logins_has_more_than_a_day_left() -> None:
    tomorrow = TODAY + timedelta(days=1)
    mine = queries.orders_of_merchant(the_merchant().pk)
    columns = {"UNPAID": "start_at", "PAID": "start_at", "ACCEPTED": "due_at"}
    for state, column in {**columns, "DELIVERED": "confirm_by"}.items():
        assert not mine.filter(state=state, **{f"{column}__lte": tomorrow}).exists(), state


@pytest.mark.rule("V19")
def test_a_price_offer_is_open_each_way() -> None:
    offers = Order.objects.filter(merchant=the_merchant(), creator=the_creator())
    assert set(offers.exclude(offer_by="").values_list("offer_by", flat=True)) == {
        "MERCHANT",
        "CREATOR",
    }


def test_messages_about_the_past_are_not_sent_any_more() -> None:
    assert Outbox.objects.exists()
    assert not Outbox.objects.filter(done_at=None).exists()


def test_the_bell_shows_a_handful_to_each() -> None:
    for to, party in (("MERCHANT", the_merchant().pk), ("CREATOR", the_creator().pk)):
        mine = Outbox.objects.filter(to=to, party=party)
        assert mine.filter(seen_at=None).count() == 5
        assert mine.count() > 5


# Logins


def test_the_logins_work_with_the_printed_password() -> None:
    for email in (MERCHANT, CREATOR, OPS):
        assert User.objects.get(email=email).check_password(PASSWORD)


def test_logins_are_printed_in_the_demo_only() -> None:
    assert demo_logins() == []
    with override_settings(VTASK_ENV="demo"):
        printed = "\n".join(demo_logins())
    for word in (MERCHANT, CREATOR, OPS, PASSWORD, logins.TOTP_SECRET):
        assert word in printed


# What people wrote


WRITTEN: list[type[Model]] = [
    User, Merchant, PaymentAccount, Creator, CreatorChannel, Quote, Work, Task, Attachment,
    Delivery, Review, Dispute,
]  # fmt: skip


@pytest.mark.parametrize("model", WRITTEN)
def test_every_row_would_pass_its_own_form(model: type[Model]) -> None:
    for row in model._default_manager.all():
        row.clean_fields(exclude=["pictures"])


@pytest.mark.rule("V10")
def test_every_brief_has_at_most_200_characters() -> None:
    for domain in texts.DOMAINS.values():
        for brief in domain.briefs:
            assert 0 < len(brief.requirements) <= 200
            assert len(brief.theme) <= 60


def test_reasons_notes_and_reviews_fit_their_fields() -> None:
    assert max(map(len, texts.DECLINE_REASONS)) <= 300
    assert max(len(note) for note in texts.DELIVERY_NOTES + texts.REDELIVERY_NOTES) <= 500
    assert max(len(review.text) for review in texts.REVIEWS) <= 500
    for reason in (texts.RULING_PAY, texts.RULING_REFUND, texts.RULING_SPLIT):
        assert len(reason) <= 300


# Reads


@pytest.mark.rule("V60")
def test_every_delivered_order_has_reads_up_to_today_and_some_have_reported_figures() -> None:
    delivered = Order.objects.filter(delivered_at__lt=TODAY - timedelta(days=1))
    read = set(ReadDay.objects.filter(kind="d").values_list("owner", flat=True))
    assert {order.pk for order in delivered} <= read
    assert ReadDay.objects.filter(kind="p").exists()
    assert not ReadDay.objects.filter(day__gt=TODAY.date()).exists()
    assert ReportedFigures.objects.exists()


@pytest.mark.rule("V60")
def test_reported_figures_come_after_the_delivery_with_a_picture_that_is_there() -> None:
    for figures in ReportedFigures.objects.select_related("order"):
        assert figures.order.delivered_at is not None
        assert figures.order.delivered_at < figures.at < TODAY
        assert default_storage.exists(figures.picture)
