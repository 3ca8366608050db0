"""How the demo world is loaded: once, the same every time, on from where it was interrupted."""

from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Model
from django.test import override_settings

from accounts.models import User
from core import clock
from creators.models import Work
from settlement.models import Escrow, Operation, Transfer
from tasks.models import Order, OrderEvent, Task
from tests import gateway
from tests.builders import ops as staff
from tests.vtask.small_world import TODAY, load, no_payer
from vtask.demo_world import logins, people, world
from vtask.management.commands.load_demo_world import midnight

pytestmark = pytest.mark.django_db


def test_the_same_seed_on_the_same_day_makes_the_same_world() -> None:
    assert a_plan() == a_plan()


def test_another_seed_makes_another_world() -> None:
    crowd = people.make(world._rng("vtask", "people"), at=TODAY, merchants=4, creators=20)
    plans = [world.plan(crowd, at=TODAY, seed=seed, orders=60).steps() for seed in ("a", "b")]
    assert plans[0] != plans[1]


def test_a_second_load_changes_nothing() -> None:
    load()
    before = counts()
    with patch("vtask.management.commands.load_demo_world.world.load") as again:
        call_command("load_demo_world")
    assert not again.called
    assert counts() == before


def test_an_interrupted_load_is_continued_where_it_ended() -> None:
    broken = patch.object(world, "_prove", side_effect=InterruptedError)
    with broken, pytest.raises(InterruptedError):
        load()
    before = counts()
    assert not logins.is_complete()
    load()
    assert logins.is_complete()
    assert counts() == before


def test_the_command_makes_the_world_of_the_day_it_is_run_on() -> None:
    with (
        gateway.scripted(),
        time_machine.travel(TODAY + timedelta(hours=9), tick=False),
        patch("vtask.demo_world.cashier.pay", no_payer),
        patch("vtask.demo_world.bank.open_accounts"),
    ):
        size = {"creators": 20, "merchants": 4, "orders": 60, "workers": 0}
        call_command("load_demo_world", **size)
        assert midnight(clock.now()) == TODAY
    assert Order.objects.count() == 60


@override_settings(VTASK_ENV="production")
def test_production_refuses_invented_people() -> None:
    with pytest.raises(CommandError, match="production"):
        call_command("load_demo_world")
    assert not User.objects.exists()


def test_used_recovery_codes_are_not_printed_and_a_new_set_follows_the_last() -> None:
    ops = staff(has_second_factor=False)
    logins.give_second_factor(ops)
    used = set()
    for _ in range(12):
        code = logins.codes(ops)[0]
        assert code not in used
        assert RecoveryCodes.activate(ops).validate_code(code)
        used.add(code)


def a_plan() -> tuple[object, ...]:
    """The people and all that they will do, made on an empty site, which stays empty."""
    with transaction.atomic():
        crowd = people.make(world._rng("vtask", "people"), at=TODAY, merchants=4, creators=20)
        planner = world.plan(crowd, at=TODAY, seed="vtask", orders=60)
        told = [(c.nickname, c.followers, c.default_price_fen) for c in crowd.creators]
        transaction.set_rollback(True)
    return told, planner.tasks, planner.steps()


def counts() -> dict[str, int]:
    models: list[type[Model]] = [User, Task, Order, OrderEvent, Escrow, Transfer, Operation, Work]
    return {model.__name__: model._default_manager.count() for model in models}
