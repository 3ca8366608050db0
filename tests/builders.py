"""What tests are made of. Every fact has a believable default and can be given by name."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User
from core.fields import blind_index
from creators.models import Channel, Creator, CreatorChannel, Domain, Quote, Work
from creators.workflow.profile import PayoutFacts, change_payout_account
from merchants.models import Merchant, PaymentAccount
from merchants.rules import AGREEMENT_VERSION

PASSWORD = "a-long-enough-password"
LONG_AGO = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_number = count(1)


def a_user(role: str = Role.MERCHANT, **facts: Any) -> User:
    """A person with a verified e-mail address, who logs in with PASSWORD."""
    number = next(_number)
    facts = {"email": f"person{number}@example.com", "name": f"Person {number}", **facts}
    user = User.objects.create_user(
        password=facts.pop("password", PASSWORD), role=role, joined_at=LONG_AGO, **facts
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def ops(*, has_second_factor: bool = True, **facts: Any) -> User:
    """A member of staff who may do everything in the admin."""
    user = a_user(Role.OPS, **{"is_staff": True, "is_superuser": True, **facts})
    if has_second_factor:
        TOTP.activate(user, generate_totp_secret())
    return user


def has_second_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user).exists())


def a_merchant(**facts: Any) -> Merchant:
    """A merchant who may publish and pay. `account=None`: without a payment account;
    `account={...}`: with other facts of it."""
    account = facts.pop("account", {})
    complete: dict[str, Any] = {
        "company_name": "杭州晨光贸易有限公司",
        "shop_name": "晨光旗舰店",
        "shop_marketplace": "TMALL",
        "shop_url": "https://chenguang.tmall.example/",
        "contact_name": "王小明",
        "contact_phone": "13812345678",
        "contact_email": "xiaoming@example.com",
        "status": "ACTIVE",
        "activated_at": LONG_AGO,
        "agreement_version": AGREEMENT_VERSION,
        "agreement_at": LONG_AGO,
        "created_at": LONG_AGO,
    }
    user = facts.pop("user", None) or a_user(Role.MERCHANT)
    merchant = Merchant.objects.create(user=user, **{**complete, **facts})
    if account is not None:
        a_payment_account(merchant, **account)
    return merchant


def a_payment_account(merchant: Merchant, **facts: Any) -> PaymentAccount:
    """Bound, verified, and allowed to pay from balance."""
    complete: dict[str, Any] = {
        "alipay_logon_id": f"merchant{merchant.pk}@example.com",
        "holder_name": "王小明",
        "bound_at": LONG_AGO,
        "is_real_name_verified": True,
        "can_pay_from_balance": True,
    }
    given = {**complete, **facts}
    given["logon_id_index"] = blind_index(given["alipay_logon_id"])
    return PaymentAccount.objects.create(merchant=merchant, **given)


def a_creator(**facts: Any) -> Creator:
    """A creator whom merchants can choose, with a default quote of 800 yuan.

    `price_fen=None`: without a quote; `payout=None`: without a payout account;
    `domains=("BEAUTY",)`, `channels=("WEITAO",)`: by code, the first domain is the main one.
    """
    price_fen, payout = facts.pop("price_fen", 80_000), facts.pop("payout", "creator@example.com")
    domains, channels = facts.pop("domains", ("BEAUTY",)), facts.pop("channels", ("WEITAO",))
    complete: dict[str, Any] = {
        "nickname": f"小鹿{next(_number)}",
        "introduction": "护肤与彩妆，真实试用。",
        "status": "ACTIVE",
        "activated_at": LONG_AGO,
        "created_at": LONG_AGO,
        "is_accepting": True,
        "followers": 12_000,
        "avg_reads": 3_000,
        "can_invoice": True,
        "delivery_name": "李鹿",
        "delivery_phone": "13900001111",
        "delivery_address": "浙江省杭州市余杭区文一西路 969 号",
        "default_price_fen": price_fen,
        "main_domain": a_domain(domains[0]) if domains else None,
    }
    user = facts.pop("user", None) or a_user(Role.CREATOR)
    creator = Creator.objects.create(user=user, **{**complete, **facts})
    creator.domains.set([a_domain(code) for code in domains])
    for code in channels:
        a_creator_channel(creator, code)
    if price_fen is not None:
        Quote.objects.create(creator=creator, price_fen=price_fen)
    if payout is not None:
        change_payout_account(creator, PayoutFacts(payout, "李鹿"), at=LONG_AGO)
    return creator


def a_domain(code: str = "BEAUTY") -> Domain:
    """The domain of that code, made anew where a test has emptied the tables."""
    return Domain.objects.get_or_create(code=code, defaults={"name_en": code, "name_zh": code})[0]


def a_channel(code: str = "WEITAO", **facts: Any) -> Channel:
    """The channel of that code, made anew where a test has emptied the tables."""
    names = {"name_en": code, "name_zh": code}
    return Channel.objects.get_or_create(code=code, defaults={**names, **facts})[0]


def a_creator_channel(creator: Creator, code: str = "WEITAO", **facts: Any) -> CreatorChannel:
    reach = {"url": f"https://we.example/{creator.pk}", "followers": 12_000, "avg_reads": 3_000}
    return CreatorChannel.objects.create(
        creator=creator, channel=a_channel(code), **{**reach, **facts}
    )


def a_work(creator: Creator, **facts: Any) -> Work:
    complete = {"title": "春季护肤清单", "url": "https://we.example/works/1", "reads": 5_200}
    return Work.objects.create(creator=creator, **{**complete, **facts})


def a_browser(user: User | None = None, *, language: str = "en") -> Client:
    """A test client that reads English and is logged in as the person, if one is given."""
    client = Client(headers={"accept-language": language})
    if user is not None:
        client.force_login(user, "accounts.backends.PeopleBackend")
    return client


def queries_of(browser: Client, url: str, **query: Any) -> int:
    """How many queries a page makes, once the session is warm."""
    browser.get(url, query)
    with CaptureQueriesContext(connection) as captured:
        answer = browser.get(url, query)
    assert answer.status_code == 200
    return len(captured)
