"""The pages of the files: asked, waited for, downloaded by their owner alone."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from tasks import jobs
from tasks.models import Export
from tests.builders import a_merchant
from tests.orders import DAY, HOUR, NOW, an_order
from tests.tasks.web.pages import as_creator, as_merchant, content, words

pytestmark = pytest.mark.django_db


def asked(browser: Client, **filters: Any) -> Export:
    answer = browser.post("/exports/", filters)
    export = Export.objects.latest("pk")
    assert answer["Location"] == f"/exports/{export.pk}/"
    return export


def test_a_merchant_asks_waits_and_downloads() -> None:
    order = an_order("PAID")
    browser = as_merchant(order.merchant)
    export = asked(browser, kind="freeze", since="2026-03-01")
    waiting = browser.get(f"/exports/{export.pk}/")
    assert "Waiting for its turn" in words(waiting)
    assert '<meta http-equiv="refresh"' in waiting.content.decode()
    assert browser.get(f"/exports/{export.pk}/file/").status_code == 404
    jobs.write_exports()
    ready = browser.get(f"/exports/{export.pk}/")
    assert "Your file is ready 1 line · CSV" in words(ready)
    assert "2026-03-01 – … · Frozen in your account" in words(ready)
    file = browser.get(f"/exports/{export.pk}/file/")
    assert file["Content-Type"] == "text/csv; charset=utf-8"
    assert (
        file["Content-Disposition"]
        == f'attachment; filename="statement-2026-03-02-{export.pk}.csv"'
    )
    assert file["Cache-Control"] == "private, no-store"
    assert content(file).decode("utf-8-sig").startswith("When,Movement")


def test_a_creator_gets_his_earnings() -> None:
    order = an_order("CONFIRMED")
    browser = as_creator(order.creator)
    export = asked(browser, search=str(order.pk))
    jobs.write_exports()
    file = content(browser.get(f"/exports/{export.pk}/file/")).decode("utf-8-sig")
    assert "You receive (yuan)" in file
    assert f"\r\n{order.pk}," in file


def test_while_it_is_written_the_page_says_how_far_it_is() -> None:
    browser = as_merchant(a_merchant())
    export = asked(browser)
    Export.objects.filter(pk=export.pk).update(rows_total=4_000, rows_done=1_000)
    part = browser.get(f"/exports/{export.pk}/", headers={"HX-Request": "true"})
    assert "1000 of 4000 lines · 25 %" in words(part)
    assert "<html" not in part.content.decode()
    assert "hx-trigger" in part.content.decode()


def test_a_failed_file_is_told_and_tried_again() -> None:
    browser = as_merchant(a_merchant())
    export = asked(browser)
    Export.objects.filter(pk=export.pk).update(state="FAILED")
    assert "The file could not be written" in words(browser.get(f"/exports/{export.pk}/"))
    assert browser.post(f"/exports/{export.pk}/again/")["Location"] == f"/exports/{export.pk}/"
    assert Export.objects.get().state == "WAITING"


def test_a_file_that_is_gone_is_told() -> None:
    browser = as_merchant(an_order("PAID").merchant)
    export = asked(browser)
    jobs.write_exports()
    with time_machine.travel(NOW + HOUR + 7 * DAY + timedelta(seconds=1), tick=False):
        jobs.drop_exports()
        browser = as_merchant(export.user.merchant)
        assert "deleted after 7 days" in words(browser.get(f"/exports/{export.pk}/"))
    assert browser.get(f"/exports/{export.pk}/file/").status_code == 404


def test_a_file_that_vanished_from_the_disk_is_not_found() -> None:
    browser = as_merchant(an_order("PAID").merchant)
    export = asked(browser)
    Export.objects.filter(pk=export.pk).update(state="READY", file="exports/none.csv")
    assert browser.get(f"/exports/{export.pk}/file/").status_code == 404


def test_bad_filters_make_no_file() -> None:
    browser = as_merchant(a_merchant())
    answer = browser.post("/exports/", {"since": "nonsense"}, follow=True)
    assert "These filters cannot be used." in words(answer)
    assert not Export.objects.exists()


def test_five_files_at_once_are_enough() -> None:
    browser = as_merchant(a_merchant())
    for _ in range(5):
        asked(browser)
    answer = browser.post("/exports/", follow=True)
    assert "Five files are being written already." in words(answer)
    assert Export.objects.count() == 5


def test_the_list_shows_only_ones_own() -> None:
    asked(as_merchant(a_merchant()), search="secret")
    browser = as_merchant(a_merchant())
    assert "No files yet" in words(browser.get("/exports/"))
    asked(browser, search="mine")
    shown = words(browser.get("/exports/"))
    assert "mine" in shown
    assert "secret" not in shown
