"""The embedded PostgreSQL and Redis."""

import os
import signal
from pathlib import Path

import psycopg
import pytest
import redis

from vtask import embedded
from vtask.embedded import Place


def ask(place: Place) -> object:
    with psycopg.connect(place.database_url("postgres")) as connection:
        row = connection.execute("SELECT note FROM notes").fetchone()
    return row and row[0]


def write(place: Place, note: str) -> None:
    with psycopg.connect(place.database_url("postgres")) as connection:
        connection.execute("CREATE TABLE notes (note text)")
        connection.execute("INSERT INTO notes VALUES (%s)", [note])


def pid_of_postgres(place: Place) -> int:
    # Read over the connection: the data directory is PostgreSQL's own.
    with psycopg.connect(place.database_url("postgres")) as connection:
        row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
    assert row is not None
    return int(row[0].splitlines()[0])


def test_both_run_as_long_as_the_block(tmp_path: Path) -> None:
    place = embedded.place(tmp_path)

    with embedded.running(place):
        assert embedded.postgres_is_running(place)
        assert embedded.redis_is_running(place)

    assert not embedded.postgres_is_running(place)
    assert not embedded.redis_is_running(place)


def test_who_finds_them_running_starts_and_stops_nothing(tmp_path: Path) -> None:
    place = embedded.place(tmp_path)

    with embedded.running(place):
        with embedded.running(place):
            pass

        assert embedded.postgres_is_running(place)
        assert embedded.start(place) == []


def test_data_outlive_a_kill(tmp_path: Path) -> None:
    place = embedded.place(tmp_path)
    with embedded.running(place):
        write(place, "kept")
        os.kill(pid_of_postgres(place), signal.SIGKILL)
        with redis.Redis.from_url(place.redis_url) as client:
            os.kill(int(client.info("server")["process_id"]), signal.SIGKILL)

        assert embedded.start(place) == ["postgres", "redis"]
        try:
            assert ask(place) == "kept"
        finally:
            embedded.stop(place)


def test_a_directory_too_deep_for_a_socket_gets_a_short_one(tmp_path: Path) -> None:
    place = embedded.place(tmp_path / ("deep" * 20) / ("deeper" * 10))

    with embedded.running(place):
        assert len(os.fsencode(place.sockets)) < embedded.LONGEST_SOCKET_DIRECTORY
        assert embedded.postgres_is_running(place)
        assert embedded.redis_is_running(place)


def test_nobody_else_reaches_the_sockets(tmp_path: Path) -> None:
    place = embedded.place(tmp_path)

    with embedded.running(place):
        assert place.sockets.stat().st_mode & 0o077 == 0


def test_an_interrupted_first_start_is_begun_anew(tmp_path: Path) -> None:
    place = embedded.place(tmp_path)
    unfinished = place.postgres_data.with_name("data.new")
    unfinished.mkdir(parents=True)
    (unfinished / "half").touch()

    with embedded.running(place):
        assert embedded.postgres_is_running(place)


def test_a_database_is_made_once(tmp_path: Path) -> None:
    place = embedded.place(tmp_path)

    with embedded.running(place):
        embedded.ensure_database(place, "made")
        embedded.ensure_database(place, "made")

        with psycopg.connect(place.database_url("made")) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == ("made",)


def test_the_reason_is_told_when_a_server_does_not_start(tmp_path: Path) -> None:
    place = embedded.place(tmp_path)
    with embedded.running(place):
        pass
    (place.postgres_data / "postgresql.conf").write_text("nonsense = on\n")

    with pytest.raises(embedded.UnableToStart, match="nonsense"):
        embedded.start(place)
