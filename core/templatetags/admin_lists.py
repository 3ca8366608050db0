"""The parts of a list in the admin; what they show is worked out in `core.admin_lists`."""

from typing import Any

from django import template
from django.contrib.admin.templatetags.admin_list import result_hidden_fields
from django.contrib.admin.views.main import PAGE_VAR
from django.template.context import Context
from unfold.views import ChangeList

from core.admin_lists import drawn_choices, drawn_rows, headings
from core.words import counted

register = template.Library()


@register.inclusion_tag("admin/_rows.html", takes_context=True)
def list_rows(context: Context, rows: ChangeList) -> dict[str, Any]:
    """The table of a list."""
    heads = headings(rows)
    return {
        "cl": rows,
        "heads": heads,
        "is_sorted_by_more": sum(bool(head.get("sorted")) for head in heads) > 1,
        "hidden_fields": result_hidden_fields(rows) if rows.formset else (),
        "rows": list(drawn_rows(rows, heads)),
        "has_add_permission": context.get("has_add_permission"),
    }


register.simple_tag(drawn_choices, name="list_choices")


@register.simple_tag
def list_count(rows: ChangeList) -> str:
    """How many rows there are, as far as they were counted."""
    return counted(rows.result_count, has_more=getattr(rows.paginator, "has_more", False))


@register.simple_tag
def list_page(rows: ChangeList, number: int) -> str:
    """The address of another page of the list."""
    address: str = rows.get_query_string({PAGE_VAR: number})
    return address
