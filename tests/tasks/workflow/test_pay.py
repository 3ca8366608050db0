"""The merchant pays a task's unpaid orders in one freeze (V16, V17); the terms are fixed (N2)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from merchants.models import Merchant, PaymentAccount
from policy.numbers import Policy
from settlement.kinds import Kind
from settlement.models import Escrow, Operation
from tasks import rules, workflow
from tasks.models import Order, Task
from tasks.queries import merchant_money
from tasks.workflow import pay
from tasks.workflow.decision import Actor, Refused
from tests.builders import a_creator, a_merchant
from tests.gateway import scripted
from tests.orders import (
    HOUR,
    NOW,
    PRICE_FEN,
    START,
    a_sent_task,
    an_order,
    creator_of,
    paid,
    pockets,
    settle,
    start_payment,
)
from tests.orders import do as do_and_settle
from tests.verbs import MERCHANT as M
from tests.verbs import TICK, a_case, asked, operation_of, refused, world

START_PAYMENT = workflow.START_PAYMENT
MINUTE = timedelta(minutes=1)


def paying(task: Task, *, at: datetime = NOW, by: Actor | None = None, **more: Any) -> str:
    """The code with which paying is refused; proves that nothing moved for any order."""
    before = [world(order) for order in task.orders.order_by("pk")]
    with pytest.raises(Refused) as problem:
        pay.start(
            task.pk,
            at=at,
            by=by or Actor.merchant(task.merchant),
            notify_url="https://vtask.example/notice",
            return_url="https://vtask.example/",
            **{"policy": Policy(), **more},
        )
    assert [world(order) for order in task.orders.order_by("pk")] == before
    return problem.value.code


def the_window_passes() -> None:
    """Nobody confirms in time, and the gateway closes the freeze."""
    with scripted() as gateway:
        gateway.payer_confirms = False
        settle(NOW)
        settle(NOW + 15 * MINUTE)
    assert Escrow.objects.get().open_operation is None


def payment(policy: Policy | None = None) -> Any:
    return pay.payment_of(Task(pk=1, requirements="图文"), policy or Policy())


@pytest.mark.django_db
@pytest.mark.rule("V16", "V50")
def test_all_unpaid_orders_of_a_task_are_paid_in_one_freeze() -> None:
    task = a_sent_task(a_creator(price_fen=80_000), a_creator(price_fen=50_000))
    start_payment(task)
    [operation] = Operation.objects.all()
    assert (operation.kind, operation.amount_fen) == (Kind.FREEZE, 130_000)
    shares = operation.shares.order_by("order_id").values_list("amount_fen", flat=True)
    assert list(shares) == [80_000, 50_000]
    assert {order.state for order in task.orders.all()} == {"UNPAID"}


@pytest.mark.django_db
@pytest.mark.rule("V31", "V50")
def test_when_the_payer_has_confirmed_the_orders_are_paid_and_the_money_is_frozen() -> None:
    task = a_sent_task(a_creator(), a_creator())
    orders = paid(task)
    assert {order.state for order in orders} == {"PAID"}
    assert [pockets(order) for order in orders] == [{"frozen": PRICE_FEN}] * 2


@pytest.mark.django_db
@pytest.mark.rule("N2", "V11", "V59")
def test_the_terms_and_the_requirements_are_copied_into_the_order() -> None:
    task = a_sent_task()
    policy = Policy(auto_confirm_days=7, fee_bps=2000)
    [order] = paid(task, policy=policy)
    assert order.requirements == task.requirements
    assert (order.auto_confirm_days, order.fee_bps) == (7, 2000)
    assert (order.fee_fen, order.tax_fen, order.net_fen) == (16_000, 0, 64_000)
    assert order.payee == f"creator:{order.creator_id}"


@pytest.mark.rule("V30")
def test_it_can_be_paid_until_one_microsecond_before_the_start() -> None:
    assert asked(a_case("UNPAID"), START_PAYMENT, at=START - TICK, by=M, given=payment()).ask


@pytest.mark.rule("V30", "V36")
def test_exactly_at_the_start_it_is_too_late_to_pay() -> None:
    case = a_case("UNPAID")
    assert refused(case, START_PAYMENT, at=START, by=M, given=payment()) == "TOO_LATE"


@pytest.mark.django_db
@pytest.mark.rule("V36")
def test_paying_after_the_start_time_moves_nothing() -> None:
    assert paying(a_sent_task(), at=START) == "TOO_LATE"


@pytest.mark.django_db
@pytest.mark.rule("V17", "N20")
def test_paying_while_a_payment_is_under_way_starts_no_second_one() -> None:
    task = a_sent_task()
    start_payment(task)
    assert paying(task, at=NOW + TICK) == "MONEY_ON_ITS_WAY"
    assert Operation.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.rule("V15", "N20")
def test_paying_what_is_paid_is_refused() -> None:
    task = a_sent_task()
    paid(task)
    assert paying(task, at=NOW + HOUR) == "NOTHING_TO_PAY"


@pytest.mark.django_db
@pytest.mark.rule("V17")
def test_after_a_payment_that_came_to_nothing_pay_now_tries_again() -> None:
    task = a_sent_task()
    order = task.orders.get()
    start_payment(task)
    first = operation_of(order)
    the_window_passes()
    assert Order.objects.get(pk=order.pk).trouble == "PAYMENT_EXPIRED"
    start_payment(task, at=NOW + HOUR)
    second = operation_of(order)
    assert second.out_no != first.out_no
    assert Order.objects.get(pk=order.pk).trouble == ""


@pytest.mark.django_db
@pytest.mark.rule("V16")
def test_a_total_that_changed_since_it_was_seen_is_not_paid() -> None:
    task = a_sent_task()
    assert paying(task, total_fen=PRICE_FEN - 1) == "TOTAL_CHANGED"
    assert pay.start(
        task.pk,
        at=NOW,
        by=Actor.merchant(task.merchant),
        policy=Policy(),
        notify_url="",
        return_url="",
        total_fen=PRICE_FEN,
    )


@pytest.mark.django_db
@pytest.mark.rule("V19")
def test_an_open_price_offer_has_to_be_answered_first() -> None:
    task = a_sent_task()
    task.orders.update(offer_fen=70_000, offer_by="MERCHANT")
    assert paying(task) == "OPEN_OFFER"


@pytest.mark.django_db
@pytest.mark.rule("V16")
def test_one_order_that_cannot_be_paid_keeps_the_whole_payment_back() -> None:
    task = a_sent_task(a_creator(), a_creator())
    order = task.orders.order_by("pk").last()
    assert order is not None
    Order.objects.filter(pk=order.pk).update(offer_fen=70_000, offer_by="MERCHANT")
    assert paying(task) == "OPEN_OFFER"
    assert not Operation.objects.exists()


@pytest.mark.django_db
@pytest.mark.rule("V18", "V59")
def test_a_price_that_leaves_less_than_ten_fen_after_a_20_percent_fee_is_not_payable() -> None:
    task = a_sent_task(a_creator(price_fen=11))
    assert paying(task, policy=Policy(fee_bps=2000)) == "PRICE"


@pytest.mark.rule("V18")
@pytest.mark.parametrize(("fen", "fee_bps"), [(9, 0), (11, 2000)])
def test_less_than_ten_fen_net_is_not_payable(fen: int, fee_bps: int) -> None:
    given = payment(Policy(fee_bps=fee_bps))
    case = a_case("UNPAID", price_fen=fen)
    assert refused(case, START_PAYMENT, at=NOW, by=M, given=given) == "PRICE"


@pytest.mark.rule("V59")
@pytest.mark.parametrize(
    ("price_fen", "fee_bps", "fee_fen"),
    [
        (80_000, 0, 0),
        (80_000, 2000, 16_000),
        (13, 2000, 3),
        (25, 1000, 3),
        (10_000_000_000_000_25, 1000, 1_000_000_000_000_03),
    ],
)
def test_the_fee_is_rounded_once_half_up_and_the_shares_sum_to_the_price(
    price_fen: int, fee_bps: int, fee_fen: int
) -> None:
    terms = rules.terms(price_fen, Policy(fee_bps=fee_bps))
    assert (terms.fee_fen, terms.net_fen) == (fee_fen, price_fen - fee_fen)


@pytest.mark.django_db
def test_another_merchant_does_not_find_the_task() -> None:
    assert paying(a_sent_task(), by=Actor.merchant(a_merchant())) == "NOT_FOUND"


@pytest.mark.django_db
def test_a_deleted_task_is_not_found() -> None:
    task = a_sent_task()
    Task.objects.filter(pk=task.pk).update(deleted_at=NOW)
    assert paying(task) == "NOT_FOUND"


@pytest.mark.django_db
@pytest.mark.rule("V4")
@pytest.mark.parametrize(
    ("facts", "code"),
    [({"is_real_name_verified": False}, "real_name"), ({"can_pay_from_balance": False}, "balance")],
)
def test_an_account_that_is_not_verified_cannot_pay(facts: dict[str, bool], code: str) -> None:
    task = a_sent_task()
    PaymentAccount.objects.filter(merchant=task.merchant).update(**facts)
    assert paying(task) == code


@pytest.mark.django_db
@pytest.mark.rule("V4")
def test_without_a_payment_account_nobody_pays() -> None:
    task = a_sent_task(merchant=a_merchant(account=None))
    assert paying(task) == "payment_account"


@pytest.mark.django_db
def test_a_suspended_merchant_cannot_pay() -> None:
    task = a_sent_task()
    Merchant.objects.filter(pk=task.merchant_id).update(status="SUSPENDED")
    assert paying(task) == "suspended"


@pytest.mark.django_db
def test_the_payer_may_confirm_until_the_window_ends_or_the_task_starts() -> None:
    task = a_sent_task()
    start_payment(task)
    assert operation_of(task.orders.get()).expires_at == NOW + 15 * MINUTE
    late = a_sent_task()
    start_payment(late, at=START - 5 * MINUTE)
    operation = operation_of(late.orders.get())
    assert operation.expires_at == START
    assert operation.request["timeout_minutes"] == 5


@pytest.mark.django_db
@pytest.mark.rule("V54")
def test_the_frozen_amount_is_what_is_paid_and_not_yet_accepted() -> None:
    order = an_order("PAID")
    assert merchant_money(order.merchant_id).frozen == PRICE_FEN
    do_and_settle(workflow.ACCEPT, order, at=NOW + HOUR, by=creator_of(order))
    money = merchant_money(order.merchant_id)
    assert (money.frozen, money.escrow) == (0, PRICE_FEN)
