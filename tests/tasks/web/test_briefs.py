from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from policy.models import PolicyChange
from tasks.models import Attachment, Task, UnsavedBrief
from tests.builders import a_browser, a_creator, a_merchant
from tests.orders import DAY, HOUR, NOW, START, a_draft, a_sent_task, an_order, paid, start_payment
from tests.tasks.web.pages import a_filled_brief, as_creator, as_merchant, content, moment, words

pytestmark = pytest.mark.django_db
PAGE_AT = NOW + HOUR


@pytest.mark.rule("V10")
def test_a_merchant_writes_a_brief_and_goes_on_to_choose() -> None:
    merchant = a_merchant()
    answer = as_merchant(merchant).post("/tasks/new/", a_filled_brief(theme="露营"))
    task = Task.objects.get()
    assert answer["Location"] == f"/tasks/{task.pk}/creators/"
    assert (task.merchant, task.theme, task.start_at) == (merchant, "露营", START)


def test_or_first_attaches_files() -> None:
    answer = as_merchant(a_merchant()).post("/tasks/new/", a_filled_brief(go="attach"))
    assert answer["Location"] == f"/tasks/{Task.objects.get().pk}/edit/"


@pytest.mark.rule("V10")
def test_200_characters_are_taken_and_a_line_break_is_one_of_them() -> None:
    text = "字" * 99 + "\r\n" + "字" * 100
    as_merchant(a_merchant()).post("/tasks/new/", a_filled_brief(requirements=text))
    assert len(Task.objects.get().requirements) == 200


@pytest.mark.rule("V10")
def test_201_characters_are_refused_at_the_field_and_nothing_typed_is_lost() -> None:
    given = a_filled_brief(requirements="字" * 201, theme="露营清单")
    page = as_merchant(a_merchant()).post("/tasks/new/", given)
    assert "1 character too many; at most 200." in words(page)
    assert "字" * 201 in words(page)
    assert 'value="露营清单"' in page.content.decode()
    assert not Task.objects.exists()


@pytest.mark.rule("V12")
@pytest.mark.parametrize(
    ("start", "due", "reason"),
    [
        (23 * HOUR, 5 * DAY, "The start must be at least 24 hours from now."),
        (181 * DAY, 190 * DAY, "The start can be at most 180 days from now."),
        (3 * DAY, 2 * DAY, "The due time must be after the start."),
    ],
)
def test_impossible_times_are_refused_at_their_field(
    start: timedelta, due: timedelta, reason: str
) -> None:
    given = a_filled_brief(start_at=moment(PAGE_AT + start), due_at=moment(PAGE_AT + due))
    page = as_merchant(a_merchant()).post("/tasks/new/", given)
    assert reason in words(page)
    assert given["start_at"] in page.content.decode()
    assert not Task.objects.exists()


def test_creators_and_visitors_do_not_write_briefs() -> None:
    assert as_creator(a_creator()).get("/tasks/new/").status_code == 404
    assert a_browser().get("/tasks/new/")["Location"].startswith("/accounts/login/")


@pytest.mark.rule("V15")
def test_before_payment_the_brief_is_changed_and_its_orders_follow() -> None:
    task = a_sent_task()
    given = a_filled_brief(theme="改过", start_at=moment(START + HOUR))
    as_merchant(task.merchant).post(f"/tasks/{task.pk}/edit/", given)
    task.refresh_from_db()
    assert (task.theme, task.start_at) == ("改过", START + HOUR)
    assert task.orders.get().start_at == START + HOUR


@pytest.mark.rule("V15")
def test_after_payment_it_is_not() -> None:
    task = a_sent_task()
    paid(task)
    page = as_merchant(task.merchant).post(f"/tasks/{task.pk}/edit/", a_filled_brief(theme="改过"))
    task.refresh_from_db()
    assert "can neither be changed nor withdrawn" in words(page)
    assert task.theme == "春季新品试用"


@pytest.mark.parametrize(
    "page", ["", "edit/", "delete/", "creators/", "check/", "pay/", "payment/"]
)
def test_anothers_task_is_not_there(page: str) -> None:
    task = a_draft()
    stranger = as_merchant(a_merchant())
    assert stranger.get(f"/tasks/{task.pk}/{page}").status_code == 404


@pytest.mark.parametrize("page", ["edit/", "delete/", "check/", "pay/", "attachments/"])
def test_nor_can_it_be_acted_on(page: str) -> None:
    task = a_draft()
    stranger = as_merchant(a_merchant())
    assert stranger.post(f"/tasks/{task.pk}/{page}", a_filled_brief()).status_code == 404
    task.refresh_from_db()
    assert (task.theme, task.deleted_at) == ("春季新品试用", None)


@pytest.mark.rule("V15")
def test_deleting_asks_first_and_then_withdraws_the_orders() -> None:
    task = a_sent_task()
    browser = as_merchant(task.merchant)
    assert "Delete this task?" in words(browser.get(f"/tasks/{task.pk}/delete/"))
    assert browser.post(f"/tasks/{task.pk}/delete/")["Location"] == "/tasks/"
    assert task.orders.get().state == "VOID"
    assert browser.get(f"/tasks/{task.pk}/").status_code == 404


@pytest.mark.rule("V10")
def test_a_document_is_attached_shown_and_taken_off_again() -> None:
    task = a_draft()
    browser = as_merchant(task.merchant)
    file = SimpleUploadedFile("要求.txt", "请看这里".encode())
    browser.post(f"/tasks/{task.pk}/attachments/", {"file": file})
    attachment = task.attachments.get()
    assert (attachment.name, attachment.kind) == ("要求.txt", Attachment.Kind.DOCUMENT)
    assert "要求.txt" in words(browser.get(f"/tasks/{task.pk}/edit/"))
    shown = browser.get(f"/tasks/{task.pk}/attachments/{attachment.pk}/")
    assert content(shown) == "请看这里".encode()
    browser.post(f"/tasks/{task.pk}/attachments/{attachment.pk}/remove/")
    assert not task.attachments.exists()


def test_a_product_link_is_attached() -> None:
    task = a_draft()
    given = {"link": "https://item.example/1"}
    as_merchant(task.merchant).post(f"/tasks/{task.pk}/attachments/", given)
    assert task.attachments.get().url == "https://item.example/1"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"link": "javascript:alert(1)"}, "http"),
        ({}, "Choose a file or enter a link."),
        (
            {"file": SimpleUploadedFile("a.png", b"no picture")},
            "Pictures can be JPEG, PNG or WebP.",
        ),
        ({"file": SimpleUploadedFile("a.exe", b"MZ")}, "Documents can be"),
    ],
)
def test_what_cannot_be_attached_is_refused_with_its_reason(
    given: dict[str, object], reason: str
) -> None:
    task = a_draft()
    page = as_merchant(task.merchant).post(f"/tasks/{task.pk}/attachments/", given)
    assert reason in words(page)
    assert not task.attachments.exists()


def test_an_attachment_is_for_its_merchant_and_the_creators_of_its_orders_only() -> None:
    order = an_order("PAID")
    attachment = Attachment.objects.create(
        task=order.task, kind="DOCUMENT", name="a.txt", file=SimpleUploadedFile("a.txt", b"x")
    )
    page = f"/tasks/{order.task_id}/attachments/{attachment.pk}/"
    allowed = [as_merchant(order.merchant), as_creator(order.creator)]
    assert [list(browser.get(page)) for browser in allowed] == [[b"x"], [b"x"]]
    strangers = [as_merchant(a_merchant()), as_creator(a_creator())]
    assert [browser.get(page).status_code for browser in strangers] == [404, 404]


@pytest.mark.rule("N20")
def test_the_same_form_sent_twice_makes_one_draft() -> None:
    browser = as_merchant(a_merchant())
    for _twice in range(2):
        browser.post("/tasks/new/", a_filled_brief(form_key="a" * 32))
    assert Task.objects.count() == 1


@pytest.mark.rule("V15")
def test_before_payment_all_orders_are_taken_back_to_choose_anew() -> None:
    task = a_sent_task()
    browser = as_merchant(task.merchant)
    assert "Withdraw all orders?" in words(browser.get(f"/tasks/{task.pk}/withdraw/"))
    browser.post(f"/tasks/{task.pk}/withdraw/")
    assert task.orders.get().state == "VOID"
    assert browser.get(f"/tasks/{task.pk}/creators/").status_code == 200


def test_a_paid_brief_is_not_opened_for_writing() -> None:
    task = a_sent_task()
    paid(task)
    answer = as_merchant(task.merchant).get(f"/tasks/{task.pk}/edit/")
    assert answer["Location"] == f"/tasks/{task.pk}/"


def test_a_brief_whose_payment_is_under_way_leads_to_the_payment() -> None:
    task = a_sent_task()
    start_payment(task)
    answer = as_merchant(task.merchant).get(f"/tasks/{task.pk}/edit/")
    assert answer["Location"] == f"/tasks/{task.pk}/payment/"


# The form


@pytest.mark.rule("V12")
def test_the_limits_stand_at_their_fields_as_dates_and_in_a_named_zone() -> None:
    page = as_merchant(a_merchant()).get("/tasks/new/")
    assert "Between 3 Mar 2026, 13:00 and 29 Aug 2026, 13:00." in words(page)
    assert "1 to 200 characters." in words(page)
    assert "Asia/Shanghai (UTC+08:00)" in words(page)
    assert 'min="2026-03-03T13:00" max="2026-08-29T13:00"' in page.content.decode()


@pytest.mark.rule("V12")
def test_they_follow_the_policy_in_force() -> None:
    for key, value in (("start_min_hours", 48), ("requirements_max_chars", 300)):
        PolicyChange.objects.create(key=key, value=value, effective_at=NOW, made_at=NOW)
    shown = words(as_merchant(a_merchant()).get("/tasks/new/"))
    assert "Between 4 Mar 2026, 13:00 and" in shown
    assert "1 to 300 characters." in shown


@pytest.mark.rule("V12")
def test_what_a_new_brief_proposes_can_be_sent_as_it_is() -> None:
    merchant = a_merchant()
    start, due = "2026-03-05T10:00", "2026-03-12T18:00"
    shown = as_merchant(merchant).get("/tasks/new/").content.decode()
    assert f'value="{start}"' in shown
    assert f'value="{due}"' in shown
    as_merchant(merchant).post("/tasks/new/", a_filled_brief(start_at=start, due_at=due))
    assert Task.objects.count() == 1


def test_a_form_sent_again_after_going_back_changes_the_draft_that_it_made() -> None:
    browser = as_merchant(a_merchant())
    for theme in ("露营", "徒步"):
        answer = browser.post("/tasks/new/", a_filled_brief(theme=theme, form_key="a" * 32))
    task = Task.objects.get()
    assert task.theme == "徒步"
    assert answer["Location"] == f"/tasks/{task.pk}/creators/"


# Attachments


def test_brief_and_files_are_saved_by_one_press() -> None:
    given = a_filled_brief(
        file=[SimpleUploadedFile("a.txt", b"one"), SimpleUploadedFile("b.txt", b"two")],
        link="https://item.example/1",
    )
    as_merchant(a_merchant()).post("/tasks/new/", given)
    names = Task.objects.get().attachments.values_list("name", flat=True)
    assert list(names) == ["a.txt", "b.txt", "https://item.example/1"]


def test_a_file_beside_a_brief_that_is_not_right_yet_is_taken_all_the_same() -> None:
    task = a_draft()
    given = a_filled_brief(requirements="", file=SimpleUploadedFile("a.txt", b"one"))
    page = as_merchant(task.merchant).post(f"/tasks/{task.pk}/edit/", given)
    assert "This field is required." in words(page)
    assert "a.txt" in words(page)
    assert task.attachments.count() == 1


def test_with_a_new_brief_it_has_to_be_chosen_again_and_that_is_said() -> None:
    given = a_filled_brief(requirements="", file=SimpleUploadedFile("a.txt", b"one"))
    page = as_merchant(a_merchant()).post("/tasks/new/", given)
    assert "Choose the files again once the brief is right." in words(page)
    assert not Task.objects.exists()


def test_what_is_typed_when_a_file_is_attached_is_not_lost() -> None:
    task = a_draft()
    browser = as_merchant(task.merchant)
    given = a_filled_brief(theme="改了一半", link="https://item.example/1")
    browser.post(f"/tasks/{task.pk}/attachments/", given)
    page = browser.get(f"/tasks/{task.pk}/edit/")
    assert 'value="改了一半"' in page.content.decode()
    assert "What you had typed is here again" in words(page)
    task.refresh_from_db()
    assert task.theme == "春季新品试用"


@pytest.mark.rule("V10")
def test_more_files_than_a_brief_may_have_are_refused_together() -> None:
    task = a_draft()
    files = [SimpleUploadedFile(f"{number}.txt", b"x") for number in range(11)]
    page = as_merchant(task.merchant).post(f"/tasks/{task.pk}/attachments/", {"file": files})
    assert "At most 10 files." in words(page)
    assert not task.attachments.exists()


# Autosave


def autosave(browser: Client, address: str, **facts: Any) -> Any:
    return browser.post(f"{address}autosave/", a_filled_brief(**facts))


def test_what_is_typed_is_saved_with_the_time_and_is_there_again() -> None:
    browser = as_merchant(a_merchant())
    answer = autosave(browser, "/tasks/new/", theme="写到一半", requirements="", due_at="")
    assert answer.json()["text"] == "Saved at 13:00"
    page = browser.get("/tasks/new/")
    assert 'value="写到一半"' in page.content.decode()
    assert "What you had typed is here again" in words(page)
    assert not Task.objects.exists()


def test_it_can_be_discarded() -> None:
    browser = as_merchant(a_merchant())
    autosave(browser, "/tasks/new/", theme="写到一半")
    answer = browser.post("/tasks/new/autosave/", {"discard": "yes"})
    assert answer["Location"] == "/tasks/new/"
    assert "写到一半" not in words(browser.get("/tasks/new/"))
    assert not UnsavedBrief.objects.exists()


def test_it_is_gone_when_the_brief_is_saved() -> None:
    browser = as_merchant(a_merchant())
    autosave(browser, "/tasks/new/", theme="写到一半")
    browser.post("/tasks/new/", a_filled_brief(theme="写完了"))
    assert not UnsavedBrief.objects.exists()


def test_a_late_autosave_of_a_form_that_was_saved_is_refused() -> None:
    browser = as_merchant(a_merchant())
    facts = {"form_key": "a" * 32, "known_at": (PAGE_AT - timedelta(minutes=1)).isoformat()}
    browser.post("/tasks/new/", a_filled_brief(**facts))
    answer = autosave(browser, "/tasks/new/", theme="写到一半", **facts)
    assert answer.status_code == 409
    assert "was saved in another window" in answer.json()["text"]
    assert not UnsavedBrief.objects.exists()


def test_an_empty_form_and_one_as_saved_have_nothing_to_keep() -> None:
    task = a_draft()
    browser = as_merchant(task.merchant)
    saved = {"theme": task.theme, "requirements": task.requirements}
    for address, facts in (
        ("/tasks/new/", {"theme": " ", "requirements": ""}),
        (f"/tasks/{task.pk}/", saved),
    ):
        assert autosave(browser, address, **facts).json()["text"] == ""
    assert not UnsavedBrief.objects.exists()


def test_in_a_sent_task_it_says_that_creators_do_not_see_it_yet() -> None:
    task = a_sent_task()
    answer = autosave(as_merchant(task.merchant), f"/tasks/{task.pk}/", theme="改过")
    assert answer.json()["text"] == "Kept at 13:00. The creators see it when you press Save."


@pytest.mark.rule("V15")
def test_after_payment_and_in_anothers_task_nothing_is_kept() -> None:
    task = a_sent_task()
    stranger = autosave(as_merchant(a_merchant()), f"/tasks/{task.pk}/", theme="改过")
    paid(task)
    own = autosave(as_merchant(task.merchant), f"/tasks/{task.pk}/", theme="改过")
    assert (stranger.status_code, own.status_code) == (404, 409)
    assert not UnsavedBrief.objects.exists()


def test_what_is_far_too_long_is_refused_in_words() -> None:
    answer = autosave(as_merchant(a_merchant()), "/tasks/new/", requirements="字" * 10_001)
    assert answer.status_code == 409
    assert answer.json()["text"] == "This is too long to be kept. Shorten it."


def test_a_brief_begun_from_a_creators_page_picks_him() -> None:
    creator = a_creator(nickname="阿一")
    browser = as_merchant(a_merchant())
    page = browser.get(f"/tasks/new/?pick={creator.pk}")
    assert "阿一 is chosen for this task as soon as the brief is saved." in words(page)
    browser.post("/tasks/new/", a_filled_brief(pick=creator.pk))
    assert list(Task.objects.get().picks.all()) == [creator]


@pytest.mark.rule("V6")
def test_but_not_when_he_has_paused_and_the_reason_is_said() -> None:
    creator = a_creator(is_accepting=False)
    page = as_merchant(a_merchant()).post("/tasks/new/", a_filled_brief(pick=creator.pk))
    assert "This creator does not accept orders at the moment." in words(page)
    assert not Task.objects.exists()
