"""Where the benchmark runs: an embedded PostgreSQL of its own, and one database per world."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import psycopg
from psycopg import sql

from bench.player import Player
from vtask import embedded

ROOT = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("BENCH_VAR_DIR", ROOT / "var" / "bench")).resolve()
PEERS = Path(os.environ.get("BENCH_PEERS", ROOT / "var" / "bench-peers" / "bin" / "python"))
SIDES = Path(__file__).resolve().parent / "peers"


def start() -> list[str]:
    """Start the servers unless they run; committed means on disk, as on a real server."""
    return embedded.start(embedded.place(VAR_DIR), durable=True)


def stop() -> None:
    embedded.stop(embedded.place(VAR_DIR))


def url(name: str) -> str:
    return embedded.place(VAR_DIR).database_url(name)


def program(name: str) -> str:
    """A tool that comes with PostgreSQL."""
    return str(embedded.postgres_programs() / name)


def environment(name: str) -> dict[str, str]:
    """What a process of ours needs to work on one of the databases."""
    return {
        "VTASK_ENV": "test",
        "VAR_DIR": str(VAR_DIR),
        "DATABASE_URL": url(name),
        "DJANGO_SETTINGS_MODULE": "vtask.settings",
        "PYTHONPATH": str(ROOT),
        "LOG_LEVEL": "WARNING",
    }


def ours(database: str, count: int = 1) -> list[Player]:
    """So many processes of ours on a database."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.core_side"]
    return [Player(command, environment(database)) for _ in range(count)]


def peers(side: str, database: str, count: int = 1) -> list[Player]:
    """So many processes of a peer, with the packages of its own environment."""
    command = [str(PEERS), "-W", "ignore", str(SIDES / f"{side}_side.py")]
    told = {"PEER_DATABASE_URL": url(database)}
    return [Player(command, told) for _ in range(count)]


def oscar_environment(database: str) -> dict[str, str]:
    """What a web server of django-oscar needs."""
    return {
        "PEER_DATABASE_URL": url(database),
        "PYTHONPATH": str(SIDES),
        "DJANGO_SETTINGS_MODULE": "oscar_settings",
    }


def peer_database(side: str) -> str:
    """A database with a peer's own tables, made once."""
    name = f"bench_{side}"
    if not exists(name):
        create(f"{name}_new")
        (maker,) = peers(side, f"{name}_new")
        maker.do("prepare")
        maker.close()
        rename(f"{name}_new", name)
    return name


def empty() -> str:
    """The database with all tables and no rows; made anew when a migration has changed."""
    found = hashlib.sha256()
    for file in sorted(ROOT.glob("*/migrations/*.py")):
        found.update(file.read_bytes())
    name = f"bench_empty_{found.hexdigest()[:8]}"
    if not exists(name):
        create(f"{name}_new")
        subprocess.run(
            [sys.executable, "-W", "ignore", "manage.py", "migrate", "--verbosity=0"],
            cwd=ROOT,
            env={**os.environ, **environment(f"{name}_new")},
            check=True,
        )
        rename(f"{name}_new", name)
    return name


def world(orders: int, transfers: int, due: int = 0) -> str:
    """A filled database, made once per size. Who changes it takes a copy."""
    base = empty()
    name = f"bench_{orders}_{transfers}_{due}_{base.rpartition('_')[2]}"
    if not exists(name):
        create(f"{name}_new", base)
        (filler,) = ours(f"{name}_new")
        filler.do("fill", orders=orders, transfers=transfers, due=due)
        filler.close()
        rename(f"{name}_new", name)
    return name


def copy(of: str, name: str) -> str:
    """A copy that may be changed; what was there under its name is gone."""
    create(name, of)
    return name


def exists(name: str) -> bool:
    with psycopg.connect(url("postgres"), autocommit=True) as server:
        found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return found.fetchone() is not None


def create(name: str, template: str = "template1") -> None:
    """An empty database, or a copy of another one. What was there is gone."""
    drop(name)
    with psycopg.connect(url("postgres"), autocommit=True) as server:
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )


def rename(old: str, new: str) -> None:
    with psycopg.connect(url("postgres"), autocommit=True) as server:
        server.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(old), sql.Identifier(new)
            )
        )


def drop(name: str) -> None:
    with psycopg.connect(url("postgres"), autocommit=True) as server:
        server.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )
