"""Everything that pages, the admin and other apps read about merchants."""

from django.db.models import QuerySet

from merchants.models import Merchant


def with_account(merchants: QuerySet[Merchant] | None = None) -> QuerySet[Merchant]:
    """Merchants with their payment account, in one query."""
    rows = Merchant.objects.all() if merchants is None else merchants
    return rows.select_related("payment_account")
