from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tasks.models import Attachment, Task
from tests.builders import a_browser, a_creator, a_merchant
from tests.orders import DAY, HOUR, NOW, START, a_draft, a_sent_task, an_order, paid
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
