"""django-oscar's side: a basket, an order placed, its payment recorded, its status changed."""

import os
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
os.environ["DJANGO_SETTINGS_MODULE"] = "oscar_settings"

import django  # noqa: E402

django.setup()

from counting import counted  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from oscar.apps.checkout.mixins import OrderPlacementMixin  # noqa: E402
from oscar.apps.shipping.methods import FixedPrice  # noqa: E402
from oscar.core.loading import get_class, get_model  # noqa: E402
from player import serve  # noqa: E402

Basket = get_model("basket", "Basket")
Country = get_model("address", "Country")
Order = get_model("order", "Order")
ShippingAddress = get_model("order", "ShippingAddress")
Source = get_model("payment", "Source")
SourceType = get_model("payment", "SourceType")
Product = get_model("catalogue", "Product")
ProductClass = get_model("catalogue", "ProductClass")
Partner = get_model("partner", "Partner")
StockRecord = get_model("partner", "StockRecord")
Applicator = get_class("offer.applicator", "Applicator")
EventHandler = get_class("order.processing", "EventHandler")
OrderTotalCalculator = get_class("checkout.calculators", "OrderTotalCalculator")
Selector = get_class("partner.strategy", "Selector")


def prepare() -> None:
    """The tables, one product in stock and one customer."""
    call_command("migrate", verbosity=0, run_syncdb=True)
    user = get_user_model().objects.create(email="a@example.com", username="a")
    user.set_password("a")
    user.save()
    Country.objects.create(
        iso_3166_1_a2="CN", printable_name="China", name="China", is_shipping_country=True
    )
    kind = ProductClass.objects.create(name="Post", track_stock=True, requires_shipping=True)
    product = Product.objects.create(title="A post", product_class=kind)
    StockRecord.objects.create(
        product=product,
        partner=Partner.objects.create(name="Creator"),
        partner_sku="1",
        price=Decimal("100.00"),
        num_in_stock=1_000_000_000,
    )


class Checkout(OrderPlacementMixin):
    """The placement of the checkout's views, without the request and its session."""

    def handle_payment(self, order_number: Any, total: Any, **_: Any) -> None:
        kind, _created = SourceType.objects.get_or_create(name="Alipay")
        self.add_payment_source(
            Source(
                source_type=kind,
                currency=total.currency,
                amount_allocated=total.incl_tax,
                amount_debited=total.incl_tax,
                reference=str(order_number),
            )
        )
        self.add_payment_event("Settled", total.incl_tax, reference=str(order_number))


def place(n: int) -> dict[str, int]:
    """So many orders placed and brought to their end; the queries of one, and those of the
    placement alone.
    """
    user = get_user_model().objects.get(email="a@example.com")
    product = Product.objects.get()
    country = Country.objects.get()
    with counted() as told:
        placing = 0
        for _ in range(n):
            before = told["queries"]
            order = placed(user, product, country)
            placing += told["queries"] - before
            for status in ("Being processed", "Complete"):
                EventHandler(user).handle_order_status_change(order, status)
    return {"done": n, "queries": told["queries"] // n, "placing": placing // n}


def placed(user: Any, product: Any, country: Any) -> Any:
    """A basket, its offers, the address, the payment and the order."""
    basket = Basket.objects.create(owner=user)
    basket.strategy = Selector().strategy(user=user)
    basket.add_product(product, 1)
    Applicator().apply(basket, user=user)
    method = FixedPrice(Decimal("10.00"), Decimal("10.00"))
    charge = method.calculate(basket)
    total = OrderTotalCalculator().calculate(basket, charge)
    address = ShippingAddress(
        first_name="Lu", last_name="Li", line1="969 Wenyi Road", line4="Hangzhou",
        postcode="311121", country=country,
    )  # fmt: skip
    checkout = Checkout()
    number = checkout.generate_order_number(basket)
    basket.freeze()
    checkout.handle_payment(number, total)
    order = checkout.place_order(
        order_number=number,
        user=user,
        basket=basket,
        shipping_address=address,
        shipping_method=method,
        shipping_charge=charge,
        order_total=total,
        request=None,
    )
    basket.submit()
    return order


def session() -> dict[str, str]:
    """A login's cookie."""
    from django.test import Client

    browser = Client()
    user = get_user_model().objects.get(email="a@example.com")
    browser.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return {"cookie": f"sessionid={browser.cookies['sessionid'].value}"}


if __name__ == "__main__":
    serve({"prepare": prepare, "place": place, "session": session})
