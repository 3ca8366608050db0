import pytest
from pytest_django import DjangoAssertNumQueries

from creators.models import Creator
from creators.queries import Filters, completeness_of, get_by_ids, selectable, with_cards
from creators.web.filters import CreatorFilterForm
from tests.builders import LONG_AGO, a_channel, a_creator, a_creator_channel, a_domain, a_work

pytestmark = pytest.mark.django_db


def names(filters: Filters) -> list[str]:
    return [creator.nickname for creator in selectable(filters)]


@pytest.mark.rule("V6", "V13")
@pytest.mark.parametrize(
    "facts",
    [
        {"status": "PENDING"},
        {"status": "SUSPENDED"},
        {"is_accepting": False},
        {"price_fen": None},
    ],
)
def test_who_is_not_active_or_paused_or_without_a_price_is_not_listed(
    facts: dict[str, object],
) -> None:
    a_creator(nickname="listed")
    a_creator(nickname="hidden", **facts)
    assert names(Filters()) == ["listed"]


@pytest.mark.rule("V13")
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(), ["Cleo", "Bao", "Anna"]),
        (Filters(name=" AN "), ["Anna"]),
        (Filters(min_price_fen=60_000), ["Cleo", "Anna"]),
        (Filters(max_price_fen=60_000), ["Bao"]),
        (Filters(min_price_fen=50_000, max_price_fen=80_000), ["Bao", "Anna"]),
        (Filters(min_followers=2_000), ["Cleo", "Bao"]),
        (Filters(sort="reads"), ["Anna", "Bao", "Cleo"]),
        (Filters(sort="price"), ["Bao", "Anna", "Cleo"]),
        (Filters(sort="price_down"), ["Cleo", "Anna", "Bao"]),
        (Filters(sort="newest"), ["Cleo", "Bao", "Anna"]),
        (Filters(sort="nonsense"), ["Cleo", "Bao", "Anna"]),
    ],
)
def test_filters_and_orders(filters: Filters, found: list[str]) -> None:
    a_creator(nickname="Anna", followers=1_000, avg_reads=900, price_fen=80_000)
    a_creator(nickname="Bao", followers=2_000, avg_reads=800, price_fen=50_000)
    a_creator(nickname="Cleo", followers=3_000, avg_reads=700, price_fen=120_000)
    assert names(filters) == found


@pytest.mark.rule("V8", "V13")
def test_a_creator_is_found_in_each_of_his_domains_once() -> None:
    a_creator(nickname="both", domains=("BEAUTY", "FOOD"))
    a_creator(nickname="cars", domains=("CARS",))
    for code in ("BEAUTY", "FOOD"):
        assert names(Filters(domain_id=a_domain(code).pk)) == ["both"]
    assert names(Filters(domain_id=a_domain("CARS").pk)) == ["cars"]
    assert len(names(Filters())) == 2


@pytest.mark.rule("V9")
def test_on_a_channel_that_needs_approval_only_the_approved_are_found() -> None:
    toutiao = a_channel("TOUTIAO")
    toutiao.is_enabled = True
    toutiao.save()
    a_creator_channel(a_creator(nickname="approved"), "TOUTIAO", approved_at=LONG_AGO)
    a_creator_channel(a_creator(nickname="waiting"), "TOUTIAO")
    assert names(Filters(channel_id=toutiao.pk)) == ["approved"]
    assert len(names(Filters(channel_id=a_channel("WEITAO").pk))) == 2


@pytest.mark.rule("V9")
def test_on_a_disabled_channel_nobody_is_found() -> None:
    a_creator_channel(a_creator(), "TOUTIAO", approved_at=LONG_AGO)
    assert names(Filters(channel_id=a_channel("TOUTIAO").pk)) == []


def test_equal_creators_keep_their_order_from_page_to_page() -> None:
    first, second = a_creator(), a_creator()
    assert list(selectable()) == [first, second]


def test_a_page_of_cards_takes_five_queries_however_many_there_are(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(8):
        creator = a_creator(domains=("BEAUTY", "FOOD"))
        for number in range(5):
            a_work(creator, title=f"work {number}")
    with django_assert_num_queries(5):
        for creator in with_cards(selectable()):
            assert creator.domains_text
            assert creator.main_domain is not None
            assert [row.channel.code for row in creator.channels.all()] == ["WEITAO"]
            assert [quote.channel for quote in creator.quotes.all()] == [None]
            assert len(creator.shown_works) == 3  # type: ignore[attr-defined]


def test_creators_come_in_the_order_asked_for_and_unknown_ids_are_left_out() -> None:
    first, second = a_creator(), a_creator(is_accepting=False)
    assert get_by_ids([second.pk, 999_999, first.pk, second.pk]) == [second, first]


@pytest.mark.rule("V5")
def test_completeness_looks_at_the_stored_profile() -> None:
    creator = a_creator()
    assert [item.code for item in completeness_of(creator).missing] == ["works"]
    a_work(creator)
    assert completeness_of(creator).percent == 100
    bare = a_creator(
        channels=(), domains=(), payout=None, introduction=" ", followers=0, can_invoice=None,
        delivery_phone="", nickname="",
    )  # fmt: skip
    assert completeness_of(bare).percent == 0


@pytest.mark.rule("V13")
def test_the_filter_form_gives_what_makes_sense_and_forgives_the_rest() -> None:
    beauty, weitao = a_domain("BEAUTY"), a_channel("WEITAO")
    form = CreatorFilterForm(
        {
            "name": "鹿",
            "domain": beauty.pk,
            "channel": weitao.pk,
            "min_price": "100",
            "max_price": "1,000.50",
            "min_followers": "500",
            "sort": "price",
        }
    )
    assert form.filters() == Filters("鹿", beauty.pk, weitao.pk, 10_000, 100_050, 500, "price")
    nonsense = {name: "'; --" for name in form.fields if name != "name"}
    assert CreatorFilterForm(nonsense).filters() == Filters()
    assert CreatorFilterForm({}).filters() == Filters()


def test_the_list_reads_an_index_that_holds_only_those_who_are_listed() -> None:
    listed = {index.name for index in Creator._meta.indexes if index.condition is not None}
    assert listed == {"creator_by_followers", "creator_by_reads", "creator_by_price"}
