"""The whole site as processes on free ports: two of each, PostgreSQL, Redis and Alipay.

Everything lives under VAR_DIR and listens on loopback or unix sockets only; however the block ends,
no process is left.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import psycopg
import redis
from django.conf import settings
from django.core.management import call_command

from tests.faults import alipay as alipays
from tests.faults.alipay import Alipay
from tests.faults.waiting import eventually
from vtask import embedded
from vtask.supervise import Child, Program, Supervisor

PROGRAMS = Path(sys.executable).parent
ROLE = "vtask_app"
PATIENCE_SECONDS = 90
TWO = (1, 2)


@dataclass
class Cluster:
    """What runs, by name, and what a nemesis can do to it."""

    place: embedded.Place
    alipay: Alipay
    supervisor: Supervisor
    webs: dict[str, int] = field(default_factory=dict)
    running: dict[str, Child] = field(default_factory=dict)
    standing_still: set[str] = field(default_factory=set)
    restarts: int = 0

    def answers(self) -> bool:
        return self.alipay.answers() and all(map(is_ready, self.webs.values()))

    def start(self, program: Program) -> None:
        self.running[program.name] = self.supervisor.start(program)

    def kill(self, name: str) -> None:
        """`kill -9` of a process with all its children."""
        self._signal(name, signal.SIGKILL)
        self.running[name].process.wait()
        self.standing_still.discard(name)

    def stop(self, name: str) -> None:
        self._signal(name, signal.SIGSTOP)
        self.standing_still.add(name)

    def go_on(self, name: str) -> None:
        self._signal(name, signal.SIGCONT)
        self.standing_still.discard(name)

    def revive(self) -> None:
        """Start again what has ended, as a supervisor of a real site does."""
        for name, child in self.running.items():
            if child.process.poll() is not None:
                self._signal(name, signal.SIGKILL)
                self.supervisor.children.remove(child)
                self.restarts += 1
                self.running[name] = self.supervisor.start(child.program)

    def _signal(self, name: str, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.running[name].process.pid, number)

    # the servers

    def kill_database(self) -> None:
        """The postmaster dies by `kill -9`; its children follow, and a new one recovers."""
        pid = int((self.place.postgres_data / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not psutil.pid_exists(pid) or _is_dead(pid), within=20)
        self.start_servers()

    def cut_connections(self) -> None:
        with psycopg.connect(self.place.database_url("postgres"), autocommit=True) as server:
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname IS NOT NULL AND pid <> pg_backend_pid()"
            )

    def empty_queue(self) -> None:
        with redis.Redis.from_url(self.place.redis_url) as client:
            client.flushall()

    def kill_queue(self) -> None:
        with redis.Redis.from_url(self.place.redis_url) as client:
            pid = int(client.info("server")["process_id"])
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: _is_dead(pid), within=20)
        self.start_servers()

    def start_servers(self) -> None:
        eventually(self._are_up, within=PATIENCE_SECONDS, what="the servers are up again")

    def _are_up(self) -> bool:
        with suppress(embedded.UnableToStart):
            embedded.start(self.place)
            return True
        return False


def _is_dead(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@contextmanager
def running(place: embedded.Place, compression: int) -> Iterator[Cluster]:
    """A cluster that answers, as long as the block lasts. A signal raises `Stopped` in it."""
    supervisor = Supervisor(place.var_dir / "log", lambda _text: None)
    cluster = Cluster(place, alipays.an_alipay(place.var_dir), supervisor)
    with supervisor.signals(), servers(place), supervisor.watching():
        settings.ALIPAY_GATEWAY_URL = cluster.alipay.settings["ALIPAY_GATEWAY_URL"]
        settings.ALIPAY_KEYS_DIR = cluster.alipay.keys_dir
        for program in programs(cluster, compression):
            cluster.start(program)
        eventually(cluster.answers, within=PATIENCE_SECONDS, what="everything answers")
        yield cluster


@contextmanager
def servers(place: embedded.Place) -> Iterator[None]:
    """PostgreSQL with all tables and rights, and Redis."""
    try:
        embedded.start(place)
        embedded.ensure_database(place, "vtask")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("grant_app_role", role=ROLE, verbosity=0)
        yield
    finally:
        embedded.stop(place)


def programs(cluster: Cluster, compression: int) -> Iterator[Program]:
    alipay, place = cluster.alipay, cluster.place
    told = alipays.environment(alipay, place.database_url("vtask_alipay"))
    yield Program("alipay", alipays.command(alipay), told)
    site = {
        **told,
        "DATABASE_ROLE": ROLE,
        "TIME_COMPRESSION": str(compression),
        "ALIPAY_GATEWAY_URL": alipay.settings["ALIPAY_GATEWAY_URL"],
        "PYTHONUNBUFFERED": "1",
    }
    for number in TWO:
        port = cluster.webs[f"web{number}"] = embedded.free_port()
        own = {"PORT": str(port), "DATABASE_POOL": "4", "SITE_URL": f"http://127.0.0.1:{port}"}
        yield Program(f"web{number}", gunicorn(port), site | own)
    for number in TWO:
        yield Program(f"worker{number}", worker(number), site)
        yield Program(f"beat{number}", beat(number, place), site)


def gunicorn(port: int) -> list[str]:
    return [
        str(PROGRAMS / "gunicorn"), "vtask.wsgi", f"--bind=127.0.0.1:{port}", "--workers=1",
        "--threads=4", "--graceful-timeout=2", "--no-control-socket", "--log-level=warning",
    ]  # fmt: skip


def worker(number: int) -> list[str]:
    return [
        str(PROGRAMS / "celery"), "--app=vtask", "worker", "--pool=solo", "--loglevel=WARNING",
        "--without-gossip", "--without-mingle", f"--hostname=worker{number}@localhost",
    ]  # fmt: skip


def beat(number: int, place: embedded.Place) -> list[str]:
    return [
        str(PROGRAMS / "celery"), "--app=vtask", "beat", "--loglevel=WARNING", "--pidfile=",
        f"--schedule={place.var_dir / 'run' / f'beat{number}'}",
    ]  # fmt: skip


def is_ready(port: int) -> bool:
    try:
        url = f"http://127.0.0.1:{port}/readyz"
        return httpx.get(url, trust_env=False, verify=False, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def errors_in(log_dir: Path, most: int = 20) -> list[str]:
    """What the processes complained about, for the report of a failed run."""
    found = []
    for log in sorted(log_dir.glob("*.log")):
        lines = log.read_text(errors="replace").splitlines()
        found += [f"{log.name}: {line[:300]}" for line in lines if '"level": "error"' in line]
    return found[-most:]


def pause(seconds: float) -> None:
    """A breath; nothing is waited for."""
    time.sleep(seconds)
