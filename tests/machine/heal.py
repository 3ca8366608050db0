"""When every fault is over, everything comes to its end by itself, and every fen is where it
belongs.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from settlement import queries
from tasks import messages, workflow
from tasks.workflow import engine
from tasks.workflow.decision import CLOCK
from tests.machine.gateway import Gateway
from tests.machine.picture import ENDED_STATES, OrderRow, Picture
from tests.machine.post import Post
from tests.machine.world import SECOND, World

ROUNDS = 40


def heal(world: World) -> None:
    """No more faults: deliver what is late, open what is closed, and let the clock go on."""
    gateway = world.gateway
    while gateway.in_flight:
        gateway.deliver_late(0)
    gateway.closed_payees.clear()
    world.clear_halts()
    _look(world)
    for _ in range(ROUNDS):
        if not _one_round(world):
            break
    world.is_moved = True  # whatever was seen of it: the whole ledger once more
    _look(world)
    found = list(_unfinished(world.picture, world.orders(), world.gateway))
    assert not found, found
    assert not queries.open_halts().exists()


def _look(world: World) -> None:
    found = world.look()
    assert not found, found


def _one_round(world: World) -> bool:
    """One step of everybody; whether anything is left to do."""
    steps: Iterable[Callable[[World], bool]] = (_work, _decide, _correct, _finish)
    for step in steps:
        if step(world):
            if world.is_touched:
                _look(world)
            return True
    return False


def _work(world: World) -> bool:
    """The worker takes what is open and needs no person, when its time has come."""
    active = [o for o in world.picture.open_operations() if o.state != "MANUAL"]
    if not active:
        return False
    # Nobody confirms any more: no need to follow every look at a payment that waits.
    times = [o.expires_at if o.state == "WAIT_USER" else o.next_at for o in active]
    leases = [o.lease_until for o in active]
    world.at = max(world.at, *(at for at in (*times, *leases) if at is not None)) + SECOND
    world.work(20)
    return True


def _decide(world: World) -> bool:
    manual = [o for o in world.picture.open_operations() if o.state == "MANUAL"]
    if not manual:
        return False
    if not world.decide(manual[0]):
        world.work(20)  # asked at once: the gateway's own answer, or the code runs out
        world.at += 20 * 60 * SECOND
    return True


def _correct(world: World) -> bool:
    """People set going again what was blocked."""
    for order in world.picture.orders.values():
        if order.trouble == "RETURN_BLOCKED":
            world.do(workflow.RETURN_AGAIN, order, world.staff())
            return True
        if order.pockets["payable"]:
            world.do(workflow.PAY_OUT, order, world.creator_of(order))
            return True
    return False


def _finish(world: World) -> bool:
    """The clock brings every order to its end; a dispute is ruled on."""
    orders = [order for order in world.orders() if order.state not in ENDED_STATES]
    for order in orders:
        if order.state == "DISPUTED":
            [(_, rule), *_] = [
                choice for choice in world.sensible() if choice[0] == f"split {order.id}"
            ] or [("", lambda: None)]
            if world.attempt(rule):  # too small to be split
                [(_, refund)] = [
                    c for c in world.sensible() if c[0] == f"rule to refund {order.id}"
                ]
                refund()
            return True
    if _remind(world, orders):
        return True
    due = [(_due(order), order) for order in orders]
    if not due:
        return False
    (verb_name, at), order = min(due, key=lambda found: (found[0][1], found[1].id))
    world.at = max(world.at, at)
    ids = [o.id for (name, when), o in due if (name, when) == (verb_name, at)]
    outcomes = engine.run(workflow.VERBS[verb_name], ids, at=world.at, by=CLOCK)
    assert {outcome.result for outcome in outcomes} == {engine.DONE}
    return True


def _remind(world: World, orders: list[OrderRow]) -> bool:
    """Staff release what is held; the mail server is up again and takes what waits for it."""
    for order in orders:
        if order.held_at is not None:
            world.do(workflow.RELEASE_HOLD, order, world.staff(), "called the merchant")
            return True
    if any(order.state == "DELIVERED" and _waits_for_post(order) for order in orders):
        world.at += messages.RETRY
        world.post_letters(Post.UP)
        return True
    return False


def _waits_for_post(order: OrderRow) -> bool:
    return order.remind_at is None and order.reminded_at is None


def _due(order: OrderRow) -> tuple[str, datetime]:
    """The clock's verb for an order, and when."""
    assert order.state != "DELIVERED" or order.confirm_by is not None
    return {
        "UNPAID": ("void", order.start_at),
        "PAID": ("lapse", order.start_at),
        "ACCEPTED": ("overdue", order.due_at),
        "DELIVERED": ("remind", order.remind_at)
        if order.remind_at
        else ("confirm", order.confirm_by or order.due_at),
    }[order.state]


def _unfinished(picture: Picture, orders: list[OrderRow], gateway: Gateway) -> Iterable[str]:
    for operation in picture.open_operations():
        yield f"{operation.kind} {operation.out_no} is still {operation.state}"
    for order in orders:
        if order.state not in ENDED_STATES:
            yield f"order {order.id} is still {order.state}"
        if order.open_fen():
            yield f"order {order.id}, {order.state}: {order.pockets}"
    for order in picture.orders.values():
        if order.state in ENDED_STATES and order.open_fen():
            yield f"order {order.id}, {order.state}: {order.pockets}"
    yield from _shares(orders)
    alive = {order.freeze_no for order in picture.orders.values() if order.pockets["frozen"]}
    for out_no, frozen in gateway.freezes.items():
        if frozen.rest_fen and out_no not in alive:
            yield f"{out_no}: {frozen.rest_fen} fen stay frozen"


def _shares(orders: list[OrderRow]) -> Iterable[str]:
    """What an order paid out is what its terms said when it was paid (N2)."""
    for order in orders:
        paid, back = order.pockets["paid"], order.pockets["returned"]
        if back == 0 and paid and (paid, order.pockets["fee"]) != (order.net_fen, order.fee_fen):
            yield f"order {order.id}: paid {order.pockets}, agreed {order.net_fen}"
