from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from accounts.models import Role
from core.fields import blind_index
from creators.models import Channel, Creator, Domain, Quote
from creators.workflow import standing
from creators.workflow.profile import (
    DEFAULT,
    PayoutFacts,
    UnableToAccept,
    UnableToQuote,
    change_payout_account,
    open_profile,
    remove_channel,
    save_channel,
    set_quotes,
    switch_accepting,
)
from settlement.models import PayoutAccount
from tests.builders import LONG_AGO, a_channel, a_creator, a_creator_channel, a_user

pytestmark = pytest.mark.django_db
LATER = LONG_AGO + timedelta(days=3)


@pytest.mark.rule("V8")
def test_the_seven_domains_are_there_in_both_languages() -> None:
    zh = ["服饰", "美妆", "美食", "母婴", "数码", "家居户外", "汽车"]
    assert list(Domain.objects.values_list("name_zh", flat=True)) == zh
    with translation.override("zh-hans"):
        assert [domain.name for domain in Domain.objects.all()] == zh
    with translation.override("en"):
        assert [domain.name for domain in Domain.objects.all()][:2] == ["Apparel", "Beauty"]


@pytest.mark.rule("V9")
def test_the_channels_are_data_and_only_the_own_feed_is_enabled() -> None:
    rows = Channel.objects.values_list("code", "name_zh", "is_enabled", "requires_approval")
    assert list(rows) == [
        ("WEITAO", "微淘", True, False),
        ("AIGUANGJIE", "爱逛街", False, True),
        ("TOUTIAO", "淘宝头条", False, True),
        ("YOUHAOHUO", "有好货", False, True),
    ]


def test_the_profile_is_opened_once() -> None:
    user = a_user(Role.CREATOR, name="小鹿")
    assert open_profile(user, at=LONG_AGO) == open_profile(user, at=LATER)
    assert (Creator.objects.get().created_at, Creator.objects.get().nickname) == (LONG_AGO, "小鹿")


@pytest.mark.rule("V19")
def test_a_creator_has_one_default_quote_and_others_by_format_and_channel() -> None:
    creator = a_creator(price_fen=None)
    weitao = a_channel().pk
    set_quotes(creator, {DEFAULT: 80_000, ("VIDEO", None): 200_000})
    set_quotes(creator, {DEFAULT: 90_000, ("VIDEO", weitao): 250_000})
    prices = Quote.objects.order_by("price_fen").values_list("price_fen", flat=True)
    assert list(prices) == [90_000, 200_000, 250_000]
    assert Creator.objects.get().default_price_fen == creator.default_price_fen == 90_000


@pytest.mark.rule("V19")
def test_the_database_keeps_one_quote_per_format_and_channel_and_one_default() -> None:
    creator = a_creator()
    with pytest.raises(IntegrityError), transaction.atomic():
        Quote.objects.create(creator=creator, price_fen=1)


@pytest.mark.rule("V19")
@pytest.mark.parametrize("price_fen", [-1, 0, 9, 100_000_001])
def test_a_price_that_cannot_be_paid_is_refused_and_no_other_is_changed(price_fen: int) -> None:
    creator = a_creator()
    with pytest.raises(UnableToQuote):
        set_quotes(creator, {DEFAULT: 90_000, ("VIDEO", None): price_fen})
    assert Quote.objects.get().price_fen == 80_000
    assert Creator.objects.get().default_price_fen == 80_000


@pytest.mark.rule("V6", "V19")
def test_the_default_quote_stays_while_orders_are_accepted() -> None:
    creator = a_creator()
    with pytest.raises(UnableToQuote):
        set_quotes(creator, {DEFAULT: None})
    assert Quote.objects.count() == 1
    switch_accepting(creator, on=False)
    set_quotes(creator, {DEFAULT: None})
    assert Creator.objects.get().default_price_fen is None
    assert Quote.objects.count() == 0


def test_removing_another_quote_keeps_the_default() -> None:
    creator = a_creator()
    set_quotes(creator, {("POST", None): 5_000})
    set_quotes(creator, {("POST", None): None})
    assert Creator.objects.get().default_price_fen == 80_000
    assert Quote.objects.get().is_default


@pytest.mark.rule("V6")
def test_the_switch_goes_on_and_off() -> None:
    creator = a_creator(is_accepting=False)
    switch_accepting(creator, on=True)
    assert Creator.objects.get().is_accepting
    switch_accepting(creator, on=False)
    assert not Creator.objects.get().is_accepting


@pytest.mark.rule("V6")
@pytest.mark.parametrize("facts", [{"price_fen": None}, {"payout": None}, {"status": "SUSPENDED"}])
def test_the_switch_stays_off_without_a_quote_or_a_payout_account(
    facts: dict[str, object],
) -> None:
    creator = a_creator(is_accepting=False, **facts)
    with pytest.raises(UnableToAccept) as refusal:
        switch_accepting(creator, on=True)
    assert str(refusal.value)
    assert not Creator.objects.get().is_accepting


@pytest.mark.rule("V6")
def test_it_can_always_be_turned_off() -> None:
    creator = a_creator(price_fen=None, payout=None, status="SUSPENDED")
    switch_accepting(creator, on=False)
    assert not Creator.objects.get().is_accepting


@pytest.mark.rule("V5")
def test_a_changed_payout_account_is_a_new_version_and_the_old_one_stays() -> None:
    creator = a_creator(payout="old@example.com")
    old = creator.payout_account
    new = change_payout_account(creator, PayoutFacts("New@example.com", "李鹿"), at=LATER)
    assert Creator.objects.get().payout_account == new
    assert (new.party, new.created_at) == (f"creator:{creator.pk}", LATER)
    assert new.logon_id_index == blind_index("new@example.com")
    assert old is not None
    assert PayoutAccount.objects.get(pk=old.pk).logon_id == "old@example.com"


def test_the_same_payout_account_again_is_no_new_version() -> None:
    creator = a_creator(payout="old@example.com")
    change_payout_account(creator, PayoutFacts("old@example.com", "李鹿"), at=LATER)
    assert PayoutAccount.objects.count() == 1


@pytest.mark.rule("V64")
def test_raw_sql_shows_no_private_text_of_a_creator_nor_in_his_history() -> None:
    a_creator(payout="payee@example.com")
    stored = ""
    with connection.cursor() as cursor:
        for table in ("creators_creator", "creators_creatorevent", "settlement_payoutaccount"):
            cursor.execute(f"SELECT t::text FROM {table} t")
            rows = cursor.fetchall()
            assert rows, table
            stored += str(rows)
    clear = ("payee@example.com", "李鹿", "13900001111", "文一西路")
    assert [text for text in clear if text in stored] == []


@pytest.mark.rule("V5")
def test_the_reach_follows_the_channels() -> None:
    creator = a_creator(channels=(), followers=0, avg_reads=0)
    first = a_creator_channel(creator, "WEITAO", followers=1_000, avg_reads=500)
    second = a_creator_channel(creator, "TOUTIAO", followers=2_000, avg_reads=700)
    save_channel(second, creator=creator)
    assert (creator.followers, creator.avg_reads) == (3_000, 600)
    remove_channel(creator, first.pk)
    stored = Creator.objects.get()
    assert (stored.followers, stored.avg_reads) == (2_000, 700)


@pytest.mark.rule("V9")
def test_another_link_on_a_channel_needs_a_new_approval() -> None:
    creator = a_creator(channels=())
    row = a_creator_channel(creator, "TOUTIAO", approved_at=LONG_AGO)
    row.followers = 5
    save_channel(row, creator=creator)
    row.refresh_from_db()
    assert row.approved_at == LONG_AGO
    row.url = "https://another.example/"
    save_channel(row, creator=creator)
    row.refresh_from_db()
    assert row.approved_at is None


def test_staff_activate_suspend_and_activate_again_and_the_first_instant_stays() -> None:
    creator = a_creator(status="PENDING", activated_at=None)
    standing.activate(creator.pk, at=LONG_AGO)
    standing.suspend(creator.pk)
    assert Creator.objects.get().status == "SUSPENDED"
    standing.activate(creator.pk, at=LATER)
    assert Creator.objects.get().activated_at == LONG_AGO


def test_every_version_of_a_quote_is_kept_also_the_last_and_the_same_is_no_version() -> None:
    creator = a_creator(is_accepting=False)
    for price_fen in (90_000, 90_000, None):
        set_quotes(creator, {DEFAULT: price_fen})
    events = apps.get_model("creators", "QuoteEvent").objects.order_by("pgh_id")
    assert list(events.values_list("pgh_label", "price_fen")) == [
        ("insert", 80_000),
        ("update", 90_000),
        ("delete", 90_000),
    ]
