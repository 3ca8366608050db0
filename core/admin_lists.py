"""How the lists of the admin are counted and drawn.

A cell of the library costs ten calls and half a kilobyte of classes, and its rows are counted to
the last. Here a column is worked out once for a page, a row is one string, and the counting ends
where nobody looks any more.
"""

from collections.abc import Callable, Iterator
from functools import cache, cached_property
from html import escape
from itertools import repeat
from operator import attrgetter
from typing import Any

from django.contrib.admin import helpers
from django.contrib.admin.utils import label_for_field, lookup_field, quote
from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Paginator
from django.db.models import BooleanField
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold import admin as unfold_admin
from unfold.templatetags import unfold_list
from unfold.utils import display_for_field, display_for_value
from unfold.views import ChangeList

from core.counting import Found, counted_past
from core.light import SOME_NUMBER, address


class NearPages(Paginator[Any]):
    """Pages of which the near ones are counted, up to some way beyond the one that is looked at."""

    def __init__(self, rows: Any, per_page: int, page: int = 1) -> None:
        super().__init__(rows, per_page)
        self.last_row = max(page, 1) * per_page

    @cached_property
    def found(self) -> Found:
        rows: Any = self.object_list
        return counted_past(self.last_row, rows.order_by().values("pk"))

    @property
    def count(self) -> int:
        return self.found.number

    @property
    def has_more(self) -> bool:
        """Whether there are rows that were not counted."""
        return self.found.has_more


def safe(value: Any) -> str:
    """As `conditional_escape`, sooner where it is text."""
    kind = type(value)
    if kind is SafeString:
        return str(value)
    return escape(value) if kind is str else conditional_escape(value)


def drawn_choices(rows: ChangeList, spec: Any) -> SafeString:
    """What a filter offers; the choice that holds is marked."""
    held = ' aria-current="true"'
    return SafeString(
        "\n".join(
            f'<li><a href="{escape(choice["query_string"])}"{held if choice["selected"] else ""}>'
            f"{safe(choice['display'])}</a></li>"
            for choice in spec.choices(rows)
        )
    )


Show = Callable[[Any], Any]
Draw = Callable[[Any, Any], str]


def headings(rows: ChangeList) -> list[dict[str, Any]]:
    """The heads of the columns: text, addresses to sort by, and how they are sorted now."""
    return list(unfold_list.result_headers(rows))


def drawn_rows(rows: ChangeList, heads: list[dict[str, Any]]) -> Iterator[SafeString]:
    """The rows of a list, each with the form of its fields where they are edited in the list."""
    columns = [_column(rows, place, capfirst(head["text"])) for place, head in enumerate(heads)]
    forms = rows.formset.forms if rows.formset else repeat(None)
    for row, form in zip(rows.result_list, forms, strict=False):
        yield SafeString(f"<tr>{''.join([draw(row, form) for draw in columns])}</tr>")
        if form is not None and form.non_field_errors():
            yield format_html('<tr><td colspan="100">{}</td></tr>', form.non_field_errors())


def _column(rows: ChangeList, place: int, label: str) -> Draw:
    """What draws the cell of a row, with the name of its column, which a phone shows beside it."""
    name = rows.list_display[place]
    if name == "action_checkbox":
        return _checkbox(rows.model_admin)
    show = _shown(rows, name)
    link = _link(rows, name)
    tag = "th" if link and name == rows.list_display_links[0] else "td"
    about = ' scope="row"' if tag == "th" else ""
    begin = format_html(
        '<{}{} class="field-{}" data-label="{}">',
        tag,
        SafeString(about),
        getattr(name, "__name__", name),
        label,
    )
    end = f"</{tag}>"

    def draw(row: Any, form: Any) -> str:
        if form is not None and name in form.fields:
            return f"{begin}{_edited(form[name])}{end}"
        if link is None:
            return f"{begin}{show(row)}{end}"
        return f"{begin}{link(row)}{show(row)}</a>{end}"

    return draw


def _edited(bound: BoundField) -> str:
    errors = render_to_string("unfold/helpers/form_errors.html", {"errors": bound.errors})
    return f"{bound}{errors}"


def _checkbox(model_admin: Any) -> Draw:
    """The box by which a row is chosen, drawn once, and the row's number put in."""
    box = unfold_admin.checkbox.render(helpers.ACTION_CHECKBOX_NAME, str(SOME_NUMBER))
    before, after = box.split(str(SOME_NUMBER))
    begin = format_html('<td class="action-checkbox" data-label="{}">', _("Select record"))
    return lambda row, _form: f"{begin}{before}{escape(str(row.pk))}{after}</td>"


def _link(rows: ChangeList, name: Any) -> Show | None:
    """The beginning of a link to the page of a row, which leads back to the list as it is."""
    if name not in (rows.list_display_links or ()):
        return None
    some = address(f"admin:{rows.opts.app_label}_{rows.opts.model_name}_change", SOME_NUMBER)
    before, after = some.split(str(SOME_NUMBER))
    back = escape(f"?{rows.preserved_filters}") if rows.preserved_filters else ""

    def begin(row: Any) -> str:
        url = f"{before}{quote(row.pk)}{after}{back}"
        if not rows.is_popup:
            return f'<a href="{url}">'
        chosen = getattr(row, str(rows.to_field or rows.pk_attname))
        return f'<a href="{url}" data-popup-opener="{escape(str(chosen))}">'

    return begin


def _shown(rows: ChangeList, name: Any) -> Callable[[Any], str]:
    """What a row shows in a column, as the admin shows what is of its kind; it may be written."""
    nothing = rows.model_admin.get_empty_value_display()
    attr: Any
    _label, attr = label_for_field(name, rows.model, model_admin=rows.model_admin, return_attr=True)
    if attr is None:
        return _field_shown(rows.opts.get_field(name), nothing)
    nothing = getattr(attr, "empty_value_display", nothing)
    is_ours = callable(name) or hasattr(rows.model_admin, name)
    read = attr if is_ours else lambda row: lookup_field(name, row, rows.model_admin)[2]
    if getattr(attr, "boolean", False):
        return _once(read, lambda value: display_for_value(value, nothing, boolean=True))
    if hasattr(attr, "of_value"):
        value_name, show = attr.of_value
        return _once(attrgetter(value_name), show)

    def show_row(row: Any) -> str:
        try:
            value = read(row)
        except ObjectDoesNotExist:
            return safe(nothing)
        return safe(value if isinstance(value, str) else display_for_value(value, nothing))

    return show_row


def _field_shown(field: Any, nothing: str) -> Callable[[Any], str]:
    read = attrgetter(field.name)
    if field.primary_key:
        return lambda row: safe(str(read(row)))  # by which a row is found: not an amount
    if field.is_relation:
        return _once(read, lambda value: nothing if value is None else value)
    if isinstance(field, BooleanField):
        return _once(read, lambda value: display_for_value(value, nothing, boolean=True))
    if field.flatchoices:
        words = dict(field.flatchoices)
        return _once(read, lambda value: words.get(value, nothing))
    return lambda row: safe(display_for_field(read(row), field, nothing))


def _once(read: Show, show: Show) -> Callable[[Any], str]:
    """What stands in several rows of a page is drawn once."""
    drawn = cache(lambda value: safe(show(value)))
    return lambda row: drawn(read(row))
