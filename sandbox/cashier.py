"""The payer's page: what is to be frozen, from which account, yes or no."""

import hmac
import secrets
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template
from flask import request as web
from werkzeug.wrappers import Response as AnyResponse

from sandbox import books, freezes, preauth, times
from sandbox.alipay import Alipay
from sandbox.database import Connection
from sandbox.freezes import Freeze
from sandbox.texts import LANGUAGES, TEXTS

pages = Blueprint("cashier", __name__)
_VISITOR = "cashier_visitor"
_LAST_PAYER = "cashier_payer"
_YEAR_SECONDS = 365 * 24 * 3600


def _alipay() -> Alipay:
    alipay = current_app.extensions["alipay"]
    assert isinstance(alipay, Alipay)
    return alipay


@pages.get("/cashier/<code>")
def show(code: str) -> AnyResponse:
    """Show the freeze, or how it ended."""
    with _alipay().transaction() as conn:
        freeze = freezes.find(conn, "code", code, at=_alipay().now())
        return _page(conn, freeze)


@pages.post("/cashier/<code>")
def decide(code: str) -> AnyResponse:
    """Freeze the money or close the freeze, then send the payer back."""
    alipay = _alipay()
    with alipay.transaction() as conn:
        freeze = freezes.find(conn, "code", code, at=alipay.now())
        if freeze is None or freeze.status != "INIT":
            return _page(conn, freeze)
        if not hmac.compare_digest(web.form.get("token", ""), _token(_visitor(), code)):
            return _page(conn, freeze, problem="bad_form", status=403)
    payer = _payer(alipay)
    with alipay.transaction() as conn:
        freeze = freezes.find(conn, "code", code, at=alipay.now())
        assert freeze is not None
        problem = _carry_out(conn, alipay, freeze, payer)
        if problem is not None:
            return _page(conn, freeze, problem=problem, status=422)
    return _back(freeze, payer)


def _carry_out(
    conn: Connection, alipay: Alipay, freeze: Freeze, payer: books.Account | None
) -> str | None:
    """Do what the button says; returns the name of the problem, if any."""
    if freeze.status != "INIT":
        return None
    is_refused = alipay.faults.take("payer_cancels", "cashier", freeze.out_order_no)
    if web.form.get("action") != "freeze" or is_refused:
        freezes.close_unpaid(conn, freeze, alipay.now())
        return None
    if payer is None:
        return "no_account"
    try:
        with conn.transaction():
            preauth.authorize(conn, alipay, freeze, payer)
    except books.NotEnough:
        return "no_money"
    return None


def _payer(alipay: Alipay) -> books.Account | None:
    logon_id = web.form.get("other", "").strip() or web.form.get("payer", "")
    if alipay.config.open_accounts and logon_id and "unknown" not in logon_id:
        fen = alipay.config.opening_balance_fen
        books.open_account(alipay.pool, logon_id, logon_id, fen, at=alipay.now(), is_payer=True)
    with alipay.transaction() as conn:
        account = books.by_logon(conn, logon_id)
    if account is None or account.kind != "PERSON" or account.status != "OPEN":
        return None
    return account


def _back(freeze: Freeze, payer: books.Account | None) -> AnyResponse:
    target = freeze.return_url if _origin(freeze.return_url) else None
    response = redirect(target or f"/cashier/{freeze.code}?lang={_language()}", 303)
    if payer is not None:
        response.set_cookie(
            _LAST_PAYER, payer.logon_id, max_age=_YEAR_SECONDS, httponly=True, samesite="Lax"
        )
    return response


def _page(
    conn: Connection, freeze: Freeze | None, *, problem: str | None = None, status: int = 200
) -> Response:
    language = _language()
    texts = TEXTS[language]
    page = _state(freeze)
    offered = books.payers(conn) if page == "pay" else []
    html = render_template(
        f"{page}.html",
        freeze=freeze,
        t=texts,
        language=language,
        other_language="en" if language == "zh" else "zh",
        seller=_alipay().config.seller_name,
        accounts=offered,
        chosen=_chosen(offered),
        problem=texts[problem] if problem else None,
        token=_token(_visitor(), freeze.code) if freeze else "",
        yuan=lambda fen: f"{fen // 100:,}.{fen % 100:02d}",
        wire_time=times.wire,
        back=freeze.return_url if freeze and _origin(freeze.return_url) else None,
    )
    return _sealed(html, 404 if page == "missing" else status, freeze)


def _state(freeze: Freeze | None) -> str:
    if freeze is None:
        return "missing"
    if freeze.status == "INIT":
        return "pay"
    return "done" if freeze.payer is not None else "closed"


def _chosen(accounts: list[books.Account]) -> str:
    logon_id = web.form.get("payer") or web.cookies.get(_LAST_PAYER, "")
    known = [account.logon_id for account in accounts]
    return logon_id if logon_id in known else next(iter(known), "")


def _sealed(html: str, status: int, freeze: Freeze | None) -> Response:
    response = make_response(html, status)
    # A browser applies form-action to the redirect after the form, too.
    target = _origin(freeze.return_url) if freeze else ""
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {target}".rstrip()
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.set_cookie(_VISITOR, _visitor(), httponly=True, samesite="Lax")
    return response


def _origin(url: str | None) -> str:
    """Return scheme and host of an http(s) address, or nothing."""
    parts = urlsplit(url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else ""


def _language() -> str:
    asked = web.args.get("lang") or web.accept_languages.best_match(LANGUAGES, "zh")
    return asked if asked in LANGUAGES else "zh"


def _visitor() -> str:
    if "visitor" not in g:
        g.visitor = web.cookies.get(_VISITOR) or secrets.token_urlsafe(16)
    return str(g.visitor)


def _token(visitor: str, code: str) -> str:
    """Bind the form to this visitor and this freeze."""
    return hmac.new(_alipay().keys.secret(), f"{visitor}|{code}".encode(), "sha256").hexdigest()
