"""The pages of an order's verbs: what is shown first, what one press does, what a refusal keeps."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from settlement.gateway.messages import Outcome
from tasks import workflow
from tasks.models import Delivery, Order, OrderEvent
from tasks.workflow import engine
from tests import gateway as gateways
from tests.builders import a_creator, a_merchant
from tests.orders import (
    DAY,
    DUE,
    NOW,
    START,
    an_order,
    everything,
    merchant_of,
    pockets,
    reminded,
    settle,
)
from tests.tasks.web.pages import as_creator, as_merchant, at, content, words

pytestmark = pytest.mark.django_db


def a_picture(name: str = "a.png") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (4, 4), "red").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def state(order: Order) -> str:
    return str(Order.objects.values_list("state", flat=True).get(pk=order.pk))


MERCHANTS = {"withdraw", "confirm", "review", "dispute", "invoice/request"}
VERBS: list[tuple[str, str, dict[str, Any], str]] = [
    ("PAID", "accept", {}, "ACCEPTED"),
    ("PAID", "decline", {"reason": "没有时间"}, "DECLINED"),
    ("ACCEPTED", "deliver", {"url": "https://we.example/1"}, "DELIVERED"),
    ("DELIVERED", "deliver", {"url": "https://we.example/2"}, "DELIVERED"),
    ("UNPAID", "withdraw", {}, "VOID"),
    ("DELIVERED", "confirm", {}, "CONFIRMED"),
    ("DELIVERED", "dispute", {"reason": "少了一张图"}, "DISPUTED"),
    (
        "CONFIRMED",
        "review",
        {"quality": 5, "punctuality": 4, "communication": 3, "text": "很好"},
        "REVIEWED",
    ),
]


def browser_for(order: Order, verb: str) -> Client:
    return as_merchant(order.merchant) if verb in MERCHANTS else as_creator(order.creator)


@pytest.mark.parametrize(("before", "verb", "given", "after"), VERBS)
def test_one_press_does_it(before: str, verb: str, given: dict[str, Any], after: str) -> None:
    order = an_order(before)
    browser, page = browser_for(order, verb), f"/orders/{order.pk}/{verb}/"
    assert browser.get(page).status_code == 200
    answer = browser.post(page, given)
    assert answer["Location"] == f"/orders/{order.pk}/"
    assert state(order) == after


@pytest.mark.parametrize(("before", "verb", "given", "after"), VERBS)
def test_for_a_stranger_it_is_not_there(
    before: str, verb: str, given: dict[str, Any], after: str
) -> None:
    order = an_order(before)
    was = everything(order)
    for stranger in (as_merchant(a_merchant()), as_creator(a_creator())):
        assert stranger.get(f"/orders/{order.pk}/{verb}/").status_code == 404
        assert stranger.post(f"/orders/{order.pk}/{verb}/", given).status_code == 404
    assert everything(order) == was


@pytest.mark.parametrize(("before", "verb", "given", "after"), VERBS)
def test_nor_for_the_other_side(before: str, verb: str, given: dict[str, Any], after: str) -> None:
    order = an_order(before)
    was = everything(order)
    other = as_creator(order.creator) if verb in MERCHANTS else as_merchant(order.merchant)
    assert other.post(f"/orders/{order.pk}/{verb}/", given).status_code == 404
    assert everything(order) == was


@pytest.mark.parametrize(("before", "verb", "given", "after"), VERBS)
def test_in_another_state_it_says_so_and_nothing_moves(
    before: str, verb: str, given: dict[str, Any], after: str
) -> None:
    order = an_order("LAPSED")
    was = everything(order)
    page = browser_for(order, verb).post(f"/orders/{order.pk}/{verb}/", given)
    assert "The order has moved on" in words(page)
    assert everything(order) == was


@pytest.mark.rule("N1", "N7")
def test_before_accepting_gross_fee_tax_and_net_are_shown() -> None:
    order = an_order("PAID")
    shown = words(as_creator(order.creator).get(f"/orders/{order.pk}/accept/"))
    assert "Reward ¥ 800.00 Platform fee 0 % ¥ 0.00 Agency none ¥ 0.00" in shown
    assert "Tax withheld ¥ 0.00 The creator receives ¥ 800.00" in shown


@pytest.mark.rule("N1")
@pytest.mark.parametrize(
    ("before", "verb", "sentence"),
    [
        ("PAID", "decline", "Back to the merchant ¥ 800.00"),
        ("DELIVERED", "confirm", "The creator receives ¥ 800.00 Platform fee 0 % ¥ 0.00"),
        ("DELIVERED", "dispute", "Stays in escrow ¥ 800.00"),
    ],
)
def test_before_the_button_it_is_shown_who_gets_what(before: str, verb: str, sentence: str) -> None:
    order = an_order(before)
    assert sentence in words(browser_for(order, verb).get(f"/orders/{order.pk}/{verb}/"))


@pytest.mark.rule("V32")
def test_without_a_payout_account_accepting_is_refused_with_the_reason() -> None:
    order = an_order("PAID", creator=a_creator(payout=None))
    was = everything(order)
    page = as_creator(order.creator).post(f"/orders/{order.pk}/accept/")
    assert "Add your payout account to your profile first" in words(page)
    assert everything(order) == was


@pytest.mark.rule("V37")
def test_at_the_start_it_is_too_late_to_accept() -> None:
    order = an_order("PAID")
    was = everything(order)
    browser = as_creator(order.creator)
    with at(START):
        page = browser.post(f"/orders/{order.pk}/accept/")
    assert "The start time has passed" in words(page)
    assert everything(order) == was


@pytest.mark.rule("V38")
def test_declining_needs_a_reason() -> None:
    order = an_order("PAID")
    page = as_creator(order.creator).post(f"/orders/{order.pk}/decline/", {"reason": "  "})
    assert "This field is required." in words(page)
    assert state(order) == "PAID"


@pytest.mark.rule("V56")
def test_a_delivery_has_a_link_a_note_and_pictures() -> None:
    order = an_order("ACCEPTED")
    given = {
        "url": "https://we.example/1",
        "note": "已发布",
        "pictures": [a_picture(), a_picture()],
    }
    as_creator(order.creator).post(f"/orders/{order.pk}/deliver/", given)
    delivery = Delivery.objects.get()
    assert (delivery.url, delivery.note) == ("https://we.example/1", "已发布")
    assert [default_storage.exists(name) for name in delivery.pictures] == [True, True]


@pytest.mark.parametrize(
    ("url", "reason"),
    [("ftp://we.example/1", "http"), ("javascript:alert(1)", "http"), ("", "required")],
)
def test_a_link_that_is_none_is_refused_and_what_was_typed_stays(url: str, reason: str) -> None:
    order = an_order("ACCEPTED")
    given = {"url": url, "note": "说明文字"}
    page = as_creator(order.creator).post(f"/orders/{order.pk}/deliver/", given)
    assert reason in words(page)
    assert "说明文字" in words(page)
    assert state(order) == "ACCEPTED"


def test_pictures_that_are_none_are_refused_by_name() -> None:
    order = an_order("ACCEPTED")
    given = {"url": "https://we.example/1", "pictures": [SimpleUploadedFile("x.png", b"<svg")]}
    page = as_creator(order.creator).post(f"/orders/{order.pk}/deliver/", given)
    assert "x.png:" in words(page)
    assert state(order) == "ACCEPTED"


@pytest.mark.rule("V39")
def test_after_the_due_time_nothing_is_delivered_and_no_picture_is_kept() -> None:
    order = an_order("ACCEPTED")
    was, files = everything(order), stored_files()
    browser = as_creator(order.creator)
    with at(DUE):
        given = {"url": "https://we.example/1", "pictures": [a_picture()]}
        page = browser.post(f"/orders/{order.pk}/deliver/", given)
    assert "The due time has passed." in words(page)
    assert (everything(order), stored_files()) == (was, files)


def stored_files() -> list[str]:
    if not default_storage.exists("deliveries"):
        return []
    folders = default_storage.listdir("deliveries")[0]
    return [name for f in folders for name in default_storage.listdir(f"deliveries/{f}")[1]]


@pytest.mark.rule("N20")
def test_the_same_form_sent_twice_acts_once() -> None:
    order = an_order("ACCEPTED")
    browser = as_creator(order.creator)
    for _twice in range(2):
        given = {"url": "https://we.example/1", "form_key": "a" * 32}
        browser.post(f"/orders/{order.pk}/deliver/", given)
    assert Delivery.objects.count() == 1
    assert OrderEvent.objects.filter(verb="deliver").count() == 1


@pytest.mark.rule("V62")
@pytest.mark.parametrize("wrong", [{"quality": 6}, {"punctuality": 0}, {"text": ""}])
def test_a_review_needs_three_ratings_and_a_text_and_keeps_what_was_typed(
    wrong: dict[str, Any],
) -> None:
    order = an_order("CONFIRMED")
    given = {"quality": 5, "punctuality": 4, "communication": 3, "text": "不错的内容", **wrong}
    page = as_merchant(order.merchant).post(f"/orders/{order.pk}/review/", given)
    assert page.status_code == 200
    assert given["text"] in words(page)
    assert state(order) == "CONFIRMED"


@pytest.mark.rule("V40")
def test_after_the_time_to_verify_there_is_no_dispute() -> None:
    order = reminded(an_order("DELIVERED"))
    was = everything(order)
    browser = as_merchant(order.merchant)
    assert order.confirm_by is not None
    with at(order.confirm_by):
        page = browser.post(f"/orders/{order.pk}/dispute/", {"reason": "少图"})
    assert "The time to verify is over" in words(page)
    assert "少图" in words(page)
    assert everything(order) == was


@pytest.mark.rule("V19")
def test_one_side_offers_another_price_and_the_other_accepts_it() -> None:
    order = an_order("UNPAID")
    creator, merchant = as_creator(order.creator), as_merchant(order.merchant)
    creator.post(f"/orders/{order.pk}/offer/", {"price_fen": "950.50"})
    assert "The other side offers another price" in words(merchant.get(f"/orders/{order.pk}/"))
    merchant.post(f"/orders/{order.pk}/offer/accept/", {"price_fen": "95050"})
    order = Order.objects.get(pk=order.pk)
    assert (order.price_fen, order.offer_fen) == (95_050, None)


@pytest.mark.rule("V19")
def test_or_rejects_it() -> None:
    order = an_order("UNPAID")
    as_creator(order.creator).post(f"/orders/{order.pk}/offer/", {"price_fen": "950"})
    as_merchant(order.merchant).post(f"/orders/{order.pk}/offer/reject/")
    order = Order.objects.get(pk=order.pk)
    assert (order.price_fen, order.offer_fen) == (80_000, None)


@pytest.mark.rule("V19")
def test_an_offer_that_changed_meanwhile_is_not_accepted() -> None:
    order = an_order("UNPAID")
    as_creator(order.creator).post(f"/orders/{order.pk}/offer/", {"price_fen": "950"})
    merchant = as_merchant(order.merchant)
    page = merchant.post(f"/orders/{order.pk}/offer/accept/", {"price_fen": "90000"}, follow=True)
    assert "The offer has changed." in words(page)
    order = Order.objects.get(pk=order.pk)
    assert order.price_fen == 80_000


@pytest.mark.parametrize(
    ("price", "reason"),
    [
        ("0.05", "cannot be paid out"),
        ("zehn", "Enter an amount in yuan"),
        ("800", "This is the price already."),
    ],
)
def test_an_impossible_price_is_refused_and_stays_in_the_field(price: str, reason: str) -> None:
    order = an_order("UNPAID")
    page = as_creator(order.creator).post(f"/orders/{order.pk}/offer/", {"price_fen": price})
    assert reason in words(page)
    assert f'value="{price}"' in page.content.decode()
    order = Order.objects.get(pk=order.pk)
    assert order.offer_fen is None


@pytest.mark.rule("V57")
def test_an_invoice_is_asked_for_handed_in_and_read_by_both() -> None:
    order = an_order("CONFIRMED")
    merchant, creator = as_merchant(order.merchant), as_creator(order.creator)
    given = {"title": "杭州晨光贸易有限公司", "tax_number": "91330100MA27XW1234"}
    merchant.post(f"/orders/{order.pk}/invoice/request/", given)
    assert "91330100MA27XW1234" in words(creator.get(f"/orders/{order.pk}/"))
    invoice = {"number": "No.1", "file": a_picture("发票.png")}
    creator.post(f"/orders/{order.pk}/invoice/new/", invoice)
    pages = [browser.get(f"/orders/{order.pk}/invoice/") for browser in (merchant, creator)]
    assert [content(page)[:4] for page in pages] == [b"\x89PNG"] * 2
    stranger = as_merchant(a_merchant())
    assert stranger.get(f"/orders/{order.pk}/invoice/").status_code == 404


@pytest.mark.rule("V57")
def test_a_creator_who_gives_no_invoices_is_not_asked() -> None:
    order = an_order("CONFIRMED", creator=a_creator(can_invoice=False))
    merchant = as_merchant(order.merchant)
    assert "Ask for an invoice" not in words(merchant.get(f"/orders/{order.pk}/"))
    page = merchant.post(f"/orders/{order.pk}/invoice/request/", {"title": "A", "tax_number": "1"})
    assert "This creator does not give invoices." in words(page)


def test_delivering_opens_when_the_money_is_in_escrow() -> None:
    order = an_order("PAID")
    creator = as_creator(order.creator)
    creator.post(f"/orders/{order.pk}/accept/")
    assert "The reward is being secured" in words(creator.get(f"/orders/{order.pk}/"))
    page = creator.post(f"/orders/{order.pk}/deliver/", {"url": "https://we.example/1"})
    assert "Delivery opens when it is in escrow." in words(page)
    assert (state(order), START - NOW) == ("ACCEPTED", 2 * DAY)


def test_a_payout_that_failed_is_tried_again_to_the_corrected_account() -> None:
    order = an_order("DELIVERED")
    engine.run_one(workflow.CONFIRM, order.pk, at=NOW + 4 * DAY, by=merchant_of(order))
    with gateways.scripted() as gateway:
        gateway.says["TRANSFER"] = Outcome.FAILED
        settle(NOW + 4 * DAY)
    creator = as_creator(order.creator)
    assert "Try the payout again" in words(creator.get(f"/orders/{order.pk}/"))
    assert "You receive ¥ 800.00" in words(creator.get(f"/orders/{order.pk}/payout/"))
    creator.post(f"/orders/{order.pk}/payout/")
    assert pockets(order) == {"in_transit": 80_000}
