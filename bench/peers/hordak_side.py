"""django-hordak's side: posting between accounts, a balance, and a statement with it running."""

import os
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import django  # noqa: E402
from django.conf import settings  # noqa: E402
from psycopg.conninfo import conninfo_to_dict  # noqa: E402

_PLACE = conninfo_to_dict(os.environ["PEER_DATABASE_URL"])
settings.configure(
    SECRET_KEY="known-to-everybody",
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _PLACE["dbname"],
            "USER": _PLACE.get("user", ""),
            "HOST": _PLACE.get("host", ""),
            "PORT": _PLACE.get("port", ""),
            "CONN_MAX_AGE": None,
        }
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "mptt",
        "hordak",
    ],
    DEFAULT_CURRENCY="CNY",
    CURRENCIES=["CNY"],
    HORDAK_INTERNAL_CURRENCY="CNY",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()

from counting import counted  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from hordak.models import Account, Leg  # noqa: E402
from moneyed import Money  # noqa: E402
from player import serve  # noqa: E402


def prepare() -> None:
    """The tables, and two accounts for each of a few processes."""
    call_command("migrate", verbosity=0)
    for number in range(8):
        Account.objects.get_or_create(
            name=f"a{number}", defaults={"type": "AS", "currencies": ["CNY"]}
        )


def post(n: int, place: int = 0) -> dict[str, int]:
    """So many transfers between two accounts, each committed by itself."""
    ours, theirs = Account.objects.filter(name__in=[f"a{2 * place}", f"a{2 * place + 1}"])
    with counted() as told:
        for _ in range(n):
            with transaction.atomic():
                ours.transfer_to(theirs, Money(100, "CNY"))
    return {"done": n, "queries": told["queries"] // n}


def fill(legs: int) -> None:
    """A history between the first two accounts, written by the database itself."""
    ours, theirs = (Account.objects.get(name=name).pk for name in ("a0", "a1"))
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute(
            "with t as (insert into hordak_transaction(uuid, timestamp, date, description)"
            " select gen_random_uuid(), now(), current_date - (g / 1000)::int, ''"
            " from generate_series(1, %s) g returning id)"
            " insert into hordak_leg(uuid, transaction_id, account_id, credit, debit, currency,"
            " description)"
            " select gen_random_uuid(), t.id, a.id, a.credit, a.debit, 'CNY', '' from t,"
            " (values (%s, null::numeric, 100::numeric), (%s, 100, null)) a(id, credit, debit)",
            [legs // 2, ours, theirs],
        )
        cursor.execute("reset session_replication_role")
        cursor.execute("vacuum (analyze)")


def balance(n: int) -> dict[str, Any]:
    with counted() as told:
        for _ in range(n):
            sum_of_all = Account.objects.get(name="a0").get_balance()
    return {"balance": str(sum_of_all), "queries": told["queries"] // n}


def statement(n: int) -> dict[str, Any]:
    """The newest 25 lines with the balance after each."""
    with counted() as told:
        for _ in range(n):
            found = Leg.objects.filter(account__name="a0").with_account_balance_after()
            lines = list(found.order_by("-transaction__date", "-id")[:25])
    return {"lines": len(lines), "queries": told["queries"] // n}


if __name__ == "__main__":
    serve(
        {
            "prepare": prepare,
            "post": post,
            "fill": fill,
            "balance": balance,
            "statement": statement,
        }
    )
