"""On the order's page: whose turn it is, by when, what follows otherwise, and its way so far."""

from typing import Any

import pytest

from policy.numbers import Policy
from tasks import workflow
from tasks.models import Order
from tasks.workflow.decision import Actor
from tasks.workflow.rule import Judgement
from tests.admin.pages import order_with_blocked_payout
from tests.builders import a_browser, ops
from tests.orders import DAY, DUE, START, an_order, delivered_at, do, held, reminded
from tests.tasks.web.pages import as_creator, as_merchant, words

pytestmark = pytest.mark.django_db

YOU, MERCHANT, CREATOR, STAFF = (
    "Your turn", "The merchant's turn", "The creator's turn", "Our staff's turn",
)  # fmt: skip


def page(order: Order, side: str) -> Any:
    browsers = {"merchant": as_merchant(order.merchant), "creator": as_creator(order.creator)}
    browser = browsers.get(side) or a_browser(ops())
    return browser.get(f"/orders/{order.pk}/")


@pytest.mark.rule("V63")
@pytest.mark.parametrize(
    ("state", "merchant", "creator", "staff"),
    [
        ("UNPAID", YOU, MERCHANT, MERCHANT),
        ("PAID", CREATOR, YOU, CREATOR),
        ("ACCEPTED", CREATOR, YOU, CREATOR),
        ("DELIVERED", YOU, MERCHANT, MERCHANT),
        ("DISPUTED", STAFF, STAFF, YOU),
        ("CONFIRMED", YOU, MERCHANT, MERCHANT),
        ("REVIEWED", "", "", ""),
        ("DECLINED", "", "", ""),
    ],
)
def test_each_side_reads_whose_turn_it_is(
    state: str, merchant: str, creator: str, staff: str
) -> None:
    order = an_order(state)
    turns = [page(order, side).context["now"].turn for side in ("merchant", "creator", "staff")]
    assert turns == [merchant, creator, staff]


@pytest.mark.parametrize(
    ("state", "until"),
    [("UNPAID", START), ("PAID", START), ("ACCEPTED", DUE), ("DISPUTED", None), ("LAPSED", None)],
)
def test_and_by_when(state: str, until: Any) -> None:
    assert page(an_order(state), "merchant").context["now"].until == until


@pytest.mark.rule("V52")
def test_a_delivery_confirms_itself_at_a_known_time() -> None:
    order = an_order("DELIVERED")
    now = page(order, "merchant").context["now"]
    assert (now.until, now.clock) == (delivered_at(order) + 10 * DAY, "confirms by itself in")
    assert [action.label for action in now.actions] == ["Verify", "Something is wrong"]


@pytest.mark.rule("V53")
@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("LAPSED", "You did not accept before the start. All ¥800.00 are back with the merchant."),
        ("DECLINED", "You have declined. All ¥800.00 are back with the merchant."),
        ("OVERDUE", "You did not deliver by the due time. All ¥800.00 are back with the merchant."),
        ("CONFIRMED", "The review of the merchant is next. ¥800.00 were paid to your account."),
    ],
)
def test_how_it_ended_is_said_with_where_the_money_is(state: str, sentence: str) -> None:
    assert sentence in words(page(an_order(state), "creator"))


def test_a_payout_that_failed_is_the_creators_turn_and_does_not_keep_the_merchant() -> None:
    order = order_with_blocked_payout()
    creators, merchants = page(order, "creator").context["now"], page(order, "merchant")
    assert [a.label for a in creators.actions] == [
        "Try the payout again",
        "Change the payout account",
    ]
    assert [a.label for a in merchants.context["now"].actions] == ["Review"]


@pytest.mark.rule("N4")
def test_a_held_confirmation_is_explained_and_no_clock_is_shown() -> None:
    order = held(an_order("DELIVERED"))
    for side, sentence in (
        ("merchant", "The clock is held, because a reminder to you came back."),
        ("creator", "The clock is held, because a reminder to the merchant came back"),
        ("staff", "The clock is held, because a reminder came back."),
    ):
        shown = page(order, side)
        assert sentence in words(shown)
        assert "Stopped since" in words(shown)
        assert shown.context["now"].until is None
    verify = words(as_merchant(order.merchant).get(f"/orders/{order.pk}/confirm/"))
    assert "Stopped since" in verify
    assert "The clock is held" in words(as_merchant(order.merchant).get("/home/"))


def test_the_stepper_and_the_path_follow_the_order() -> None:
    shown = page(an_order("CONFIRMED"), "merchant").context
    assert [step.status for step in shown["steps"]] == ["done"] * 5 + ["now"]
    names = [row[0] for row in shown["path"].rows]
    assert names == ["Payment", "Acceptance", "Work", "Verification", "Review"]
    ended = page(an_order("DECLINED"), "merchant").context
    assert [step.label for step in ended["steps"]] == ["Sent", "Payment", "Declined"]
    assert [step.status for step in ended["steps"]] == ["done", "done", "ended"]
    assert len(ended["path"].rows) == 2


@pytest.mark.rule("N7", "V40")
def test_after_a_split_the_money_box_says_what_the_ruling_made_of_it() -> None:
    order = an_order("DISPUTED", policy=Policy(fee_bps=2000))
    at, by = delivered_at(order) + 2 * DAY, Actor.ops(ops())
    do(workflow.RULE, order, at=at, by=by, given=Judgement(30_000, "少了一张图"))
    shown = words(page(order, "creator"))
    assert "Back to the merchant by the ruling ¥ 300.00 Platform fee 20 % ¥ 100.00" in shown
    assert "The creator receives ¥ 400.00" in shown


@pytest.mark.rule("V64")
def test_before_accepting_it_is_said_what_each_side_will_see_of_the_other() -> None:
    order = an_order("PAID")
    accept = as_creator(order.creator).get(f"/orders/{order.pk}/accept/")
    assert "When you accept, you see the merchant's name, phone and e-mail" in words(accept)
    assert "When the creator accepts, you see the address for samples" in words(
        page(order, "merchant")
    )


@pytest.mark.rule("V60", "V61", "V11")
def test_to_verify_the_delivery_its_reads_and_the_brief_as_paid_for_stand_side_by_side() -> None:
    order = an_order("DELIVERED")
    answer = as_merchant(order.merchant).get(f"/orders/{order.pk}/confirm/")
    delivery = order.deliveries.get()
    assert f"/orders/{order.pk}/links/{delivery.pk}/" in answer.content.decode()
    for text in (delivery.url, order.requirements, "Brief, as paid for", "Unique visitors"):
        assert text in words(answer)
    assert f"/orders/{order.pk}/dispute/" in answer.content.decode()


def test_an_order_that_took_no_effect_owes_nothing() -> None:
    assert "Nothing was paid, so nothing is owed." in words(page(an_order("VOID"), "merchant"))


def test_where_an_offer_waits_its_answer_stands_out_and_not_the_payment() -> None:
    order = an_order("UNPAID")
    address, pay = (
        f"/tasks/{order.task_id}/",
        f'class="btn btn-primary" href="/tasks/{order.task_id}/pay/"',
    )
    assert pay in as_merchant(order.merchant).get(address).content.decode()
    as_creator(order.creator).post(f"/orders/{order.pk}/offer/", {"price_fen": "950.50"})
    offered = as_merchant(order.merchant).get(address)
    assert pay not in offered.content.decode()
    assert "offers ¥ 950.50" in words(offered)


def test_the_tasks_page_names_the_delivery_as_the_last_step_and_not_a_reminder() -> None:
    order = reminded(an_order("DELIVERED"))
    shown = as_merchant(order.merchant).get(f"/tasks/{order.task_id}/").context["orders"]
    assert shown[0].last == "Delivered"
    assert shown[0].happened[0].title == "Last reminder delivered"
