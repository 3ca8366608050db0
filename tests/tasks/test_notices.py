"""The messages of one side: counted, listed by key, narrowed to what still asks for something, seen
once, and by e-mail only where they are wanted.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tasks import notices, workflow
from tasks.models import NotificationChoice, Outbox
from tasks.wording import ALWAYS, WORDS
from tasks.workflow import choices, seen
from tasks.workflow.decision import NotYours
from tests.builders import a_creator, a_merchant
from tests.orders import DAY, HOUR, NOW, an_order, creator_of, do, merchant_of
from tests.verbs import another_creator, another_merchant

pytestmark = pytest.mark.django_db

LATER = NOW + 20 * DAY


def kinds(found: Any) -> list[str]:
    return [message.row.kind for message in found]


# Whose they are


def test_each_side_reads_its_own_messages_and_nobody_else_s() -> None:
    order = an_order("DELIVERED")
    assert kinds(notices.latest("MERCHANT", order.merchant_id)) == ["delivered", "accepted"]
    assert kinds(notices.latest("CREATOR", order.creator_id)) == ["secured", "received", "sent"]
    assert notices.latest("MERCHANT", a_merchant().pk) == []
    assert notices.latest("CREATOR", a_creator().pk) == []


def test_a_merchant_and_a_creator_of_the_same_number_do_not_mix() -> None:
    order = an_order("ACCEPTED")
    Outbox.objects.filter(order=order).update(party=7)
    assert kinds(notices.latest("MERCHANT", 7)) == ["accepted"]
    assert kinds(notices.latest("CREATOR", 7)) == ["secured", "received", "sent"]


# Seen


def test_whoever_opens_the_order_has_seen_all_that_he_was_told_of_it_until_then() -> None:
    order = an_order("DELIVERED")
    other = an_order("PAID", creator=order.creator)
    row = Outbox.objects.get(order=order, kind="received")
    assert seen.see(row.pk, at=LATER, by=creator_of(order)) == row
    unseen = notices.unseen("CREATOR", order.creator_id)
    assert set(unseen.filter(order=order).values_list("kind", flat=True)) == {"secured"}
    assert unseen.filter(order=other).count() == 2
    assert notices.unseen("MERCHANT", order.merchant_id).count() == 2


def test_the_first_time_that_something_was_seen_stays() -> None:
    order = an_order("PAID")
    row = Outbox.objects.get(order=order, kind="received")
    seen.see(row.pk, at=LATER, by=creator_of(order))
    seen.see(row.pk, at=LATER + DAY, by=creator_of(order))
    row.refresh_from_db()
    assert row.seen_at == LATER


def test_nobody_sees_a_message_of_another() -> None:
    order = an_order("DELIVERED")
    row = Outbox.objects.get(order=order, kind="delivered")
    for stranger in (creator_of(order), another_merchant(), another_creator()):
        with pytest.raises(NotYours):
            seen.see(row.pk, at=LATER, by=stranger)
    assert not Outbox.objects.exclude(seen_at=None).exists()


def test_all_that_was_shown_is_seen_and_what_came_meanwhile_is_not() -> None:
    order = an_order("PAID")
    shown = Outbox.objects.filter(to="CREATOR").latest("id").pk
    do(workflow.ACCEPT, order, at=NOW + HOUR, by=creator_of(order))
    assert seen.see_all(shown, at=LATER, by=creator_of(order)) == 2
    assert kinds(notices.latest("CREATOR", order.creator_id)[:1]) == ["secured"]
    assert notices.unseen_count("CREATOR", order.creator_id) == 1
    assert notices.unseen_count("MERCHANT", order.merchant_id) == 1


# What needs somebody


def needing(side: str, order: Any) -> list[str]:
    party = order.merchant_id if side == "MERCHANT" else order.creator_id
    return list(notices.needing(side, party).values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("state", "merchant", "creator"),
    [
        ("UNPAID", [], []),
        ("PAID", [], ["received"]),
        ("ACCEPTED", [], ["secured"]),
        ("DELIVERED", ["delivered"], []),
        ("DISPUTED", [], []),
        ("CONFIRMED", ["confirmed"], []),
        ("REVIEWED", [], []),
        ("DECLINED", [], []),
        ("LAPSED", [], []),
        ("OVERDUE", [], []),
        ("REFUNDED", [], []),
    ],
)
def test_what_needs_a_side_is_what_its_order_still_waits_for(
    state: str, merchant: list[str], creator: list[str]
) -> None:
    order = an_order(state)
    assert needing("MERCHANT", order) == merchant
    assert needing("CREATOR", order) == creator


def test_of_an_order_only_the_latest_message_needs_somebody() -> None:
    order = an_order("DELIVERED")
    for kind in ("reminder_72", "reminder_24"):
        a_message(order, kind)
    assert needing("MERCHANT", order) == ["reminder_24"]
    assert notices.needing_count("MERCHANT", order.merchant_id) == 1


def a_message(order: Any, kind: str, side: str = "MERCHANT", **facts: Any) -> Outbox:
    party = order.merchant_id if side == "MERCHANT" else order.creator_id
    complete = {"at": NOW, "next_at": NOW, "party": party, **facts}
    return Outbox.objects.create(order=order, kind=kind, to=side, **complete)


def test_whatever_can_ask_for_something_has_words() -> None:
    asking = {(side, kind) for side, found in notices.ASKING.items() for kind in found}
    assert asking <= set(WORDS)


# Pages


def test_pages_go_on_by_key_and_newcomers_shift_nothing() -> None:
    order = an_order("ACCEPTED")
    rows = [a_message(order, "reviewed", "CREATOR").pk for _ in range(7)]
    mine = notices.of_party("CREATOR", order.creator_id).filter(kind="reviewed")
    first = notices.page(mine, size=3)
    a_message(order, "reviewed", "CREATOR")
    second = notices.page(mine, older_than=first.older_than, size=3)
    third = notices.page(mine, older_than=second.older_than, size=3)
    shown = [m.row.pk for page in (first, second, third) for m in page.messages]
    assert shown == rows[::-1]
    assert third.older_than == 0


def test_a_page_costs_two_queries_however_long_it_is(django_assert_num_queries: Any) -> None:
    order = an_order("REVIEWED")
    with django_assert_num_queries(2):
        few = notices.page(notices.of_party("CREATOR", order.creator_id))
    for _ in range(10):
        a_message(order, "paid_out", "CREATOR")
    with django_assert_num_queries(2):
        many = notices.page(notices.of_party("CREATOR", order.creator_id))
    assert len(many.messages) == len(few.messages) + 10
    assert all(message.title for message in many.messages)


def test_the_count_ends_at_its_limit() -> None:
    order = an_order("PAID")
    template = Outbox.objects.get(kind="received")
    Outbox.objects.bulk_create(copies(template, 150))
    assert notices.unseen_count("CREATOR", order.creator_id) == notices.MOST_COUNTED


def copies(row: Outbox, number: int, **facts: Any) -> Iterator[Outbox]:
    complete = {
        "order_id": row.order_id, "kind": row.kind, "to": row.to, "party": row.party,
        "at": row.at, "next_at": row.at, "done_at": row.at, **facts,
    }  # fmt: skip
    return (Outbox(**complete) for _ in range(number))


def test_the_bell_and_the_pages_find_their_rows_by_index_among_many() -> None:
    order = an_order("PAID")
    row = Outbox.objects.get(kind="received")
    others = (
        crowd for party in range(100, 140)
        for crowd in copies(row, 500, party=party, seen_at=NOW if party % 4 else None)
    )  # fmt: skip
    Outbox.objects.bulk_create(others, batch_size=5_000)
    Outbox.objects.bulk_create(copies(row, 500, seen_at=NOW))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tasks_outbox")
    mine = ("CREATOR", order.creator_id)
    assert "outbox_unseen" in notices.unseen(*mine)[:100].explain()
    page = notices.of_party(*mine).order_by("-id")[: notices.PAGE_SIZE].explain()
    assert "outbox_of_party" in page
    assert "Sort" not in page
    newest = notices.of_party(*mine).latest("id").pk
    older = notices.of_party(*mine).filter(id__lt=newest).order_by("-id")[:10].explain()
    assert "outbox_of_party" in older


# By e-mail


def test_nothing_chosen_means_that_everything_is_wanted() -> None:
    an_order("REVIEWED")
    assert notices.unwanted(loaded()) == set()


def loaded() -> list[Outbox]:
    rows = Outbox.objects.select_related("order__merchant", "order__creator")
    return list(rows.order_by("id"))


def test_a_kind_that_was_switched_off_is_unwanted_by_that_person_alone() -> None:
    order = an_order("PAID")
    an_order("PAID", merchant=order.merchant)
    wanted = set(notices.choosable("CREATOR")) - {"received"}
    choices.choose(wanted, by=creator_of(order))
    unwanted = notices.unwanted(loaded())
    assert unwanted == {Outbox.objects.get(order=order, kind="received").pk}


def test_a_merchant_s_choice_says_nothing_about_what_the_creator_is_told() -> None:
    order = an_order("DELIVERED")
    choices.choose([], by=merchant_of(order))
    rows = {row.pk: row for row in loaded()}
    assert {rows[pk].to for pk in notices.unwanted(rows.values())} == {"MERCHANT"}


def test_choosing_again_takes_the_place_of_the_choice_before() -> None:
    order = an_order("PAID")
    by = creator_of(order)
    choices.choose([], by=by)
    assert notices.switched_off(by.user_id or 0) == set(notices.choosable("CREATOR"))
    choices.choose(notices.choosable("CREATOR"), by=by)
    assert notices.switched_off(by.user_id or 0) == set()
    assert NotificationChoice.objects.count() == len(notices.choosable("CREATOR"))


@pytest.mark.rule("N4")
def test_what_is_always_sent_cannot_be_switched_off() -> None:
    order = an_order("CONFIRMED")
    for side, by in (("MERCHANT", merchant_of(order)), ("CREATOR", creator_of(order))):
        choices.choose([], by=by)
        assert not set(notices.choosable(side)) & ALWAYS
    for kind in ALWAYS:
        NotificationChoice.objects.create(user=order.merchant.user, kind=kind, by_email=False)
    a_message(order, "reminder_2")
    sent = {row.kind for row in loaded()} & ALWAYS
    unwanted = notices.unwanted(loaded())
    assert {"reminder_2", "confirmed", "paid_out"} == sent
    assert not {row.kind for row in loaded() if row.pk in unwanted} & ALWAYS


def test_what_is_switched_off_costs_one_query_for_a_whole_batch(
    django_assert_num_queries: Any,
) -> None:
    an_order("REVIEWED")
    rows = loaded()
    with django_assert_num_queries(1):
        notices.unwanted(rows)
