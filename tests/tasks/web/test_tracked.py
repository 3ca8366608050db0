"""Following a short link, what the order's page shows of it, and reporting figures (V60)."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.test import Client, override_settings
from django.urls import reverse
from PIL import Image

from accounts.models import User
from reads import codes, counting
from reads.days import day_of
from reads.models import ReadDay, Visit
from reads.queries import Reads
from tasks import figures, workflow
from tasks.models import Attachment, Delivery, Order, ReportedFigures
from tasks.web import tracked
from tasks.workflow.report_figures import Figures
from tests.builders import a_browser, a_creator, ops, queries_of
from tests.orders import DAY, LINK, NOW, an_order, creator_of, delivered_at, do, everything
from tests.tasks.web.pages import as_creator, as_merchant, at, content, words

pytestmark = [pytest.mark.django_db, pytest.mark.rule("V60")]

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) MicroMessenger/8.0.49"
SHOP = "https://shop.example/item/1"


def reader(agent: str = CHROME, network: str = "203.0.113.7") -> Client:
    return Client(headers={"user-agent": agent}, REMOTE_ADDR=network)


def address(order: Order) -> str:
    return reverse("tasks:follow", args=[codes.encode("d", order.deliveries.latest("id").pk)])


def counted() -> list[tuple[int, str, int, int, int]]:
    """Owner, kind, number, visits and visitors of every link, once summed up."""
    counting.roll_up()
    columns = ("owner", "kind", "number", "visits", "visitors")
    return list(ReadDay.objects.order_by(*columns).values_list(*columns))


def a_product(order: Order, url: str = SHOP) -> Attachment:
    return Attachment.objects.create(task=order.task, kind="LINK", name="精华液", url=url)


def an_image(name: str = "proof.png", kind: str = "PNG") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, kind)
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/png")


# Following


def test_the_link_leads_to_the_content_and_the_visit_counts() -> None:
    order = an_order("DELIVERED")
    answer = reader().get(address(order))
    assert (answer.status_code, answer["Location"]) == (302, LINK)
    assert counted() == [(order.pk, "d", order.deliveries.get().pk, 1, 1)]


def test_the_answer_is_neither_kept_nor_listed_and_names_the_readers_site_alone() -> None:
    answer = reader().get(address(an_order("DELIVERED")))
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert not answer.cookies


def test_each_device_counts_once_a_day_as_a_visitor() -> None:
    order = an_order("DELIVERED")
    for who in (reader(), reader(), reader(IPHONE), reader(network="198.51.100.9")):
        who.get(address(order))
    [(_owner, _kind, _number, visits, visitors)] = counted()
    assert (visits, visitors) == (4, 3)


def test_a_product_link_leads_to_the_shop_and_counts_for_the_order() -> None:
    order = an_order("ACCEPTED")
    product = a_product(order)
    path = reverse("tasks:follow", args=[codes.encode("p", order.pk, product.pk)])
    assert reader().get(path)["Location"] == SHOP
    assert counted() == [(order.pk, "p", product.pk, 1, 1)]


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": ""},
        {"user-agent": "Mozilla/5.0 (compatible; Baiduspider/2.0)"},
        {"user-agent": CHROME, "sec-purpose": "prefetch"},
        {"user-agent": CHROME, "sec-fetch-dest": "image"},
    ],
    ids=["nobody", "a robot", "a prefetch", "a picture"],
)
def test_who_is_no_reader_is_led_on_and_not_counted(headers: dict[str, str]) -> None:
    order = an_order("DELIVERED")
    answer = Client(headers=headers).get(address(order))
    assert (answer.status_code, answer["Location"]) == (302, LINK)
    assert counted() == []


def test_a_head_request_is_led_on_and_not_counted() -> None:
    order = an_order("DELIVERED")
    assert reader().head(address(order)).status_code == 302
    assert counted() == []


@pytest.mark.parametrize(
    "who",
    [lambda o: o.merchant.user, lambda o: o.creator.user, lambda _o: ops()],
    ids=["the merchant", "the creator", "our staff"],
)
def test_the_own_clicks_of_both_sides_and_staff_do_not_count(
    who: Callable[[Order], User],
) -> None:
    order = an_order("DELIVERED")
    browser = a_browser(who(order))
    answer = browser.get(address(order), headers={"user-agent": CHROME})
    assert answer["Location"] == LINK
    assert counted() == []


def test_somebody_else_who_is_logged_in_is_a_reader() -> None:
    order = an_order("DELIVERED")
    a_browser(a_creator().user).get(address(order), headers={"user-agent": CHROME})
    assert len(counted()) == 1


@pytest.mark.parametrize("code", ["d1-22222222", "nonsense", "d1", "x-2", "--------"])
def test_a_code_that_is_none_of_ours_leads_nowhere(code: str) -> None:
    assert reader().get(f"/r/{code}/").status_code == 404
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://we.example/", "//we.example/", "https://a:b@we.example/"]
)
def test_a_link_that_was_never_checked_leads_nowhere(url: str) -> None:
    order = an_order("DELIVERED")
    smuggled = Delivery.objects.create(order=order, at=NOW, url=url)
    path = reverse("tasks:follow", args=[codes.encode("d", smuggled.pk)])
    assert reader().get(path).status_code == 404


def test_nothing_in_the_address_changes_where_it_leads() -> None:
    order = an_order("DELIVERED")
    for extra in ("?next=https://evil.example/", "?url=//evil.example", "?to=javascript:1"):
        assert reader().get(address(order) + extra)["Location"] == LINK


@pytest.mark.parametrize("problem", [DatabaseError("no room"), RuntimeError("a mistake of ours")])
def test_the_reader_arrives_even_if_the_counting_fails(
    problem: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    order = an_order("DELIVERED")
    with patch("reads.counting.count", side_effect=problem):
        answer = reader().get(address(order))
    assert (answer.status_code, answer["Location"]) == (302, LINK)
    assert counted() == []


def test_behind_a_proxy_the_readers_own_address_tells_devices_apart() -> None:
    order = an_order("DELIVERED")
    with override_settings(AXES_IPWARE_PROXY_COUNT=1):
        for network in ("203.0.113.7", "198.51.100.9", "203.0.113.7"):
            reader(network="10.0.0.1").get(
                address(order), headers={"x-forwarded-for": f"6.6.6.6, {network}"}
            )
    [(_owner, _kind, _number, visits, visitors)] = counted()
    assert (visits, visitors) == (3, 2)


def test_a_visit_takes_three_queries_and_no_session(django_assert_num_queries: Any) -> None:
    order = an_order("DELIVERED")
    path, who = address(order), reader()
    who.get(path)
    with django_assert_num_queries(6):  # three, and the savepoint and clock around them
        who.get(path)


# What the order's page shows


def shown(order: Order, *, days: int = 3) -> dict[str, Any]:
    fresh = Order.objects.select_related("task").get(pk=order.pk)
    panel = tracked.panel(fresh, at=delivered_at(order) + days * DAY)
    assert panel is not None
    return panel


def visits(order: Order, *, number: int, kind: str = "d", days: int = 0, reads: Reads) -> None:
    ReadDay.objects.create(
        owner=order.pk,
        kind=kind,
        number=number,
        day=day_of(delivered_at(order)) + timedelta(days=days),
        visits=reads.visits,
        visitors=reads.visitors,
    )


@pytest.mark.parametrize("state", ["UNPAID", "PAID", "ACCEPTED", "LAPSED"])
def test_before_there_is_a_link_there_is_no_panel(state: str) -> None:
    assert tracked.panel(an_order(state), at=NOW) is None


def test_product_links_are_there_for_the_creator_from_the_acceptance_on() -> None:
    paid, accepted = an_order("PAID"), an_order("ACCEPTED")
    for order in (paid, accepted):
        a_product(order)
    assert tracked.panel(paid, at=NOW) is None
    panel = tracked.panel(accepted, at=NOW)
    assert panel is not None
    assert [product["link"].url for product in panel["products"]] == [SHOP]
    assert (panel["links"], panel["chart"]) == ([], None)
    assert not panel["can_report"]


def test_the_panel_sums_the_delivered_links_and_keeps_the_clicks_apart() -> None:
    order = an_order("DELIVERED")
    product = a_product(order)
    delivery = order.deliveries.get()
    visits(order, number=delivery.pk, reads=Reads(10, 6))
    visits(order, number=delivery.pk, days=2, reads=Reads(4, 4))
    visits(order, number=product.pk, kind="p", reads=Reads(3, 2))
    panel = shown(order)
    assert panel["total"] == Reads(14, 10)
    assert [link["reads"] for link in panel["links"]] == [Reads(14, 10)]
    assert [product["reads"] for product in panel["products"]] == [Reads(3, 2)]
    assert [list(series.values) for series in panel["chart"].series] == [
        [0, 0, 0, 10, 0, 4, 0],
        [0, 0, 0, 6, 0, 4, 0],
    ]


@pytest.mark.parametrize(("days", "drawn"), [(0, 7), (6, 7), (7, 8), (30, 31), (500, 181)])
def test_the_chart_begins_with_the_delivery_and_shows_a_week_to_half_a_year(
    days: int, drawn: int
) -> None:
    order = an_order("DELIVERED")
    visits(order, number=order.deliveries.get().pk, days=min(days, 180), reads=Reads(1, 1))
    assert len(shown(order, days=days)["chart"].labels) == drawn


def test_the_chart_ends_a_week_after_the_last_read() -> None:
    order = an_order("DELIVERED")
    visits(order, number=order.deliveries.get().pk, days=3, reads=Reads(5, 4))
    [reads, _visitors] = shown(order, days=90)["chart"].series
    assert list(reads.values) == [0, 0, 0, 5, 0, 0, 0, 0, 0, 0]


def test_the_panel_takes_few_queries(django_assert_num_queries: Any) -> None:
    order = an_order("DELIVERED")
    a_product(order)
    full = Order.objects.prefetch_related("deliveries", "task__attachments").get(pk=order.pk)
    with django_assert_num_queries(3):
        tracked.panel(full, at=delivered_at(order))


def test_the_merchant_reads_on_the_orders_page_what_was_counted() -> None:
    order = an_order("DELIVERED")
    visits(order, number=order.deliveries.get().pk, reads=Reads(12_345, 9_876))
    with at(delivered_at(order) + DAY):
        page = as_merchant(order.merchant).get(f"/orders/{order.pk}/")
    text = words(page)
    assert "Reads 12,345" in text
    assert "Unique visitors 9,876" in text
    assert figures.short_link(order.deliveries.get()).partition("://")[2].rstrip("/") in text
    assert "data-chart" in page.content.decode()


def test_reported_figures_stand_apart_and_the_last_ones_count() -> None:
    order = an_order("CONFIRMED")
    reported(order, reads=500)
    reported(order, reads=777)
    with at(delivered_at(order) + 3 * DAY):
        page = as_merchant(order.merchant).get(f"/orders/{order.pk}/")
    text = words(page)
    assert "reported by the creator" in text
    assert text.index("777") < text.index("Earlier reports") < text.index("500")
    assert "Reads 0" in text
    assert "Add newer figures" not in text


def test_the_creator_is_led_to_reporting_while_he_may() -> None:
    order, refunded = an_order("DELIVERED"), an_order("REFUNDED")
    page = as_creator(order.creator).get(f"/orders/{order.pk}/")
    assert f"/orders/{order.pk}/figures/" in page.content.decode()
    page = as_creator(refunded.creator).get(f"/orders/{refunded.pk}/")
    assert f"/orders/{refunded.pk}/figures/" not in page.content.decode()


def reported(order: Order, *, reads: int = 900) -> ReportedFigures:
    kept = default_storage.save("figures/a.png", ContentFile(an_image().read()))
    return ReportedFigures.objects.create(
        order=order,
        at=delivered_at(order) + DAY,
        reads=reads,
        likes=30,
        comments=2,
        picture=kept,
    )


def test_the_orders_page_takes_the_same_queries_with_many_links_as_with_one() -> None:
    order, fuller = an_order("CONFIRMED"), an_order("CONFIRMED")
    for number in range(4):
        a_product(fuller, f"https://shop.example/item/{number}")
        reported(fuller)
        Delivery.objects.create(order=fuller, at=NOW + number * DAY, url=LINK)
    few, many = (queries_of(as_merchant(o.merchant), f"/orders/{o.pk}/") for o in (order, fuller))
    assert few == many


# Reporting


def test_a_report_is_kept_with_its_picture_encoded_anew() -> None:
    order = an_order("DELIVERED")
    with at(delivered_at(order) + DAY):
        answer = as_creator(order.creator).post(
            f"/orders/{order.pk}/figures/",
            {"reads": "12,300", "likes": "4 56", "comments": "０", "picture": an_image()},
        )
    assert (answer.status_code, answer["Location"]) == (302, f"/orders/{order.pk}/")
    kept = ReportedFigures.objects.get(order=order)
    assert (kept.reads, kept.likes, kept.comments) == (12_300, 456, 0)
    assert kept.picture.startswith("figures/")
    with default_storage.open(kept.picture) as file, Image.open(file) as picture:
        assert picture.size == (40, 30)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"reads": ""}, "reads"),
        ({"reads": "-1"}, "reads"),
        ({"likes": "1000000001"}, "likes"),
        ({"comments": "many"}, "comments"),
        ({"comments": "1.5"}, "comments"),
        ({"picture": ""}, "picture"),
        ({"picture": SimpleUploadedFile("a.png", b"<svg onload=1>")}, "picture"),
        ({"picture": SimpleUploadedFile("a.txt", b"12300 reads")}, "picture"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_kept(
    typed: dict[str, Any], field: str
) -> None:
    order = an_order("DELIVERED")
    before = everything(order)
    given = {"reads": "12300", "likes": "456", "comments": "7", "picture": an_image(), **typed}
    with at(delivered_at(order) + DAY):
        page = as_creator(order.creator).post(f"/orders/{order.pk}/figures/", given)
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert 'value="12300"' in page.content.decode() or field == "reads"
    assert everything(order) == before
    assert not ReportedFigures.objects.exists()


def test_a_refused_report_leaves_no_picture_behind() -> None:
    order = an_order("REFUNDED")
    stored: list[str] = []
    save = default_storage.save

    def remember(name: str, file: Any) -> str:
        stored.append(save(name, file))
        return stored[-1]

    given = {"reads": "1", "likes": "1", "comments": "1", "picture": an_image()}
    with patch.object(default_storage, "save", remember):
        page = as_creator(order.creator).post(f"/orders/{order.pk}/figures/", given)
    assert "moved on" in words(page)
    assert len(stored) == 1
    assert not default_storage.exists(stored[0])
    assert not ReportedFigures.objects.exists()


def test_the_proof_is_for_both_sides_and_staff_alone() -> None:
    order = an_order("DELIVERED")
    proof = reverse("tasks:figures_proof", args=[reported(order).pk])
    for user in (order.merchant.user, order.creator.user, ops()):
        answer = a_browser(user).get(proof)
        assert answer["Content-Type"] == "image/png"
        assert answer["Cache-Control"].startswith("private")
        assert content(answer).startswith(b"\x89PNG")
    assert a_browser(a_creator().user).get(proof).status_code == 404
    assert a_browser().get(proof).status_code == 302


def test_the_timeline_says_that_figures_were_reported() -> None:
    order = an_order("DELIVERED")
    moment = delivered_at(order) + DAY
    given = Figures(1, 2, 3, "figures/1.png")
    do(workflow.REPORT_FIGURES, order, at=moment, by=creator_of(order), given=given)
    with at(moment):
        page = as_merchant(order.merchant).get(f"/orders/{order.pk}/")
    assert "The channel's own figures reported" in words(page)
