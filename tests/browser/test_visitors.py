"""Visitors read what this is, the rules and a creator's page; a creator describes himself."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from creators.models import AudienceShare, Creator, Quote, Work
from tests.browser.conftest import PHONE, Site, picture
from tests.builders import a_channel, a_creator, a_merchant, a_work
from tests.orders import a_draft, an_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NARROW = {"width": 360, "height": 780}


def fits(page: Page) -> None:
    """Nothing is wider than the window."""
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, page.url


def test_a_visitor_comes_from_the_landing_page_to_the_rules_and_to_a_creator(site: Site) -> None:
    creator = a_creator(nickname="Lin", introduction="Honest trials.")
    a_work(creator, title="Spring list")
    an_order("REVIEWED", creator=creator)
    page = site.person()
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Content by creators")
    expect(page.locator(".board")).to_contain_text("Orders completed")
    page.get_by_role("link", name="Read the rules first").click()
    expect(page.locator("main")).to_contain_text("the clock confirms 10 days after")
    page.get_by_role("link", name="Every number", exact=True).click()
    expect(page.locator("#numbers")).to_be_in_viewport()
    page.goto("/")
    page.get_by_role("link", name=re.compile("Lin")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lin")
    expect(page.locator("main")).to_contain_text("Spring list")
    page.get_by_role("link", name="Sign up and send a brief").click()
    expect(page).to_have_url(re.compile(r"/accounts/signup/\?role=MERCHANT"))


def test_on_a_phone_in_chinese_every_public_page_fits(site: Site) -> None:
    creator = a_creator(nickname="小鹿的美妆实验室")
    a_work(creator, title="敏感肌换季急救：我空瓶的四样")
    page = site.person(viewport=NARROW, locale="zh-CN")
    for address in ("/", "/rules/", f"/creators/{creator.pk}/"):
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
        fits(page)


def test_a_creator_describes_himself_on_a_phone(site: Site, tmp_path: Path) -> None:
    creator = a_creator(price_fen=80_000)
    page = site.person(creator.user, viewport=PHONE)
    page.goto("/creator/profile/")
    page.get_by_role("link", name="Audience").first.click()
    page.get_by_label("18 to 24").fill("40")
    page.get_by_label("25 to 34").fill("50")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#AGE")).to_contain_text("exactly 100 %; now they are 90 %")
    page.get_by_label("25 to 34").fill("60")
    page.get_by_role("button", name="Save").click()
    expect(
        page.locator("[data-chart] .chart-box canvas, [data-chart] .chart-box svg")
    ).to_be_visible()
    assert set(AudienceShare.objects.values_list("code", "percent")) == {
        ("18_24", 40),
        ("25_34", 60),
    }

    page.goto("/creator/quotes/")
    page.get_by_label("Video, Every channel").fill("1200")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Video, Every channel")).to_have_value("1200.00")
    assert Quote.objects.get(content_format="VIDEO").price_fen == 120_000

    page.goto("/creator/works/")
    page.get_by_role("link", name="Add a work").first.click()
    page.get_by_label("Title").fill("Spring list")
    page.locator("input[type=file]").set_input_files(picture(tmp_path))
    page.get_by_label("Reads").fill("5200")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".work img")).to_be_visible()
    assert Work.objects.get().picture.name

    page.goto("/creator/profile/")
    page.get_by_role("link", name="How merchants see you").click()
    expect(page.locator("main")).to_contain_text("This is how merchants and visitors see you.")
    expect(page.locator("main")).to_contain_text("Reported by the creator")
    fits(page)


def test_without_scripts_a_creator_sets_prices_and_a_merchant_chooses_him(site: Site) -> None:
    creator = a_creator(nickname="Lin")
    page = site.person(creator.user, java_script_enabled=False)
    page.goto("/creator/quotes/")
    page.get_by_label(f"List, {a_channel('WEITAO').name}").fill("640.50")
    page.get_by_role("button", name="Save").click()
    page.goto("/creator/audience/")
    page.get_by_label("Women").fill("100")
    page.get_by_label("Region 1", exact=True).select_option("ZJ")
    page.get_by_label("Percent of region 1").fill("30")
    page.get_by_role("button", name="Save").click()
    merchant = a_merchant()
    draft = a_draft(merchant, theme="Spring trial")
    shop = site.person(merchant.user, java_script_enabled=False)
    shop.goto(f"/creators/{creator.pk}/")
    expect(shop.locator("main")).to_contain_text("640.50")
    shop.get_by_text("As a table").nth(1).click()
    expect(shop.locator("main")).to_contain_text("Zhejiang")
    shop.get_by_role("button", name="Spring trial").click()
    expect(shop.locator("main")).to_contain_text("Lin is chosen.")
    assert list(draft.picks.all()) == [Creator.objects.get(pk=creator.pk)]
