"""The measured costs, and the one place that the figures of docs/scaling.md come from: the file
measured.json beside this one.

`python -m bench.scaling` measures them anew and writes that file. The three speeds at the end are
those of `make bench`, and are taken from bench/results/latest.json where that is there.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
LATEST, TAKEN = HERE.parent / "results" / "latest.json", HERE / "measured.json"


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU milliseconds in Python and in PostgreSQL on one core of the measured machine, bytes of
    WAL and on disk (with indexes), and speeds of one process.
    """

    # A whole life of an order through the verbs, from the brief to the review, with the claims and
    # answers of its operations; the gateway answers in the same process.
    life_python_ms: float
    life_postgres_ms: float
    life_statements: int
    life_gateway_statements: int
    life_asks: int
    life_wal_bytes: int
    life_disk_bytes: int
    # Of these, what a month's partition may take away: attempts, messages, events.
    life_log_bytes: int
    life_transfers: int
    transfer_bytes: int
    life_events: int
    event_bytes: int
    message_bytes: int
    attempt_bytes: int
    # One confirmation on pages of its own right after a checkpoint: the most WAL of one verb.
    verb_wal_bytes_apart: int
    click_python_ms: float
    click_postgres_ms: float
    # One order of a batch of 500.
    sweep_python_ms: float
    sweep_postgres_ms: float
    sweep_wal_bytes: int
    # One look at an open operation that changes nothing: claimed, asked, written down.
    poll_python_ms: float
    poll_postgres_ms: float
    # The claim alone, and with 100,000 dead versions of operations in the index before it.
    claim_postgres_ms: float
    claim_behind_dead_ms: float
    # A request signed and its answer verified, without TLS.
    call_python_ms: float
    notice_python_ms: float
    notice_postgres_ms: float
    notice_disk_bytes: int
    letter_python_ms: float
    letter_postgres_ms: float
    # The mean of the ten pages that merchants and creators open most.
    page_python_ms: float
    page_postgres_ms: float
    # Somebody follows a short link, and his visit is counted and added up.
    visit_python_ms: float
    visit_postgres_ms: float
    visit_wal_bytes: int
    visit_disk_bytes: int
    # The ledger check, for each order that there ever was.
    check_ms: float
    # A creator with a complete profile, and what the lists and filters read of it.
    creator_disk_bytes: int
    creator_index_bytes: int
    listing_index_bytes: int
    # Looking for a name among 20,000 creators beyond what 5,000 take: what grows with them.
    name_search_ms_per_1000: float
    # Speeds of one process by the wall clock, of `make bench`.
    lives_per_s: float
    clicks_per_s: float
    sweep_per_s: float

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


# The cases of `make bench` whose speed of our own side is a cost.
CASES = {
    "lives_per_s": "life: 1 process, ",
    "clicks_per_s": "verb: 1 process, ",
    "sweep_per_s": "sweep: ",
}


def of_json(text: str) -> Costs:
    """Costs as they were written down."""
    return Costs(**json.loads(text))


MEASURED = of_json(TAKEN.read_text(encoding="utf-8"))


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
