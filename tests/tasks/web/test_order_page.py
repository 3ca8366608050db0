import json
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from settlement import check_receipt
from tasks.models import Delivery, Order
from tests.builders import a_browser, a_creator, a_merchant, ops
from tests.orders import LINK, NOW, an_order
from tests.tasks.web.pages import as_creator, as_merchant, content, words

pytestmark = pytest.mark.django_db
STATES = [
    "UNPAID", "PAID", "ACCEPTED", "DELIVERED", "DISPUTED", "CONFIRMED",
    "REVIEWED", "VOID", "LAPSED", "DECLINED", "OVERDUE", "REFUNDED",
]  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_both_sides_read_the_state_the_money_and_what_happened(state: str) -> None:
    order = an_order(state)
    label = order.get_state_display()
    for browser in (as_merchant(order.merchant), as_creator(order.creator), a_browser(ops())):
        shown = words(browser.get(f"/orders/{order.pk}/"))
        assert label in shown
        assert "Reward ¥ 800.00" in shown
        assert "Sent to the creator" in shown


@pytest.mark.parametrize("state", ["UNPAID", "DELIVERED", "REVIEWED"])
def test_anothers_order_is_not_there(state: str) -> None:
    order = an_order(state)
    for stranger in (as_merchant(a_merchant()), as_creator(a_creator())):
        for page in ("", "receipt/"):
            assert stranger.get(f"/orders/{order.pk}/{page}").status_code == 404


@pytest.mark.rule("V63")
def test_the_timeline_names_each_step_with_its_instant() -> None:
    order = an_order("REVIEWED")
    shown = words(as_merchant(order.merchant).get(f"/orders/{order.pk}/"))
    steps = ["Reviewed", "Confirmed", "Delivered", "Accepted", "Paid and frozen"]
    places = [shown.rindex(step) for step in steps]
    assert places == sorted(places)
    assert "2 Mar 2026, 13:00" in shown  # accepted an hour after it was sent, as read in Shanghai


@pytest.mark.rule("V64")
@pytest.mark.parametrize(("state", "is_shown"), [("PAID", False), ("ACCEPTED", True)])
def test_contacts_are_shown_from_the_acceptance_on(state: str, is_shown: bool) -> None:
    order = an_order(state)
    merchants = words(as_merchant(order.merchant).get(f"/orders/{order.pk}/"))
    creators = words(as_creator(order.creator).get(f"/orders/{order.pk}/"))
    assert ("13900001111" in merchants) is is_shown
    assert ("13812345678" in creators) is is_shown


@pytest.mark.rule("V64")
@pytest.mark.parametrize("state", ["UNPAID", "VOID", "DECLINED", "LAPSED"])
def test_and_never_when_it_was_not_accepted(state: str) -> None:
    order = an_order(state)
    assert "13812345678" not in words(as_creator(order.creator).get(f"/orders/{order.pk}/"))
    assert "13900001111" not in words(as_merchant(order.merchant).get(f"/orders/{order.pk}/"))


@pytest.mark.rule("V11")
def test_the_brief_is_shown_as_it_was_paid_for() -> None:
    order = an_order("PAID")
    order.task.requirements = "later words"
    order.task.save()
    shown = words(as_creator(order.creator).get(f"/orders/{order.pk}/"))
    assert "Brief, as paid for" in shown
    assert "later words" not in shown


@pytest.mark.rule("N3")
def test_both_sides_download_the_receipt_and_it_checks() -> None:
    order = an_order("REVIEWED")
    for browser in (as_merchant(order.merchant), as_creator(order.creator)):
        answer = browser.get(f"/orders/{order.pk}/receipt/")
        assert answer["Content-Disposition"] == f'attachment; filename="order-{order.pk}.json"'
        assert check_receipt.problems(json.loads(answer.content)) == []


@pytest.mark.rule("V60", "V61")
def test_a_delivered_link_is_left_through_a_page_that_says_so() -> None:
    order = an_order("DELIVERED")
    browser = as_merchant(order.merchant)
    delivery = Delivery.objects.get()
    way_out = f"/orders/{order.pk}/links/{delivery.pk}/"
    assert (
        f'href="{way_out}" rel="noopener nofollow ugc"'
        in browser.get(f"/orders/{order.pk}/").content.decode()
    )
    page = browser.get(way_out)
    assert "You are leaving vtask" in words(page)
    assert f'href="{LINK}" rel="noopener noreferrer nofollow ugc"' in page.content.decode()
    assert as_merchant(a_merchant()).get(way_out).status_code == 404


def test_a_link_of_another_order_is_not_there() -> None:
    order, other = an_order("DELIVERED"), an_order("DELIVERED")
    delivery = Delivery.objects.get(order=other)
    page = f"/orders/{order.pk}/links/{delivery.pk}/"
    assert as_merchant(order.merchant).get(page).status_code == 404


def a_delivery_with_a_picture(order: Order) -> Delivery:
    out = BytesIO()
    Image.new("RGB", (2, 2)).save(out, "PNG")
    name = default_storage.save("deliveries/aa/a.png", ContentFile(out.getvalue()))
    return Delivery.objects.create(order=order, at=NOW, url=LINK, pictures=[name])


def test_pictures_of_a_delivery_are_for_both_sides_and_nobody_else() -> None:
    order = an_order("DELIVERED")
    page = f"/deliveries/{a_delivery_with_a_picture(order).pk}/pictures/0/"
    answers = [b.get(page) for b in (as_merchant(order.merchant), as_creator(order.creator))]
    assert [content(answer)[:4] for answer in answers] == [b"\x89PNG"] * 2
    strangers = [as_merchant(a_merchant()), as_creator(a_creator())]
    assert [browser.get(page).status_code for browser in strangers] == [404, 404]


def test_a_picture_that_does_not_exist_is_not_there() -> None:
    order = an_order("DELIVERED")
    page = f"/deliveries/{a_delivery_with_a_picture(order).pk}/pictures/1/"
    assert as_merchant(order.merchant).get(page).status_code == 404
    assert as_merchant(order.merchant).get("/disputes/1/pictures/0/").status_code == 404


def test_the_task_page_shows_each_order_with_its_state() -> None:
    order = an_order("DELIVERED")
    shown = words(as_merchant(order.merchant).get(f"/tasks/{order.task_id}/"))
    assert order.creator.nickname in shown
    assert "Delivered" in shown
    assert "Verify" in shown
    assert "Edit" not in shown


def test_staff_look_but_do_not_act_here() -> None:
    order = an_order("UNPAID")
    staff = a_browser(ops())
    assert staff.get(f"/orders/{order.pk}/").status_code == 200
    assert staff.post(f"/orders/{order.pk}/offer/", {"price_fen": "900"}).status_code == 404
    assert staff.post(f"/orders/{order.pk}/offer/reject/").status_code == 404
