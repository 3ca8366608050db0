"""Faults by lot on the whole site: `python -m tests.faults --minutes 5 --seed 42`.

Ends with 1 when anything is wrong afterwards; the logs are then kept and named. The seed decides
what is done and when, though not how the processes interleave.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

COMPRESSION = 20  # the lease of an operation lasts 3 s


def main() -> int:
    options = _options()
    var_dir = Path(tempfile.mkdtemp(prefix="faults-"))
    _environment(var_dir)
    from tests.faults.run import run
    from vtask.supervise import Stopped

    try:
        report = run(seed=options.seed, seconds=options.minutes * 60)
    except Stopped:
        shutil.rmtree(var_dir, ignore_errors=True)
        return 130
    sys.stdout.write("\n".join(report.lines) + "\n")
    if report.is_good:
        shutil.rmtree(var_dir, ignore_errors=True)
        return 0
    sys.stdout.write(f"logs: {var_dir / 'log'}\n")
    return 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="how long the faults last")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    return parser.parse_args()


def _environment(var_dir: Path) -> None:
    """Before Django reads its settings. Whatever servers the caller has are left alone."""
    for name in ("DATABASE_URL", "REDIS_URL", "DATABASE_ROLE", "PYTEST_XDIST_WORKER"):
        os.environ.pop(name, None)
    os.environ |= {
        "VAR_DIR": str(var_dir),
        "DJANGO_SETTINGS_MODULE": "vtask.settings",
        "TIME_COMPRESSION": str(COMPRESSION),
        "ALIPAY_KEYS_DIR": str(var_dir / "alipay"),
    }


if __name__ == "__main__":
    raise SystemExit(main())
