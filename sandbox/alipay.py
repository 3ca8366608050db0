"""One local Alipay: its configuration, keys, books and faults in one hand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sandbox import books, keys, posting
from sandbox.config import DEMO_PAYER, Config, refuse_production
from sandbox.database import Connection, Pool, open_pool, serial
from sandbox.faults import Faults

Post = Callable[[str, dict[str, str]], tuple[int, str]]


@dataclass(frozen=True)
class Alipay:
    """What every handler is given."""

    config: Config
    keys: keys.Keys
    pool: Pool
    faults: Faults = field(default_factory=Faults)
    post: Post = posting.post_form

    def now(self) -> datetime:
        """Return the instant by this company's clock."""
        return self.config.clock()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Commit at the end, or undo everything when something is raised."""
        with self.pool.connection() as conn:
            yield conn

    def seller(self, conn: Connection) -> books.Account:
        """Return the platform's account."""
        account = books.by_user(conn, self.config.seller_id)
        assert account is not None
        return account

    def number(self, conn: Connection, at: datetime) -> str:
        """Return a fresh 28-digit number, as Alipay gives them."""
        return f"{at:%Y%m%d}{serial(conn):020d}"


def start(config: Config, *, faults: Faults | None = None, post: Post | None = None) -> Alipay:
    """Open database and keys; raises Forbidden in production."""
    refuse_production()
    keys.make(config.keys_dir, at=config.clock())
    pool = open_pool(config.database_url)
    books.found_books(pool, config, at=config.clock())
    if config.open_accounts:
        fen = config.opening_balance_fen
        books.open_account(pool, *DEMO_PAYER, fen, at=config.clock(), is_payer=True)
    return Alipay(
        config, keys.load(config.keys_dir), pool, faults or Faults(), post or posting.post_form
    )
