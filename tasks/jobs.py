"""The clock: what is due is found by column and brought on by the same verbs as a click."""

from celery import shared_task

from core import clock
from tasks import messages
from tasks.workflow import SWEEPS, VERBS, engine
from tasks.workflow.decision import CLOCK

SIZE = 500
ROUNDS = 200


@shared_task
def sweep(name: str) -> int:
    """Do one of the clock's verbs for everything that is due, in batches; how many orders moved."""
    at = clock.now()
    done = 0
    for _ in range(ROUNDS):
        outcomes = engine.sweep(VERBS[name], at=at, by=CLOCK, size=SIZE)
        done += sum(outcome.result == engine.DONE for outcome in outcomes)
        if not any(outcome.result == engine.DONE for outcome in outcomes):
            break
    return done


@shared_task
def sweep_all() -> dict[str, int]:
    """Everything that time brings, one verb after the other."""
    return {verb.name: sweep(verb.name) for verb in SWEEPS}


@shared_task
def send_messages() -> int:
    """Tell people by e-mail what happened to their orders; how many messages were sent."""
    return messages.send_due(at=clock.now())
