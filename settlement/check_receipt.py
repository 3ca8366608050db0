#!/usr/bin/env python3
"""Checks a vtask money receipt: python3 check_receipt.py receipt.json

Needs nothing but Python 3.9 or newer: no network, no account, nothing of vtask. It recomputes the
hash chain over the lines, plays the moves from pocket to pocket, and compares the result with what
the receipt says. Ends with 0 and "receipt ok", or with 1 and what is wrong.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

FIELDS = (
    "order_id", "seq", "code", "debit", "credit", "amount_fen",
    "debit_party", "credit_party", "operation", "at", "key",
)  # fmt: skip
POCKETS = (
    "frozen", "held", "payable", "in_transit", "refund_in_transit",
    "paid", "returned", "fee", "tax",
)  # fmt: skip


def problems(receipt: Any) -> list[str]:
    """Everything that is wrong with a receipt, as sentences; empty when it holds."""
    found: list[str] = []
    head, funded = "", 0
    pockets = dict.fromkeys(POCKETS, 0)
    for place, line in enumerate(receipt["lines"], 1):
        if line["seq"] != place or line["order_id"] != receipt["order_id"]:
            return [f"line {place} is not in its place"]
        head = hashlib.sha256((head + "\n" + text(line)).encode()).hexdigest()
        if head != line["hash"]:
            return [f"line {place} was changed, or one before it: its hash does not fit"]
        if line["debit"] == "outside":
            funded += line["amount_fen"]
        else:
            pockets[line["debit"]] -= line["amount_fen"]
        pockets[line["credit"]] += line["amount_fen"]
        if line["amount_fen"] <= 0 or min(pockets.values()) < 0:
            found.append(f"line {place} takes out more than there is")
    if head != receipt["head"]:
        found.append("the chain does not end where the receipt says: lines are missing")
    if pockets != receipt["pockets"] or sum(pockets.values()) != funded:
        found.append("the pockets do not follow from the lines")
    return found


def text(line: Any) -> str:
    """The line as it is hashed."""
    return "|".join(["v1", *(str(line[field]) for field in FIELDS)])


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        return say(2, "usage: python3 check_receipt.py receipt.json")
    receipt = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    found = problems(receipt)
    if found:
        return say(1, *found)
    filled = [(pocket, fen) for pocket, fen in receipt["pockets"].items() if fen]
    lines = [f"  {pocket:18}{fen // 100:12,}.{fen % 100:02d}" for pocket, fen in filled]
    number = receipt["order_id"]
    return say(0, f"receipt ok: order {number}, {len(receipt['lines'])} lines, CNY", *lines)


def say(code: int, *lines: str) -> int:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
