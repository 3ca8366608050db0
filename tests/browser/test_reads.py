"""Short links in real browsers: a stranger follows one, and the order's page counts him (V60)."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from reads.jobs import roll_up
from tasks import figures, workflow
from tasks.models import Attachment, Delivery, Order
from tasks.workflow import engine
from tasks.workflow.deliver import Content
from tests.browser.conftest import PHONE, Site, picture
from tests.builders import a_creator, a_merchant
from tests.orders import an_order, creator_of, delivered_at

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.rule("V60"),
]

ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; PGT-AN10) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0.49"
)


def a_delivered_order(site: Site) -> Order:
    """Its content stands on a page of this site that everybody may see."""
    order = an_order("DELIVERED", creator=a_creator(), merchant=a_merchant())
    content = Content(f"{site.url}/accounts/signup/")
    engine.run_one(
        workflow.DELIVER, order.pk, at=delivered_at(order), by=creator_of(order), given=content
    )
    Attachment.objects.create(
        task=order.task, kind="LINK", name="Face cream", url=f"{site.url}/accounts/login/"
    )
    return Order.objects.get(pk=order.pk)


def figure(page: Page, name: str) -> str:
    """The value of a figure by its name."""
    box = page.locator("#reads-title").locator("xpath=ancestor::section")
    return box.locator("dl.figures div", has_text=name).locator("dd").first.inner_text()


def test_strangers_follow_the_short_links_and_the_merchant_sees_them_counted(site: Site) -> None:
    order = a_delivered_order(site)
    link = figures.short_link(Delivery.objects.filter(order=order).latest("id"))
    [(_product, shop)] = figures.product_links(order)
    for agent in (ANDROID, ANDROID.replace("Android 14", "Android 15")):
        stranger = site.person(user_agent=agent, viewport=PHONE)
        stranger.goto(link)
        expect(stranger).to_have_url(f"{site.url}/accounts/signup/")
        stranger.goto(link)
        stranger.goto(shop)
        expect(stranger).to_have_url(f"{site.url}/accounts/login/")
    roll_up()

    merchant = site.person(order.merchant.user)
    merchant.goto(f"/orders/{order.pk}/")
    assert (figure(merchant, "Reads"), figure(merchant, "Unique visitors")) == ("4", "2")
    clicks = merchant.locator("#products-title").locator("xpath=ancestor::section")
    expect(clicks.locator("dl.counted")).to_contain_text("Clicks2")
    merchant.get_by_role("link", name=link.partition("://")[2].rstrip("/")).click()
    roll_up()
    merchant.reload()
    assert figure(merchant, "Reads") == "4"


def test_a_creator_reports_the_channels_figures_on_his_phone_without_javascript_in_chinese(
    site: Site, tmp_path: Path
) -> None:
    order = a_delivered_order(site)
    options = {"viewport": PHONE, "java_script_enabled": False}
    creator = site.person(order.creator.user, **options)
    creator.goto(f"/orders/{order.pk}/figures/")
    creator.get_by_label("Likes").fill("456")
    creator.get_by_label("Comments").fill("7")
    for typed in ("lots", "12,300"):
        creator.get_by_label("Reads").fill(typed)
        creator.locator("input[type=file]").set_input_files(picture(tmp_path))
        creator.locator("main button[type=submit]").click()
        if typed == "lots":
            expect(creator.locator(".field-error")).to_have_count(1)
            expect(creator.get_by_label("Likes")).to_have_value("456")
    expect(creator).to_have_url(f"{site.url}/orders/{order.pk}/")

    User.objects.filter(pk=order.merchant.user_id).update(language="zh-hans")
    merchant = site.person(order.merchant.user, viewport=PHONE)
    merchant.goto(f"/orders/{order.pk}/")
    box = merchant.locator("#reported-title").locator("xpath=ancestor::section")
    expect(box).to_contain_text("12,300")
    expect(box).not_to_contain_text("Likes")
    expect(box.get_by_role("img")).to_be_visible()
    too_wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert merchant.evaluate(too_wide) is False
