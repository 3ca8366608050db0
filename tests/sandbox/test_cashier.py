"""The payer's page."""

import re

import httpx
import pytest

from tests.alipay import LocalAlipay
from tests.sandbox.caller import Caller
from tests.sandbox.conftest import PAYER_FEN

PAYER = "payer@example.com"
RETURN_URL = "http://shop.test/tasks/1/"


@pytest.fixture
def browser(alipay: LocalAlipay) -> httpx.Client:
    return httpx.Client(transport=alipay.transport, headers={"Accept-Language": "en"})


def token_of(page: httpx.Response) -> str:
    found = re.search(r'name="token" value="(\w+)"', page.text)
    assert found is not None
    return found[1]


def press(browser: httpx.Client, url: str, action: str, **form: str) -> httpx.Response:
    token = token_of(browser.get(url))
    return browser.post(url, data={"token": token, "action": action, "payer": PAYER, **form})


def test_the_page_says_what_is_frozen(app: Caller, browser: httpx.Client) -> None:
    page = browser.get(app.create("F1", "1234.50")["code_url"])
    assert page.status_code == 200
    for text in ("¥1,234.50", "Three posts {about} tea", "Vtask", "What does “freeze” mean?"):
        assert text in page.text
    assert 'value="payer@example.com" selected' in page.text
    assert '<html lang="en">' in page.text


def test_the_page_speaks_chinese(app: Caller, browser: httpx.Client) -> None:
    url = app.create("F1")["code_url"]
    assert "确认冻结" in browser.get(url, params={"lang": "zh"}).text
    assert "确认冻结" in browser.get(url, headers={"Accept-Language": "fr"}).text


def test_the_page_runs_no_script_and_no_inline_style(app: Caller, browser: httpx.Client) -> None:
    page = browser.get(app.create("F1", return_url=RETURN_URL)["code_url"])
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page.text)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("form-action 'self' http://shop.test")
    assert browser.get("http://alipay.test/static/cashier.css").status_code == 200


def test_the_payer_freezes_and_goes_back(
    app: Caller, alipay: LocalAlipay, browser: httpx.Client
) -> None:
    url = app.create("F1", "100.00", return_url=RETURN_URL)["code_url"]
    answer = press(browser, url, "freeze")
    assert (answer.status_code, answer.headers["Location"]) == (303, RETURN_URL)
    assert app.query("F1")["order_status"] == "AUTHORIZED"
    assert alipay.frozen_fen(PAYER) == 100_00
    assert "The money is frozen" in browser.get(url).text


def test_without_an_address_the_page_shows_the_result(app: Caller, browser: httpx.Client) -> None:
    url = app.create("F1")["code_url"]
    answer = press(browser, url, "freeze")
    assert answer.status_code == 303
    target = httpx.URL(url).join(answer.headers["Location"])
    assert "The money is frozen" in browser.get(target).text


def test_an_address_that_is_not_http_is_ignored(app: Caller, browser: httpx.Client) -> None:
    url = app.create("F1", return_url="javascript:alert(1)")["code_url"]
    assert press(browser, url, "freeze").headers["Location"].startswith("/cashier/")
    assert "javascript" not in browser.get(url).text


def test_the_payer_says_no(app: Caller, alipay: LocalAlipay, browser: httpx.Client) -> None:
    url = app.create("F1", return_url=RETURN_URL)["code_url"]
    assert press(browser, url, "cancel").headers["Location"] == RETURN_URL
    assert app.query("F1")["order_status"] == "CLOSED"
    assert alipay.balance_fen(PAYER) == PAYER_FEN
    assert "This freeze is closed" in browser.get(url).text


@pytest.mark.parametrize(
    ("amount", "other", "problem"),
    [
        ("10000.01", "", "The balance is too low"),
        ("1.00", "nobody@example.com", "There is no such account"),
        ("1.00", "platform@vtask.example", "There is no such account"),
    ],
)
def test_who_cannot_pay_is_told_why(
    app: Caller,
    alipay: LocalAlipay,
    browser: httpx.Client,
    amount: str,
    other: str,
    problem: str,
) -> None:
    url = app.create("F1", amount)["code_url"]
    answer = press(browser, url, "freeze", other=other)
    assert answer.status_code == 422
    assert problem in answer.text
    assert app.query("F1")["order_status"] == "INIT"
    assert (alipay.balance_fen(PAYER), alipay.frozen_fen(PAYER)) == (PAYER_FEN, 0)


def test_another_account_may_pay(app: Caller, alipay: LocalAlipay, browser: httpx.Client) -> None:
    alipay.open_payer("other@example.com", balance_fen=500_00)
    url = app.create("F1", "100.00")["code_url"]
    press(browser, url, "freeze", other=" other@example.com ")
    assert alipay.frozen_fen("other@example.com") == 100_00


def test_the_last_payer_is_chosen_the_next_time(
    app: Caller, alipay: LocalAlipay, browser: httpx.Client
) -> None:
    alipay.open_payer("other@example.com", balance_fen=500_00)
    press(browser, app.create("F1")["code_url"], "freeze", payer="other@example.com")
    page = browser.get(app.create("F2")["code_url"])
    assert 'value="other@example.com" selected' in page.text


@pytest.mark.parametrize("token", ["", "0" * 64])
def test_a_form_from_elsewhere_freezes_nothing(
    app: Caller, alipay: LocalAlipay, browser: httpx.Client, token: str
) -> None:
    url = app.create("F1")["code_url"]
    browser.get(url)
    answer = browser.post(url, data={"token": token, "action": "freeze", "payer": PAYER})
    assert answer.status_code == 403
    assert alipay.frozen_fen(PAYER) == 0


def test_the_token_of_another_visitor_or_freeze_is_worth_nothing(
    app: Caller, alipay: LocalAlipay, browser: httpx.Client
) -> None:
    first, second = app.create("F1")["code_url"], app.create("F2")["code_url"]
    token = token_of(browser.get(first))
    form = {"token": token, "action": "freeze", "payer": PAYER}
    assert browser.post(second, data=form).status_code == 403
    stranger = httpx.Client(transport=alipay.transport)
    assert stranger.post(first, data=form).status_code == 403
    assert alipay.frozen_fen(PAYER) == 0


def test_pressing_twice_freezes_once(
    app: Caller, alipay: LocalAlipay, browser: httpx.Client
) -> None:
    url = app.create("F1", "100.00")["code_url"]
    form = {"token": token_of(browser.get(url)), "action": "freeze", "payer": PAYER}
    browser.post(url, data=form)
    assert "The money is frozen" in browser.post(url, data=form).text
    assert alipay.frozen_fen(PAYER) == 100_00


def test_an_unknown_code_is_not_found(browser: httpx.Client, alipay: LocalAlipay) -> None:
    page = browser.get("http://alipay.test/cashier/nothing")
    assert page.status_code == 404
    assert "There is no such freeze" in page.text
