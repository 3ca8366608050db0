"""The whole life of one order through the service layer, from the brief to the review, with a
gateway that answers in this process and always says yes.
"""

from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from bench.counting import counted
from bench.verbs import plain_connection
from creators.models import ContentFormat, Creator
from policy.numbers import Policy
from settlement import worker
from tasks import workflow
from tasks.models import Task
from tasks.workflow import drafts, engine, pay, publish
from tasks.workflow.decision import Actor
from tasks.workflow.deliver import Content
from tasks.workflow.review import Verdict
from tests import gateway
from tests.builders import a_channel, a_creator, a_merchant
from tests.orders import DUE, NOW, START

# A click each, and for each request to the gateway one before it and one after it.
COMMITS = 16
HOUR, SECONDS = timedelta(hours=1), timedelta(seconds=5)
SITE = "https://vtask.example/"


@cache
def people() -> tuple[Actor, Creator, Actor]:
    """A merchant who may pay and a creator who may be paid."""
    merchant, creator = a_merchant(), a_creator()
    return Actor.merchant(merchant), creator, Actor.creator(creator)


def live(n: int) -> dict[str, Any]:
    """So many orders from the beginning to the end; the queries of one."""
    people()
    steps: Counter[str] = Counter()
    with gateway.scripted():
        for _ in range(n):
            one(steps)
    return {
        "done": n,
        "queries": steps.total() // n,
        "steps": {name: count // n for name, count in steps.items()},
    }


def one(steps: Counter[str]) -> None:
    merchant, creator, maker = people()
    policy = Policy()
    with counted() as told:

        def count(step: str) -> None:
            steps[step] += told["queries"]
            told["queries"] = 0

        task = _draft(merchant, creator, policy)
        count("draft")
        seen = {line.creator.pk: line.price_fen for line in publish.lines(task, policy)}
        (order_id,) = publish.publish(
            task.pk, seen_fen=seen, at=NOW, by=merchant, policy=policy, freeze_max_days=365
        )
        count("publish")
        pay.start(task.pk, at=NOW, by=merchant, policy=policy, notify_url=SITE, return_url=SITE)
        count("start payment")
        _answers(NOW)
        _answers(NOW + SECONDS)
        count("gateway: freeze")
        engine.run_one(workflow.ACCEPT, order_id, at=NOW + HOUR, by=maker)
        count("accept")
        _answers(NOW + HOUR)
        count("gateway: capture")
        content = Content("https://we.example/post/1")
        engine.run_one(workflow.DELIVER, order_id, at=START + HOUR, by=maker, given=content)
        count("deliver")
        engine.run_one(workflow.CONFIRM, order_id, at=START + 2 * HOUR, by=merchant)
        count("confirm")
        _answers(START + 2 * HOUR)
        count("gateway: payout")
        verdict = Verdict(5, 4, 5, "Good pictures, clear words.")
        engine.run_one(workflow.REVIEW, order_id, at=START + 3 * HOUR, by=merchant, given=verdict)
        count("review")


def _draft(merchant: Actor, creator: Creator, policy: Policy) -> Task:
    brief = drafts.Brief(
        theme="Spring trial",
        requirements="Use it for a week, then show texture and feel in three pictures.",
        start_at=START,
        due_at=DUE,
        channel=_channel(),
        content_format=ContentFormat.POST,
    )
    task = drafts.create(brief, at=NOW, by=merchant)
    drafts.pick(task.pk, [creator.pk], by=merchant, policy=policy)
    return task


@cache
def _channel() -> Any:
    return a_channel("WEITAO")


def _answers(at: datetime) -> None:
    """A worker carries the one operation that is due; a busy one would go on to the next."""
    assert worker.pump(lambda: at, limit=1) == 1


def commits(n: int) -> dict[str, Any]:
    """The commits of so many lives, of one changed row each, without Django: no life is lived in
    less time than these take.
    """
    plain, user_id = plain_connection(), people()[0].user_id
    for _ in range(n * COMMITS):
        plain.execute("update accounts_user set name = name where id = %s", [user_id])
        plain.commit()
    return {"done": n, "queries": COMMITS}


DOINGS = {"live": live, "commits": commits}
