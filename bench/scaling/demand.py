"""What one order asks of the machines, from the costs and what becomes of it."""

from dataclasses import dataclass

from bench.scaling import gateway as asking
from bench.scaling.costs import Costs
from bench.scaling.flows import LIFE, Life

NOTICES = 2.0  # the gateway's, of one order
TLS_MS = 3.0  # a handshake for each request: an assumption


@dataclass(frozen=True, slots=True)
class PerOrder:
    """What one order costs in all, in CPU milliseconds of Python (pages and workers apart) and of
    PostgreSQL (reads of pages apart).
    """

    web_python_ms: float
    worker_python_ms: float
    pages_postgres_ms: float
    other_postgres_ms: float

    @property
    def python_ms(self) -> float:
        return self.web_python_ms + self.worker_python_ms

    @property
    def postgres_ms(self) -> float:
        return self.pages_postgres_ms + self.other_postgres_ms

    def primary_ms(self, read_on_replicas: float) -> float:
        """What of it the primary does when such a part of the reads of pages goes to replicas."""
        return self.other_postgres_ms + (1 - read_on_replicas) * self.pages_postgres_ms


def per_order(costs: Costs, life: Life = LIFE) -> PerOrder:
    looks = asking.looks_per_order(life)
    gateway_python = costs.life_python_ms * costs.gateway_share / costs.life_asks
    people_python = costs.life_python_ms * (1 - costs.gateway_share)
    return PerOrder(
        web_python_ms=people_python
        + life.pages * costs.page_python_ms
        + life.visits * costs.visit_python_ms
        + NOTICES * costs.notice_python_ms,
        worker_python_ms=looks * (gateway_python + costs.call_python_ms + TLS_MS)
        + life.due * costs.sweep_python_ms
        + life.letters * costs.letter_python_ms,
        pages_postgres_ms=life.pages * costs.page_postgres_ms,
        other_postgres_ms=costs.people_postgres_ms
        + looks * costs.ask_postgres_ms
        + life.due * costs.sweep_postgres_ms
        + life.letters * costs.letter_postgres_ms
        + life.visits * costs.visit_postgres_ms
        + NOTICES * costs.notice_postgres_ms,
    )


def web_s(costs: Costs, life: Life = LIFE) -> float:
    """For how long an order keeps processes of the web busy, waits for the database with it."""
    cost = per_order(costs, life)
    return (cost.web_python_ms + cost.pages_postgres_ms) / 1000


def ask_s(costs: Costs, life: Life = LIFE) -> float:
    """For how long one look keeps a worker busy."""
    work_ms = costs.poll_python_ms + costs.poll_postgres_ms + costs.call_python_ms + TLS_MS
    return asking.latency_s(life) + work_ms / 1000


def letter_s(costs: Costs, life: Life = LIFE) -> float:
    """For how long one letter does."""
    return life.smtp_s + (costs.letter_python_ms + costs.letter_postgres_ms) / 1000
