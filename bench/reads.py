"""A merchant's balance and the pages of his statement, as the pages of the product read them."""

from typing import Any

from bench.counting import counted
from bench.world import NOW
from settlement import statements
from tasks import statement

# The first merchant is a big one.
MERCHANT = 1


def balance(n: int) -> dict[str, Any]:
    """What is held for the merchant (fen), read `n` times; the queries of one."""
    with counted() as told:
        for _ in range(n):
            fen = statements.held_now(statements.merchant(MERCHANT))
    return {"fen": fen, "queries": told["queries"] // n}


def statement_page(n: int) -> dict[str, Any]:
    """One page of 25 lines after the other, from the newest on; the queries of one."""
    asked = statement.wanted(MERCHANT)
    edge, lines = None, 0
    with counted() as told:
        for _ in range(n):
            page = statement.page(asked, at=NOW, edge=edge)
            lines += len(page.rows)
            edge = page.older
    return {"lines": lines, "queries": told["queries"] // n}


DOINGS = {"balance": balance, "statement": statement_page}
