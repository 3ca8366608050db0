"""The merchant's statement and the creator's earnings: filtered, by page, with sums."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core import signing
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.web.guards import creator_required, me, merchant_required
from core import charts
from core.templatetags.ui import icon, moments, money
from tasks import earnings as earned
from tasks import exports
from tasks import statement as books
from tasks.earnings import Stage
from tasks.exports import Filters
from tasks.standing import standing
from tasks.statement import Edge, Kind, Named, Place, Row
from tasks.web import words
from tasks.web.edge import edge

SALT = "tasks.statement.edge"
ORDERS_PER_PAGE = 25
EARLIEST = date(2000, 1, 1)


class FilterForm(forms.Form):
    """A stretch of days, a kind, and words; what is refused is said at its field."""

    since = forms.DateField(label=gettext_lazy("From day"), required=False)
    until = forms.DateField(label=gettext_lazy("To day"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Movement"), required=False)
    search = forms.CharField(label=gettext_lazy("Search"), required=False, max_length=60)

    def __init__(self, data: Any, kinds: Iterable[Any], *, search: Any, kind: Any = None) -> None:
        super().__init__(data)
        self.fields["kind"].choices = [("", _("Everything")), *kinds]  # type: ignore[attr-defined]
        self.fields["kind"].label = kind or self.fields["kind"].label
        self.fields["search"].widget.attrs["placeholder"] = search
        for name in ("since", "until"):
            self.fields[name].widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        since, until = facts.get("since"), facts.get("until")
        for name in ("since", "until"):
            if (day := facts.get(name)) and not EARLIEST <= day < date(9000, 1, 1):
                self.add_error(name, _("Choose a day of this century."))
        if since and until and since > until:
            self.add_error("until", _("The last day comes before the first."))
        return facts

    def filters(self) -> Filters:
        facts = self.cleaned_data
        return Filters(facts["since"], facts["until"], facts["kind"], facts["search"])


def statement_form(data: Any) -> FilterForm:
    return FilterForm(data, Kind.choices, search=_("Order or task number, or creator"))


def earnings_form(data: Any) -> FilterForm:
    placeholder = _("Order or task number, theme or merchant")
    return FilterForm(data, Stage.choices, search=placeholder, kind=_("How far"))


FORMS = {exports.Kind.STATEMENT: statement_form, exports.Kind.EARNINGS: earnings_form}


@require_safe
@merchant_required
def statement(request: HttpRequest) -> HttpResponse:
    """Every movement of the merchant's money, or the orders that hold it now (V54)."""
    here, merchant = edge(request), me(request).merchant
    held = books.holdings(merchant.pk)
    place = request.GET.get("tab", "")
    context = {
        "at": here.at,
        "company": merchant.company_name,
        "held": held,
        "held_fen": sum(holding.fen for holding in held.values()),
        "tabs": tabs(request.path, held, place),
    }
    if place in Place.values:
        orders = books.orders_held(merchant.pk, Place(place))
        context["page"] = Paginator(orders, ORDERS_PER_PAGE).get_page(request.GET.get("page"))
        return render(request, "tasks/statement_orders.html", {**context, "place": place})
    return render(request, "tasks/statement.html", {**context, **movements(request, here.at)})


def movements(request: HttpRequest, at: Any) -> dict[str, Any]:
    """One page of the lines that the filters leave, with their sums."""
    form = statement_form(request.GET)
    context = {"form": form, "presets": presets(request, at)}
    if not form.is_valid():
        return {**context, "is_filtered": True}
    filters = form.filters()
    merchant_id = me(request).merchant.pk
    asked = books.wanted(
        merchant_id,
        since=filters.since_at,
        until=filters.until_at,
        kinds=[filters.kind] if filters.kind else [],
        search=filters.search,
    )
    begins, is_broken = opened(request.GET.get("at", ""), merchant_id)
    found = books.page(asked, at=at, edge=begins)
    return {
        **context,
        "lines": found,
        "rows": cells(found.rows),
        "sums": books.sums(asked) if begins or found.older else books.sums_of(found),
        "has_balance": asked.is_all,
        "is_filtered": bool(filters.params()),
        "is_broken": is_broken,
        "filters": filters,
        "newest_url": address(request, at=None) if begins else "",
        "older_url": sealed(request, found.older, merchant_id),
        "newer_url": sealed(request, found.newer, merchant_id),
        "export": filters.params(),
    }


@dataclass(frozen=True)
class Look:
    """The icon of a kind; `symbol=` is how the build finds it."""

    symbol: str


LOOKS = {
    Kind.FREEZE: Look(symbol="snowflake"),
    Kind.CAPTURE: Look(symbol="shield-lock"),
    Kind.CONFIRM: Look(symbol="user-check"),
    Kind.FEE: Look(symbol="receipt"),
    Kind.TAX: Look(symbol="building-bank"),
    Kind.REFUND: Look(symbol="arrow-back-up"),
    Kind.RETURN: Look(symbol="arrow-down-left"),
}
OTHER = Look(symbol="arrows-exchange")


@dataclass(frozen=True, slots=True)
class Cells:
    """A line as the table writes it; what is empty is left out."""

    order: Named
    when: str
    symbol: str
    label: str
    moved: str
    income: str
    outgo: str
    held: str


def cells(rows: list[Row]) -> list[Cells]:
    """All lines of a page in one pass."""
    whens = moments([row.line.at for row in rows])
    looks = {kind: (icon(look.symbol), str(kind.label)) for kind, look in LOOKS.items()}
    return [_cells(row, when, looks) for row, when in zip(rows, whens, strict=True)]


def _cells(row: Row, when: str, looks: dict[Kind, tuple[str, str]]) -> Cells:
    symbol, label = looks[row.kind] if row.kind else (icon(OTHER.symbol), row.label)
    return Cells(
        order=row.order,
        when=when,
        symbol=symbol,
        label=label,
        moved="" if row.change_fen else money(row.line.amount_fen),
        income=money(row.in_fen) if row.in_fen else "",
        outgo=money(row.out_fen) if row.out_fen else "",
        held=money(row.held_fen),
    )


def tabs(path: str, held: dict[Place, Any], current: str) -> list[dict[str, Any]]:
    """All movements, then the orders that make up each sum; the way back only when it is used."""
    shown = [p for p in Place if p != Place.BACK or held[p].orders or current == p.value]
    places = [
        {
            "label": place.label,
            "url": f"{path}?tab={place.value}",
            "count": held[place].orders,
            "current": current == place.value,
        }
        for place in shown
    ]
    movements = {"label": _("All movements"), "url": path, "current": current not in Place.values}
    return [movements, *places]


def presets(request: HttpRequest, at: Any) -> list[dict[str, Any]]:
    """The usual stretches of days, as links that keep the other filters."""
    today = timezone.localtime(at).date()
    first = today.replace(day=1)
    last_month = first - timedelta(days=1)
    stretches = (
        (_("Any time"), None, None),
        (_("This month"), first, today),
        (_("Last month"), last_month.replace(day=1), last_month),
    )
    asked = (request.GET.get("since", ""), request.GET.get("until", ""))
    found = []
    for label, since, until in stretches:
        days = tuple(day.isoformat() if day else "" for day in (since, until))
        url = address(request, at=None, page=None, since=days[0], until=days[1])
        found.append({"label": label, "url": url, "current": asked == days})
    return found


def address(request: HttpRequest, **changes: str | None) -> str:
    """This page with other parameters; what is empty is left out."""
    params = {**request.GET.dict(), **changes}
    query = urlencode({name: value for name, value in params.items() if value})
    return f"{request.path}?{query}" if query else request.path


def sealed(request: HttpRequest, begins: Edge | None, merchant_id: int) -> str:
    """The address of another page. The edge carries a balance, so nobody may write one himself."""
    if begins is None:
        return ""
    facts = [merchant_id, begins.transfer_id, int(begins.is_newer), begins.held_fen]
    return address(request, at=signing.dumps(facts, salt=SALT))


def opened(token: str, merchant_id: int) -> tuple[Edge | None, bool]:
    """The edge in an address, and whether it was broken: then the newest lines are shown."""
    if not token:
        return None, False
    try:
        owner, transfer_id, is_newer, held_fen = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None, True
    if owner != merchant_id:
        return None, True
    return Edge(transfer_id, bool(is_newer), held_fen), False


@require_safe
@creator_required
def earnings(request: HttpRequest) -> HttpResponse:
    """N7: what each order gives the creator, how far it is, and the months."""
    here, creator = edge(request), me(request).creator
    stands = standing(creator.pk)
    months = stands.earned_per_month(until=here.at)
    series = [charts.Series(_("You received"), [fen for _month, fen in months])]
    form = earnings_form(request.GET)
    context = {
        "at": here.at,
        "form": form,
        "presets": presets(request, here.at),
        "money": stands.money,
        "year_fen": sum(fen for _month, fen in months),
        "chart": charts.bars(
            _("Earnings by month, after fee and tax"),
            [month for month, _fen in months],
            series,
            money=True,
        ),
        "is_filtered": True,
    }
    if form.is_valid():
        context |= earned_rows(request, form.filters())
    return render(request, "tasks/earnings.html", context)


def earned_rows(request: HttpRequest, filters: Filters) -> dict[str, Any]:
    """One page of the orders that the filters leave, with their sums."""
    orders = earned.earnings(
        me(request).creator.pk,
        since=filters.since_at,
        until=filters.until_at,
        stage=Stage(filters.kind) if filters.kind else None,
        search=filters.search,
    )
    page = Paginator(orders, ORDERS_PER_PAGE).get_page(request.GET.get("page"))
    rows = earned.earning_rows(page.object_list)
    return {
        "page": page,
        "rows": [(row, STAGE_TONES[row.stage], words.trouble_text(row.trouble)) for row in rows],
        "sums": earned.earning_sums(orders),
        "is_filtered": bool(filters.params()),
        "export": filters.params(),
    }


STAGE_TONES = {Stage.EXPECTED: "run", Stage.ON_ITS_WAY: "wait", Stage.PAID: "good"}
