"""The measured costs: the one place that the figures of docs/scaling.md come from.

`python -m bench.scaling` measures them anew (a server of its own; CPU time, so that other people on
the machine disturb little). The three speeds at the end are those of `make bench`, and are taken
from bench/results/latest.json where that is there.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

LATEST = Path(__file__).resolve().parent.parent / "results" / "latest.json"


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU milliseconds in Python and in PostgreSQL on one core of the measured machine, bytes of
    WAL and on disk (with indexes), and speeds of one process.
    """

    # A whole life of an order through the verbs, from the brief to the review, with the claims and
    # answers of its operations; the gateway answers in the same process.
    life_python_ms: float = 70
    life_postgres_ms: float = 37
    life_statements: int = 81
    life_gateway_statements: int = 44
    life_asks: int = 4
    life_wal_bytes: int = 42_238
    life_disk_bytes: int = 15_449
    # Of these, what a month's partition may take away: attempts, messages, events.
    life_log_bytes: int = 8_667
    life_transfers: int = 5
    transfer_bytes: int = 498
    life_events: int = 9
    event_bytes: int = 218
    message_bytes: int = 269
    attempt_bytes: int = 1_069
    # One confirmation on pages of its own right after a checkpoint: the most WAL of one verb.
    verb_wal_bytes_apart: int = 64_733
    click_python_ms: float = 2.0
    click_postgres_ms: float = 3.5
    # One order of a batch of 500.
    sweep_python_ms: float = 0.24
    sweep_postgres_ms: float = 0.25
    sweep_wal_bytes: int = 9_678
    # One look at an open operation that changes nothing: claimed, asked, written down.
    poll_python_ms: float = 7.0
    poll_postgres_ms: float = 2.6
    # The claim alone, and with 100,000 dead versions of operations in the index before it.
    claim_postgres_ms: float = 1.2
    claim_behind_dead_ms: float = 31
    # A request signed and its answer verified, without TLS.
    call_python_ms: float = 2.4
    notice_python_ms: float = 4.0
    notice_postgres_ms: float = 1.4
    notice_disk_bytes: int = 2_007
    letter_python_ms: float = 3.5
    letter_postgres_ms: float = 0.7
    # The mean of the ten pages that merchants and creators open most.
    page_python_ms: float = 37.7
    page_postgres_ms: float = 9.6
    # Somebody follows a short link, and his visit is counted and added up.
    visit_python_ms: float = 4.2
    visit_postgres_ms: float = 1.3
    visit_wal_bytes: int = 1_299
    visit_disk_bytes: int = 407
    # The ledger check, for each order that there ever was.
    check_ms: float = 0.55
    # A creator with a complete profile, and what the lists and filters read of it.
    creator_disk_bytes: int = 4_570
    creator_index_bytes: int = 2_384
    listing_index_bytes: int = 191
    # Looking for a name among 20,000 creators beyond what 5,000 take: what grows with them.
    name_search_ms_per_1000: float = 1.1
    # Speeds of one process by the wall clock, of `make bench`.
    lives_per_s: float = 6.0
    clicks_per_s: float = 150.0
    sweep_per_s: float = 640.0

    @property
    def gateway_share(self) -> float:
        """The part of a life's statements that carries operations."""
        return self.life_gateway_statements / self.life_statements

    @property
    def people_postgres_ms(self) -> float:
        """What people's own verbs cost the database, of one order."""
        return self.life_postgres_ms * (1 - self.gateway_share)

    @property
    def ask_postgres_ms(self) -> float:
        """One look at an operation with the verb that records its answer."""
        return self.life_postgres_ms * self.gateway_share / self.life_asks

    def as_json(self) -> str:
        return json.dumps(asdict(self))


MEASURED = Costs()

# The cases of `make bench` whose speed of our own side is a cost.
CASES = {
    "lives_per_s": "life: 1 process, ",
    "clicks_per_s": "verb: 1 process, ",
    "sweep_per_s": "sweep: ",
}


def of_json(text: str) -> Costs:
    """Costs as they were written down."""
    return Costs(**json.loads(text))


def latest(file: Path = LATEST, costs: Costs = MEASURED) -> Costs:
    """The costs with the speeds of the last `make bench`; what is not in it, or cannot be read,
    stays as documented.
    """
    try:
        results = json.loads(file.read_text(encoding="utf-8"))
        speeds = {name: _ours(results, case) for name, case in CASES.items()}
    except (OSError, ValueError, TypeError, KeyError):
        return costs
    known = asdict(costs) | {name: speed for name, speed in speeds.items() if speed}
    return Costs(**known)


def _ours(results: list[dict[str, Any]], case: str) -> float | None:
    found = [
        float(result["ours"])
        for result in results
        if result["case"].startswith(case) and result["unit"] == "/s"
    ]
    return found[0] if found else None
