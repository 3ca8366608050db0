"""The web application: the gateway, the cashier, and the bills to download."""

import hmac
from datetime import date

from flask import Flask, Response, abort, current_app
from flask import request as web

from sandbox import bills, gateway
from sandbox.alipay import Alipay, Post, start
from sandbox.cashier import pages
from sandbox.config import Config
from sandbox.faults import Faults

_LARGEST_REQUEST = 256 * 1024


def create_app(config: Config, *, faults: Faults | None = None, post: Post | None = None) -> Flask:
    """Build the application; raises Forbidden in production.

    The running Alipay is `app.extensions["alipay"]`.
    """
    app = Flask(__name__)
    app.extensions["alipay"] = start(config, faults=faults, post=post)
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_REQUEST
    # A cut line must leave the application as an exception, so that no answer is written.
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.register_blueprint(pages)
    app.add_url_rule("/gateway.do", view_func=gateway_view, methods=["POST"])
    app.add_url_rule("/bills/<kind>/<day>/<token>.zip", view_func=bill_view)
    app.add_url_rule("/healthz", view_func=health_view)
    return app


def alipay_of(app: Flask) -> Alipay:
    """Return the running Alipay of an application."""
    alipay = app.extensions["alipay"]
    assert isinstance(alipay, Alipay)
    return alipay


def gateway_view() -> Response:
    """Serve /gateway.do; parameters may come in the address, the form, or both."""
    params = {**web.args.to_dict(), **web.form.to_dict()}
    reply = gateway.answer(alipay_of(current_app), params)
    return Response(reply.text, reply.status, content_type=reply.content_type)


def bill_view(kind: str, day: str, token: str) -> Response:
    """Serve the zipped bill of a day to whoever has its address."""
    alipay = alipay_of(current_app)
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        abort(404)
    if not hmac.compare_digest(token, bills.token(alipay, kind, wanted)):
        abort(404)
    return Response(bills.zipped(alipay, kind, wanted), content_type="application/zip")


def health_view() -> Response:
    """Tell that the process answers and its database, too."""
    with alipay_of(current_app).transaction() as conn:
        conn.execute("SELECT 1")
    return Response("ok", content_type="text/plain")
