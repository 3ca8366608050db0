"""The merchant reviews the creator's work; the order is complete (V35, V62)."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tasks.models import Review, Side
from tasks.workflow.decision import Actor, Case, Decision, Refused, within

MOST_CHARS = 500


@dataclass(frozen=True, slots=True)
class Verdict:
    quality: int
    punctuality: int
    communication: int
    text: str


class UnableToReview(Refused):
    code = "UNABLE_TO_REVIEW"


def decide(case: Case, *, at: datetime, by: Actor, given: Verdict) -> Decision:
    ratings = (given.quality, given.punctuality, given.communication)
    if any(rating not in range(1, 6) for rating in ratings):
        raise UnableToReview(_("Rate from 1 to 5."), code="RATING")
    if not given.text.strip():
        raise UnableToReview(_("Write a sentence on how it went."), code="NO_TEXT")
    case.order.to_reviewed(at)
    review = Review(
        order_id=case.order.pk,
        at=at,
        quality=given.quality,
        punctuality=given.punctuality,
        communication=given.communication,
        text=within(given.text, MOST_CHARS),
    )
    return Decision(records=(review,), tell=((Side.CREATOR, "reviewed"),))
