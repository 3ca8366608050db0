"""django-oscar's side: a basket, an order placed, its payment recorded, its status changed."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
os.environ["DJANGO_SETTINGS_MODULE"] = "oscar_settings"

import django  # noqa: E402

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from oscar.apps.order.utils import OrderCreator  # noqa: E402
from oscar.apps.shipping.methods import Free  # noqa: E402
from oscar.core import prices  # noqa: E402
from oscar.core.loading import get_class, get_model  # noqa: E402
from player import serve  # noqa: E402

Basket = get_model("basket", "Basket")
Order = get_model("order", "Order")
Source = get_model("payment", "Source")
SourceType = get_model("payment", "SourceType")
PaymentEventType = get_model("order", "PaymentEventType")
Product = get_model("catalogue", "Product")
ProductClass = get_model("catalogue", "ProductClass")
Partner = get_model("partner", "Partner")
StockRecord = get_model("partner", "StockRecord")
OrderTotalCalculator = get_class("checkout.calculators", "OrderTotalCalculator")
Selector = get_class("partner.strategy", "Selector")


def prepare() -> None:
    """The tables, one product and one customer."""
    call_command("migrate", verbosity=0, run_syncdb=True)
    user, _ = get_user_model().objects.get_or_create(
        email="a@example.com", defaults={"username": "a"}
    )
    user.set_password("a")
    user.save()
    if Product.objects.exists():
        return
    kind = ProductClass.objects.create(name="Post", track_stock=False, requires_shipping=False)
    product = Product.objects.create(title="A post", product_class=kind)
    partner = Partner.objects.create(name="Creator")
    StockRecord.objects.create(
        product=product, partner=partner, partner_sku="1", price=Decimal("100.00")
    )


@contextmanager
def counted() -> Iterator[dict[str, int]]:
    told = {"queries": 0}

    def count(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        told["queries"] += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield told


def place(n: int) -> dict[str, int]:
    """Place so many orders; the queries of one."""
    user = get_user_model().objects.get(email="a@example.com")
    product = Product.objects.get()
    with counted() as told:
        for _ in range(n):
            one(user, product)
    return {"done": n, "queries": told["queries"] // n}


def one(user: Any, product: Any) -> None:
    basket = Basket.objects.create(owner=user)
    basket.strategy = Selector().strategy(user=user)
    basket.add_product(product, 1)
    method = Free()
    charge = method.calculate(basket)
    total = OrderTotalCalculator().calculate(basket, charge)
    order = OrderCreator().place_order(basket, total, method, charge, user=user)
    basket.submit()
    kind, _ = SourceType.objects.get_or_create(name="Alipay")
    source = Source.objects.create(
        order=order, source_type=kind, currency="GBP", amount_allocated=total.incl_tax
    )
    source.allocate(total.incl_tax)
    source.debit(total.incl_tax)
    event_type, _ = PaymentEventType.objects.get_or_create(name="Settled")
    order.payment_events.create(event_type=event_type, amount=total.incl_tax)
    order.set_status("Being processed")
    order.set_status("Complete")


def session() -> dict[str, str]:
    """A login's cookie."""
    from django.test import Client

    browser = Client()
    user = get_user_model().objects.get(email="a@example.com")
    browser.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return {"cookie": f"sessionid={browser.cookies['sessionid'].value}"}


if __name__ == "__main__":
    assert prices is not None
    serve({"prepare": prepare, "place": place, "session": session})
