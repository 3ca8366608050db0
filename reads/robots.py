"""Who is no reader: robots, link previews, prefetching, pictures that hide a link. Pure.

Readers inside the apps of their channel (MicroMessenger, Weibo, AliApp, …) are people and count;
the programs with which such an app looks at a link beforehand do not.
"""

import re
from collections.abc import Mapping

# Every browser calls itself one of these; a program that does not is none.
BROWSERS = ("Mozilla/", "Opera/", "UCWEB")
ROBOTS = re.compile(
    r"""
    (?<!cu)bot(?![a-z]) | spider | crawl | slurp | scrap       # what robots call themselves
    | baidu(spider|boxapp-preview) | bytespider | sogou\ web | 360spider | haosouspider
    | yisouspider | petalbot | toutiaospider | youdaobot | sosospider
    | preview | prerender | facebookexternalhit | linkservice | unfurl | embedly | skypeuri
    | whatsapp | telegram | discord | snapchat | pinterest/0         # the look before the link
    | headless | phantomjs | puppeteer | playwright | selenium | lighthouse | pagespeed
    | curl | wget | python | java/ | okhttp | axios | node-fetch | go-http | libwww | httpclient
    | monitor | uptime | pingdom | scan | archiver | validator | feedfetcher
    | link-?check | checklink
    | wechatdevtools
    """,
    re.IGNORECASE | re.VERBOSE,
)
AHEAD = ("prefetch", "prerender", "preview")
AHEAD_HEADERS = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


def is_robot(user_agent: str) -> bool:
    """Whether this calls itself a robot, or does not call itself a browser."""
    return not user_agent.startswith(BROWSERS) or bool(ROBOTS.search(user_agent))


def is_reader(headers: Mapping[str, str]) -> bool:
    """Whether a GET with these headers is a person who goes to the page now.

    A browser that only gets the page ready (prefetch, preview) and one that was told to draw it as
    a picture or in a hidden frame are left out.
    """
    if is_robot(headers.get("User-Agent", "")):
        return False
    if any(word in headers.get(name, "").lower() for name in AHEAD_HEADERS for word in AHEAD):
        return False
    return headers.get("Sec-Fetch-Dest", "document") == "document"
