"""Double entry: accounts with a balance and a frozen amount, and every movement as a row.

The bank account stands for the outside world and may owe, so the sum over all accounts is zero
from the first day on.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg import sql
from psycopg.rows import class_row, dict_row

from sandbox.config import Config
from sandbox.database import Connection, Pool

Pocket = Literal["balance", "frozen"]
BANK_LOGON = "bank@alipay.local"
BANK_USER = "2088000000000000"


class NotEnough(Exception):
    """The account does not hold the amount."""


@dataclass(frozen=True)
class Account:
    """Somebody's account; amounts in fen."""

    id: int
    user_id: str
    logon_id: str
    name: str
    kind: str
    status: str
    is_payer: bool
    balance_fen: int
    frozen_fen: int
    opened_at: datetime


@dataclass(frozen=True)
class Side:
    """One side of a movement: whose money, in which pocket."""

    account_id: int
    pocket: Pocket = "balance"


def found_books(pool: Pool, config: Config, *, at: datetime) -> None:
    """Open the bank and the platform's account; repeating it changes nothing."""
    with pool.connection() as conn:
        _insert(conn, BANK_LOGON, "Bank", user_id=BANK_USER, kind="BANK", at=at)
        _insert(
            conn,
            config.seller_logon_id,
            config.seller_name,
            user_id=config.seller_id,
            kind="PLATFORM",
            at=at,
        )


def open_account(
    pool: Pool,
    logon_id: str,
    name: str,
    balance_fen: int = 0,
    *,
    at: datetime,
    is_payer: bool = False,
) -> Account:
    """Open a person's account with money from the bank; an existing one is returned as it is."""
    with pool.connection() as conn:
        made = _insert(conn, logon_id, name, is_payer=is_payer, at=at)
        account = by_logon(conn, logon_id)
        assert account is not None
        if made and balance_fen:
            move(
                conn,
                "OPENING",
                account.logon_id,
                balance_fen,
                Side(bank(conn).id),
                Side(account.id),
                at=at,
            )
    return account_of(pool, logon_id)


def close_account(pool: Pool, logon_id: str) -> None:
    """Close an account: it can be paid no more."""
    with pool.connection() as conn:
        conn.execute("UPDATE accounts SET status = 'CLOSED' WHERE logon_id = %s", [logon_id])


def move(
    conn: Connection,
    code: str,
    ref: str,
    amount_fen: int,
    debit: Side,
    credit: Side,
    *,
    at: datetime,
) -> None:
    """Move an amount (fen) and write the movement; raises NotEnough and then moves nothing."""
    _lock(conn, {debit.account_id, credit.account_id})
    _add(conn, debit, -amount_fen)
    _add(conn, credit, amount_fen)
    conn.execute(
        "INSERT INTO movements (code, ref, amount_fen, debit_account, debit_pocket,"
        " credit_account, credit_pocket, moved_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [
            code,
            ref,
            amount_fen,
            debit.account_id,
            debit.pocket,
            credit.account_id,
            credit.pocket,
            at,
        ],
    )


def by_logon(conn: Connection, logon_id: str) -> Account | None:
    """Find an account by its logon id."""
    return _one(conn, "logon_id", logon_id)


def by_user(conn: Connection, user_id: str) -> Account | None:
    """Find an account by its 2088 number."""
    return _one(conn, "user_id", user_id)


def by_id(conn: Connection, account_id: int) -> Account:
    """Find an account that must exist."""
    account = _one(conn, "id", account_id)
    assert account is not None
    return account


def bank(conn: Connection) -> Account:
    """Return the outside world."""
    account = by_user(conn, BANK_USER)
    assert account is not None
    return account


def payers(conn: Connection) -> list[Account]:
    """Return the accounts that the cashier offers, oldest first."""
    with conn.cursor(row_factory=class_row(Account)) as cursor:
        return cursor.execute(
            "SELECT * FROM accounts WHERE is_payer AND status = 'OPEN' ORDER BY id LIMIT 100"
        ).fetchall()


def account_of(pool: Pool, logon_id: str) -> Account:
    """Return an account as it stands now; raises LookupError."""
    with pool.connection() as conn:
        account = by_logon(conn, logon_id)
    if account is None:
        raise LookupError(logon_id)
    return account


def total_fen(pool: Pool) -> int:
    """Sum over all accounts: always zero."""
    with pool.connection() as conn:
        row = conn.execute("SELECT COALESCE(SUM(balance_fen + frozen_fen), 0) FROM accounts")
        return int(row.fetchone()[0])  # type: ignore[index]


def differences(pool: Pool) -> list[dict[str, object]]:
    """Return the accounts that are not what their movements add up to (none, one hopes)."""
    with pool.connection() as conn, conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_DIFFERENCES).fetchall()


_DIFFERENCES = """
WITH entries AS (
    SELECT debit_account AS account, debit_pocket AS pocket, -amount_fen AS fen FROM movements
    UNION ALL SELECT credit_account, credit_pocket, amount_fen FROM movements
), sums AS (
    SELECT account, COALESCE(SUM(fen) FILTER (WHERE pocket = 'balance'), 0) AS balance,
           COALESCE(SUM(fen) FILTER (WHERE pocket = 'frozen'), 0) AS frozen
    FROM entries GROUP BY account
)
SELECT a.logon_id, a.balance_fen, a.frozen_fen, s.balance, s.frozen
FROM accounts a LEFT JOIN sums s ON s.account = a.id
WHERE a.balance_fen <> COALESCE(s.balance, 0) OR a.frozen_fen <> COALESCE(s.frozen, 0)
"""


def _insert(
    conn: Connection,
    logon_id: str,
    name: str,
    *,
    at: datetime,
    user_id: str | None = None,
    kind: str = "PERSON",
    is_payer: bool = False,
) -> bool:
    made = conn.execute(
        "INSERT INTO accounts (user_id, logon_id, name, kind, is_payer, opened_at) VALUES"
        " (COALESCE(%s, '2088' || nextval('user_numbers')), %s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        [user_id, logon_id, name, kind, is_payer, at],
    )
    return made.rowcount == 1


def _one(conn: Connection, column: str, value: object) -> Account | None:
    query = sql.SQL("SELECT * FROM accounts WHERE {} = %s").format(sql.Identifier(column))
    with conn.cursor(row_factory=class_row(Account)) as cursor:
        return cursor.execute(query, [value]).fetchone()


def _lock(conn: Connection, account_ids: set[int]) -> None:
    # Always by id, so that two movements between the same accounts never wait in a ring.
    conn.execute(
        "SELECT 1 FROM accounts WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [sorted(account_ids)]
    )


def _add(conn: Connection, side: Side, amount_fen: int) -> None:
    column = sql.Identifier(f"{side.pocket}_fen")
    done = conn.execute(
        sql.SQL(
            "UPDATE accounts SET {c} = {c} + %s WHERE id = %s AND (kind = 'BANK' OR {c} + %s >= 0)"
        ).format(c=column),
        [amount_fen, side.account_id, amount_fen],
    )
    if done.rowcount != 1:
        raise NotEnough(side)
