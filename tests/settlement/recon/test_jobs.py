"""The jobs that beat runs: each finds what is due; the demo's moved clock does not mislead them."""

import pytest
from pytest_django import Settings

from settlement import jobs
from settlement.kinds import Kind
from settlement.models import ReconRun
from tests.orders import DAY, PRICE_FEN, pockets
from tests.settlement.recon.world import World, found, operation
from vtask.beat import BEAT


def test_the_jobs_do_all_of_it(world: World, settings: Settings) -> None:
    settings.FREEZE_MAX_DAYS = 2
    order = world.confirmed()
    (waiting,) = world.paid()
    world.alipay.give_back(operation(order, Kind.TRANSFER).out_no)
    world.alipay.expire(operation(waiting, Kind.FREEZE).out_no)
    world.at += DAY
    assert jobs.watch_freezes() == 1
    assert jobs.recheck_operations() == 3  # the watched freeze was asked about just now
    assert (pockets(order), pockets(waiting)) == (
        {"payable": PRICE_FEN},
        {"returned": PRICE_FEN},
    )
    assert (jobs.reconcile_days(), jobs.watch_clearing(), found()) == (1, 0, [])


def test_the_gateways_days_go_by_the_true_clock(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.confirmed()
    ahead = 10 * DAY
    monkeypatch.setattr("core.clock.offset_hours", lambda: 240)
    monkeypatch.setattr("core.clock.now", lambda: world.at + ahead)
    assert jobs.reconcile_days() == 0
    world.next_morning()
    assert jobs.reconcile_days() == 1
    assert [(str(run.day), run.rows) for run in ReconRun.objects.filter(result="DONE")] == [
        ("2026-03-02", 2)
    ]
    assert found() == []


def test_beat_runs_them() -> None:
    names = {entry["task"].removeprefix("settlement.jobs.") for entry in BEAT.values()}
    assert {"recheck_operations", "reconcile_days", "watch_clearing", "watch_freezes"} <= names
