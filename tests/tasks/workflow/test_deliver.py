"""The creator hands in published content as a link (V33, V56), and again while not confirmed."""

import pytest

from settlement.kinds import Kind
from tasks import workflow
from tasks.models import Delivery, Order
from tasks.workflow import engine
from tasks.workflow.deliver import Content
from tests.orders import (
    DAY,
    DUE,
    HOUR,
    LINK,
    NOW,
    PRICE_FEN,
    START,
    an_order,
    creator_of,
    delivered_at,
    merchant_of,
    pockets,
)
from tests.verbs import (
    CREATOR,
    TICK,
    a_case,
    an_operation,
    another_creator,
    asked,
    do,
    do_twice,
    refusal,
    refused,
    told,
)

DELIVER = workflow.DELIVER
CONTENT = Content(LINK, "三张实拍图在文末", ("deliveries/1.jpg",))


@pytest.mark.django_db
@pytest.mark.rule("V33", "V56")
def test_a_delivery_is_a_link_with_a_note_and_pictures() -> None:
    order = an_order("ACCEPTED")
    order = do(DELIVER, order, at=START + DAY, by=creator_of(order), given=CONTENT)
    delivery = Delivery.objects.get(order=order)
    assert (delivery.url, delivery.note) == (LINK, "三张实拍图在文末")
    assert delivery.pictures == ["deliveries/1.jpg"]
    assert (order.state, order.delivered_at) == ("DELIVERED", START + DAY)
    assert told(order) == [("MERCHANT", "delivered")]


@pytest.mark.django_db
@pytest.mark.rule("V52")
def test_the_clock_starts_with_the_delivery_and_runs_exactly_ten_days() -> None:
    order = an_order("ACCEPTED")
    order = do(DELIVER, order, at=START + DAY, by=creator_of(order), given=CONTENT)
    assert order.confirm_by == START + 11 * DAY


@pytest.mark.django_db
@pytest.mark.rule("V52")
def test_delivering_again_starts_the_clock_anew_and_keeps_the_first_delivery() -> None:
    order = an_order("DELIVERED")
    again = delivered_at(order) + 3 * DAY
    order = do(DELIVER, order, at=again, by=creator_of(order), given=Content(LINK + "/2"))
    assert order.confirm_by == again + 10 * DAY
    assert list(order.deliveries.order_by("id").values_list("url", flat=True)) == [
        LINK,
        LINK + "/2",
    ]


@pytest.mark.django_db
def test_delivering_moves_no_money() -> None:
    order = an_order("ACCEPTED")
    do(DELIVER, order, at=START + DAY, by=creator_of(order), given=CONTENT)
    assert pockets(order) == {"held": PRICE_FEN}


@pytest.mark.rule("V39", "V56")
def test_it_can_be_delivered_until_one_microsecond_before_the_due_time() -> None:
    case = a_case("ACCEPTED", secured_at=NOW)
    assert asked(case, DELIVER, at=DUE - TICK, by=CREATOR, given=CONTENT).records


@pytest.mark.rule("V39", "V56")
def test_exactly_at_the_due_time_it_is_too_late_to_deliver() -> None:
    case = a_case("ACCEPTED", secured_at=NOW)
    assert refused(case, DELIVER, at=DUE, by=CREATOR, given=CONTENT) == "TOO_LATE"


@pytest.mark.rule("V56")
def test_what_was_delivered_in_time_may_be_delivered_again_after_the_due_time() -> None:
    case = a_case("DELIVERED", secured_at=NOW, confirm_by=DUE + 10 * DAY)
    assert asked(case, DELIVER, at=DUE + DAY, by=CREATOR, given=CONTENT).records


@pytest.mark.rule("V52")
def test_exactly_when_the_clock_confirms_it_is_too_late_to_deliver_again() -> None:
    case = a_case("DELIVERED", secured_at=NOW, confirm_by=DUE + DAY, reminded_at=DUE)
    assert refused(case, DELIVER, at=DUE + DAY, by=CREATOR, given=CONTENT) == "TOO_LATE"


@pytest.mark.rule("V52")
def test_it_can_be_delivered_again_until_one_microsecond_before_the_clock_confirms() -> None:
    case = a_case("DELIVERED", secured_at=NOW, confirm_by=DUE + DAY, reminded_at=DUE)
    assert asked(case, DELIVER, at=DUE + DAY - TICK, by=CREATOR, given=CONTENT).records


@pytest.mark.django_db
@pytest.mark.rule("V51")
def test_delivery_opens_only_when_the_reward_is_in_escrow() -> None:
    order = an_order("PAID")
    engine.run_one(workflow.ACCEPT, order.pk, at=NOW + HOUR, by=creator_of(order))
    code = refusal(DELIVER, order, at=START, by=creator_of(order), given=CONTENT)
    assert code == "NOT_SECURED"


@pytest.mark.django_db
@pytest.mark.rule("V56")
@pytest.mark.parametrize(
    "url",
    [
        "",
        "we.example/post/1",
        "javascript:alert(1)",
        "ftp://we.example/1",
        "data:text/html,hi",
        "file:///etc/passwd",
        "https://user:secret@we.example/1",
        "https://we.example/" + "a" * 500,
        "https://we.example/a b",
    ],
)
def test_only_http_and_https_links_are_taken(url: str) -> None:
    order = an_order("ACCEPTED")
    code = refusal(DELIVER, order, at=START, by=creator_of(order), given=Content(url))
    assert code == "BAD_LINK"


@pytest.mark.rule("V56")
@pytest.mark.parametrize("url", ["http://we.example/1", "https://we.example/1", "HTTPS://a.cn"])
def test_http_and_https_are_both_links(url: str) -> None:
    case = a_case("ACCEPTED", secured_at=NOW)
    assert asked(case, DELIVER, at=START, by=CREATOR, given=Content(url)).records


def test_a_delivery_waits_for_no_operation_of_the_gateway() -> None:
    case = a_case("DELIVERED", secured_at=NOW, operation=an_operation(Kind.CAPTURE))
    assert asked(case, DELIVER, at=START, by=CREATOR, given=CONTENT).ask is None


@pytest.mark.django_db
@pytest.mark.rule("V40")
def test_while_in_dispute_nothing_more_is_taken_in() -> None:
    order = an_order("DISPUTED")
    at = delivered_at(order) + 2 * DAY
    code = refusal(DELIVER, order, at=at, by=creator_of(order), given=CONTENT)
    assert code == "WRONG_STATE"


@pytest.mark.django_db
def test_a_confirmed_order_takes_no_more_deliveries() -> None:
    order = an_order("CONFIRMED")
    at = delivered_at(order) + 2 * DAY
    code = refusal(DELIVER, order, at=at, by=creator_of(order), given=CONTENT)
    assert code == "WRONG_STATE"


@pytest.mark.django_db
def test_another_creator_does_not_find_the_order() -> None:
    order = an_order("ACCEPTED")
    code = refusal(DELIVER, order, at=START, by=another_creator(), given=CONTENT)
    assert code == "NOT_FOUND"


@pytest.mark.django_db
def test_a_merchant_cannot_deliver_to_himself() -> None:
    order = an_order("ACCEPTED")
    code = refusal(DELIVER, order, at=START, by=merchant_of(order), given=CONTENT)
    assert code == "WRONG_STATE"


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_the_same_form_sent_twice_is_one_delivery() -> None:
    order = an_order("ACCEPTED")
    by = creator_of(order)
    assert do_twice(DELIVER, order, at=START, by=by, given=CONTENT) == "ALREADY"
    assert Order.objects.get(pk=order.pk).deliveries.count() == 1
