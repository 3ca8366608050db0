# ruff: noqa: E501 - one browser per line
"""People are counted, in every browser and inside every app; robots and looks ahead are not."""

import pytest

from reads.robots import is_reader, is_robot

pytestmark = pytest.mark.rule("V60")

SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko)"
)
ANDROID = "Mozilla/5.0 (Linux; Android 14; {model}) AppleWebKit/537.36 (KHTML, like Gecko)"
PEOPLE = {
    "Safari": f"{SAFARI} Version/17.5 Mobile/15E148 Safari/604.1",
    "Chrome": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
    "Firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "WeChat": f"{SAFARI} Mobile/15E148 MicroMessenger/8.0.49(0x1800312f) NetType/WIFI Language/zh_CN",
    "Weibo": f"{SAFARI} Mobile/15E148 Weibo (iPhone15,2__weibo__14.6.0__iphone__os17.5)",
    "Taobao": f"{SAFARI} Mobile/15E148 AliApp(TB/10.37.0) WindVane/8.7.2",
    "Xiaohongshu": f"{SAFARI} Mobile/15E148 discover/8.39 xhsdiscover",
    "Douyin": ANDROID.format(model="PGT-AN10")
    + " Chrome/119.0 aweme_290100 BytedanceWebview/d8a21c6",
    "Baidu app": ANDROID.format(model="V2046A") + " Chrome/97.0 baiduboxapp/13.50",
    "QQ browser": ANDROID.format(model="M2102J2SC") + " MQQBrowser/15.0 Mobile Safari/537.36",
    "UC": "UCWEB/2.0 (MIDP-2.0; U; zh-CN; MI 9) U2/1.0.0 UCBrowser/10.9",
    "a Cubot phone": ANDROID.format(model="CUBOT X50") + " Chrome/120.0 Mobile Safari/537.36",
}
ROBOTS = {
    "nobody": "",
    "Baiduspider": "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "Bytespider": "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (compatible; Bytespider; x@y)",
    "Sogou": "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)",
    "360Spider": "Mozilla/5.0 (compatible; 360Spider) Chrome/50.0 Safari/537.36",
    "YisouSpider": "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/534 Chrome/69 Safari/537.36 YisouSpider/5.0",
    "PetalBot": "Mozilla/5.0 (compatible;PetalBot;+https://webmaster.petalsearch.com/site/petalbot)",
    "Googlebot": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "bingbot": "Mozilla/5.0 AppleWebKit/537.36 (compatible; bingbot/2.0) Chrome/116.0 Safari/537.36",
    "Applebot": f"{SAFARI} Version/17.4 Safari/605.1.15 (Applebot/0.1)",
    "DingTalk's look": "Mozilla/5.0 (X11; Linux x86_64) DingTalkBot-LinkService/1.0",
    "Facebook's look": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "WhatsApp's look": "WhatsApp/2.23.20.0",
    "Telegram's look": "TelegramBot (like TwitterBot)",
    "Slack's look": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "WeChat's workbench": "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 wechatdevtools/1.06 MicroMessenger/8.0",
    "headless Chrome": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/126.0 Safari/537.36",
    "curl": "curl/8.5.0",
    "requests": "python-requests/2.32.3",
    "okhttp": "okhttp/4.12.0",
    "Go": "Go-http-client/2.0",
    "Android itself": "Dalvik/2.1.0 (Linux; U; Android 14)",
    "a link checker": "Mozilla/5.0 (compatible; W3C-checklink/5.0)",
}


@pytest.mark.parametrize("agent", PEOPLE.values(), ids=PEOPLE.keys())
def test_a_person_is_no_robot(agent: str) -> None:
    assert not is_robot(agent)
    assert is_reader({"User-Agent": agent})


@pytest.mark.parametrize("agent", ROBOTS.values(), ids=ROBOTS.keys())
def test_a_robot_is_no_reader(agent: str) -> None:
    assert is_robot(agent)
    assert not is_reader({"User-Agent": agent})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Sec-Purpose", "prefetch"),
        ("Sec-Purpose", "prefetch;prerender"),
        ("Purpose", "prefetch"),
        ("X-Purpose", "preview"),
        ("X-Moz", "prefetch"),
        ("Sec-Fetch-Dest", "image"),
        ("Sec-Fetch-Dest", "iframe"),
        ("Sec-Fetch-Dest", "empty"),
    ],
)
def test_a_browser_that_nobody_looks_into_is_no_reader(name: str, value: str) -> None:
    assert not is_reader({"User-Agent": PEOPLE["Chrome"], name: value})


def test_going_to_the_page_is_a_read() -> None:
    assert is_reader({"User-Agent": PEOPLE["Chrome"], "Sec-Fetch-Dest": "document"})
