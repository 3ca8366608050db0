"""Queries that are put together once give the rows of their own values."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, Prefetch, QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.kept import again, kept, prepared
from tasks.models import Order, OrderEvent
from tests.orders import an_order

pytestmark = pytest.mark.django_db


@kept
def of_merchant(merchant_id: int, *, state: str = "", most: int = 10) -> QuerySet[Order]:
    found = Order.objects.filter(merchant_id=merchant_id).select_related("task").order_by("id")
    return (found.filter(state=state) if state else found)[:most]


@kept
def sent_before(creator_id: int, at: Any) -> QuerySet[Order, Any]:
    found = Order.objects.filter(creator_id=creator_id, sent_at__lt=at)
    return found.order_by().values("creator_id").annotate(n=Count("pk")).values_list("n", flat=True)


def test_each_asks_with_its_own_values() -> None:
    one, two = an_order("PAID"), an_order("UNPAID")
    assert of_merchant(one.merchant_id) == [one]
    assert of_merchant(two.merchant_id) == [two]
    assert of_merchant(two.merchant_id + 1000) == []


def test_what_is_told_by_name_decides_how_the_query_looks() -> None:
    order = an_order("PAID")
    assert of_merchant(order.merchant_id, state="UNPAID") == []
    assert of_merchant(order.merchant_id, state="PAID") == [order]
    assert of_merchant(order.merchant_id, most=1) == [order]


def test_rows_come_with_what_they_are_joined_to() -> None:
    order = an_order("PAID")
    [found] = of_merchant(order.merchant_id)
    with CaptureQueriesContext(connection) as asked:
        assert found.task.theme
    assert len(asked) == 0


def test_instants_are_values_too() -> None:
    order = an_order("PAID")
    after = order.sent_at + timedelta(seconds=1)
    assert sent_before(order.creator_id, after) == [1]
    assert sent_before(order.creator_id, order.sent_at) == []


def test_days_are_values_too() -> None:
    order = an_order("PAID")
    since = prepared(lambda pk, day: Order.objects.filter(pk=pk, sent_at__date__gte=day))
    day = timezone.localtime(order.sent_at).date()
    assert since(order.pk, day) == [order]
    assert since(order.pk, day + timedelta(days=1)) == []


def test_a_name_that_is_made_of_a_number_has_the_value_inside() -> None:
    paid_to = kept(lambda creator_id: Order.objects.filter(payee=f"creator:{creator_id}"))
    order = an_order("PAID")
    assert paid_to(order.creator_id) == [order]


def test_a_number_that_no_row_can_have_finds_none() -> None:
    assert of_merchant(10**30) == []


def test_a_value_that_the_query_does_not_pass_on_is_refused() -> None:
    lost = kept(lambda most: Order.objects.all()[:most])
    with pytest.raises(ValueError, match="value 0 is not among the parameters"):
        lost(3)


def plans(words: str) -> int:
    """How many plans of statements with these words the server keeps for us."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_prepared_statements where statement like %s", [words]
        )
        (found,) = cursor.fetchone()
    return int(found)


def test_only_of_a_prepared_query_the_server_keeps_the_plan() -> None:
    def by_price(fen: int) -> QuerySet[Order]:
        return Order.objects.filter(price_fen=fen, reason="planned_once")

    for _ in range(12):
        assert kept(by_price)(7) == prepared(by_price)(7) == []
    once, again = prepared(by_price), kept(by_price)
    assert plans("%planned_once%") == 1
    assert once(8) == again(8) == []
    assert plans("%planned_once%") == 1


def test_of_a_prepared_query_only_the_values_are_left_open() -> None:
    """What is always the same stands in the statement, so that a plan is made for it."""
    of_merchant = prepared(
        lambda merchant_id: Order.objects.filter(
            merchant_id=merchant_id, state="PAID", task__merchant_id=merchant_id
        )
    )
    order = an_order("PAID")
    with CaptureQueriesContext(connection) as asked:
        found = [of_merchant(order.merchant_id) for _ in range(8)]
    assert found == [[order]] * 8
    assert len(asked) == 8
    assert plans('%"merchant_id" = $1%"state" = \'PAID\'%"merchant_id" = $1%') == 1


def test_a_sign_of_percent_in_a_query_stays_one() -> None:
    named = prepared(lambda pk: Order.objects.filter(pk=pk, task__theme__contains="7 % of"))
    order = an_order("PAID", theme="save 7 % of it")
    assert named(order.pk) == [order]
    assert named(order.pk + 1) == []


def test_what_belongs_to_the_rows_is_fetched_with_them() -> None:
    events = Prefetch("events", OrderEvent.objects.order_by("id"))
    with_events = prepared(lambda pk: Order.objects.filter(pk=pk).prefetch_related(events))
    order = an_order("PAID")
    [found] = with_events(order.pk)
    with CaptureQueriesContext(connection) as asked:
        assert found.events.all()[0].verb == "publish"
    assert len(asked) == 0


def test_of_some_numbers_each_row_that_has_one_is_found() -> None:
    some = prepared(lambda order_ids: Order.objects.filter(pk__in=order_ids).order_by("id"))
    one, two, _three = an_order("PAID"), an_order("PAID"), an_order("PAID")
    assert some((one.pk, two.pk)) == [one, two]
    assert some((two.pk,)) == [two]
    assert some(()) == []


def test_numbers_that_are_asked_for_in_another_way_are_refused() -> None:
    other = kept(lambda order_ids: Order.objects.filter(pk=order_ids[0]))
    with pytest.raises(ValueError, match="not looked for with __in"):
        other((1, 2))


# Queries that are made anew each time


def test_a_query_that_comes_again_asks_with_the_values_it_is_made_of() -> None:
    first = an_order("PAID", theme="50% 'off' %s")
    second = an_order("UNPAID")
    for _ in range(7):  # the server plans it for good at the sixth time
        assert again(Order.objects.filter(pk=first.pk)) == [first]
        assert again(Order.objects.filter(task__theme="50% 'off' %s")) == [first]
        newest = Order.objects.order_by("-id").values_list("pk", "task__theme", named=True)
        assert [(row.pk, row.task__theme) for row in again(newest)] == [
            (second.pk, second.task.theme),
            (first.pk, first.task.theme),
        ]


def test_a_query_that_can_find_nothing_asks_nothing() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert again(Order.objects.filter(pk__in=[])) == []
    assert len(asked) == 0
