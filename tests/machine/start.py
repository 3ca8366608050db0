"""What every example begins with: orders in several states, made once and rolled back to."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta

from tasks import workflow
from tasks.models import Outbox
from tasks.workflow.deliver import Content
from tests.machine.picture import OrderRow
from tests.machine.processes import POINTS
from tests.machine.world import DAY, LINK, SECOND, People, World, people


@dataclass
class Start:
    """A world at rest, copied for each example."""

    world: World
    people: People

    def again(self) -> World:
        world = World(self.people, at=self.world.at)
        world.gateway = self.world.gateway.again(world.now, world._reach)
        world.books = deepcopy(self.world.books)
        world.picture = self.world.picture
        return world


def make(find: Callable[[World], None]) -> Start:
    """Two orders in one unpaid task, two in one freeze, one accepted, one delivered; one alone.

    `find` is told the world whose gateway the worker talks to.
    """
    world = World(people())
    find(world)
    far = 5 * DAY
    world.look()
    world.publish(0, [0, 1], 2 * DAY, far)
    paid = [
        world.publish(0, [1, 2], 2 * DAY, far),
        world.publish(1, [0], 2 * DAY, far),
        world.publish(1, [1], 2 * DAY, far),
    ]
    for task in paid:
        _pay(world, task)
    for task in paid[1:]:
        _each(world, task, lambda o: world.do(workflow.ACCEPT, o, world.creator_of(o)))
    _each(
        world,
        paid[2],
        lambda o: world.do(workflow.DELIVER, o, world.creator_of(o), Content(LINK)),
    )
    POINTS.forget()
    Outbox.objects.update(done_at=world.at)  # what people were told so far is of no concern here
    return Start(world, world.people)


def _pay(world: World, task: int) -> None:
    world.look()
    orders = [order for order in world.orders() if order.task_id == task]
    world.pay(orders[0])
    world.work()
    world.look()
    for out_no in world.codes():
        world.gateway.confirm(out_no)
    world.at += 5 * SECOND
    world.work()


def _each(world: World, task: int, step: Callable[[OrderRow], None]) -> None:
    world.look()
    for order in world.orders():
        if order.task_id == task:
            step(order)
    world.at += timedelta(seconds=1)
    world.work()
    world.look()
