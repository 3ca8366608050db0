"""What the demo is made of: its servers, its steps and its processes."""

import fcntl
import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from io import TextIOWrapper
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

from django.conf import settings
from django.core.management import call_command, get_commands

from vtask import embedded
from vtask.supervise import Program, Say, Supervisor

PROGRAMS = Path(sys.executable).parent
APP_ROLE = "vtask_app"
# How long a process may take until it answers; a slow machine is no error.
PATIENCE_SECONDS = 60


class UnableToStartDemo(RuntimeError):
    """Something that the demo needs is taken or missing."""


def start(supervisor: Supervisor, say: Say) -> None:
    """Prepare everything and start all processes; returns when the site answers."""
    check_ports()
    tell_alipay()
    prepare(say)
    local_alipay = supervisor.start(alipay())
    supervisor.wait_until(
        lambda: listens(settings.ALIPAY_PORT), local_alipay, seconds=PATIENCE_SECONDS
    )
    if "load_demo_world" in get_commands():
        say("demo world")
        call_command("load_demo_world")
    site = supervisor.start(web())
    supervisor.start(worker())
    supervisor.start(beat())
    supervisor.wait_until(is_ready, site, seconds=PATIENCE_SECONDS)


@contextmanager
def servers(say: Say) -> Iterator[None]:
    """PostgreSQL and Redis: those of the environment, or else embedded ones that end with us."""
    if "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ:
        yield
        return
    place = embedded.place(settings.VAR_DIR)
    say("PostgreSQL and Redis")
    try:
        # Those that a killed demo left behind are used on, and are ours to stop.
        embedded.start(place)
        embedded.ensure_database(place, "vtask")
        yield
    finally:
        embedded.stop(place)


@contextmanager
def alone() -> Iterator[TextIOWrapper]:
    """One demo for each VAR_DIR."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR_DIR / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"A demo already runs on {settings.VAR_DIR}: stop it, or set VAR_DIR and PORT"
            raise UnableToStartDemo(message) from error
        yield lock


def check_ports() -> None:
    for name in ("PORT", "ALIPAY_PORT"):
        port = getattr(settings, name)
        if listens(port):
            raise UnableToStartDemo(f"Port {port} is in use: choose another with {name}=…")


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def prepare(say: Say) -> None:
    """Tables, rights, keys and static files; quick when they are there."""
    say("tables")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("grant_app_role", role=APP_ROLE, verbosity=0)
    make_alipay_keys()
    collect_static(say)


def collect_static(say: Say) -> None:
    """Only when a file or a package has changed since."""
    stamp, state = settings.STATIC_ROOT / ".stamp", static_state()
    if stamp.exists() and stamp.read_text() == state:
        return
    say("static files")
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(state)


def static_state() -> str:
    """A fingerprint of what is collected: our files, and the packages that bring others."""
    ours = sorted((settings.BASE_DIR / "static" / "dist").rglob("*"))
    packages = settings.BASE_DIR / "requirements" / "base.txt"
    told = [f"{path} {path.stat().st_mtime_ns} {path.stat().st_size}" for path in [*ours, packages]]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


# The processes


def environment(**more: str) -> dict[str, str]:
    """What every process of the site is told; its role in the database is the restricted one."""
    told = {
        "DJANGO_SETTINGS_MODULE": "vtask.settings",
        "VAR_DIR": str(settings.VAR_DIR),
        "PORT": str(settings.PORT),
        "DATABASE_URL": settings.DATABASE_URL,
        "REDIS_URL": settings.REDIS_URL,
        "DATABASE_ROLE": APP_ROLE,
        "PYTHONUNBUFFERED": "1",
    }
    return {**os.environ, **told, **more}


def web() -> Program:
    metrics = settings.VAR_DIR / "run" / "metrics"
    metrics.mkdir(parents=True, exist_ok=True)
    for old in metrics.glob("*.db"):
        old.unlink()
    command = [
        str(PROGRAMS / "gunicorn"), "vtask.wsgi", f"--bind={address()}", "--preload",
        "--workers=2", "--threads=4", "--graceful-timeout=5", "--no-control-socket",
        "--max-requests=20000", "--max-requests-jitter=2000", "--log-level=warning",
    ]  # fmt: skip
    told = environment(DATABASE_POOL="8", PROMETHEUS_MULTIPROC_DIR=str(metrics))
    return Program("web", command, told)


def worker() -> Program:
    command = [
        str(PROGRAMS / "celery"), "--app=vtask", "worker", "--concurrency=2", "--loglevel=WARNING",
        "--without-gossip", "--without-mingle", "--hostname=vtask@localhost",
    ]  # fmt: skip
    return Program("worker", command, environment())


def beat() -> Program:
    schedule = settings.VAR_DIR / "run" / "beat"
    command = [
        str(PROGRAMS / "celery"), "--app=vtask", "beat", "--loglevel=WARNING",
        f"--schedule={schedule}", "--pidfile=",
    ]  # fmt: skip
    return Program("beat", command, environment())


def alipay() -> Program:
    """The local Alipay: another company's server, with a database of its own."""
    return Program("alipay", [sys.executable, "-m", "sandbox", "--open-accounts"], environment())


def tell_alipay() -> None:
    """What the local Alipay is told, for its process and for whoever opens accounts there."""
    os.environ.setdefault("ALIPAY_DATABASE_URL", alipay_database_url())
    os.environ["ALIPAY_KEYS_DIR"] = str(settings.ALIPAY_KEYS_DIR)
    os.environ["ALIPAY_PORT"] = str(settings.ALIPAY_PORT)
    os.environ["ALIPAY_APP_ID"] = settings.ALIPAY_APP_ID


def make_alipay_keys() -> None:
    """Both sides' keys; those that exist are kept."""
    command = [sys.executable, "-m", "sandbox", "init", "--keys", str(settings.ALIPAY_KEYS_DIR)]
    subprocess.run(command, env=environment(), check=True)  # noqa: S603 - our own command


def alipay_database_url() -> str:
    """The same server, another database."""
    parts = urlsplit(settings.DATABASE_URL)
    return urlunsplit(parts._replace(path=f"{parts.path}_alipay"))


def address() -> str:
    return f"{os.environ.get('BIND', '127.0.0.1')}:{settings.PORT}"


def is_ready() -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{settings.PORT}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def logins() -> list[str]:
    """Who can log in, one line each, as the demo world tells it."""
    name = "vtask.management.commands.load_demo_world"
    if not find_spec(name):
        return []
    told: list[str] = import_module(name).demo_logins()
    return told
