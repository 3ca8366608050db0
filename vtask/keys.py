"""The keys of a demo: made once, kept readable for its owner alone, never the same on two machines.

Production gets its keys from the environment and never comes here.
"""

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet

FILE_NAME = "keys.json"


def _random() -> str:
    return secrets.token_urlsafe(50)


# Every key that the site needs, and how one is made.
KEYS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": _random,
    "FIELD_KEYS": lambda: Fernet.generate_key().decode(),
    "BLIND_INDEX_KEY": _random,
    "ALIPAY_OUT_NO_SECRET": _random,
    "METRICS_TOKEN": _random,
}


def demo_keys(var_dir: Path) -> dict[str, str]:
    """The keys under VAR_DIR by the names of their environment variables; made when missing."""
    path = var_dir / FILE_NAME
    if not path.exists():
        _write_once(path, _new_keys())
    keys = json.loads(path.read_text(encoding="utf-8"))
    return {str(name): str(value) for name, value in keys.items()}


def _new_keys() -> dict[str, str]:
    return {name: make() for name, make in KEYS.items()}


def _write_once(path: Path, keys: dict[str, str]) -> None:
    """Two processes that start together agree on the file that was linked first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(keys, file, indent=1)
    try:
        os.link(unfinished, path)
    except FileExistsError:
        return
    finally:
        unfinished.unlink()
