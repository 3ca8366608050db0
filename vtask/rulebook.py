"""What the public rules page says, made from the policy in force, the states and the verbs.

Every number on the page comes from here, and here from `policy.numbers`, `policy.queries`,
`tasks.rules` or the settings; the template holds words only.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from core.money import yuan
from core.templatetags.ui import TONES
from policy import queries
from policy.models import FeePolicy, PolicyChange
from policy.numbers import Policy
from tasks import workflow
from tasks.rules import FRESH_NOTICE, REMINDER_HOURS, Terms, terms
from tasks.states import KNOWN_TO_EACH_OTHER, TRANSITIONS, State
from tasks.web.words import WHO
from tasks.workflow.decision import Role

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

EXAMPLE_FEN = 800_00
HISTORY = 20

# Why each number is there, for merchants and creators.
MEANINGS: "dict[str, StrOrPromise]" = {
    "requirements_max_chars": gettext_lazy(
        "Short requirements are clear ones. They are frozen into the order when it is paid, and a "
        "dispute is judged by them."
    ),
    "start_min_hours": gettext_lazy("Creators need this time to read the brief and to answer."),
    "start_max_days": gettext_lazy(
        "Until the start, the money of an order that nobody has accepted lies frozen in the "
        "merchant's account."
    ),
    "creators_per_task": gettext_lazy("One brief can go to so many creators, one order each."),
    "attachments_per_task": gettext_lazy(
        "Pictures, documents and product links that belong to the brief."
    ),
    "smallest_net_fen": gettext_lazy(
        "What a creator receives after the fee is never below this: less cannot be transferred."
    ),
    "largest_price_fen": gettext_lazy("No single order costs more."),
    "payment_window_minutes": gettext_lazy(
        "Then the payment is given up and nothing was taken. The merchant can pay again until the "
        "start."
    ),
    "auto_confirm_days": gettext_lazy(
        "Counted from the last delivery. A merchant who neither confirms nor disputes by then is "
        "taken as satisfied, and the creator is paid."
    ),
    "pictures_per_delivery": gettext_lazy(
        "Screenshots and pictures that a creator hands in beside the link."
    ),
}
AMOUNTS: dict[str, Callable[[int], str]] = {
    "requirements_max_chars": lambda n: ngettext("%(n)s character", "%(n)s characters", n),
    "start_min_hours": lambda n: ngettext("%(n)s hour", "%(n)s hours", n),
    "start_max_days": lambda n: ngettext("%(n)s day", "%(n)s days", n),
    "creators_per_task": lambda n: ngettext("%(n)s creator", "%(n)s creators", n),
    "attachments_per_task": lambda n: ngettext("%(n)s file or link", "%(n)s files and links", n),
    "payment_window_minutes": lambda n: ngettext("%(n)s minute", "%(n)s minutes", n),
    "auto_confirm_days": lambda n: ngettext("%(n)s day", "%(n)s days", n),
    "pictures_per_delivery": lambda n: ngettext("%(n)s picture", "%(n)s pictures", n),
}


def amount(key: str, value: int) -> str:
    """A number of the policy with its unit, in the reader's language."""
    if key.endswith("_fen"):
        return f"¥{yuan(value)}"
    if key in AMOUNTS:
        return AMOUNTS[key](value) % {"n": f"{value:,}"}
    return f"{value:,} {Policy.limits()[key].unit}"


@dataclass(frozen=True)
class Setting:
    """What a number is, was or will be, and from when on."""

    shown: str
    since: datetime | None


@dataclass(frozen=True)
class Number:
    """A number of the policy: in force, announced, and as it was before (newest first)."""

    key: str
    label: "StrOrPromise"
    meaning: "StrOrPromise"
    now: Setting
    coming: Setting | None
    before: list[Setting]


def numbers(at: datetime) -> list[Number]:
    """Every number of the policy with its history, in two queries."""
    made = PolicyChange.objects.filter(effective_at__lte=at).order_by("-effective_at", "-id")
    past: dict[str, list[PolicyChange]] = {}
    for change in made:
        past.setdefault(change.key, []).append(change)
    coming = queries.coming_changes(at)
    return [_number(key, past.get(key, []), coming.get(key)) for key in Policy.limits()]


def _number(key: str, past: list[PolicyChange], coming: PolicyChange | None) -> Number:
    limits = Policy.limits()[key]
    known = [Setting(amount(key, c.value), c.effective_at) for c in past[:HISTORY]]
    if len(past) < HISTORY:
        known.append(Setting(amount(key, limits.default), None))
    return Number(
        key=key,
        label=limits.label,
        meaning=MEANINGS.get(key, ""),
        now=known[0],
        coming=Setting(amount(key, coming.value), coming.effective_at) if coming else None,
        before=known[1:],
    )


@dataclass(frozen=True)
class Fee:
    """A platform fee and for what it is taken (V59). `standing` is coming, running or over."""

    name: str
    bps: int
    campaign: str
    standing: str
    starts_at: datetime
    ends_at: datetime | None

    @property
    def rate(self) -> str:
        return rate(self.bps)


def rate(bps: int) -> str:
    """2000 is "20 %"."""
    return f"{bps / 100:g} %"


def fees(at: datetime) -> list[Fee]:
    """The fees that run, are to come or are over, newest first."""
    rows = queries.with_standing(FeePolicy.objects.order_by("-starts_at", "-id"), at)
    return [
        Fee(
            name=row.name,
            bps=row.rate_bps,
            campaign=row.campaign,
            standing=row.standing_code,  # type: ignore[attr-defined]
            starts_at=row.starts_at,
            ends_at=row.ends_at,
        )
        for row in rows[:HISTORY]
    ]


@dataclass(frozen=True)
class Example:
    """What a price becomes under a fee, by the function that fixes the terms of an order (N1)."""

    label: "StrOrPromise"
    rate: str
    price_fen: int
    terms: Terms


def examples(policy: Policy, known: list[Fee]) -> list[Example]:
    """One price under the fee on all orders, and under the fee of each campaign that runs: of
    several for one campaign the one that began last (V59).
    """
    running: dict[str, Fee] = {}
    for fee in known:
        if fee.campaign and fee.standing == "running":
            running.setdefault(fee.campaign, fee)
    inside = [_example(fee.name, replace(policy, fee_bps=fee.bps)) for fee in running.values()]
    return [example(policy), *inside]


def example(policy: Policy) -> Example:
    """The example price under the fee on all orders."""
    return _example(_("Without a campaign"), policy)


def _example(label: str, policy: Policy) -> Example:
    return Example(label, rate(policy.fee_bps), EXAMPLE_FEN, terms(EXAMPLE_FEN, policy))


# What an order is in each state, and where its money lies.
MEANS: "dict[State, StrOrPromise]" = {
    State.UNPAID: gettext_lazy("Sent to the creator, not paid yet."),
    State.PAID: gettext_lazy("Paid. The creator may accept or decline until the start."),
    State.ACCEPTED: gettext_lazy("The creator works on it, until the due time."),
    State.DELIVERED: gettext_lazy("The merchant looks at the delivery."),
    State.DISPUTED: gettext_lazy("Our staff looks into it. No clock runs meanwhile."),
    State.CONFIRMED: gettext_lazy("The work was accepted. A review is still to come."),
    State.REVIEWED: gettext_lazy("Finished and reviewed."),
    State.VOID: gettext_lazy("It never came into effect."),
    State.LAPSED: gettext_lazy("The creator did not answer in time."),
    State.DECLINED: gettext_lazy("The creator declined and said why."),
    State.OVERDUE: gettext_lazy("Nothing was delivered by the due time."),
    State.REFUNDED: gettext_lazy("Our staff ruled a full refund."),
}
FROZEN = gettext_lazy("Frozen in the merchant's own payment account")
ESCROW = gettext_lazy("In escrow, at the guarantee account")
OUT = gettext_lazy("Paid to the creator, or to the agency that has signed him")
BACK = gettext_lazy("Returned to the merchant in full")
MONEY: "dict[State, StrOrPromise]" = {
    State.PAID: FROZEN,
    State.ACCEPTED: ESCROW,
    State.DELIVERED: ESCROW,
    State.DISPUTED: ESCROW,
    State.CONFIRMED: OUT,
    State.REVIEWED: OUT,
    State.VOID: gettext_lazy("Nothing is held"),
    State.LAPSED: BACK,
    State.DECLINED: BACK,
    State.OVERDUE: BACK,
    State.REFUNDED: BACK,
}
# What leads from a state to the next, by verb, with the state where a verb has several ends.
LEADS: "dict[str, StrOrPromise]" = {
    "mark_paid PAID": gettext_lazy("The payment succeeds"),
    "mark_paid VOID": gettext_lazy("The payment arrives after the start time, and goes back"),
    "withdraw": gettext_lazy("The merchant withdraws it before paying"),
    "void": gettext_lazy("The start time passes unpaid"),
    "accept": gettext_lazy("The creator accepts"),
    "decline": gettext_lazy("The creator declines"),
    "lapse": gettext_lazy("The start time passes without an answer"),
    "mark_freeze_closed": gettext_lazy("The payment service ends the freeze by itself"),
    "mark_unsecured": gettext_lazy("The reward could not be moved into escrow"),
    "deliver": gettext_lazy("The creator delivers"),
    "overdue": gettext_lazy("The due time passes without a delivery"),
    "confirm": gettext_lazy("The merchant confirms, or the clock does"),
    "dispute": gettext_lazy("The merchant disputes the delivery"),
    "rule CONFIRMED": gettext_lazy("Our staff rules that it is paid, or split"),
    "rule REFUNDED": gettext_lazy("Our staff rules a full refund"),
    "review": gettext_lazy("The merchant writes a review"),
}
MAIN_PATH = (
    State.UNPAID,
    State.PAID,
    State.ACCEPTED,
    State.DELIVERED,
    State.CONFIRMED,
    State.REVIEWED,
)


@dataclass(frozen=True)
class Badge:
    """A state as a badge shows it."""

    label: "StrOrPromise"
    tone: str


@dataclass(frozen=True)
class Lead:
    """What leads out of a state, who does it, and where it leads."""

    text: "StrOrPromise"
    who: str
    target: Badge


@dataclass(frozen=True)
class Place:
    """A state of an order: what it means, where the money lies, and what comes next."""

    code: str
    badge: Badge
    means: "StrOrPromise"
    money: "StrOrPromise"
    leads: list[Lead]


def badge(state: State) -> Badge:
    return Badge(state.label, TONES.get(state.value, ""))


def states() -> list[Place]:
    """V30 to V41, with the verbs of the table that lead out of each."""
    return [
        Place(state.value, badge(state), MEANS[state], MONEY.get(state, ""), leads(state))
        for state in State
    ]


def leads(state: State) -> list[Lead]:
    """Every legal change out of a state, by each verb of the table that makes it."""
    return [
        Lead(lead_text(verb.name, target), who(verb.roles), badge(target))
        for source, target in TRANSITIONS
        if source == state
        for verb in workflow.VERBS.values()
        if source in verb.sources and target in verb.targets
    ]


def lead_text(verb: str, target: State) -> "StrOrPromise":
    return LEADS.get(verb) or LEADS[f"{verb} {target.value}"]


def who(roles: frozenset[Role]) -> str:
    """Merchant, creator, the clock …: those who may do it."""
    return " · ".join(str(word) for role, word in WHO.items() if role in roles)


@dataclass(frozen=True)
class Clock:
    """What happens by itself when a time runs out."""

    when: "StrOrPromise"
    source: Badge
    target: Badge
    then: "StrOrPromise"


def clocks(policy: Policy) -> list[Clock]:
    """One for each sweep of the clock that ends or confirms orders, in its order."""
    days = amount("auto_confirm_days", policy.auto_confirm_days)
    said: dict[str, tuple[str, str]] = {
        "void": (
            _("The start time passes, unpaid"),
            _("The order never comes into effect. A payment that arrives later goes back."),
        ),
        "lapse": (
            _("The start time passes, paid and not answered"),
            _("The freeze ends. The merchant has the whole reward at his disposal again."),
        ),
        "overdue": (
            _("The due time passes, not delivered"),
            _("The whole reward goes back to the merchant."),
        ),
        "confirm": (
            _("%(days)s pass after the last delivery, without an answer") % {"days": days},
            _("The creator is paid. The merchant was reminded before."),
        ),
    }
    return [
        Clock(
            said[verb.name][0], badge(verb.sources[0]), badge(verb.targets[0]), said[verb.name][1]
        )
        for verb in workflow.SWEEPS
        if verb.targets and verb.targets != verb.sources
    ]


@dataclass(frozen=True)
class Stage:
    """V50 to V53: where the money of an order is, and what brought it there."""

    symbol: str
    title: "StrOrPromise"
    when: "StrOrPromise"
    whose: "StrOrPromise"


def money_path() -> list[Stage]:
    ends = [State.LAPSED, State.DECLINED, State.OVERDUE, State.REFUNDED]
    back = pgettext("list", ", ").join(str(state.label) for state in ends)
    return [
        Stage(
            symbol="snowflake",
            title=FROZEN,
            when=_("When the merchant pays"),
            whose=_("It still belongs to the merchant; nobody can spend it."),
        ),
        Stage(
            symbol="lock",
            title=ESCROW,
            when=_("When the creator accepts"),
            whose=_("It waits for the work. Neither side can take it alone."),
        ),
        Stage(
            symbol="wallet",
            title=OUT,
            when=_("When the merchant confirms, or the clock does"),
            whose=_("The reward less the platform's fee, at once."),
        ),
        Stage(
            symbol="arrow-back-up",
            title=BACK,
            when=_("When an order ends as: %(states)s") % {"states": back},
            whose=_("Every fen, without a fee."),
        ),
    ]


def reminders() -> str:
    """N4: "72, 24 and 2": when the merchant is reminded, in hours before the clock confirms."""
    *first, last = (str(hours) for hours in REMINDER_HOURS)
    return _("%(first)s and %(last)s") % {"first": pgettext("list", ", ").join(first), "last": last}


def hours(span: timedelta) -> str:
    return amount("start_min_hours", int(span.total_seconds() // 3600))


def freeze_limit(policy: Policy) -> str:
    """How long the payment service keeps money frozen, where that is shorter than V12 allows."""
    longest: int = settings.FREEZE_MAX_DAYS
    return amount("start_max_days", longest) if longest < policy.start_max_days else ""


def page(at: datetime) -> dict[str, Any]:
    """Everything that the page shows."""
    policy = queries.in_force(at)
    known_fees = fees(at)
    return {
        "at": at,
        "n": {key: amount(key, getattr(policy, key)) for key in Policy.limits()},
        "numbers": numbers(at),
        "fee_rate": rate(policy.fee_bps),
        "fees": known_fees,
        "examples": examples(policy, known_fees),
        "states": states(),
        "main_path": [badge(state) for state in MAIN_PATH],
        "money": money_path(),
        "clocks": clocks(policy),
        "reminders": reminders(),
        "fresh_notice": hours(FRESH_NOTICE),
        "freeze_max": freeze_limit(policy),
        "known": [badge(state) for state in KNOWN_TO_EACH_OTHER],
    }
