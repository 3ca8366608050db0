"""The creator adds the channel's own figures with proof (V60); both sides and staff see them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.web.guards import creator_required
from core.web.forms import PictureField
from core.web.serving import private_file
from tasks import queries, workflow
from tasks.models import Order, ReportedFigures
from tasks.web.edge import Edge, edge
from tasks.web.pictures import kept, stored
from tasks.web.verbs import Page, show
from tasks.workflow.report_figures import MOST, Figures


class CountField(forms.IntegerField):
    """A count as people write it: 12300, 12,300 or 12 300."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=MOST, **kwargs)

    def to_python(self, value: Any) -> int | None:
        text = "".join(str(value or "").split())
        return super().to_python(text.replace(",", "").replace("，", ""))


class FiguresForm(forms.Form):
    """What the channel shows of the content today."""

    reads = CountField(label=_("Reads"), help_text=_("As the channel counts them, in full."))
    likes = CountField(label=_("Likes"))
    comments = CountField(label=_("Comments"))
    picture = PictureField(
        label=_("Proof"),
        help_text=_(
            "A screenshot of the channel's own statistics that shows these figures: JPEG, PNG or "
            "WebP, up to 5 MB. The merchant sees it."
        ),
    )


@contextmanager
def figures(_here: Edge, _order: Order, form: Any) -> Iterator[Figures]:
    given = form.cleaned_data
    with kept([("", given["picture"])], "figures") as (name,):
        yield Figures(given["reads"], given["likes"], given["comments"], name)


REPORT = Page(
    workflow.REPORT_FIGURES,
    heading=_("Add the channel's own figures"),
    button=_("Add the figures"),
    done=_("Added. The merchant sees them marked as reported by you."),
    explanation=_(
        "They stand beside what vtask counts itself and are never added to it. You can add newer "
        "ones later: all are kept, and the last ones count."
    ),
    form=FiguresForm,
    given=figures,
)


@require_http_methods(["GET", "HEAD", "POST"])
@creator_required
def report(request: HttpRequest, order_id: int) -> HttpResponse:
    """V60: the channel's own figures, with proof."""
    return show(request, order_id, REPORT)


@require_safe
def proof(request: HttpRequest, figures_id: int) -> FileResponse:
    """The picture behind reported figures, for those who may see the order."""
    orders = queries.orders_visible_to(edge(request).by)
    found = get_object_or_404(ReportedFigures.objects.filter(order__in=orders), pk=figures_id)
    return private_file(stored(found.picture))
