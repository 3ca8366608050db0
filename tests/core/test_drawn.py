"""Fields drawn without templates are those that Django's templates draw."""

from typing import Any

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting

from core.drawn import Renderer

GROUPED = [("", "Everything <all>"), ("Money", [(1, "In & out"), ("x", "Back")])]
ATTRS: list[dict[str, Any]] = [
    {},
    {"class": "form-control", "data-limit": 60, "required": True, "disabled": False},
    {"placeholder": 'She said "1 < 2"', "id": "id_search", "value": None},
]


@pytest.mark.parametrize("attrs", ATTRS)
@pytest.mark.parametrize("value", [None, "", "a & <b>", 7, '"'])
@pytest.mark.parametrize(
    "widget",
    [
        forms.TextInput(),
        forms.EmailInput(),
        forms.URLInput(),
        forms.NumberInput(),
        forms.HiddenInput(),
        forms.PasswordInput(render_value=True),
        forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        forms.Select(choices=GROUPED),
        forms.Select(choices=[]),
        forms.Textarea(),
        forms.RadioSelect(choices=GROUPED[:1]),
    ],
    ids=lambda widget: type(widget).__name__,
)
def test_a_field_is_drawn_as_its_template_draws_it(
    widget: forms.Widget, value: Any, attrs: dict[str, Any]
) -> None:
    ours, django = (
        widget.render("name", value, attrs, renderer=draws)
        for draws in (Renderer(), TemplatesSetting())
    )
    assert ours == django
