"""Where the tests run. Loaded with `-p`, since it must come before Django reads its settings."""

import os
from pathlib import Path

from vtask import embedded

ROOT = Path(__file__).resolve().parent.parent
IS_XDIST_WORKER = "PYTEST_XDIST_WORKER" in os.environ

# Data of their own: a demo that runs meanwhile is left alone.
os.environ.setdefault("VAR_DIR", str(ROOT / "var" / "test"))
PLACE = embedded.place(os.environ["VAR_DIR"])
# Only the database's address: the Redis address below is inherited by parallel workers.
HAS_SERVERS = "DATABASE_URL" in os.environ

os.environ["VTASK_ENV"] = "test"
os.environ["MEDIA_ROOT"] = str(PLACE.var_dir / "test-media")


def _redis_url() -> str:
    """A number of its own for each parallel worker: clearing one leaves the others alone."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    number = int(worker.removeprefix("gw")) + 1
    if not HAS_SERVERS:
        return PLACE.redis_url.replace("db=0", f"db={number}")
    server = os.environ["REDIS_URL"].split("://", 1)
    return f"{server[0]}://{server[1].split('/', 1)[0]}/{number}"


os.environ["REDIS_URL"] = _redis_url()
