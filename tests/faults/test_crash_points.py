"""Every crash point of docs/money.md on real processes: a process dies there, others go on, and in
the end the money has moved exactly once, by our books and by Alipay's (see `world.is_sound`, which
follows every test).
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import httpx
import pytest

from core import clock
from creators.workflow.profile import PayoutFacts, change_payout_account
from settlement import worker
from settlement.crash import KILLED
from settlement.kinds import Kind
from settlement.models import Notice, Operation
from settlement.recon import recheck, watch
from tasks import workflow
from tasks.jobs import send_messages
from tasks.models import Order, Outbox
from tasks.workflow.decision import CLOCK, Actor
from tests.builders import a_creator
from tests.faults import processes
from tests.faults.waiting import eventually
from tests.faults.world import (
    DAY,
    ENDS,
    LEASE,
    METHODS,
    NOTICES,
    World,
    fresh,
    operation,
    pockets,
    press,
    verbs,
)
from vtask.embedded import free_port

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults"), pytest.mark.rule("N20")]

KINDS = [Kind.FREEZE, Kind.CAPTURE, Kind.UNFREEZE, Kind.REFUND]
# Transfers, and cancellations of a code that nobody confirmed, are told by no notice.
SILENT = [Kind.TRANSFER, Kind.CANCEL_FREEZE]
TOLD = [(kind, how) for kind in KINDS for how in NOTICES] + [(kind, "no notice") for kind in SILENT]


def about_to_be_recorded(world: World, kind: Kind) -> tuple[Order, datetime]:
    """An operation whose next answer is definite: of a refund only a later query tells the end."""
    order, at = world.asked_for(kind)
    if kind == Kind.REFUND:
        worker.pump(lambda: at)
        at += LEASE
    return order, at


def has_moved_once(order: Order, kind: Kind, number: str) -> None:
    """The order is where this kind of operation leads, with all its money in one pocket."""
    state, pocket = ENDS[kind]
    assert (fresh(order).state, pockets(order)) == (
        state,
        {pocket: order.price_fen} if pocket else {},
    )
    assert Operation.objects.get(out_no=number).state == "SUCCEEDED"


# 3 to 8: a worker dies. The place, and what becomes of the request before.
DEATHS = {
    "3 claimed, nothing sent": ("after-T1", ""),
    "4 sent and lost": ("after-answer", "drop_before"),
    "5 executed, its answer lost": ("after-answer", "drop_after"),
    "6 answered, not recorded": ("after-answer", ""),
    "6 recorded, not committed": ("before-T2-commit", ""),
    "7 committed, nobody told": ("after-T2", ""),
    "8 claimed, not committed": ("before-T1-commit", ""),
}


@pytest.mark.parametrize("death", DEATHS)
@pytest.mark.parametrize(("kind", "how"), TOLD)
def test_a_worker_dies(world: World, kind: Kind, how: str, death: str) -> None:
    place, fault = DEATHS[death]
    world.notices_come(how)
    asked_for = about_to_be_recorded if place == "before-T2-commit" else World.asked_for
    order, at = asked_for(world, kind)
    number = operation(order).out_no
    if fault:
        world.alipay.fault(fault, method=METHODS[kind])
    with processes.worker(world.told.crashing(place), at) as dying:
        assert dying.ends() == KILLED
    world.notices_arrived()
    worker.pump(lambda: at + LEASE)
    world.settles(order)
    has_moved_once(order, kind, number)


@pytest.mark.parametrize("death", [name for name, (at, _) in DEATHS.items() if "T2-c" not in at])
def test_a_worker_dies_before_the_payer_sees_the_cashier(world: World, death: str) -> None:
    place, fault = DEATHS[death]
    order, at = world.unpaid(), clock.now()
    world.asks_to_pay(order)
    number = operation(order).out_no
    if fault:
        world.alipay.fault(fault, method="alipay.fund.auth.order.voucher.create")
    with processes.worker(world.told.crashing(place), clock.now()) as dying:
        assert dying.ends() == KILLED
    worker.pump(lambda: at + 2 * LEASE)
    assert world.alipay.payer_confirms(number)
    world.settles(order)
    has_moved_once(order, Kind.FREEZE, number)


@pytest.mark.parametrize("place", ["before-T1-commit", "before-T2-commit"])
@pytest.mark.parametrize(("kind", "how"), [(k, n) for k, n in TOLD if n != "doubled notice"])
def test_8_the_database_drops_a_worker(world: World, kind: Kind, how: str, place: str) -> None:
    world.notices_come(how)
    asked_for = about_to_be_recorded if place == "before-T2-commit" else World.asked_for
    order, at = asked_for(world, kind)
    number = operation(order).out_no
    with processes.worker(world.told.crashing(f"{place}:1:stop"), at) as cut_off:
        cut_off.stops()
        world.database_drops_others()
        cut_off.goes_on()
        assert cut_off.ends() == 1
    world.notices_arrived()
    worker.pump(lambda: at + LEASE)
    world.settles(order)
    has_moved_once(order, kind, number)


@pytest.mark.parametrize("place", ["after-T1", "after-answer"])
@pytest.mark.parametrize(("kind", "how"), TOLD)
def test_a_worker_that_stood_still_beyond_its_lease_goes_on(
    world: World, kind: Kind, how: str, place: str
) -> None:
    world.notices_come(how)
    order, at = world.asked_for(kind)
    number = operation(order).out_no
    with processes.worker(world.told.crashing(f"{place}:1:stop"), at) as slow:
        slow.stops()
        worker.pump(lambda: at + LEASE)
        world.settles(order)
        slow.goes_on()
        assert slow.ends() == 0
    world.notices_arrived()
    has_moved_once(order, kind, number)


@pytest.mark.parametrize("arrives", ["before the query", "after it was sent again"])
@pytest.mark.parametrize(("kind", "how"), [(k, n) for k, n in TOLD if k != Kind.FREEZE])
def test_9_a_request_arrives_late(world: World, kind: Kind, how: str, arrives: str) -> None:
    world.notices_come(how)
    order, at = world.asked_for(kind)
    number = operation(order).out_no
    world.alipay.fault("slow_exec", method=METHODS[kind])
    worker.pump(lambda: at)
    assert operation(order).state == "UNKNOWN"
    if arrives == "before the query":
        assert world.alipay.late_requests_arrive() == 1
        world.notices_arrived()
    world.settles(order)
    if arrives == "after it was sent again":
        assert world.alipay.late_requests_arrive() == 1
        world.notices_arrived()
    has_moved_once(order, kind, number)


def test_7_who_was_not_told_is_told_later(world: World) -> None:
    order, at = world.asked_for(Kind.CAPTURE)
    with processes.worker(world.told.crashing("after-T2"), at) as dying:
        assert dying.ends() == KILLED
    while send_messages():
        pass
    told = Outbox.objects.filter(order=order, kind="secured")
    assert {row.done_at is not None for row in told} == {True}


# 1 and 2: the web dies under a click


@contextmanager
def a_web_that_dies(world: World, place: str, port: int = 0) -> Iterator[str]:
    """A web server that dies at a place; the block has to bring it there."""
    with processes.web(world.told.crashing(place), port) as (dying, address):
        yield address
        assert dying.ends() == KILLED


@pytest.mark.parametrize("how", NOTICES)
@pytest.mark.parametrize("place", ["before-T0-commit", "before-doorbell"])
def test_1_and_2_the_web_dies_under_a_click(world: World, place: str, how: str) -> None:
    world.notices_come(how)
    order = world.paid()
    page, form_key = f"/orders/{order.pk}/accept/", "e0a1"
    with (
        a_web_that_dies(world, place) as address,
        world.browser(order.creator.user, address) as browser,
        pytest.raises(httpx.TransportError),
    ):
        press(browser, page, form_key)
    assert fresh(order).state == ("PAID" if place == "before-T0-commit" else "ACCEPTED")
    with world.browser(order.creator.user, world.web) as browser:
        assert press(browser, page, form_key).status_code == 302
    number = operation(order).out_no
    world.settles(order)
    world.notices_arrived()
    assert verbs(order).count("accept") == 1
    has_moved_once(order, Kind.CAPTURE, number)


# 10 and 11: the web dies over a notice; Alipay tells it again


@pytest.mark.parametrize("how", ["told again first", "the worker was first", "told twice"])
@pytest.mark.parametrize("place", ["before-inbox-commit", "before-doorbell", "before-success"])
def test_10_and_11_the_web_dies_over_a_notice(world: World, place: str, how: str) -> None:
    if how == "told twice":
        world.notices_come("doubled notice")
    port = free_port()
    order = world.waiting_for_payer(f"http://127.0.0.1:{port}/settlement/notice/")
    number = operation(order).out_no
    with a_web_that_dies(world, place, port):
        assert world.alipay.payer_confirms(number)
        eventually(lambda: world.alipay.notices()[-1]["tries"], within=60, what="a notice is sent")
    is_kept = Notice.objects.filter(operation__out_no=number).exists()
    assert is_kept == (place != "before-inbox-commit")
    if how == "the worker was first":
        world.settles(order)
    with processes.web(world.told, port):
        world.notices_arrived()
    world.settles(order)
    assert Notice.objects.filter(operation__out_no=number).count() == 1
    has_moved_once(order, Kind.FREEZE, number)


# 12 to 16


def a_new_account(world: World, order: Order) -> None:
    facts = PayoutFacts(f"new-{order.pk}@example.com", "李鹿")
    change_payout_account(order.creator, facts, at=clock.now())


def pays_out_again(world: World, order: Order) -> None:
    world.does(workflow.PAY_OUT, order, Actor.creator(fresh(order).creator))
    world.settles(order)
    assert pockets(order) == {"paid": order.price_fen}
    assert fresh(order).trouble == ""


def test_12_the_payees_account_is_closed(world: World) -> None:
    logon_id = "closed@example.com"
    world.alipay.opens(logon_id, "李鹿")
    world.alipay.account_closes(logon_id)
    order = world.delivered(creator=a_creator(payout=logon_id))
    world.does(workflow.CONFIRM, order, Actor.merchant(world.merchant))
    number = operation(order).out_no
    world.settles(order)
    assert Operation.objects.get(out_no=number).state == "FAILED"
    assert (pockets(order), fresh(order).trouble) == (
        {"payable": order.price_fen},
        "PAYOUT_BLOCKED",
    )
    a_new_account(world, order)
    pays_out_again(world, order)


@pytest.mark.parametrize("how", NOTICES)
def test_13_the_payer_confirms_when_the_order_is_void(world: World, how: str) -> None:
    world.notices_come(how)
    order = world.waiting_for_payer()
    world.does(workflow.VOID, order, CLOCK, at=order.start_at)
    assert world.alipay.payer_confirms(operation(order).out_no)
    world.notices_arrived()
    worker.pump(lambda: order.start_at + LEASE)
    world.settles(order)
    assert (fresh(order).state, pockets(order)) == ("VOID", {"returned": order.price_fen})


@pytest.mark.parametrize("how", NOTICES)
def test_13_the_payer_confirms_when_we_give_up(world: World, how: str) -> None:
    world.notices_come(how)
    order = world.waiting_for_payer()
    freeze = operation(order)
    assert freeze.expires_at is not None
    told = world.told.crashing("after-answer:1:stop")
    with processes.worker(told, freeze.expires_at) as giving_up:
        giving_up.stops()
        assert world.alipay.payer_confirms(freeze.out_no)
        giving_up.goes_on()
        assert giving_up.ends() == 0
    world.notices_arrived()
    world.settles(order)
    assert (fresh(order).state, pockets(order)) == ("UNPAID", {})
    freeze.refresh_from_db()
    assert freeze.state == "EXPIRED"


FREEZE_ENDS = {
    "the watch sees it first": "VOID",
    "the creator accepts": "VOID",
    "the creator declines": "DECLINED",
    "the start passes": "LAPSED",
}


@pytest.mark.parametrize("then", FREEZE_ENDS)
def test_14_the_freeze_ends_at_the_gateway(world: World, then: str) -> None:
    order = world.paid()
    freeze = Operation.objects.get(kind=Kind.FREEZE, shares__order_id=order.pk)
    world.alipay.freeze_ends(freeze.out_no)
    world.past.ended.add(freeze.out_no)
    if then == "the watch sees it first":
        watch.look(freeze, at=clock.now())
    elif then == "the creator accepts":
        world.does(workflow.ACCEPT, order, world.by_creator(order))
    elif then == "the creator declines":
        world.does(workflow.DECLINE, order, world.by_creator(order), given="不合适")
    else:
        world.does(workflow.LAPSE, order, CLOCK, at=order.start_at)
    world.settles(order)
    assert (fresh(order).state, pockets(order)) == (
        FREEZE_ENDS[then],
        {"returned": order.price_fen},
    )


def test_15_a_transfer_comes_back(world: World) -> None:
    order, at = world.asked_for(Kind.TRANSFER)
    transfer = operation(order)
    world.settles(order)
    has_moved_once(order, Kind.TRANSFER, transfer.out_no)
    world.alipay.bounces(transfer.out_no)
    transfer.refresh_from_db()
    recheck.one(transfer, at=at + DAY)
    assert (pockets(order), fresh(order).trouble) == (
        {"payable": order.price_fen},
        "PAYOUT_BLOCKED",
    )
    a_new_account(world, order)
    pays_out_again(world, order)


@pytest.mark.parametrize("how", NOTICES)
@pytest.mark.parametrize("kind", [*KINDS[1:], Kind.TRANSFER])
def test_16_a_backup_is_restored(world: World, kind: Kind, how: str) -> None:
    world.notices_come(how)
    order, _ = world.asked_for(kind)
    number = operation(order).out_no
    with world.loses_what_follows():
        world.settles(order)
        world.notices_arrived()
    world.settles(order)
    has_moved_once(order, kind, number)


def test_16_what_was_done_since_the_backup_is_done_again(world: World) -> None:
    order = world.delivered()
    by = Actor.merchant(world.merchant)
    with world.loses_what_follows():
        world.does(workflow.CONFIRM, order, by)
        number = operation(order).out_no
        world.settles(order)
    assert fresh(order).state == "DELIVERED"
    world.does(workflow.CONFIRM, order, by)
    assert operation(order).out_no == number
    world.settles(order)
    has_moved_once(order, Kind.TRANSFER, number)


def test_16_what_was_paid_since_the_backup_is_paid_again(world: World) -> None:
    order = world.unpaid()
    with world.loses_what_follows():
        world.asks_to_pay(order)
        worker.pump(clock.now)
        number = operation(order).out_no
        assert world.alipay.payer_confirms(number)
        world.settles(order)
    assert fresh(order).state == "UNPAID"
    world.asks_to_pay(order)
    assert operation(order).out_no == number
    world.settles(order)
    has_moved_once(order, Kind.FREEZE, number)


def test_the_exit_code_is_that_of_a_kill() -> None:
    assert KILLED == 128 + signal.SIGKILL
