"""The reward and the sales commission are two things: neither takes from the other (V58)."""

import pytest

from settlement.models import Transfer
from settlement.pockets import POCKETS
from tasks.models import Attachment
from tests.orders import PATHS, PRICE_FEN, STEPS, an_order, pockets

pytestmark = pytest.mark.django_db


@pytest.mark.rule("V58")
def test_an_order_whose_brief_names_a_product_with_commission_pays_its_whole_reward() -> None:
    order = an_order("UNPAID")
    Attachment.objects.create(
        task=order.task, kind="LINK", name="面霜", url="https://item.example/1?commission=20"
    )
    for step in PATHS["CONFIRMED"]:
        STEPS[step](order, None)
    assert pockets(order) == {"paid": PRICE_FEN}


@pytest.mark.rule("V58")
def test_the_escrow_of_an_order_knows_no_commission() -> None:
    an_order("REVIEWED")
    codes = set(Transfer.objects.values_list("code", flat=True))
    assert codes == {"freeze", "capture", "confirm", "payout", "paid"}
    assert not [pocket for pocket in POCKETS if "commission" in pocket]
