"""Which tables could be split by merchant as they are, read from the models themselves."""

from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model, UniqueConstraint

import bench.scaling.gateway  # noqa: F401 - sets Django up

APPS = ("tasks", "settlement", "reads")
MERCHANT = "merchant_id"
# By what a row without a merchant finds his: the first that it has.
VIA = ("order_id", "task_id", "operation_id", "bill_id", "owner", "party", "user_id")
# Small, and the same everywhere: a copy on each shard, or on one node alone.
NOT_SPLIT = (
    "Halt", "LedgerCheck", "ReconRun", "DaySalt", "Bill", "BillRow", "ReconItem", "Export",
    "NotificationChoice", "PayoutAccount", "Total",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Carrier:
    """A table: whether it names the merchant, by what it would find him, and its unique keys
    without him, which a distributed table cannot have.
    """

    table: str
    has_merchant: bool
    via: str
    unique_without: tuple[str, ...]
    is_split: bool


def carriers() -> list[Carrier]:
    models = [model for app in APPS for model in apps.get_app_config(app).get_models()]
    return sorted((_carrier(model) for model in models), key=lambda c: c.table)


def _carrier(model: type[Model]) -> Carrier:
    columns = [field.column for field in model._meta.concrete_fields]
    has_merchant = MERCHANT in columns
    return Carrier(
        model._meta.db_table,
        has_merchant,
        "" if has_merchant else next((name for name in VIA if name in columns), "–"),
        tuple(_unique_without(model)),
        model.__name__ not in NOT_SPLIT,
    )


def _unique_without(model: type[Model]) -> list[str]:
    meta = model._meta
    column = {field.name: field.column for field in meta.concrete_fields}
    keys = [[f.column] for f in meta.concrete_fields if f.unique and f.column != "id"]
    keys += [
        [column[name] for name in constraint.fields]
        for constraint in meta.constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    return [", ".join(key) for key in keys if MERCHANT not in key]
