"""What a creator reports of his audience: which shares hold together, the form, the charts."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from creators import queries
from creators.audience import AGES, GENDERS, REGIONS, Kind, problem
from creators.models import Audience, AudienceShare, Creator
from creators.web.audience import drawn
from creators.workflow.profile import UnableToReport, report_audience
from tests.builders import LONG_AGO, a_browser, a_creator, queries_of

ADDRESS = "/creator/audience/"
WHOLE = {
    Kind.AGE: {"18_24": 40, "25_34": 60},
    Kind.GENDER: {"FEMALE": 83, "MALE": 17},
    Kind.REGION: {"ZJ": 30, "GD": 20},
    Kind.INTEREST: {"BEAUTY": 90, "FOOD": 70},
}
FORM = {
    "AGE_18_24": "40",
    "AGE_25_34": "60 %",
    "GENDER_FEMALE": "83",
    "GENDER_MALE": "17",
    "GENDER_OTHER": "0",
    "REGION_0_code": "ZJ",
    "REGION_0_percent": "30",
    "REGION_3_code": "GD",
    "REGION_3_percent": "20",
    "INTEREST_BEAUTY": "90",
    "INTEREST_FOOD": "70",
}


# The rule


@pytest.mark.rule("V13")
@pytest.mark.parametrize(
    ("kind", "shares", "is_possible"),
    [
        (Kind.AGE, {"18_24": 100}, True),
        (Kind.AGE, {}, True),
        (Kind.AGE, {"18_24": 0}, True),
        (Kind.AGE, {"18_24": 99}, False),
        (Kind.AGE, {"18_24": 60, "25_34": 41}, False),
        (Kind.GENDER, {"FEMALE": 50, "MALE": 50}, True),
        (Kind.GENDER, {"FEMALE": 50}, False),
        (Kind.REGION, {"ZJ": 1}, True),
        (Kind.REGION, {"ZJ": 60, "GD": 40}, True),
        (Kind.REGION, {"ZJ": 60, "GD": 41}, False),
        (Kind.INTEREST, {"BEAUTY": 100, "FOOD": 100}, True),
        (Kind.INTEREST, {"BEAUTY": 101}, False),
        (Kind.INTEREST, {"BEAUTY": -1}, False),
    ],
)
def test_which_shares_hold_together(kind: Kind, shares: dict[str, int], is_possible: bool) -> None:
    assert (problem(kind, shares) is None) is is_possible


def test_a_sum_that_is_not_whole_is_named() -> None:
    with translation.override("en"):
        assert str(problem(Kind.AGE, {"18_24": 99})) == (
            "Together they must be exactly 100 %; now they are 99 %."
        )


def test_codes_fit_their_column() -> None:
    assert max(len(code) for words in (AGES, GENDERS, REGIONS) for code in words) <= 30
    assert len(REGIONS) == 35


# The verb


@pytest.mark.django_db
def test_a_report_takes_the_place_of_the_one_before() -> None:
    creator = a_creator()
    report_audience(creator, WHOLE, at=LONG_AGO)
    later = LONG_AGO + timedelta(days=90)
    report_audience(creator, {Kind.GENDER: {"MALE": 100, "FEMALE": 0}}, at=later)
    report = Audience.objects.get(creator=creator)
    assert report.reported_at == later
    assert list(report.shares.values_list("kind", "code", "percent")) == [("GENDER", "MALE", 100)]


@pytest.mark.django_db
def test_a_report_without_any_share_is_none() -> None:
    creator = a_creator()
    report_audience(creator, WHOLE, at=LONG_AGO)
    report_audience(creator, {kind: {} for kind in Kind}, at=LONG_AGO)
    assert not Audience.objects.exists()


@pytest.mark.django_db
def test_shares_that_do_not_hold_together_change_nothing() -> None:
    creator = a_creator()
    report_audience(creator, WHOLE, at=LONG_AGO)
    with pytest.raises(UnableToReport) as refusal:
        report_audience(creator, {**WHOLE, Kind.AGE: {"18_24": 1}}, at=LONG_AGO)
    assert list(refusal.value.problems) == [Kind.AGE]
    assert AudienceShare.objects.count() == 8


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "percent"), [("AGE", 0), ("AGE", 101), ("SHOES", 5)])
def test_the_database_refuses_nonsense(kind: str, percent: int) -> None:
    report = Audience.objects.create(creator=a_creator(), reported_at=LONG_AGO)
    with pytest.raises(IntegrityError), transaction.atomic():
        AudienceShare.objects.create(audience=report, kind=kind, code="x", percent=percent)


# The form


def stored(creator: Creator) -> dict[Kind, Any]:
    report = queries.audience_of(creator)
    return {kind: queries.shares_of(report, kind) for kind in Kind}


@pytest.mark.django_db
@pytest.mark.rule("V13")
def test_a_creator_reports_his_audience_and_finds_it_in_the_form() -> None:
    creator = a_creator()
    browser = a_browser(creator.user)
    assert browser.post(ADDRESS, FORM)["Location"] == ADDRESS
    assert stored(creator) == WHOLE
    page = browser.get(ADDRESS).content.decode()
    assert 'name="AGE_25_34" id="id_AGE_25_34" value="60"' in page
    assert '<option value="GD" selected>Guangdong</option>' in page
    assert "Reported by the creator" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"AGE_18_24": "39"}, "AGE"),
        ({"AGE_18_24": "many"}, "AGE"),
        ({"AGE_18_24": "-1"}, "AGE"),
        ({"AGE_18_24": "39.5"}, "AGE"),
        ({"AGE_18_24": "4" * 100}, "AGE"),
        ({"GENDER_OTHER": "1"}, "GENDER"),
        ({"REGION_0_percent": "81"}, "REGION"),
        ({"REGION_0_code": "GD"}, "REGION"),
        ({"REGION_0_code": "MARS"}, "REGION"),
        ({"REGION_0_code": ""}, "REGION"),
        ({"REGION_0_percent": ""}, "REGION"),
        ({"INTEREST_FOOD": "101"}, "INTEREST"),
    ],
)
def test_bad_shares_are_refused_at_their_group_and_what_was_typed_stays(
    change: dict[str, str], field: str
) -> None:
    creator = a_creator()
    answer = a_browser(creator.user).post(ADDRESS, {**FORM, **change})
    assert list(answer.context["form"].errors) == [field]
    assert 'value="83"' in answer.content.decode()
    assert not Audience.objects.exists()


@pytest.mark.django_db
def test_a_share_of_somebody_elses_words_is_not_read() -> None:
    creator = a_creator()
    a_browser(creator.user).post(ADDRESS, {**FORM, "AGE_ANCIENT": "5", "INTEREST_NOTHING": "5"})
    assert stored(creator) == WHOLE


@pytest.mark.django_db
def test_the_page_asks_the_same_however_much_was_reported() -> None:
    creator = a_creator()
    browser = a_browser(creator.user)
    report_audience(creator, {Kind.INTEREST: {"BEAUTY": 5}}, at=LONG_AGO)
    few = queries_of(browser, ADDRESS)
    report_audience(creator, WHOLE, at=LONG_AGO)
    assert queries_of(browser, ADDRESS) == few


# The charts


@pytest.mark.django_db
def test_the_charts_show_ages_in_their_order_and_the_rest_largest_first() -> None:
    creator = a_creator()
    report_audience(creator, WHOLE, at=LONG_AGO)
    with translation.override("en"):
        age, gender, region, interest = drawn(queries.audience_of(creator))
    assert age.labels == tuple(str(word) for word in AGES.values())
    assert list(age.series[0].values) == [0, 40, 60, 0, 0, 0]
    assert gender.labels == ("Women", "Men")
    assert region.labels == ("Zhejiang", "Guangdong")
    assert interest.labels == ("Beauty", "Food")
    assert {chart.unit for chart in (age, gender, region, interest)} == {"percent"}


@pytest.mark.django_db
def test_nothing_reported_is_no_chart() -> None:
    creator = a_creator()
    assert drawn(queries.audience_of(creator)) == []
    report_audience(creator, {Kind.GENDER: {"MALE": 100}}, at=LONG_AGO)
    assert len(drawn(queries.audience_of(creator))) == 1
