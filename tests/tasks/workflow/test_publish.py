"""A draft becomes orders, one per chosen creator, at the prices that were seen (V10 to V19)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from creators.models import Channel, Creator, Quote
from merchants.models import Merchant
from policy.numbers import Policy
from settlement.models import Escrow
from tasks.models import Attachment, Order, OrderEvent, Outbox, Task
from tasks.workflow import drafts, publish
from tasks.workflow.decision import Actor, NotYours, Refused
from tests.builders import a_channel, a_creator, a_merchant
from tests.orders import DAY, DUE, HOUR, NOW, PRICE_FEN, START, a_brief, a_draft, a_sent_task
from tests.verbs import TICK

POLICY = Policy()


def of(task: Task) -> Actor:
    return Actor.merchant(task.merchant)


def a_draft_for(*creators: Creator, **facts: Any) -> Task:
    task = a_draft(**facts)
    drafts.pick(task.pk, [creator.pk for creator in creators], by=of(task), policy=POLICY)
    return task


def send(
    task: Task,
    *,
    at: datetime = NOW,
    by: Actor | None = None,
    seen: dict[int, int] | None = None,
    policy: Policy = POLICY,
    freeze_max_days: int = 365,
) -> list[int]:
    shown = {line.creator.pk: line.price_fen or 0 for line in publish.lines(task, policy)}
    return publish.publish(
        task.pk,
        seen_fen=shown if seen is None else seen,
        at=at,
        by=by or of(task),
        policy=policy,
        freeze_max_days=freeze_max_days,
    )


def refusal(task: Task, **more: Any) -> str:
    """The code with which sending is refused; proves that no order was made and nobody was told."""
    with pytest.raises(Refused) as problem:
        send(task, **more)
    assert not Order.objects.exists()
    assert not Escrow.objects.exists()
    assert not Outbox.objects.exists()
    assert Task.objects.get(pk=task.pk).sent_at is None
    return problem.value.code


@pytest.mark.django_db
@pytest.mark.rule("V1", "V18", "V30")
def test_each_chosen_creator_gets_one_order_at_his_own_price() -> None:
    cheap, dear = a_creator(price_fen=50_000), a_creator(price_fen=90_000)
    task = a_draft_for(cheap, dear)
    send(task, at=NOW + HOUR)
    orders = task.orders.order_by("pk")
    assert [(o.creator_id, o.price_fen, o.state) for o in orders] == [
        (cheap.pk, 50_000, "UNPAID"),
        (dear.pk, 90_000, "UNPAID"),
    ]
    assert {(o.start_at, o.due_at, o.sent_at) for o in orders} == {(START, DUE, NOW + HOUR)}


@pytest.mark.django_db
@pytest.mark.rule("V30")
def test_each_order_has_an_empty_escrow_an_event_and_a_message_to_its_creator() -> None:
    order = a_sent_task().orders.get()
    assert set(Escrow.objects.get(pk=order.pk).pockets().values()) == {0}
    [event] = OrderEvent.objects.filter(order=order)
    assert (event.verb, event.target, event.role) == ("publish", "UNPAID", "MERCHANT")
    assert list(Outbox.objects.values_list("to", "kind")) == [("CREATOR", "sent")]


@pytest.mark.django_db
@pytest.mark.rule("V16")
def test_the_confirmation_shows_every_order_with_its_price() -> None:
    task = a_draft_for(a_creator(price_fen=50_000), a_creator(price_fen=90_000))
    lines = publish.lines(task, POLICY)
    assert [(line.price_fen, line.problem) for line in lines] == [(50_000, ""), (90_000, "")]


@pytest.mark.django_db
@pytest.mark.rule("V19")
def test_the_most_specific_quote_is_the_price() -> None:
    creator = a_creator(price_fen=50_000)
    Quote.objects.create(creator=creator, content_format="POST", price_fen=60_000)
    assert [line.price_fen for line in publish.lines(a_draft_for(creator), POLICY)] == [60_000]


@pytest.mark.django_db
@pytest.mark.rule("V18", "V19")
def test_a_quote_that_changes_later_leaves_the_order_at_its_price() -> None:
    creator = a_creator(price_fen=50_000)
    order = a_sent_task(creator).orders.get()
    Quote.objects.filter(creator=creator).update(price_fen=70_000)
    assert Order.objects.get(pk=order.pk).price_fen == 50_000


@pytest.mark.django_db
@pytest.mark.rule("V16", "V19")
def test_a_quote_that_changed_since_it_was_seen_is_not_sent() -> None:
    creator = a_creator(price_fen=50_000)
    task = a_draft_for(creator)
    assert refusal(task, seen={creator.pk: 49_999}) == "CHANGED"
    assert refusal(task, seen={}) == "CHANGED"


@pytest.mark.django_db
@pytest.mark.rule("N20")
def test_sending_twice_makes_the_orders_once() -> None:
    task = a_draft_for(a_creator(), a_creator())
    assert send(task) == send(task, at=NOW + HOUR)
    assert Order.objects.count() == 2


# The brief (V10)


@pytest.mark.django_db
@pytest.mark.rule("V10")
@pytest.mark.parametrize("text", ["图" * 201, "", "   "])
def test_requirements_of_201_characters_or_none_are_refused(text: str) -> None:
    assert refusal(a_draft_for(a_creator(), requirements=text)) == "BRIEF"


@pytest.mark.django_db
@pytest.mark.rule("V10")
@pytest.mark.parametrize("text", ["图", "图" * 200, "👍" * 200])
def test_requirements_of_1_to_200_unicode_characters_are_taken(text: str) -> None:
    assert send(a_draft_for(a_creator(), requirements=text))


@pytest.mark.django_db
@pytest.mark.rule("V10")
def test_attachments_are_pictures_documents_and_product_links_up_to_a_number() -> None:
    task = a_draft()
    kind = Attachment.Kind
    few = Policy(attachments_per_task=3)
    for attachment in (
        Attachment(kind=kind.LINK, name="商品", url="https://item.example/1"),
        Attachment(kind=kind.PICTURE, name="a.jpg", file="briefs/a.jpg"),
        Attachment(kind=kind.DOCUMENT, name="b.pdf", file="briefs/b.pdf"),
    ):
        drafts.attach(task.pk, attachment, by=of(task), policy=few)
    with pytest.raises(drafts.UnableToChangeTask) as problem:
        drafts.attach(task.pk, Attachment(kind=kind.LINK), by=of(task), policy=few)
    assert problem.value.code == "TOO_MANY_ATTACHMENTS"
    assert task.attachments.count() == 3


# The times (V12)


@pytest.mark.django_db
@pytest.mark.rule("V12")
@pytest.mark.parametrize(
    "start_at",
    [NOW + 23 * HOUR, NOW + DAY - TICK, NOW - DAY, NOW + 181 * DAY, NOW + 180 * DAY + TICK],
)
def test_a_start_23_hours_or_181_days_away_is_refused(start_at: datetime) -> None:
    task = a_draft_for(a_creator(), start_at=start_at, due_at=start_at + DAY)
    assert refusal(task) == "BRIEF"


@pytest.mark.django_db
@pytest.mark.rule("V12")
@pytest.mark.parametrize("away", [timedelta(days=1), timedelta(days=180)])
def test_a_start_exactly_1_or_180_days_away_is_taken(away: timedelta) -> None:
    assert send(a_draft_for(a_creator(), start_at=NOW + away, due_at=NOW + away + TICK))


@pytest.mark.django_db
@pytest.mark.rule("V12")
def test_what_counts_is_the_instant_at_which_the_orders_are_sent() -> None:
    task = a_draft_for(a_creator(), start_at=NOW + DAY, due_at=NOW + 2 * DAY)
    assert refusal(task, at=NOW + TICK) == "BRIEF"


@pytest.mark.django_db
@pytest.mark.rule("V12")
@pytest.mark.parametrize("due_at", [START, START - TICK])
def test_a_due_time_that_is_not_after_the_start_is_refused(due_at: datetime) -> None:
    assert refusal(a_draft_for(a_creator(), due_at=due_at)) == "BRIEF"


@pytest.mark.django_db
@pytest.mark.rule("V12")
def test_a_start_lies_inside_the_time_that_a_freeze_lasts() -> None:
    task = a_draft_for(a_creator(), start_at=NOW + 8 * DAY, due_at=NOW + 9 * DAY)
    assert refusal(task, freeze_max_days=7) == "BRIEF"


# The creators (V6, V13)


@pytest.mark.django_db
@pytest.mark.rule("V6")
@pytest.mark.parametrize(
    "facts", [{"is_accepting": False}, {"status": "SUSPENDED"}, {"default_price_fen": None}]
)
def test_a_creator_who_paused_meanwhile_keeps_the_whole_task_back(facts: dict[str, Any]) -> None:
    paused = a_creator()
    task = a_draft_for(a_creator(), paused)
    Creator.objects.filter(pk=paused.pk).update(**facts)
    assert refusal(task) == "CREATOR"


@pytest.mark.django_db
@pytest.mark.rule("V6")
@pytest.mark.parametrize("facts", [{"is_accepting": False}, {"status": "PENDING"}])
def test_a_paused_creator_cannot_be_picked(facts: dict[str, Any]) -> None:
    task, paused = a_draft(), a_creator(**facts)
    with pytest.raises(drafts.UnableToChangeTask) as problem:
        drafts.pick(task.pk, [paused.pk], by=of(task), policy=POLICY)
    assert problem.value.code == "CREATOR"
    assert not task.picks.exists()


@pytest.mark.django_db
@pytest.mark.rule("V13")
def test_an_unknown_creator_cannot_be_picked() -> None:
    task = a_draft()
    with pytest.raises(drafts.UnableToChangeTask) as problem:
        drafts.pick(task.pk, [a_creator().pk, 999_999], by=of(task), policy=POLICY)
    assert problem.value.code == "CREATOR"
    assert not task.picks.exists()


@pytest.mark.django_db
@pytest.mark.rule("V13")
def test_the_same_creator_twice_is_one_order() -> None:
    creator = a_creator()
    task = a_draft_for(creator, creator)
    drafts.pick(task.pk, [creator.pk], by=of(task), policy=POLICY)
    assert len(send(task)) == 1


@pytest.mark.django_db
@pytest.mark.rule("V13")
def test_several_are_ticked_over_the_pages_of_a_list_and_unticked_again() -> None:
    task, first, second, third = a_draft(), a_creator(), a_creator(), a_creator()
    by = of(task)
    shown = [first.pk, second.pk]
    drafts.choose(task.pk, shown=shown, ticked=shown, by=by, policy=POLICY)
    drafts.choose(task.pk, shown=[third.pk], ticked=[third.pk], by=by, policy=POLICY)
    drafts.choose(task.pk, shown=shown, ticked=[second.pk], by=by, policy=POLICY)
    assert set(task.picks.values_list("pk", flat=True)) == {second.pk, third.pk}


@pytest.mark.django_db
@pytest.mark.rule("V13")
def test_a_task_has_no_more_creators_than_the_policy_says() -> None:
    task = a_draft()
    picked = [a_creator().pk, a_creator().pk]
    with pytest.raises(drafts.UnableToChangeTask) as problem:
        drafts.pick(task.pk, picked, by=of(task), policy=Policy(creators_per_task=1))
    assert problem.value.code == "TOO_MANY"
    assert not task.picks.exists()


@pytest.mark.django_db
def test_a_task_for_nobody_is_not_sent() -> None:
    assert refusal(a_draft()) == "NOBODY"


@pytest.mark.django_db
@pytest.mark.rule("V18")
@pytest.mark.parametrize(("fen", "fee_bps"), [(9, 0), (11, 2000)])
def test_a_price_below_ten_fen_net_is_refused_also_with_a_20_percent_fee(
    fen: int, fee_bps: int
) -> None:
    assert refusal(a_draft_for(a_creator(price_fen=fen)), policy=Policy(fee_bps=fee_bps)) == (
        "CREATOR"
    )


@pytest.mark.django_db
@pytest.mark.rule("V18")
@pytest.mark.parametrize(("fen", "fee_bps"), [(10, 0), (12, 2000)])
def test_a_price_of_ten_fen_net_is_taken(fen: int, fee_bps: int) -> None:
    assert send(a_draft_for(a_creator(price_fen=fen)), policy=Policy(fee_bps=fee_bps))


# Who, and on which channel


@pytest.mark.django_db
@pytest.mark.rule("V9")
def test_a_channel_that_was_closed_takes_no_tasks() -> None:
    channel = a_channel("CLOSED", is_enabled=True)
    task = a_draft_for(a_creator(), channel=channel)
    Channel.objects.filter(pk=channel.pk).update(is_enabled=False)
    assert refusal(task) == "CHANNEL"


@pytest.mark.django_db
@pytest.mark.rule("V2", "V3")
@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"shop_name": ""}, "shop"),
        ({"agreement_version": 0, "agreement_at": None}, "agreement"),
        ({"company_name": ""}, "company"),
        ({"status": "PENDING"}, "activation"),
        ({"status": "SUSPENDED"}, "suspended"),
    ],
)
def test_a_merchant_who_is_not_ready_sends_nothing(facts: dict[str, Any], code: str) -> None:
    task = a_draft_for(a_creator())
    Merchant.objects.filter(pk=task.merchant_id).update(**facts)
    assert refusal(task) == code


@pytest.mark.django_db
def test_anothers_draft_is_not_there() -> None:
    task = a_draft_for(a_creator())
    stranger = Actor.merchant(a_merchant())
    assert refusal(task, by=stranger) == "NOT_FOUND"
    with pytest.raises(NotYours):
        drafts.pick(task.pk, [a_creator().pk], by=stranger, policy=POLICY)


@pytest.mark.django_db
def test_a_deleted_draft_is_not_sent() -> None:
    task = a_draft_for(a_creator())
    drafts.delete(task.pk, at=NOW, by=of(task))
    assert refusal(task) == "NOT_FOUND"


@pytest.mark.django_db
def test_what_was_sent_takes_no_more_picks() -> None:
    task = a_sent_task()
    with pytest.raises(drafts.UnableToChangeTask) as picking:
        drafts.pick(task.pk, [a_creator().pk], by=of(task), policy=POLICY)
    with pytest.raises(drafts.UnableToChangeTask) as unpicking:
        drafts.unpick(task.pk, [1], by=of(task))
    assert (picking.value.code, unpicking.value.code) == ("SENT", "SENT")


@pytest.mark.django_db
@pytest.mark.rule("V10", "V15")
def test_a_draft_may_be_changed_in_everything() -> None:
    task = a_draft()
    brief = a_brief(theme="夏季", requirements="新的", start_at=START + DAY, due_at=DUE + DAY)
    drafts.change(task.pk, brief, at=NOW + HOUR, by=of(task))
    task.refresh_from_db()
    assert (task.theme, task.requirements) == ("夏季", "新的")
    assert (task.start_at, task.changed_at) == (START + DAY, NOW + HOUR)


@pytest.mark.django_db
@pytest.mark.rule("V18")
def test_an_order_keeps_the_price_it_was_sent_at() -> None:
    assert a_sent_task(a_creator(price_fen=PRICE_FEN)).orders.get().price_fen == PRICE_FEN
