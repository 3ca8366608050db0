"""The payer without his browser: what tests and the control port let him do."""

from sandbox import books, freezes, preauth
from sandbox.alipay import Alipay


class CannotPay(Exception):
    """The payer cannot confirm this freeze; nothing was frozen."""


def confirm(alipay: Alipay, out_order_no: str, payer: str | None) -> None:
    """Confirm a freeze from the payer's account, or close it when there is no payer.

    Raises CannotPay when the freeze is not open, the account unknown or its balance too low.
    """
    at = alipay.now()
    with alipay.transaction() as conn:
        freeze = freezes.find(conn, "out_order_no", out_order_no, at=at)
        if freeze is None or freeze.status != "INIT":
            raise CannotPay(out_order_no)
        if payer is None or alipay.faults.take("payer_cancels", "cashier", out_order_no):
            freezes.close_unpaid(conn, freeze, at)
            return
        account = books.by_logon(conn, payer)
        if account is None or account.kind != "PERSON" or account.status != "OPEN":
            raise CannotPay(payer)
        try:
            preauth.authorize(conn, alipay, freeze, account)
        except books.NotEnough as short:
            raise CannotPay(payer) from short
