"""django-oscar's side: a basket, an order placed by the checkout's own view, its payment recorded,
its confirmation written to the customer, its status changed; and a shop with many orders.

No page is drawn: what is measured is the work of the shop, as on the other side.
"""

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
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client, RequestFactory  # noqa: E402
from oscar.apps.basket.middleware import BasketMiddleware  # noqa: E402
from oscar.core.loading import get_class, get_model  # noqa: E402
from player import serve  # noqa: E402

Country = get_model("address", "Country")
Order = get_model("order", "Order")
Source = get_model("payment", "Source")
SourceType = get_model("payment", "SourceType")
Product = get_model("catalogue", "Product")
ProductClass = get_model("catalogue", "ProductClass")
Partner = get_model("partner", "Partner")
StockRecord = get_model("partner", "StockRecord")
CheckoutSessionData = get_class("checkout.utils", "CheckoutSessionData")
EventHandler = get_class("order.processing", "EventHandler")
PaymentDetailsView = get_class("checkout.views", "PaymentDetailsView")


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


ADDRESS = {
    "first_name": "Lu",
    "last_name": "Li",
    "line1": "969 Wenyi Road",
    "line4": "Hangzhou",
    "postcode": "311121",
    "country_id": "CN",
}


class Checkout(PaymentDetailsView):
    """The view of the checkout's last step, with a payment that always succeeds in this process."""

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
    user = customer()
    product = Product.objects.get()
    session = SessionStore()
    session.create()
    with counted() as told:
        placing = 0
        for _ in range(n):
            before = told["queries"]
            order_id = placed(user, product, session)
            placing += told["queries"] - before
            order = Order.objects.get(pk=order_id)
            for status in ("Being processed", "Complete"):
                EventHandler(user).handle_order_status_change(order, status)
    return {"done": n, "queries": told["queries"] // n, "placing": placing // n}


def customer() -> Any:
    return get_user_model().objects.get(email="a@example.com")


def placed(user: Any, product: Any, session: Any) -> Any:
    """What a signed-in customer does: a product into the basket, the address, "place order"."""

    def choose(request: Any) -> None:
        request.basket.add_product(product, 1)
        chosen = CheckoutSessionData(request)
        chosen.ship_to_new_address(ADDRESS)
        chosen.use_shipping_method("free-shipping")

    answered(choose, user, session)
    said = answered(Checkout.as_view(preview=True), user, session)
    assert said.status_code == 302, said
    return session["checkout_order_id"]


def answered(view: Any, user: Any, session: Any) -> Any:
    """A request as it reaches a view behind the middleware that oscar asks for."""
    request = RequestFactory().post("/checkout/preview/", {"action": "place_order"})
    request.user, request.session = user, session
    said: list[Any] = []
    BasketMiddleware(lambda asked: said.append(view(asked)))(request)
    session.save()
    return said[0]


# A shop with a history


def fill(orders: int, customers: int) -> None:
    """So many copies of one order that was really placed, of so many customers; every hundredth
    is of the first customer.
    """
    place(n=1)
    order = Order.objects.get()
    me, of_order = order.user_id, {"order_id": "1000 + g"}
    whose = {"user_id": f"case when g % 100 = 0 then {me} else 1001 + g % {customers} end"}
    parts: list[tuple[str, int, dict[str, str]]] = [
        ("basket_basket", order.basket_id, {"owner_id": whose["user_id"]}),
        ("order_shippingaddress", order.shipping_address_id, {}),
        (
            "order_order",
            order.pk,
            {
                **whose,
                "number": "(1000000 + g)::text",
                "date_placed": "now() - g * interval '5 minutes'",
                "basket_id": "1000 + g",
                "shipping_address_id": "1000 + g",
            },
        ),
        ("order_line", order.lines.get().pk, of_order),
        ("order_lineprice", order.line_prices.get().pk, {**of_order, "line_id": "1000 + g"}),
        ("payment_source", order.sources.get().pk, of_order),
        ("order_paymentevent", order.payment_events.get().pk, of_order),
        *(
            ("order_orderstatuschange", change.pk, of_order)
            for change in order.status_changes.all()
        ),
        ("communication_email", order.user.emails.get().pk, whose),
    ]
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        person = {"username": "'c' || g", "email": "'c' || g || '@example.com'"}
        copies(cursor, "auth_user", me, customers, **person)
        for table, of, changes in parts:
            copies(cursor, table, of, orders, **changes)
        cursor.execute("reset session_replication_role")
        cursor.execute("vacuum (analyze)")


def copies(cursor: Any, table: str, of: int, n: int, **changes: str) -> None:
    """`n` copies of the row `of` with other values in some columns; `g` is the copy's number, and
    1000 + g its primary key, or one of the next numbers when those are taken.
    """
    cursor.execute(f"select coalesce(max(id), 0) from {table}")
    changes = {"id": f"{max(1000, cursor.fetchone()[0])} + g", **changes}
    cursor.execute(
        "select column_name from information_schema.columns"
        " where table_name = %s and table_schema = 'public' order by ordinal_position",
        [table],
    )
    names = [name for (name,) in cursor.fetchall()]
    values = ", ".join(changes.get(name, f't."{name}"') for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    cursor.execute(
        f"insert into {table} ({listed}) select {values} from {table} t"
        f" cross join generate_series(1, {n}) g where t.id = {of}"
    )
    cursor.execute(
        f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))"
    )


def sessions() -> dict[str, Any]:
    """The cookies of two logins: the customer's, and that of staff."""
    staff, _ = get_user_model().objects.get_or_create(
        email="staff@example.com", username="staff", is_staff=True, is_superuser=True
    )
    return {"customer": cookie(customer()), "staff": cookie(staff)}


def cookie(user: Any) -> str:
    browser = Client()
    browser.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return f"sessionid={browser.cookies['sessionid'].value}"


if __name__ == "__main__":
    serve({"prepare": prepare, "place": place, "fill": fill, "sessions": sessions})
