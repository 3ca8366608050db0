"""Every message has its words, and every letter says what happened, what to do, by when and what
becomes of the money, to the side that reads it and in its language.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import get_language, override

from policy.numbers import Policy
from tasks import workflow
from tasks.letters import STEP_OF, filled, letter, told
from tasks.models import Outbox, Side
from tasks.rules import REMINDERS
from tasks.wording import ALWAYS, BY_CLOCK, TEXTS, WORDS, kinds_of
from tasks.workflow import change_price
from tasks.workflow.change_price import Offer
from tasks.workflow.rule import Judgement
from tests.builders import a_creator, a_merchant, a_user
from tests.orders import DAY, HOUR, NOW, an_order, creator_of, delivered_at, do
from tests.verbs import a_member_of_staff

pytestmark = pytest.mark.django_db

WORKFLOW = Path(change_price.__file__).parent
LANGUAGES = ("en", "zh-hans")


# Every kind has its words


def told_in_code() -> set[tuple[str, str]]:
    """Every (side, kind) that a verb tells, as it is written in the workflow."""
    return {
        pair
        for file in WORKFLOW.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for pair in _pairs(node)
    }


def _pairs(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.keyword) and node.arg == "tell":
        for pair in ast.walk(node.value):
            if isinstance(pair, ast.Tuple) and len(pair.elts) == 2:
                yield from _sides(*pair.elts)
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Outbox":
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        yield from _sides(given["to"], given["kind"])
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "writing.message":
        _order, side, kind = node.args
        if isinstance(kind, ast.Constant):  # the others are told as decided
            yield from _sides(side, kind)


def _sides(side: ast.expr, kind: ast.expr) -> Iterator[tuple[str, str]]:
    """A side that is worked out may be either; a kind that is worked out is a reminder."""
    if isinstance(side, ast.Tuple):
        return
    kinds = [kind.value] if isinstance(kind, ast.Constant) else list(REMINDERS)
    named = side.attr if isinstance(side, ast.Attribute) else ""
    for one in kinds:
        yield from ((to, str(one)) for to in ([named] if named else Side.values))


def test_every_kind_that_a_verb_tells_has_its_words_for_that_side() -> None:
    found = told_in_code()
    assert {("CREATOR", "sent"), ("MERCHANT", "delivered"), ("MERCHANT", "reminder_2")} <= found
    assert found - {(str(side), kind) for side, kind in WORDS} == set()


def test_there_are_no_words_for_what_nobody_is_told() -> None:
    assert {(str(side), kind) for side, kind in WORDS} - told_in_code() == set()
    assert set(BY_CLOCK) <= set(WORDS)
    assert set(TEXTS) == {kind for _side, kind in WORDS}
    assert set(STEP_OF) <= set(TEXTS)


def test_a_message_of_every_kind_becomes_a_letter_in_both_languages() -> None:
    for language in LANGUAGES:
        order = an_order(
            "CONFIRMED",
            merchant=a_merchant(user=a_user("MERCHANT", language=language)),
            creator=a_creator(user=a_user("CREATOR", language=language)),
        )
        for side, kind in WORDS:
            mail = letter(a_row(order, side, kind))
            assert all(mail.subject.split(" · ", 1)), kind
            for text in (mail.subject, mail.body, html(mail)):
                assert "%(" not in text, kind
                assert "None" not in text, kind


def a_row(order: Any, side: str, kind: str, **facts: Any) -> Outbox:
    party = order.merchant_id if side == Side.MERCHANT else order.creator_id
    complete = {"at": NOW, "next_at": NOW, "party": party, **facts}
    return Outbox.objects.create(order=order, kind=kind, to=side, **complete)


def html(mail: Any) -> str:
    assert isinstance(mail, EmailMultiAlternatives)
    [(text, kind)] = mail.alternatives
    assert kind == "text/html"
    return str(text)


# What a letter says


def the_letter(order: Any, kind: str, side: str = "MERCHANT") -> Any:
    return letter(Outbox.objects.filter(order=order, kind=kind, to=side).latest("id"))


def test_a_delivery_says_what_to_do_by_when_and_what_becomes_of_the_money() -> None:
    order = an_order(
        "DELIVERED",
        price_fen=123_450,
        policy=Policy(fee_bps=1_000),
        merchant=a_merchant(user=a_user("MERCHANT", time_zone="Europe/Berlin")),
    )
    mail = the_letter(order, "delivered")
    assert mail.subject == f"{order.creator.nickname} has delivered · {order.task.theme}"
    assert "confirm and pay" in mail.body
    assert "Verify by: 15 Mar 2026, 05:00 (CET, UTC+0100)" in mail.body
    assert "the reward of ¥1,234.50 leaves escrow" in mail.body
    assert "Platform fee: ¥123.45" in mail.body
    assert "The creator receives: ¥1,111.05" in mail.body
    assert f"/orders/{order.pk}/" in mail.body
    assert "/notices/choices/" in mail.body


def test_the_html_says_the_same_and_loads_nothing() -> None:
    order = an_order("DELIVERED")
    text = html(the_letter(order, "delivered"))
    assert "confirm and pay" in text
    assert f"/orders/{order.pk}/" in text
    assert "src=" not in text
    assert "url(" not in text


def test_a_letter_is_in_the_language_of_the_one_who_gets_it() -> None:
    order = an_order("PAID", creator=a_creator(user=a_user("CREATOR", language="zh-hans")))
    with override("en"):
        mail = the_letter(order, "received", "CREATOR")
    assert 'lang="zh-Hans"' in html(mail)


def test_a_chinese_name_stands_in_chinese_without_spaces_and_another_with_them() -> None:
    facts = {"creator": "小鹿 的实验室", "merchant": "Lumi", "price": "¥80.00"}
    assert filled("发给 %(creator)s 的订单", facts) == "发给小鹿 的实验室的订单"
    assert filled("发给 %(merchant)s 的订单", facts) == "发给 Lumi 的订单"
    assert filled("退回 %(price)s 给您", facts) == "退回 ¥80.00 给您"
    assert filled("The order for %(creator)s", facts) == "The order for 小鹿 的实验室"


def test_what_the_creator_wrote_is_text_in_the_html() -> None:
    order = an_order("PAID")
    do(workflow.DECLINE, order, at=NOW + HOUR, by=creator_of(order), given="<b>no</b> & never")
    mail = the_letter(order, "declined")
    assert "The reason: <b>no</b> & never" in mail.body
    assert "&lt;b&gt;no&lt;/b&gt; &amp; never" in html(mail)


def test_an_offer_names_the_price_that_was_offered_then() -> None:
    order = an_order("UNPAID")
    for hours, fen in enumerate((90_000, 95_000)):
        given = Offer(fen, Policy())
        do(
            workflow.OFFER_PRICE,
            order,
            at=NOW + hours * HOUR,
            by=creator_of(order),
            given=given,
        )
    rows = Outbox.objects.filter(order=order, kind="price_offered").order_by("id")
    assert [message.facts["amount"] for message in told(rows)] == ["¥900.00", "¥950.00"]


def test_a_split_ruling_tells_each_side_its_part() -> None:
    order = an_order("DISPUTED", price_fen=80_000, policy=Policy(fee_bps=1_000))
    at = delivered_at(order) + 2 * DAY
    given = Judgement(30_000, "Half of the pictures are missing.")
    do(workflow.RULE, order, at=at, by=a_member_of_staff(), given=given)
    merchant, creator = the_letter(order, "ruled"), the_letter(order, "ruled", "CREATOR")
    assert merchant.subject.startswith("Our staff has ruled: you get ¥300.00 back")
    assert creator.subject.startswith("Our staff has ruled: you receive ¥450.00")
    assert "Platform fee: ¥50.00" in creator.body
    assert "Half of the pictures are missing." in merchant.body
    assert the_letter(order, "returned").subject.startswith("¥300.00 are back")
    assert the_letter(order, "paid_out", "CREATOR").subject.startswith("¥450.00 have arrived")


@pytest.mark.rule("V52")
def test_the_clock_confirms_in_other_words_than_the_merchant() -> None:
    by_hand = an_order("CONFIRMED")
    assert "You have confirmed" in the_letter(by_hand, "confirmed").subject
    row = Outbox.objects.get(order=by_hand, kind="confirmed", to="MERCHANT")
    by_hand.events.filter(verb="confirm").get()
    [message] = told([row])
    assert message.event is not None
    message.event.role = "CLOCK"
    assert "was confirmed by the clock" in message.title
    assert "10 days have passed" in message.body


@pytest.mark.rule("V64")
def test_no_letter_holds_anybody_s_contact_data() -> None:
    order = an_order("ACCEPTED")
    merchant, creator = order.merchant, order.creator
    secrets = (
        merchant.contact_name, merchant.contact_phone, merchant.contact_email,
        creator.delivery_name, creator.delivery_phone, creator.delivery_address,
        merchant.user.email, creator.user.email,
    )  # fmt: skip
    for side, kind in WORDS:
        mail = letter(a_row(order, side, kind))
        for secret in secrets:
            assert secret not in mail.body + html(mail), (side, kind, secret)


def test_a_name_with_line_breaks_makes_no_second_header() -> None:
    order = an_order("ACCEPTED", creator=a_creator(nickname="a\nBcc: x@example.com"))
    assert the_letter(order, "accepted").subject.startswith("a Bcc: x@example.com has accepted")


# What can be switched off


def test_what_can_be_switched_off_says_where() -> None:
    order = an_order("DELIVERED")
    headers = the_letter(order, "delivered").extra_headers
    assert headers["List-Unsubscribe"].endswith("/notices/choices/>")


@pytest.mark.rule("N4")
def test_what_is_always_sent_says_why_and_offers_no_way_out() -> None:
    order = an_order("CONFIRMED")
    mail = the_letter(order, "confirmed")
    assert "List-Unsubscribe" not in mail.extra_headers
    assert "always sent" in mail.body
    assert "always sent" not in the_letter(order, "delivered").body


def test_each_side_can_choose_something_and_money_is_always_told() -> None:
    for side in Side.values:
        kinds = set(kinds_of(side))
        assert kinds - ALWAYS
        assert kinds & ALWAYS
    assert {"reminder_72", "paid_out", "returned", "ruled"} <= ALWAYS


def test_the_words_of_a_message_cost_the_same_for_one_and_for_many(
    django_assert_num_queries: Any,
) -> None:
    order = an_order("REVIEWED")
    rows = list(
        Outbox.objects.filter(order=order).select_related(
            "order__task", "order__merchant", "order__creator"
        )
    )
    with django_assert_num_queries(1):
        assert all(message.title and message.body for message in told(rows))


def test_a_letter_in_another_language_leaves_the_page_s_own_alone() -> None:
    order = an_order("PAID", creator=a_creator(user=a_user("CREATOR", language="zh-hans")))
    the_letter(order, "received", "CREATOR")
    assert get_language() == "en"
