"""The creator reports the channel's own figures with a picture as proof (V60). As often as he
likes: all are kept, the last ones count.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tasks.models import ReportedFigures, Side
from tasks.workflow.decision import Actor, Case, Decision, Refused

MOST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Figures:
    """What the channel shows, and the stored name of the checked picture that proves it."""

    reads: int
    likes: int
    comments: int
    picture: str


class UnableToReport(Refused):
    code = "UNABLE_TO_REPORT"


def decide(case: Case, *, at: datetime, by: Actor, given: Figures) -> Decision:
    numbers = (given.reads, given.likes, given.comments)
    if not all(0 <= number <= MOST for number in numbers):
        raise UnableToReport(_("Each number lies between 0 and 1,000,000,000."), code="NUMBER")
    if not given.picture:
        raise UnableToReport(_("Add a picture that shows these figures."), code="NO_PROOF")
    figures = ReportedFigures(
        order_id=case.order.pk,
        at=at,
        reads=given.reads,
        likes=given.likes,
        comments=given.comments,
        picture=given.picture,
    )
    note = " / ".join(f"{number:,}" for number in numbers)
    return Decision(records=(figures,), note=note, tell=((Side.MERCHANT, "figures_reported"),))
