"""The pages for everybody: what this is, and its rules."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from core import clock, words
from creators import queries as creator_queries
from policy.queries import in_force
from tasks import board
from vtask import rulebook
from vtask.pages import home_of

FIGURES_SECONDS = 300
FIGURES_KEY = "visitors:figures:1"
CREATORS_SHOWN = 6


@login_not_required
def landing(request: HttpRequest) -> HttpResponse:
    """What this is, for visitors; who is logged in goes home."""
    if request.user.is_authenticated and (home := home_of(request.user)) != request.path:
        return redirect(home)
    policy = in_force(clock.now())
    found = figures()
    context = {
        "board": found.board,
        "creators_listed": found.creators_listed,
        "accepted_within": said(found.board.accepted_within),
        "creators": creator_queries.sample(CREATORS_SHOWN),
        "example": rulebook.example(policy),
        "confirm_days": rulebook.amount("auto_confirm_days", policy.auto_confirm_days),
        "brief_length": rulebook.amount("requirements_max_chars", policy.requirements_max_chars),
        "page_url": request.build_absolute_uri("/"),
    }
    return render(request, "pages/landing.html", context)


@dataclass(frozen=True)
class Figures:
    """What the landing page tells of the platform."""

    board: board.Board
    creators_listed: int


def figures() -> Figures:
    """The platform's own figures, counted at most once in FIGURES_SECONDS."""
    found: Figures | None = cache.get_or_set(FIGURES_KEY, counted, FIGURES_SECONDS)
    return found or counted()


def counted() -> Figures:
    return Figures(board.figures(), creator_queries.listed_count())


def said(span: timedelta | None) -> str:
    """How long something takes, in words; nothing where it is not known."""
    return words.duration(span.total_seconds()) if span is not None else ""


@login_not_required
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The rules in force now. Never cached: a change of the policy is on the page at once."""
    at = clock.now()
    response = render(request, "pages/rules.html", rulebook.page(at))
    response["Cache-Control"] = "no-cache"
    return response
