"""Templates made light write what Django's own write."""

from typing import Any

import pytest
from django import forms
from django.template import Context, Engine, Template, VariableDoesNotExist
from django.template.base import NodeList, TextNode
from django.template.loader_tags import BlockNode
from django.test import override_settings
from django.urls import reverse
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy

from core.light import Fixed, address, lighten

LOADED = "{% load i18n ui %}"


class Row:
    """Something with a name, a number and a mood."""

    def __init__(self, name: str = "Lin & Co", pk: Any = 7) -> None:
        self.name, self.pk = name, pk

    def greeting(self) -> str:
        return f"Hello {self.name}"

    @property
    def broken(self) -> str:
        raise ZeroDivisionError


class Named(forms.Form):
    """A form has items, and attributes that are none of them."""

    name = forms.CharField(label="A & B")


def both(source: str, **facts: Any) -> tuple[str, str]:
    """What Django writes, and what the light one writes."""
    light = Template(LOADED + source)
    lighten(light.nodelist)
    return Template(LOADED + source).render(Context(facts)), light.render(Context(facts))


@pytest.mark.parametrize(
    "source",
    [
        '{% translate "Tasks" %}',
        '{% translate "Choose" context "creator" %}',
        '{% translate "Tasks" as told %}{{ told }}',
        "{% translate row.name %}",
        '<b>{% translate "Tasks" %}</b>{% comment %}not seen{% endcomment %}{% icon "check" %}',
        "{% url 'tasks:tasks' %} {% url 'tasks:task' row.pk %}",
        "{% url 'tasks:task' row.pk as there %}{{ there }}",
        "{% url 'nowhere' as there %}[{{ there }}]",
        "{% blocktranslate %}Search{% endblocktranslate %}",
        "{% blocktranslate with number=row.pk %}Order {{ number }}{% endblocktranslate %}",
        "{% blocktranslate with n=row.pk asvar it %}Order {{ n }}{% endblocktranslate %}{{ it }}",
        "{% blocktranslate count n=row.pk %}{{ n }} a{% plural %}{{ n }} b{% endblocktranslate %}",
        "{{ row.name }} {{ row.name|safe }} {{ row.greeting }} {{ row.none }} {{ nobody.name }}",
        "{{ rows.0.name }} {{ rows.9.name }} {{ rows.name }} {{ facts.name }} {{ facts.none }}",
        "{% autoescape off %}{{ row.name }}{% endautoescape %} {{ row.pk }} {{ half }}",
        "{% autoescape off %}{% badge row.name %}{{ later }}{% endautoescape %}{{ later }}",
        "{{ big }} {{ yes }} {{ none }} {{ lazy.name }} {{ lazy.none }} {{ form.name.label }}",
        "{{ form.nope }} {{ form.fields.name.label }} {{ maps.a.b }} {{ maps.items }}",
        "{{ row.greeting.upper }}{{ row.greeting.nope }}",
        "{% language 'zh-hans' %}{% translate 'Tasks' %}{% endlanguage %}{% translate 'Tasks' %}",
        "{% language 'en' %}{% include 'tasks/_receipts.html' %}{% endlanguage %}{% icon 'x' %}",
        "{% if row.none %}a{% elif row.name and not nobody %}b{% endif %}{% badge row.name %}",
        '{% for one in rows %}{% cycle "a" "b" %}{{ forloop.counter }}{{ one.name }}{% endfor %}',
    ],
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_light_one_writes_the_same(source: str, language: str) -> None:
    with translation.override(language):
        django, light = both(
            source,
            row=Row(),
            rows=[Row("A"), Row("<B>")],
            facts={"name": "<F>"},
            half=0.5,
            big=1_234_567,
            yes=True,
            none=None,
            later=gettext_lazy("Tasks") if language == "en" else format_lazy("<{}>", "Tasks"),
            lazy=SimpleLazyObject(Row),
            form=Named(),
            maps={"a": {"b": "<b>"}},
        )
    assert light == django


def test_what_is_fixed_becomes_one_part_that_knows_its_languages() -> None:
    light = Template(LOADED + '<b>{% translate "Tasks" %}</b>{% icon "check" %}')
    lighten(light.nodelist)
    [part] = light.nodelist
    assert isinstance(part, Fixed)
    told = {}
    for language in ("en", "zh-hans", "en"):
        with translation.override(language):
            told[language] = light.render(Context())
    assert told["en"].startswith("<b>Tasks</b><svg")
    assert told["zh-hans"] == told["en"].replace("Tasks", "任务")
    assert set(part.written) == {"en", "zh-hans"}


def test_a_context_that_is_used_again_in_another_language_is_drawn_in_it() -> None:
    page: Any = Engine.get_default().get_template("tasks/_receipts.html")
    facts = Context()
    told = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            told[language] = page.render(facts)
    assert "How to check a money receipt yourself" in told["en"]
    assert "How to check a money receipt yourself" not in told["zh-hans"]


def test_what_is_missing_is_told_as_the_settings_want_it() -> None:
    engine = Engine(string_if_invalid="[no %s]", libraries=Engine.get_default().libraries)
    source = "{{ row.none }} {{ nobody }} {% if nobody %}a{% endif %}{{ row.name }}"
    django, light = Template(source, engine=engine), Template(source, engine=engine)
    lighten(light.nodelist)
    facts = {"row": Row("A")}
    assert light.render(Context(facts)) == django.render(Context(facts))
    assert light.render(Context(facts)) == "[no row.none] [no nobody] A"


@override_settings(USE_THOUSAND_SEPARATOR=True)
def test_numbers_are_grouped_where_the_settings_say_so() -> None:
    django, light = both("{{ big }}", big=1_234_567)
    assert light == django == "1,234,567"


def test_text_alone_stays_text() -> None:
    light = Template("a{% comment %}b{% endcomment %}c")
    lighten(light.nodelist)
    [part] = light.nodelist
    assert isinstance(part, TextNode)
    assert part.s == "ac"


def test_the_loader_makes_every_template_light() -> None:
    page = Engine.get_default().get_template("components/bell.html")
    assert page.is_light is True  # type: ignore[attr-defined]


def test_a_template_that_others_extend_looks_for_its_blocks_once() -> None:
    page: Any = Engine.get_default().get_template("base.html")
    found = page.nodelist.get_nodes_by_type(BlockNode)
    assert found == NodeList(page.nodelist).get_nodes_by_type(BlockNode)
    assert "content" in {block.name for block in found}
    assert page.nodelist.get_nodes_by_type(BlockNode) is found


def test_an_error_in_a_property_is_not_hidden() -> None:
    light = Template("{{ row.broken }}")
    lighten(light.nodelist)
    with pytest.raises(ZeroDivisionError):
        light.render(Context({"row": Row()}))


def test_a_loop_over_something_unknown_draws_nothing() -> None:
    django, light = both("{% for one in nobody.rows %}x{% empty %}none{% endfor %}")
    assert light == django == "none"
    with pytest.raises(VariableDoesNotExist):
        both("{% with a=1 %}{{ b|default:c.d }}{% endwith %}")[1].index("none")


def test_an_address_is_the_one_of_reverse() -> None:
    assert address("tasks:tasks") == reverse("tasks:tasks")
    assert address("tasks:task", 12) == reverse("tasks:task", args=[12])
    assert address("tasks:task", 0) == reverse("tasks:task", args=[0])
