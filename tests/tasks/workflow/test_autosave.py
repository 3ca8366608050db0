"""What is typed into a brief is kept until it is saved or discarded, and changes nothing else."""

from datetime import timedelta
from typing import Any

import pytest

from merchants.models import Merchant
from policy.numbers import Policy
from tasks.models import Attachment, Task, UnsavedBrief
from tasks.workflow import drafts
from tasks.workflow.decision import Actor, MoneyOnItsWay, NotYours
from tasks.workflow.drafts import UnableToChangeTask, UnableToKeep
from tests.builders import a_creator, a_merchant
from tests.orders import NOW, a_brief, a_draft, a_sent_task, paid, start_payment

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
TYPED = {
    "theme": "露营",
    "requirements": "还没写完",
    "content_format": "POST",
    "channel": "1",
    "start_at": "2026-03-04T12:00",
    "due_at": "",
}


def of(merchant: Merchant) -> Actor:
    return Actor.merchant(merchant)


def keep(task: Task | None, by: Actor, **facts: Any) -> drafts.Kept:
    given: dict[str, Any] = {"known_at": None, "at": NOW, "typed": TYPED, **facts}
    return drafts.keep_typed(task.pk if task else None, by=by, **given)


def kept(task: Task | None, by: Actor) -> dict[str, str] | None:
    row = drafts.unsaved(task.pk if task else None, by=by)
    return row.data if row else None


def test_what_is_typed_comes_back_although_it_is_not_right_yet() -> None:
    by = of(a_merchant())
    assert keep(None, by) == drafts.Kept(NOW, elsewhere=False)
    assert kept(None, by) == TYPED
    assert not Task.objects.exists()


def test_a_brief_is_kept_once_and_the_last_words_count() -> None:
    by = of(a_merchant())
    keep(None, by)
    keep(None, by, typed={**TYPED, "theme": "徒步"}, at=NOW + MINUTE)
    row = UnsavedBrief.objects.get()
    assert (row.data["theme"], row.changed_at) == ("徒步", NOW + MINUTE)


def test_each_task_and_each_merchant_has_his_own() -> None:
    task = a_draft()
    by, stranger = of(task.merchant), of(a_merchant())
    keep(None, by)
    keep(task, by, typed={**TYPED, "theme": "改过"})
    keep(None, stranger, typed={**TYPED, "theme": "别人的"})
    assert kept(None, by) == TYPED
    assert kept(task, by) == {**TYPED, "theme": "改过"}
    assert kept(None, stranger) == {**TYPED, "theme": "别人的"}
    assert kept(task, stranger) is None


def test_keeping_leaves_the_saved_brief_alone() -> None:
    task = a_draft()
    before = Task.objects.filter(pk=task.pk).values().get()
    keep(task, of(task.merchant))
    assert Task.objects.filter(pk=task.pk).values().get() == before


def test_saving_a_new_brief_takes_away_what_was_typed() -> None:
    by = of(a_merchant())
    keep(None, by)
    drafts.create(a_brief(), at=NOW, by=by)
    assert kept(None, by) is None


def test_saving_a_change_takes_away_what_was_typed_into_that_task_only() -> None:
    task = a_draft()
    by = of(task.merchant)
    keep(task, by)
    keep(None, by)
    drafts.change(task.pk, a_brief(), at=NOW, by=by)
    assert (kept(task, by), kept(None, by)) == (None, TYPED)


def test_so_does_discarding_and_deleting_the_task() -> None:
    task = a_draft()
    by = of(task.merchant)
    keep(None, by)
    drafts.discard_typed(None, by=by)
    keep(task, by)
    drafts.delete(task.pk, at=NOW, by=by)
    assert not UnsavedBrief.objects.exists()


def test_nobody_keeps_anything_in_anothers_task() -> None:
    task = a_draft()
    with pytest.raises(NotYours):
        keep(task, of(a_merchant()))
    assert not UnsavedBrief.objects.exists()


@pytest.mark.rule("V15")
def test_nothing_is_kept_for_a_task_of_which_nothing_may_change() -> None:
    task = a_sent_task()
    paid(task)
    with pytest.raises(UnableToChangeTask):
        keep(task, of(task.merchant))
    assert not UnsavedBrief.objects.exists()


def test_nor_while_a_payment_is_under_way() -> None:
    task = a_sent_task()
    start_payment(task)
    with pytest.raises(MoneyOnItsWay):
        keep(task, of(task.merchant))
    assert not UnsavedBrief.objects.exists()


@pytest.mark.rule("V15")
def test_a_task_that_is_sent_and_unpaid_can_still_be_written_in() -> None:
    task = a_sent_task()
    keep(task, of(task.merchant))
    assert kept(task, of(task.merchant)) == TYPED


def test_what_is_far_too_long_is_refused_and_what_was_kept_stays() -> None:
    by = of(a_merchant())
    keep(None, by)
    with pytest.raises(UnableToKeep) as refusal:
        keep(None, by, typed={**TYPED, "requirements": "字" * drafts.MOST_TYPED_CHARS})
    assert refusal.value.code == "TOO_LONG"
    assert kept(None, by) == TYPED


def test_characters_that_the_database_cannot_hold_are_left_out() -> None:
    by = of(a_merchant())
    keep(None, by, typed={**TYPED, "theme": "露\x00营"})
    assert kept(None, by) == TYPED


def test_only_the_fields_of_a_brief_are_kept() -> None:
    by = of(a_merchant())
    keep(None, by, typed={"theme": "露营", "card_number": "1"})
    assert kept(None, by) == {**dict.fromkeys(drafts.TYPED, ""), "theme": "露营"}


def test_another_window_that_typed_later_is_told_of() -> None:
    by = of(a_merchant())
    first = keep(None, by)
    second = keep(None, by, known_at=NOW - MINUTE, at=NOW + MINUTE)
    third = keep(None, by, known_at=second.at, at=NOW + 2 * MINUTE)
    assert [first.elsewhere, second.elsewhere, third.elsewhere] == [False, True, False]


def test_a_window_that_is_older_than_the_saved_brief_does_not_overlay_it() -> None:
    task = a_draft()
    by = of(task.merchant)
    drafts.change(task.pk, a_brief(theme="改过"), at=NOW + MINUTE, by=by)
    with pytest.raises(UnableToKeep) as refusal:
        keep(task, by, known_at=NOW, at=NOW + 2 * MINUTE)
    assert refusal.value.code == "SAVED_SINCE"
    assert kept(task, by) is None


# What goes with it: files and the creator from whose page the merchant came


def a_link() -> Attachment:
    return Attachment(kind="LINK", name="shop", url="https://shop.example/")


def test_attaching_keeps_what_stands_unsaved_beside_it() -> None:
    task = a_draft()
    by = of(task.merchant)
    drafts.attach_all(task.pk, [a_link()], at=NOW, by=by, policy=Policy(), typed=TYPED)
    assert task.attachments.count() == 1
    assert kept(task, by) == TYPED
    attachment = task.attachments.get()
    drafts.discard_typed(task.pk, by=by)
    drafts.detach(task.pk, attachment.pk, at=NOW, by=by, typed=TYPED)
    assert not task.attachments.exists()
    assert kept(task, by) == TYPED


@pytest.mark.rule("V10")
def test_files_are_added_all_or_none() -> None:
    task = a_draft()
    policy = Policy(attachments_per_task=2)
    links = [a_link(), a_link(), a_link()]
    with pytest.raises(UnableToChangeTask) as refusal:
        drafts.attach_all(task.pk, links, at=NOW, by=of(task.merchant), policy=policy, typed=TYPED)
    assert refusal.value.code == "TOO_MANY_ATTACHMENTS"
    assert not task.attachments.exists()
    assert not UnsavedBrief.objects.exists()


def test_a_brief_is_saved_with_its_files_and_the_creator_it_was_begun_for() -> None:
    creator = a_creator()
    by = of(a_merchant())
    facts: dict[str, Any] = {"at": NOW, "by": by, "policy": Policy()}
    task = drafts.create(a_brief(), attachments=[a_link()], picks=[creator.pk], **facts)
    assert task.attachments.count() == 1
    assert list(task.picks.all()) == [creator]


@pytest.mark.rule("V6")
def test_a_creator_who_has_paused_meanwhile_refuses_the_whole() -> None:
    creator = a_creator(is_accepting=False)
    by = of(a_merchant())
    keep(None, by)
    with pytest.raises(UnableToChangeTask):
        drafts.create(a_brief(), at=NOW, by=by, policy=Policy(), picks=[creator.pk])
    assert not Task.objects.exists()
    assert kept(None, by) == TYPED
