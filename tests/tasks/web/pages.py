"""How tests look at pages: as a merchant or a creator, and by what can be read there."""

import re
from datetime import datetime
from html import unescape
from typing import Any

import time_machine
from django.test import Client
from django.utils import timezone

from creators.models import Creator
from merchants.models import Merchant
from tests.builders import a_browser, a_channel
from tests.orders import DUE, START


def as_merchant(merchant: Merchant) -> Client:
    return a_browser(merchant.user)


def as_creator(creator: Creator) -> Client:
    return a_browser(creator.user)


def words(response: Any) -> str:
    """The text of a page as a person reads it: no tags, single spaces."""
    html = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def moment(at: datetime) -> str:
    """As a browser sends a date and time of day."""
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")


def a_filled_brief(**facts: Any) -> dict[str, Any]:
    """What a merchant types into the brief."""
    complete = {
        "theme": "春季新品试用",
        "requirements": "真实试用后写一篇图文。",
        "content_format": "POST",
        "channel": a_channel("WEITAO").pk,
        "start_at": moment(START),
        "due_at": moment(DUE),
    }
    return {**complete, **facts}


def at(instant: datetime) -> time_machine.travel:
    return time_machine.travel(instant, tick=False)


def content(response: Any) -> bytes:
    """What a served file holds."""
    return b"".join(response.streaming_content)
