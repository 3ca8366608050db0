"""Tasks, orders and disputes in the admin: to read, and the verbs that ops may call."""

from tasks.admin import disputes, orders, tasks

__all__ = ["disputes", "orders", "tasks"]
