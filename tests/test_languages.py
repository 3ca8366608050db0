"""Who reads Chinese reads nothing else: the catalogue is whole, and so are the pages."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst

from accounts.models import User
from creators.models import Channel, Domain
from settlement.models import Halt
from tasks.models import Attachment
from tasks.states import State, Tab
from tests import languages
from tests.access.matrix import ALLAUTH, MATRIX
from tests.access.world import VIEWERS, World, a_world
from tests.admin.pages import manual_refund
from tests.builders import a_browser, a_creator, a_merchant, a_user, ops
from tests.environment import ROOT
from tests.orders import NOW, PATHS, a_draft, an_order

# The labels of the order states (V30 to V41) and of the tabs, in the words of the platform.
STATES = {
    "UNPAID": "待付款",
    "PAID": "未接单",
    "ACCEPTED": "已接单",
    "DELIVERED": "已提交",
    "CONFIRMED": "待评价",
    "REVIEWED": "任务完成",
    "VOID": "未生效",
    "LAPSED": "未接单（流单）",
    "DECLINED": "没有接受任务（拒单）",
    "OVERDUE": "逾期未交付",
    "DISPUTED": "退款申诉中",
    "REFUNDED": "已退款",
}
TABS = {"unpaid": "待付款", "open": "进行中", "completed": "任务完成", "closed": "任务关闭"}

MESSAGES = languages.messages()
KNOWN = {(message.context or "", languages.english(message)) for message in MESSAGES}


# The catalogue


def test_every_marked_text_is_in_the_catalogue() -> None:
    assert {t: file for t, file in languages.marked().items() if t not in KNOWN} == {}


def test_the_catalogue_keeps_no_text_that_nobody_marks() -> None:
    assert KNOWN - set(languages.marked()) == set()


def test_every_text_is_translated() -> None:
    assert [languages.english(m) for m in MESSAGES if not languages.chinese(m)] == []


def test_no_translation_is_a_guess_of_the_tools() -> None:
    assert [languages.english(message) for message in MESSAGES if message.fuzzy] == []


def test_placeholders_are_the_same_in_both_languages() -> None:
    assert {
        languages.english(message): languages.chinese(message)
        for message in MESSAGES
        if languages.placeholders(of_many(message))
        != languages.placeholders(languages.chinese(message))
    } == {}


def of_many(message: Any) -> str:
    """Chinese has one form for all numbers, so it follows the plural."""
    return message.id if isinstance(message.id, str) else str(message.id[-1])


def test_the_catalogue_names_no_place_outside_the_project() -> None:
    named = {location for message in MESSAGES for location, _line in message.locations}
    assert named <= {str(path.relative_to(ROOT)) for path in languages.sources()}


# The words of the platform


@pytest.mark.rule(
    "V30", "V31", "V32", "V33", "V34", "V35", "V36", "V37", "V38", "V39", "V40", "V41"
)
def test_the_states_of_an_order_have_the_labels_of_the_platform() -> None:
    with translation.override("zh-hans"):
        assert {state.value: str(state.label) for state in State} == STATES


def test_the_tabs_have_the_labels_of_the_platform() -> None:
    with translation.override("zh-hans"):
        assert {tab.value: str(tab.label) for tab in Tab if tab != Tab.DRAFT} == TABS


# The pages

Pages = Iterable[tuple[Client, str]]
CHANGED = {languages.english(m) for m in MESSAGES if languages.english(m) != languages.chinese(m)}
# The admin begins the names of its columns with a capital; small words alone are codes there.
SITE = frozenset(CHANGED)
ADMIN = frozenset(capfirst(text) for text in CHANGED)


def left_in_english(pages: Pages, known: frozenset[str] = SITE) -> dict[str, set[str]]:
    """The pages that show English, and what they show."""
    found = {address: _english(browser, address, known) for browser, address in pages}
    return {address: texts for address, texts in found.items() if texts}


def _english(browser: Client, address: str, known: frozenset[str]) -> set[str]:
    answer = browser.get(address, headers={"accept-language": "zh-CN,zh;q=0.9"})
    page = b"".join(answer).decode(errors="replace")
    return languages.left_in_english(page, known) if page.startswith("<!") else set()


def rename_what_people_wrote() -> None:
    """What the builders write in English stands in for what Chinese people write in Chinese."""
    for user in User.objects.all():
        User.objects.filter(pk=user.pk).update(name=f"用户{user.pk}")
    Attachment.objects.filter(kind="LINK").update(name="店铺首页")
    for model in (Domain, Channel):
        model.objects.update(name_en=F("name_zh"))


@pytest.mark.django_db
def test_no_page_of_the_site_is_left_in_english() -> None:
    world = a_world()
    rename_what_people_wrote()
    assert left_in_english(pages_of(world)) == {}


def pages_of(world: World) -> Iterator[tuple[Client, str]]:
    """Each address for everybody who may see it, and once as not found."""
    for name, row in MATRIX.items():
        arguments = {key: world.arguments[value] for key, value in row.arguments.items()}
        for viewer, answer in zip(VIEWERS, row.get.split(), strict=True):
            if answer == "200" and viewer not in {"other_merchant", "other_creator"}:
                yield world.browsers[viewer], reverse(name, kwargs=arguments)
    yield world.browsers["other_merchant"], reverse("tasks:task", args=[world.arguments["task_id"]])


@pytest.mark.django_db
def test_no_page_of_the_login_is_left_in_english() -> None:
    browsers = (a_browser(), a_browser(a_user(name="王小明")))
    pages = [
        (browser, reverse(name))
        for name, answers in ALLAUTH.items()
        for browser, answer in zip(browsers, answers.split(), strict=False)
        if answer == "200"
    ]
    assert left_in_english(pages) == {}


@pytest.mark.django_db
def test_no_order_is_shown_in_english_whatever_its_state() -> None:
    merchant, creator = a_merchant(), a_creator()
    orders = [an_order(state, merchant=merchant, creator=creator) for state in PATHS]
    rename_what_people_wrote()
    people = (a_browser(merchant.user), a_browser(creator.user))
    pages = [(browser, reverse("tasks:order", args=[o.pk])) for o in orders for browser in people]
    pages += [(people[0], reverse("tasks:task", args=[order.task_id])) for order in orders]
    pages += [(browser, reverse("tasks:home")) for browser in people]
    assert left_in_english(pages) == {}


OURS = [model for model in admin.site._registry if model.__module__.split(".")[0] in languages.OWN]


@pytest.mark.django_db
def test_no_page_of_the_admin_is_left_in_english() -> None:
    an_order("DISPUTED")
    a_draft()
    manual_refund()
    Halt.objects.create(scope="PAYOUTS", reason="对账不一致", since=NOW)
    browser = a_browser(ops())
    rename_what_people_wrote()
    assert left_in_english(pages_of_the_admin(browser), ADMIN) == {}


def pages_of_the_admin(browser: Client) -> Iterator[tuple[Client, str]]:
    yield browser, reverse("admin:index")
    for name in ("admin:policy_numbers", "ops_clock"):
        yield browser, reverse(name)
    for model in OURS:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield browser, reverse(f"{name}_changelist")
        row = model._default_manager.order_by("pk").last()
        # A user's page lists the permissions, which Django names in English.
        if row is not None and model is not User:
            yield browser, reverse(f"{name}_change", args=[row.pk])
