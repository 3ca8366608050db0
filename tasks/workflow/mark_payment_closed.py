"""The gateway closed a freeze that nobody confirmed, or undid it: the order can be paid again
(V17).
"""

from datetime import datetime

from tasks.workflow.answer import Answered
from tasks.workflow.decision import Actor, Case, Decision


def decide(case: Case, *, at: datetime, by: Actor, given: Answered) -> Decision:
    return Decision()
