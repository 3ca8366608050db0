import io

import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from creators.models import Creator, CreatorChannel, Quote, Work
from settlement.models import PayoutAccount
from tests.builders import (
    LONG_AGO,
    PASSWORD,
    a_browser,
    a_channel,
    a_creator,
    a_creator_channel,
    a_domain,
    a_merchant,
    a_work,
    ops,
    queries_of,
)

pytestmark = pytest.mark.django_db
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
DEFAULT = "price_ANY_0"
PRIVATE = ("李鹿", "13900001111", "文一西路", "payee@example.com")


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "teal").save(out, "PNG")
    return out.getvalue()


def upload(name: str = "me.png", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, png() if content is None else content)


def stored_files(folder: str) -> list[str]:
    """All files below a folder of the storage."""
    if not default_storage.exists(folder):
        return []
    folders, files = default_storage.listdir(folder)
    below = [name for sub in folders for name in stored_files(f"{folder}/{sub}")]
    return [f"{folder}/{name}" for name in files] + below


def personal(**facts: object) -> dict[str, object]:
    beauty = a_domain("BEAUTY").pk
    filled = {
        "nickname": "小鹿护肤",
        "introduction": "真实试用。",
        "main_domain": beauty,
        "domains": [beauty],
    }
    return {**filled, **facts}


@pytest.mark.rule("V5")
def test_the_overview_shows_the_meter_the_four_sections_and_what_is_missing() -> None:
    creator = a_creator()
    page = a_browser(creator.user).get("/creator/profile/")
    text = page.content.decode()
    assert page.context["meter"].percent == 88
    assert len(page.context["sections"]) == 4
    assert "Show at least one work." in text
    assert 'href="/creator/works/"' in text


@pytest.mark.rule("V5")
def test_a_creator_tells_about_himself_and_the_main_domain_is_one_of_his() -> None:
    creator = a_creator(domains=(), introduction="")
    food = a_domain("FOOD")
    a_browser(creator.user).post("/creator/profile/personal/", personal(main_domain=food.pk))
    stored = Creator.objects.get()
    assert (stored.nickname, stored.introduction) == ("小鹿护肤", "真实试用。")
    assert set(stored.domains.values_list("code", flat=True)) == {"BEAUTY", "FOOD"}


@pytest.mark.rule("V5")
def test_his_picture_is_encoded_anew_and_kept_under_a_random_name() -> None:
    creator = a_creator()
    browser = a_browser(creator.user)
    browser.post("/creator/profile/personal/", personal(avatar=upload("王小明.png")))
    stored = Creator.objects.get()
    assert stored.avatar.name.startswith("avatars/")
    assert "王小明" not in stored.avatar.name
    answer = browser.get(stored.avatar_url)
    assert answer["Content-Type"] == "image/png"
    with Image.open(io.BytesIO(answer.getvalue())) as image:
        assert image.size == (20, 20)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("me.svg", SVG),
        ("me.png", SVG),
        ("me.html", png()),
        ("me.jpg", png()),
        ("me.png", png() + b"<script>alert(1)</script>"),
        ("me.png", bytes(5 * 1024 * 1024 + 1)),
    ],
    ids=["svg", "svg as png", "html name", "other kind", "polyglot", "too large"],
)
def test_what_is_no_picture_is_refused_at_the_field_and_nothing_is_stored(
    name: str, content: bytes
) -> None:
    creator = a_creator()
    before = stored_files("avatars")
    answer = a_browser(creator.user).post(
        "/creator/profile/personal/", personal(avatar=upload(name, content), nickname="Changed")
    )
    assert list(answer.context["form"].errors) == ["avatar"]
    stored = Creator.objects.get()
    assert (stored.nickname, stored.avatar.name) == (creator.nickname, "")
    assert stored_files("avatars") == before


def test_pictures_are_for_everybody_who_may_see_the_page() -> None:
    creator = a_creator()
    work = a_work(creator)
    browser = a_browser(creator.user)
    browser.post("/creator/profile/personal/", personal(avatar=upload()))
    browser.post(f"/creator/works/{work.pk}/", {"title": "w", "reads": 1, "picture": upload()})
    creator.refresh_from_db()
    work.refresh_from_db()
    for url in (creator.avatar_url, work.picture_url):
        assert url
        for user in (None, a_merchant().user, a_creator().user, ops()):
            answer = a_browser(user).get(url)
            assert answer.getvalue()
            assert answer.status_code == 200
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in answer["Content-Security-Policy"]
            assert answer["Content-Disposition"].startswith("inline")
    Creator.objects.filter(pk=creator.pk).update(is_accepting=False)
    for url in (creator.avatar_url, work.picture_url):
        assert a_browser().get(url).status_code == 404
        assert a_browser(a_merchant().user).get(url).getvalue()


def test_a_picture_that_is_not_there_is_404() -> None:
    creator, browser = a_creator(), a_browser(a_merchant().user)
    work = a_work(creator)
    assert browser.get(f"/creators/{creator.pk}/avatar/").status_code == 404
    assert browser.get(f"/creators/{creator.pk}/works/{work.pk}/picture/").status_code == 404
    other = a_creator()
    assert browser.get(f"/creators/{other.pk}/works/{work.pk}/picture/").status_code == 404


@pytest.mark.rule("V5", "V9")
def test_a_creator_adds_changes_and_removes_a_channel() -> None:
    creator = a_creator(channels=(), followers=0)
    browser = a_browser(creator.user)
    form = {
        "channel": a_channel("WEITAO").pk,
        "url": "https://we.example/me",
        "followers": 700,
        "avg_reads": 90,
    }
    browser.post("/creator/profile/channels/new/", form)
    row = CreatorChannel.objects.get()
    assert (row.creator, row.url) == (creator, "https://we.example/me")
    assert Creator.objects.get().followers == 700
    browser.post(f"/creator/profile/channels/{row.pk}/", {**form, "followers": 800})
    assert Creator.objects.get().followers == 800
    browser.post(f"/creator/profile/channels/{row.pk}/remove/")
    assert CreatorChannel.objects.count() == 0


@pytest.mark.rule("V9")
@pytest.mark.parametrize("code", ["TOUTIAO", "WEITAO"], ids=["disabled", "taken"])
def test_a_disabled_channel_and_the_same_twice_are_refused(code: str) -> None:
    creator = a_creator(channels=("WEITAO",))
    answer = a_browser(creator.user).post(
        "/creator/profile/channels/new/",
        {
            "channel": a_channel(code).pk,
            "url": "https://x.example/",
            "followers": 1,
            "avg_reads": 1,
        },
    )
    assert list(answer.context["form"].errors) == ["channel"]
    assert CreatorChannel.objects.count() == 1


@pytest.mark.rule("V5")
@pytest.mark.parametrize(("answer", "stored"), [("yes", True), ("no", False)])
def test_a_creator_says_whether_he_can_give_an_invoice(answer: str, stored: bool) -> None:
    creator = a_creator(can_invoice=None)
    a_browser(creator.user).post("/creator/profile/account/", {"can_invoice": answer})
    assert Creator.objects.get().can_invoice is stored


@pytest.mark.rule("V5")
def test_the_payout_account_is_changed_after_a_fresh_login_and_shown_masked() -> None:
    creator = a_creator(payout=None)
    browser = a_browser()
    browser.post("/accounts/login/", {"login": creator.user.email, "password": PASSWORD})
    browser.post(
        "/creator/profile/payout-account/",
        {"logon_id": "payee@example.com", "real_name": "李鹿"},
    )
    account = PayoutAccount.objects.get()
    assert Creator.objects.get().payout_account == account
    assert (account.logon_id, account.real_name) == ("payee@example.com", "李鹿")
    page = browser.get("/creator/profile/account/").content.decode()
    assert "p***@example.com" in page
    assert [text for text in PRIVATE if text in page] == []
    letter = mail.outbox[-1]
    assert (letter.to, letter.subject) == (
        [creator.user.email],
        "[vtask] Your payout account was changed",
    )
    assert [text for text in PRIVATE if text in str(letter.body)] == []


def test_without_a_fresh_login_the_password_is_asked_for_and_nothing_changes() -> None:
    creator = a_creator(payout=None)
    browser = a_browser(creator.user)
    answer = browser.post(
        "/creator/profile/payout-account/",
        {"logon_id": "payee@example.com", "real_name": "李鹿"},
    )
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert PayoutAccount.objects.count() == 0
    assert mail.outbox == []


@pytest.mark.rule("V5")
def test_a_creator_enters_the_address_for_samples() -> None:
    creator = a_creator(delivery_name="", delivery_phone="", delivery_address="")
    a_browser(creator.user).post(
        "/creator/profile/delivery/",
        {
            "delivery_name": "李鹿",
            "delivery_phone": "139 0000 1111",
            "delivery_address": "杭州市文一西路 969 号",
        },
    )
    stored = Creator.objects.get()
    assert stored.delivery_address == "杭州市文一西路 969 号"
    assert stored.delivery_phone == "139 0000 1111"


@pytest.mark.rule("V5")
def test_a_creator_adds_changes_and_removes_a_work_with_its_picture() -> None:
    creator = a_creator()
    browser = a_browser(creator.user)
    form = {
        "title": "春季清单",
        "url": "https://we.example/1",
        "reads": 5_200,
        "published_at": "2026-03-01",
    }
    browser.post("/creator/works/new/", {**form, "picture": upload()})
    work = Work.objects.get()
    name = work.picture.name
    assert (work.creator, work.title, work.reads) == (creator, "春季清单", 5_200)
    assert work.published_at is not None
    assert work.published_at.isoformat() == "2026-02-28T16:00:00+00:00"
    assert default_storage.exists(name)
    browser.post(f"/creator/works/{work.pk}/", {**form, "title": "夏季清单"})
    work.refresh_from_db()
    assert (work.title, work.picture.name) == ("夏季清单", name)
    assert browser.get("/creator/works/").content.decode().count(">夏季清单</a>") == 1


@pytest.mark.django_db(transaction=True)
def test_a_replaced_picture_goes_and_a_removed_work_takes_its_own_along() -> None:
    creator = a_creator()
    browser = a_browser(creator.user)
    browser.post("/creator/works/new/", {"title": "w", "reads": 1, "picture": upload()})
    work = Work.objects.get()
    first = work.picture.name
    browser.post(f"/creator/works/{work.pk}/", {"title": "w", "reads": 1, "picture": upload()})
    work.refresh_from_db()
    assert (default_storage.exists(first), default_storage.exists(work.picture.name)) == (
        False,
        True,
    )
    browser.post(f"/creator/works/{work.pk}/remove/")
    assert Work.objects.count() == 0
    assert not default_storage.exists(work.picture.name)


def test_works_are_as_many_as_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("creators.rules.MAX_WORKS", 1)
    creator = a_creator()
    browser = a_browser(creator.user)
    for _ in range(2):
        browser.post("/creator/works/new/", {"title": "w", "reads": 1})
    assert Work.objects.count() == 1


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"title": ""}, "title"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"reads": "-1"}, "reads"),
        ({"picture": upload("a.svg", SVG)}, "picture"),
    ],
)
def test_a_bad_work_is_refused_at_the_field(facts: dict[str, object], field: str) -> None:
    creator = a_creator()
    answer = a_browser(creator.user).post(
        "/creator/works/new/", {"title": "w", "reads": 1, **facts}
    )
    assert list(answer.context["form"].errors) == [field]
    assert Work.objects.count() == 0


@pytest.mark.rule("V19")
def test_a_creator_sets_changes_and_removes_prices_in_one_table() -> None:
    creator = a_creator(price_fen=None, is_accepting=False)
    browser = a_browser(creator.user)
    weitao = a_channel("WEITAO").pk
    browser.post("/creator/quotes/", {DEFAULT: "800", "price_VIDEO_0": "1,200.50"})
    browser.post(
        "/creator/quotes/",
        {DEFAULT: "900", "price_VIDEO_0": "1200.50", f"price_POST_{weitao}": "700"},
    )
    assert prices_of(creator) == {
        ("", None): 90_000,
        ("VIDEO", None): 120_050,
        ("POST", weitao): 70_000,
    }
    browser.post("/creator/quotes/", {DEFAULT: "900"})
    assert prices_of(creator) == {("", None): 90_000}


def prices_of(creator: Creator) -> dict[tuple[str, int | None], int]:
    rows = Quote.objects.filter(creator=creator)
    return {(row.content_format, row.channel_id): row.price_fen for row in rows}


@pytest.mark.rule("V19")
def test_an_empty_price_shows_the_one_that_counts_instead() -> None:
    creator = a_creator(price_fen=80_000)
    Quote.objects.create(creator=creator, content_format="VIDEO", price_fen=120_000)
    form = a_browser(creator.user).get("/creator/quotes/").context["form"]
    weitao = a_channel("WEITAO").pk
    assert {
        name: form.fields[name].widget.attrs["placeholder"]
        for name in (f"price_VIDEO_{weitao}", f"price_POST_{weitao}", "price_LIVE_0")
    } == {
        f"price_VIDEO_{weitao}": "1200.00",
        f"price_POST_{weitao}": "800.00",
        "price_LIVE_0": "800.00",
    }


@pytest.mark.rule("V19")
def test_a_channel_that_was_turned_off_keeps_its_column_while_it_has_a_price() -> None:
    creator = a_creator()
    toutiao = a_channel("TOUTIAO")
    browser = a_browser(creator.user)
    assert "淘宝头条" not in browser.get("/creator/quotes/").content.decode()
    Quote.objects.create(creator=creator, channel=toutiao, price_fen=5_000)
    form = browser.get("/creator/quotes/").context["form"]
    assert [channel.code for channel in form.channels] == ["WEITAO", "TOUTIAO"]


@pytest.mark.rule("V19")
@pytest.mark.parametrize("price", ["", "0", "0.09", "-5", "abc", "1.234", "1000000.01", "1e5"])
def test_a_price_that_cannot_be_is_refused_at_the_field(price: str) -> None:
    creator = a_creator()
    answer = a_browser(creator.user).post(
        "/creator/quotes/", {DEFAULT: price, "price_VIDEO_0": "900"}
    )
    assert list(answer.context["form"].errors) == [DEFAULT]
    assert 'id="id_price_ANY_0_error"' in answer.content.decode()
    assert 'value="900"' in answer.content.decode()
    assert Quote.objects.get().price_fen == 80_000


def test_the_suggested_price_has_its_place_and_no_number_yet() -> None:
    page = a_browser(a_creator(price_fen=None, is_accepting=False).user).get("/creator/quotes/")
    assert "Suggested price" in page.content.decode()
    assert "Comes later" in page.content.decode()


@pytest.mark.rule("V6")
def test_the_switch_is_a_button_and_says_why_it_stays_off() -> None:
    creator = a_creator(is_accepting=False, price_fen=None)
    browser = a_browser(creator.user)
    page = browser.post("/creator/accepting/", {"is_accepting": "on"}, follow=True)
    assert "Set a default quote first." in page.content.decode()
    browser.post("/creator/quotes/", {DEFAULT: "800"})
    browser.post("/creator/accepting/", {"is_accepting": "on"})
    assert Creator.objects.get().is_accepting
    browser.post("/creator/accepting/", {"is_accepting": ""})
    assert not Creator.objects.get().is_accepting


def test_nobody_activates_himself_or_sets_his_numbers_by_sending_more_fields() -> None:
    creator = a_creator(status="PENDING", activated_at=None, followers=5)
    more = {"status": "ACTIVE", "followers": "999999", "default_price_fen": "1", "user": "1"}
    a_browser(creator.user).post("/creator/profile/personal/", personal(**more))
    stored = Creator.objects.get()
    assert (stored.status, stored.followers, stored.default_price_fen) == ("PENDING", 5, 80_000)
    assert stored.nickname == "小鹿护肤"


@pytest.mark.parametrize(
    "path",
    [
        "/creator/works/{work}/",
        "/creator/works/{work}/remove/",
        "/creator/profile/channels/{channel}/",
        "/creator/profile/channels/{channel}/remove/",
    ],
)
def test_what_is_anothers_is_404_and_stays_as_it_is(path: str) -> None:
    owner = a_creator(is_accepting=False)
    ids = {
        "work": a_work(owner, title="mine").pk,
        "channel": owner.channels.get().pk,
    }
    stranger = a_browser(a_creator().user)
    form = {"title": "stolen", "reads": 1, "url": "https://evil.example/"}
    assert stranger.post(path.format(**ids), form).status_code == 404
    assert Work.objects.get().title == "mine"
    assert owner.quotes.count() == 1
    assert owner.channels.get().url.startswith("https://we.example/")


def test_pages_ask_no_more_when_they_grow() -> None:
    creator = a_creator()
    browser = a_browser(creator.user)
    pages = ["/creator/works/", "/creator/quotes/", "/creator/profile/", "/creator/audience/"]
    a_work(creator)
    few = [queries_of(browser, page) for page in pages]
    for number in range(6):
        a_work(creator)
        a_creator_channel(creator, f"C{number}", approved_at=LONG_AGO)
        Quote.objects.create(creator=creator, channel=a_channel(f"C{number}"), price_fen=5_000)
    assert [queries_of(browser, page) for page in pages] == few
