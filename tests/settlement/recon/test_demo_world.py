"""The demo's months of history, played over the wire at one go: nothing differs."""

import pytest

from settlement.models import ReconRun
from tests.orders import DAY
from tests.settlement.recon.world import World, found
from tests.vtask import small_world
from vtask.demo_world import bank
from vtask.demo_world import world as demo_world
from vtask.demo_world.people import People

CODE_OF = "SELECT out_order_no FROM freezes WHERE code = %s"


@pytest.fixture
def demo(world: World) -> World:
    """The gateway does today what our books have over months."""

    def pay(code_url: str, logon_id: str) -> None:
        with world.alipay.house.transaction() as conn:
            row = conn.execute(CODE_OF, [code_url.rsplit("/", 1)[1]]).fetchone()
        assert row is not None
        world.alipay.pay(row[0], logon_id)

    def open_accounts(people: People) -> None:
        for account in bank.accounts(people):
            logon_id, name = str(account["logon_id"]), str(account["name"])
            if account.get("is_payer"):
                world.alipay.open_payer(logon_id, balance_fen=10**10)
            else:
                world.alipay.open_payee(logon_id, name)

    world.at = small_world.TODAY + 10 * (DAY / 24)
    demo_world.load(
        at=small_world.TODAY, seed="vtask", size=small_world.SMALL, payer=pay,
        open_accounts=open_accounts,
    )  # fmt: skip
    return world


def test_nothing_differs_in_the_demo_world(demo: World) -> None:
    for _ in range(4):
        demo.bills()
        while demo.recheck():
            pass
        demo.watch(365)
        demo.next_morning()
    assert ReconRun.objects.filter(result="DONE", rows__gt=20).count() == 1
    assert found() == []
