"""Run the local Alipay: `python -m sandbox --port 8001`, `init --keys DIR`, `seed FILE.json`."""

import argparse
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox import alipay, config, history, keys, notices
from sandbox.app import alipay_of, create_app
from sandbox.control import create_control

log = logging.getLogger("sandbox")
_COMMANDS = ("serve", "init", "seed")
_PUMP_SECONDS = 0.5


class QuietHandler(WSGIRequestHandler):
    """No line per request: the demo prints enough."""

    def log_request(self, *_: Any) -> None:
        """Say nothing."""

    def connection_dropped(self, *_: Any) -> None:
        """Close the line at once: the caller must not wait for an answer that never comes."""
        self.close_connection = True


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; `serve` when none is named."""
    config.refuse_production()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] not in (*_COMMANDS, "-h", "--help"):
        words.insert(0, "serve")
    options = _parser().parse_args(words)
    run: Callable[[argparse.Namespace], int] = options.run
    return run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(required=True)
    serve = commands.add_parser("serve", help="run the server (the default)")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=int(os.environ.get("ALIPAY_PORT", "8001")))
    serve.add_argument("--control-port", type=int, help="tests only; loopback")
    serve.add_argument("--open-accounts", action="store_true", help="open accounts on first sight")
    serve.add_argument("--notify-speed", type=float, default=1.0, help="divide waiting times")
    serve.set_defaults(run=_serve)
    init = commands.add_parser("init", help="write keys and certificates, keeping what exists")
    init.add_argument("--keys", type=Path, required=True)
    init.set_defaults(run=_init)
    seed = commands.add_parser("seed", help="open accounts and replay a past from a JSON file")
    seed.add_argument("file", type=Path)
    seed.add_argument("--open-accounts", action="store_true", help="open accounts on first sight")
    seed.set_defaults(run=_seed)
    return parser


def _init(options: argparse.Namespace) -> int:
    keys.make(options.keys, at=config.wall_clock())
    return 0


def _seed(options: argparse.Namespace) -> int:
    """Open accounts and replay a past: see `sandbox.history` for the file."""
    settings = config.from_environment(port=0, open_accounts=options.open_accounts, notify_speed=1)
    running = alipay.start(settings)
    try:
        history.replay(running, json.loads(options.file.read_text(encoding="utf-8")))
    finally:
        running.pool.close()
    return 0


def _serve(options: argparse.Namespace) -> int:
    settings = config.from_environment(
        port=options.port, open_accounts=options.open_accounts, notify_speed=options.notify_speed
    )
    app = create_app(settings)
    running = alipay_of(app)
    server = make_server(
        options.host, options.port, app, threaded=True, request_handler=QuietHandler
    )
    servers = [server]
    if options.control_port:
        control = create_control(running)
        servers.append(
            make_server("127.0.0.1", options.control_port, control, request_handler=QuietHandler)
        )
    log.info("local Alipay on http://%s:%s", options.host, options.port)
    _run(servers, running)
    return 0


def _run(servers: list[BaseWSGIServer], running: alipay.Alipay) -> None:
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    signal.signal(signal.SIGINT, lambda *_: over.set())
    threads = [threading.Thread(target=s.serve_forever, daemon=True) for s in servers]
    threads.append(threading.Thread(target=_pump, args=(running, over), daemon=True))
    for thread in threads:
        thread.start()
    over.wait()
    for server in servers:
        server.shutdown()
        server.server_close()
    threads[-1].join(timeout=15)
    running.pool.close()


def _pump(running: alipay.Alipay, over: threading.Event) -> None:
    """Send what is due until the end; a failure is told and tried again."""
    while not over.wait(_PUMP_SECONDS):
        try:
            notices.deliver_due(running, at=running.now())
        except Exception:
            log.exception("sending notices failed")


if __name__ == "__main__":
    raise SystemExit(main())
