"""Where the benchmark runs: an embedded PostgreSQL of its own, and one database per world."""

import hashlib
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from bench.player import Player, at_once
from vtask import embedded

ROOT = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("BENCH_VAR_DIR", ROOT / "var" / "bench")).resolve()
PEERS = Path(os.environ.get("BENCH_PEERS", ROOT / "var" / "bench-peers" / "bin" / "python"))
SIDES = Path(__file__).resolve().parent / "peers"


# As docs/operations.md advises for a real server: a part of the memory for its pages, a disk that
# need not seek, checkpoints rarely, and their whole pages small in the log. It serves all sides.
SERVER = {
    "shared_buffers": "2GB",
    "random_page_cost": "1.1",
    "wal_compression": "on",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
}


def start() -> list[str]:
    """Start the servers unless they run; committed means on disk, as on a real server."""
    here = embedded.place(VAR_DIR)
    started = embedded.start(here, durable=True)
    if "postgres" in started and _set_up():
        embedded.stop(here, ["postgres"])
        embedded.start(here, durable=True)
    return started


def _set_up() -> bool:
    """Whether a setting was changed, which only the next start knows."""
    with psycopg.connect(url("postgres"), autocommit=True) as server:
        (now,) = server.execute("SELECT current_setting('shared_buffers')").fetchone() or ("",)
        if now == SERVER["shared_buffers"]:
            return False
        for name, value in SERVER.items():
            server.execute(
                sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
            )
    return True


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
    return [_playing(command, environment(database)) for _ in range(count)]


def peers(side: str, database: str, count: int = 1) -> list[Player]:
    """So many processes of a peer, with the packages of its own environment."""
    command = [str(PEERS), "-W", "ignore", str(SIDES / f"{side}_side.py")]
    told = {"PEER_DATABASE_URL": url(database)}
    return [_playing(command, told) for _ in range(count)]


_players: list[Player] = []


def _playing(command: list[str], told: Mapping[str, str]) -> Player:
    player = Player(command, told)
    _players.append(player)
    return player


def close_all() -> None:
    """Whoever still plays after a case, because it broke off, stops now."""
    while _players:
        _players.pop().close()


def web(name: str) -> dict[str, str]:
    """A web server of ours as production runs it: connections stay open, nobody moves the clock."""
    return {**environment(name), "DATABASE_POOL": "2", "CLOCK_MOVABLE": "0"}


def oscar_environment(database: str) -> dict[str, str]:
    """What a web server of django-oscar needs."""
    return {
        "PEER_DATABASE_URL": url(database),
        "PYTHONPATH": str(SIDES),
        "DJANGO_SETTINGS_MODULE": "oscar_settings",
    }


def bare() -> tuple[str, str]:
    """The database of the bare page, made anew, and the cookie of its login."""
    create("bench_bare")
    command = [sys.executable, "-W", "ignore", "-m", "bench.bare"]
    player = _playing(command, bare_environment("bench_bare"))
    cookie = str(player.do("prepare")["cookie"])
    player.close()
    return "bench_bare", cookie


def bare_environment(database: str) -> dict[str, str]:
    """What a web server of the bare page needs."""
    return {"BARE_DATABASE_URL": url(database), "PYTHONPATH": str(ROOT)}


def peer_database(side: str) -> str:
    """A database with a peer's own tables, made once."""
    name = f"bench_{side}"
    if not exists(name):
        create(f"{name}_new")
        (maker,) = peers(side, f"{name}_new")
        with hasty():
            maker.do("prepare")
        maker.close()
        rename(f"{name}_new", name)
    return name


def shop(orders: int) -> str:
    """A shop of django-oscar with so many orders, made once per size; its pages are only read."""
    made_by = hashlib.sha256((SIDES / "oscar_side.py").read_bytes()).hexdigest()[:4]
    name = f"bench_oscar_{orders}_{made_by}"
    if not exists(name):
        create(f"{name}_new", peer_database("oscar"))
        (filler,) = peers("oscar", f"{name}_new")
        with hasty():
            filler.do("fill", orders=orders, customers=max(10, orders // 100))
        filler.close()
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
        with hasty():
            subprocess.run(
                [sys.executable, "-W", "ignore", "manage.py", "migrate", "--verbosity=0"],
                cwd=ROOT,
                env={**os.environ, **environment(f"{name}_new")},
                check=True,
            )
        rename(f"{name}_new", name)
    return name


def world(orders: int, transfers: int, due: int = 0) -> str:
    """A filled database, made once per size. Who changes it takes a copy, or takes it away."""
    base = empty()
    made_by = hashlib.sha256((ROOT / "bench" / "world.py").read_bytes()).hexdigest()[:4]
    name = f"bench_{orders}_{transfers}_{due}_{base.rpartition('_')[2]}_{made_by}"
    if not exists(name):
        began = time.monotonic()
        create(f"{name}_new", base)
        with hasty():
            fill(f"{name}_new", {"orders": orders, "transfers": transfers, "due": due})
        rename(f"{name}_new", name)
        say(f"a world of {orders:,} orders took {time.monotonic() - began:.0f} s")
    return name


# Of these it is worth saying how long they take.
MANY_ORDERS = 100_000


def fill(database: str, size: Mapping[str, int]) -> None:
    """Two processes write at the same time: the long ledger, and everything else."""
    fillers = ours(database, 2)
    parts = ("ledger", "everything_else")
    told = at_once(fillers, "fill", [{"part": part, **size} for part in parts])
    told.append(fillers[0].do("fill", part="totals", **size))
    told.append(fillers[0].do("vacuum"))
    if size["orders"] >= MANY_ORDERS:
        took = (
            f"{what} {answer['seconds']:.0f} s"
            for what, answer in zip((*parts, "totals", "vacuum"), told, strict=True)
        )
        say(f"filling: {', '.join(took)}")
    for filler in fillers:
        filler.close()


# What makes loading fast and would make a measurement dishonest.
HASTE = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off", "max_wal_size": "16GB"}


@contextmanager
def hasty() -> Iterator[None]:
    """The server does not wait for the disk in this block; at its end all is on the disk."""
    _settings({name: sql.SQL("= {}").format(value) for name, value in HASTE.items()})
    try:
        yield
    finally:
        at_rest()
        _settings({name: sql.SQL("= DEFAULT") for name in HASTE})


def at_rest() -> None:
    """Everything written so far is on the disk, so that no measurement pays for it."""
    with psycopg.connect(url("postgres"), autocommit=True) as server:
        server.execute("CHECKPOINT")
    os.sync()


def _settings(changes: Mapping[str, sql.Composable]) -> None:
    with psycopg.connect(url("postgres"), autocommit=True) as server:
        for name, change in changes.items():
            server.execute(sql.SQL("ALTER SYSTEM SET {} ").format(sql.Identifier(name)) + change)
        server.execute("SELECT pg_reload_conf()")


def cpu_seconds() -> float:
    """What the server and all processes of the benchmark that have ended have computed so far: on
    a busy machine it says better than a watch how long a run would take alone.
    """
    lock = embedded.place(VAR_DIR).postgres_data / "postmaster.pid"
    times = psutil.Process(int(lock.read_text().split("\n", 1)[0])).cpu_times()
    server = times.user + times.system + times.children_user + times.children_system
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return float(server + sum(usage.ru_utime + usage.ru_stime for usage in used))


def say(words: str) -> None:
    """What is going on, between the lines of the table."""
    print(f"  {words}", flush=True)


_changed: dict[str, str] = {}


def changed(orders: int, transfers: int, due: int) -> str:
    """A world for those who change it, the same one for all of them in one run. It is the world
    itself and no copy, which would take as long as a new one.
    """
    name = f"bench_changed_{orders}"
    if name not in _changed:
        made = world(orders, transfers, due)
        drop(name)
        rename(made, name)
        _changed[name] = made
    return name


def clean() -> None:
    """Nothing is left but what the next run would have to wait for: the empty databases."""
    with psycopg.connect(url("postgres"), autocommit=True) as server:
        found = server.execute("SELECT datname FROM pg_database WHERE datname LIKE 'bench_%'")
        names = [name for (name,) in found.fetchall()]
    kept = {empty(), *(f"bench_{side}" for side in ("oscar", "hordak"))}
    for name in names:
        if name not in kept:
            drop(name)
    _changed.clear()


def server_version() -> str:
    told = subprocess.run([program("postgres"), "--version"], check=True, capture_output=True)
    return told.stdout.decode().split()[-1]


def peer_versions(names: Sequence[str]) -> dict[str, str]:
    """Of packages in the peers' environment."""
    code = "import sys, importlib.metadata as m; print(*map(m.version, sys.argv[1:]))"
    told = subprocess.run([str(PEERS), "-c", code, *names], check=True, capture_output=True)
    return dict(zip(names, told.stdout.decode().split(), strict=True))


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
