"""The control port: everything that tests may do from another process.

It listens only when the process is started with --control-port, and only on loopback.
"""

from datetime import date
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, jsonify
from flask import request as web
from psycopg.rows import dict_row

from sandbox import bills, books, freezes, notices, operations, transfers
from sandbox.alipay import Alipay
from sandbox.payer import confirm

port = Blueprint("control", __name__)


def create_control(alipay: Alipay) -> Flask:
    """Build the application of the control port on a running Alipay."""
    app = Flask(__name__)
    app.extensions["alipay"] = alipay
    app.register_blueprint(port)
    return app


def _alipay() -> Alipay:
    alipay = current_app.extensions["alipay"]
    assert isinstance(alipay, Alipay)
    return alipay


def _given() -> dict[str, Any]:
    given = web.get_json(silent=True)
    return given if isinstance(given, dict) else {}


@port.post("/faults")
def switch_on() -> Response:
    """Switch a fault on: {name, method, out_no, times, …}."""
    given = _given()
    try:
        _alipay().faults.on(given.pop("name", ""), **given)
    except ValueError as problem:
        abort(400, str(problem))
    return jsonify(ok=True)


@port.delete("/faults")
def switch_off() -> Response:
    """Switch one fault (?name=) or all of them off."""
    _alipay().faults.off(web.args.get("name"))
    return jsonify(ok=True)


@port.get("/faults")
def struck() -> Response:
    """Tell how often each fault struck."""
    return jsonify(dict(_alipay().faults.struck))


@port.post("/late")
def run_late() -> Response:
    """Let the requests that were kept on the way arrive now."""
    return jsonify(executed=_alipay().faults.run_late())


@port.get("/books")
def all_books() -> Response:
    """Return every account, the sum over all of them, and what does not add up."""
    alipay = _alipay()
    with alipay.transaction() as conn, conn.cursor(row_factory=dict_row) as cursor:
        accounts = cursor.execute("SELECT * FROM accounts ORDER BY id").fetchall()
    return jsonify(
        accounts=accounts,
        total_fen=books.total_fen(alipay.pool),
        differences=books.differences(alipay.pool),
    )


@port.get("/operations")
def all_operations() -> Response:
    """Return what was executed, all of it or of one number (?out_no=)."""
    return jsonify(operations.executed(_alipay(), web.args.get("out_no")))


@port.post("/accounts")
def open_account() -> Response:
    """Open an account: {logon_id, name, balance_fen, is_payer}."""
    given = _given()
    account = books.open_account(
        _alipay().pool,
        str(given["logon_id"]),
        str(given["name"]),
        int(given.get("balance_fen", 0)),
        at=_alipay().now(),
        is_payer=bool(given.get("is_payer", False)),
    )
    return jsonify(account)


@port.post("/accounts/<logon_id>/close")
def close_account(logon_id: str) -> Response:
    """Close an account: it can be paid no more."""
    books.close_account(_alipay().pool, logon_id)
    return jsonify(ok=True)


@port.get("/notices")
def all_notices() -> Response:
    """Return every notice: what was posted, how often, and when the app took it."""
    alipay = _alipay()
    with alipay.transaction() as conn, conn.cursor(row_factory=dict_row) as cursor:
        return jsonify(cursor.execute("SELECT * FROM notices ORDER BY id").fetchall())


@port.post("/freezes/<out_order_no>/<verb>")
def freeze(out_order_no: str, verb: str) -> Response:
    """Let the payer `confirm` ({payer}) or `cancel`, or let the freeze `expire`."""
    if verb == "expire":
        freezes.expire(_alipay(), out_order_no)
    elif verb in ("confirm", "cancel"):
        payer = str(_given().get("payer", "")) if verb == "confirm" else None
        confirm(_alipay(), out_order_no, payer)
    else:
        abort(404)
    return jsonify(status=freezes.by_out_order_no(_alipay(), out_order_no).status)


@port.post("/transfers/<out_biz_no>/give-back")
def give_back(out_biz_no: str) -> Response:
    """Let a transfer bounce."""
    transfers.give_back(_alipay(), out_biz_no)
    return jsonify(ok=True)


@port.post("/notices/deliver")
def deliver() -> Response:
    """Send the notices that are due now."""
    return jsonify(delivered=notices.deliver_due(_alipay(), at=_alipay().now()))


@port.get("/bills/<kind>/<day>")
def bill(kind: str, day: str) -> Response:
    """Return the zipped bill of any day, also of today."""
    content = bills.zipped(_alipay(), kind, date.fromisoformat(day))
    return Response(content, content_type="application/zip")
