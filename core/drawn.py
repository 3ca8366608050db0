"""Fields of forms without a template each: the plain ones, which stand on every page with a form,
are written here as Django's templates write them.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

WIDGETS = "django/forms/widgets/"
INPUTS = ("text", "date", "email", "hidden", "number", "password", "url")


class Renderer(TemplatesSetting):
    """Draws plain inputs and choices itself, and leaves the rest to the templates."""

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> SafeString:
        draw = DRAWN.get(template_name)
        if draw is None:
            return SafeString(super().render(template_name, context, request))
        return SafeString(draw(context["widget"]))


def an_input(widget: dict[str, Any]) -> str:
    value = widget["value"]
    told = "" if value is None else f' value="{written(value)}"'
    name = written(widget["name"])
    return f'<input type="{written(widget["type"])}" name="{name}"{told}{attributes(widget)}>'


def a_select(widget: dict[str, Any]) -> str:
    groups = "".join(_group(name, options) for name, options, _index in widget["optgroups"])
    return f'<select name="{written(widget["name"])}"{attributes(widget)}>{groups}\n</select>'


def _group(name: Any, options: Iterable[dict[str, Any]]) -> str:
    drawn = "".join(f"\n  {_option(option)}\n" for option in options)
    if not name:
        return drawn
    return f'\n  <optgroup label="{written(name)}">{drawn}\n  </optgroup>'


def _option(option: dict[str, Any]) -> str:
    value, label = written(option["value"]), conditional_escape(option["label"])
    return f'<option value="{value}"{attributes(option)}>{label}</option>'


def attributes(widget: dict[str, Any]) -> str:
    """What is True has no value, what is False is not there."""
    return "".join(
        f" {written(name)}" + ("" if value is True else f'="{written(value)}"')
        for name, value in widget["attrs"].items()
        if value is not False
    )


def written(value: Any) -> str:
    return conditional_escape(str(value))


DRAWN: dict[str, Callable[[dict[str, Any]], str]] = {
    **{f"{WIDGETS}{kind}.html": an_input for kind in INPUTS},
    f"{WIDGETS}select.html": a_select,
}
