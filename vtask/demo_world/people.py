"""Who takes part in the demo: ops, merchants and creators with everything that profiles show."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import Role, User
from core.fields import blind_index
from creators.audience import AGES, Kind
from creators.models import (
    Audience,
    AudienceShare,
    Channel,
    ContentFormat,
    Creator,
    CreatorChannel,
    Domain,
    Quote,
    Work,
)
from creators.models import Status as CreatorStatus
from creators.workflow.profile import PayoutFacts
from merchants.models import Merchant, PaymentAccount
from merchants.models import Status as MerchantStatus
from merchants.rules import AGREEMENT_VERSION
from settlement.models import PayoutAccount
from vtask.demo_world import texts
from vtask.demo_world.pictures import Gallery

PASSWORD = "vtask-demo"  # noqa: S105 - printed by the demo, good for nothing else
MAIL = "demo.vtask.example"
PAY = "pay.vtask.example"
MERCHANT, CREATOR, OPS = f"merchant@{MAIL}", f"creator@{MAIL}", f"ops@{MAIL}"
# Alipay's local double takes an account of this name for closed: one payout must fail.
CLOSED_PAYEE = 11
WELL_KNOWN = 86_000
OPENING_BALANCE_FEN = 500_000_00
DAY = timedelta(days=1)


@dataclass(frozen=True)
class People:
    """In a fixed order: the first merchant and the first creator are the demo's logins."""

    ops: User
    merchants: list[Merchant]
    creators: list[Creator]
    domain_of: dict[int, str]  # creator's id → code of the main domain

    @cached_property
    def payers(self) -> dict[int, str]:
        """The account that a merchant (by id) pays from."""
        accounts = [m.account_or_none for m in self.merchants]
        return {a.merchant_id: a.alipay_logon_id for a in accounts if a is not None}

    @cached_property
    def channel(self) -> Channel:
        """The one channel that is open."""
        return Channel.objects.get(code="WEITAO")

    @cached_property
    def quotes(self) -> dict[int, list[Quote]]:
        """What each creator (by id) asks for. Nobody changes his quotes in the demo's months."""
        found: dict[int, list[Quote]] = {creator.pk: [] for creator in self.creators}
        for quote in Quote.objects.filter(creator_id__in=found):
            found[quote.creator_id].append(quote)
        return found

    @property
    def buyers(self) -> list[int]:
        """Places in `merchants` of those who may publish and pay."""
        return [
            place
            for place, merchant in enumerate(self.merchants)
            if merchant.is_active
            and merchant.account_or_none is not None
            and merchant.payment_account.can_pay_from_balance
        ]

    @property
    def sellers(self) -> list[int]:
        """Places in `creators` of those who can be sent an order."""
        return [
            place
            for place, creator in enumerate(self.creators)
            if creator.is_active and creator.is_accepting and creator.default_price_fen
        ]


@transaction.atomic
def make(rng: random.Random, *, at: datetime, merchants: int, creators: int) -> People:
    """Everybody, in one transaction. `at` is the midnight at which the demo's history ends."""
    maker = Maker(rng, at)
    return maker.people(merchants, creators)


def load() -> People:
    """Everybody, as they were made before, in the same order."""
    merchants = Merchant.objects.filter(user__email__endswith=f"@{MAIL}")
    creators = Creator.objects.filter(user__email__endswith=f"@{MAIL}")
    codes = creators.values_list("pk", "main_domain__code")
    return People(
        ops=User.objects.get(email=OPS),
        merchants=list(merchants.select_related("payment_account", "user").order_by("pk")),
        creators=list(creators.select_related("user").order_by("pk")),
        domain_of={pk: code or "" for pk, code in codes},
    )


class Maker:
    """Makes people in bulk: a few statements whatever their number."""

    def __init__(self, rng: random.Random, at: datetime) -> None:
        self.rng, self.at = rng, at
        self.gallery = Gallery(rng)
        # One hash for all: argon2 is slow on purpose, and the password is no secret here.
        self.password = make_password(PASSWORD)
        self.domains = {domain.code: domain for domain in Domain.objects.all()}
        self.channels = {channel.code: channel for channel in Channel.objects.all()}

    def people(self, merchants: int, creators: int) -> People:
        self._ops()
        self._merchants(merchants)
        self._creators(creators)
        return load()

    # logins

    def _user(self, email: str, name: str, role: str, joined_at: datetime, language: str) -> User:
        return User(
            email=email,
            name=name,
            role=role,
            joined_at=joined_at,
            language=language,
            password=self.password,
        )

    @staticmethod
    def _save_users(users: list[User]) -> None:
        User.objects.bulk_create(users)
        EmailAddress.objects.bulk_create(
            EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
        )

    def _ops(self) -> None:
        user = self._user(OPS, "陈运营", Role.OPS, self.at - 500 * DAY, "")
        user.is_staff = user.is_superuser = True
        self._save_users([user])

    def _name(self) -> str:
        return self.rng.choice(texts.SURNAMES) + self.rng.choice(texts.GIVEN_NAMES)

    def _phone(self) -> str:
        return f"1{self.rng.choice('3578')}{self.rng.randrange(10**9):09d}"

    # merchants

    def _merchants(self, count: int) -> None:
        companies = texts.COMPANIES[:count]
        names = [self._name() for _ in companies]
        users = [
            self._user(
                MERCHANT if place == 0 else f"{company.slug}@{MAIL}",
                name,
                Role.MERCHANT,
                self._joined(is_new=_is_new_merchant(place)),
                "en" if company.company.isascii() else "",
            )
            for place, (company, name) in enumerate(zip(companies, names, strict=True))
        ]
        self._save_users(users)
        rows = [
            self._merchant(place, company, user)
            for place, (company, user) in enumerate(zip(companies, users, strict=True))
        ]
        Merchant.objects.bulk_create(rows)
        PaymentAccount.objects.bulk_create(
            self._payment_account(place, row, company)
            for place, (row, company) in enumerate(zip(rows, companies, strict=True))
            if place % 20 != 13  # one of the newcomers has not bound his yet
        )

    def _joined(self, *, is_new: bool) -> datetime:
        days = self.rng.uniform(1, 5) if is_new else self.rng.uniform(135, 480)
        return self.at - timedelta(days=days)

    def _merchant(self, place: int, company: texts.Company, user: User) -> Merchant:
        status = _merchant_status(place)
        joined_at = user.joined_at
        return Merchant(
            user=user,
            company_name=company.company,
            shop_name=company.shop,
            shop_marketplace=company.marketplace,
            shop_url=f"https://{company.slug}.shop.vtask.example/",
            brand_level=self.rng.choice(("", "", "S", "A")),
            contact_name=user.name,
            contact_phone=self._phone(),
            contact_email=f"{company.slug}@mail.vtask.example",
            status=status,
            activated_at=None if status == MerchantStatus.PENDING else joined_at + DAY,
            agreement_version=AGREEMENT_VERSION,
            agreement_at=joined_at + timedelta(minutes=7),
            created_at=joined_at,
        )

    def _payment_account(
        self, place: int, merchant: Merchant, company: texts.Company
    ) -> PaymentAccount:
        is_checked = merchant.status != MerchantStatus.PENDING and place != 26
        logon_id = f"{company.slug}@{PAY}"
        return PaymentAccount(
            merchant=merchant,
            alipay_logon_id=logon_id,
            logon_id_index=blind_index(logon_id),
            holder_name=merchant.company_name,
            bound_at=merchant.created_at + timedelta(minutes=20),
            is_real_name_verified=is_checked,
            can_pay_from_balance=is_checked,
        )

    # creators

    def _creators(self, count: int) -> None:
        codes = list(texts.DOMAINS)
        main = ["BEAUTY" if place == 0 else codes[place % len(codes)] for place in range(count)]
        nicknames = self._nicknames(main)
        users = [
            self._user(
                CREATOR if place == 0 else f"creator{place:03d}@{MAIL}",
                self._name(),
                Role.CREATOR,
                self._joined(is_new=_is_new_creator(place)),
                "en" if nickname.isascii() else "",
            )
            for place, nickname in enumerate(nicknames)
        ]
        self._save_users(users)
        rows = [
            self._creator(place, user, nickname, code)
            for place, (user, nickname, code) in enumerate(zip(users, nicknames, main, strict=True))
        ]
        Creator.objects.bulk_create(rows)
        self._domains_of(rows, main)
        self._payouts(rows)
        self._channels_of(rows)
        self._quotes(rows)
        self._works(rows, main)
        self._audiences(rows, main)

    def _nicknames(self, main: list[str]) -> list[str]:
        """All different; about one in eight is English. The first one is the demo's."""
        taken = {"小鹿的美妆实验室"}
        found = ["小鹿的美妆实验室"]
        for code in main[1:]:
            nickname = self._nickname(code)
            while nickname in taken:
                nickname = self._nickname(code)
            taken.add(nickname)
            found.append(nickname)
        return found

    def _nickname(self, code: str) -> str:
        spoken = texts.DOMAINS[code]
        if self.rng.random() < 0.12:
            pattern, name = spoken.english_nicknames, self.rng.choice(texts.ENGLISH_NAMES)
        else:
            pattern, name = spoken.nicknames, self.rng.choice(texts.SHORT_NAMES)
        return self.rng.choice(pattern).format(name=name)

    def _creator(self, place: int, user: User, nickname: str, code: str) -> Creator:
        rng, spoken = self.rng, texts.DOMAINS[code]
        status = _creator_status(place)
        city, street = rng.choice(texts.CITIES)
        is_english = nickname.isascii()
        followers = int(min(max(rng.lognormvariate(9.8, 1.2), 800), 2_000_000))
        if place == 0:
            followers = WELL_KNOWN
        return Creator(
            user=user,
            nickname=nickname,
            introduction=(
                spoken.english_introduction if is_english else rng.choice(spoken.introductions)
            ),
            avatar=self.gallery.face(code),
            main_domain=self.domains[code],
            can_invoice=rng.random() < 0.55,
            delivery_name=user.name,
            delivery_phone=self._phone(),
            delivery_address=f"{city}{street} {rng.randint(3, 998)} 号 {rng.randint(1, 18)} 幢",
            status=status,
            activated_at=None if status == CreatorStatus.PENDING else user.joined_at + DAY,
            is_accepting=status == CreatorStatus.ACTIVE and place % 15 != 9,
            followers=followers,
            avg_reads=int(followers * rng.uniform(0.06, 0.3)),
            created_at=user.joined_at,
        )

    def _domains_of(self, rows: list[Creator], main: list[str]) -> None:
        through = Creator.domains.through
        codes = list(texts.DOMAINS)
        links = []
        for row, code in zip(rows, main, strict=True):
            more = self.rng.sample(codes, self.rng.choice((0, 0, 1, 2)))
            links += [
                through(creator_id=row.pk, domain_id=self.domains[name].pk)
                for name in dict.fromkeys([code, *more])
            ]
        through.objects.bulk_create(links)

    def _payouts(self, rows: list[Creator]) -> None:
        """The newest newcomers have not named theirs yet."""
        accounts = []
        for place, row in enumerate(rows):
            if place % 50 == 32:
                continue
            facts = _payout_facts(place, row)
            accounts.append(
                PayoutAccount(
                    party=f"creator:{row.pk}",
                    logon_id=facts.logon_id,
                    logon_id_index=blind_index(facts.logon_id),
                    real_name=facts.real_name,
                    created_at=row.created_at + timedelta(minutes=30),
                )
            )
            row.payout_account = accounts[-1]
        PayoutAccount.objects.bulk_create(accounts)
        for row in rows:
            if row.payout_account is not None:
                row.payout_account_id = row.payout_account.pk
        Creator.objects.bulk_update(rows, ["payout_account"], batch_size=500)

    def _channels_of(self, rows: list[Creator]) -> None:
        """Own feed for all, a second one for some; the creator's reach is what they add up to."""
        found = []
        for row in rows:
            has_second = self.rng.random() < 0.15
            second = int(row.followers * self.rng.uniform(0.1, 0.4)) if has_second else 0
            found.append(self._channel_row(row, "WEITAO", row.followers - second, row.avg_reads))
            if has_second:
                reads = int(row.avg_reads * self.rng.uniform(0.3, 0.9))
                found.append(self._channel_row(row, "TOUTIAO", second, reads))
                row.avg_reads = (row.avg_reads + reads) // 2
        CreatorChannel.objects.bulk_create(found)

    def _channel_row(
        self, row: Creator, code: str, followers: int, avg_reads: int
    ) -> CreatorChannel:
        is_approved = code != "WEITAO" and self.rng.random() < 0.6
        return CreatorChannel(
            creator=row,
            channel=self.channels[code],
            url=f"https://{code.lower()}.vtask.example/u/{row.pk}",
            followers=followers,
            avg_reads=avg_reads,
            approved_at=row.created_at + 2 * DAY if is_approved else None,
        )

    def _quotes(self, rows: list[Creator]) -> None:
        """V19: a default for all but a few newcomers, and more precise ones for some."""
        found = []
        for place, row in enumerate(rows):
            if place % 50 == 7:
                row.is_accepting = False
                continue
            row.default_price_fen = price_fen(row.avg_reads * self.rng.uniform(0.07, 0.18))
            found += [Quote(creator=row, **quote) for quote in self._quotes_of(row)]
        Quote.objects.bulk_create(found)
        Creator.objects.bulk_update(
            rows, ["default_price_fen", "avg_reads", "is_accepting"], batch_size=500
        )

    def _quotes_of(self, row: Creator) -> list[dict[str, object]]:
        default_fen = row.default_price_fen or 0
        yuan, chance = default_fen / 100, self.rng.random
        quotes: list[dict[str, object]] = [{"price_fen": default_fen}]
        for content_format, likelihood, factor in (
            (ContentFormat.VIDEO, 0.6, 1.6),
            (ContentFormat.LIVE, 0.3, 2.6),
            (ContentFormat.LIST, 0.3, 0.8),
        ):
            if chance() < likelihood:
                fen = price_fen(yuan * factor)
                quotes.append({"content_format": content_format, "price_fen": fen})
        if chance() < 0.15:
            channel = self.channels["WEITAO"]
            both = {"content_format": ContentFormat.POST, "channel": channel}
            quotes.append({**both, "price_fen": price_fen(yuan * 1.1)})
        return quotes

    def _works(self, rows: list[Creator], main: list[str]) -> None:
        found = []
        for place, (row, code) in enumerate(zip(rows, main, strict=True)):
            titles = texts.DOMAINS[code].works
            count = 0 if place % 50 == 7 else self.rng.randint(1, 4)
            if place == 0:  # the demo's login has something to show
                count = 6
            chosen = self.rng.sample(titles, count)
            published = sorted(self.rng.uniform(3, 300) for _ in chosen)
            found += [
                Work(
                    creator=row,
                    title=title,
                    url=f"https://weitao.vtask.example/u/{row.pk}/{number}",
                    picture=self.gallery.cover(code, "works"),
                    published_at=self.at - timedelta(days=published[-1 - number]),
                    reads=int(row.avg_reads * self.rng.uniform(0.5, 2.6)),
                )
                for number, title in enumerate(chosen)
            ]
        Work.objects.bulk_create(found)

    def _audiences(self, rows: list[Creator], main: list[str]) -> None:
        """Reported by all but each fifth; of a generator of its own, so that all else stays."""
        rng = random.Random(f"audiences:{self.at:%Y-%m-%d}:{len(rows)}")  # noqa: S311
        reports, shares = [], []
        for place, (row, code) in enumerate(zip(rows, main, strict=True)):
            if place % 5 == 4:
                continue
            days = rng.uniform(2, 120)
            report = Audience(creator=row, reported_at=self.at - timedelta(days=days))
            reports.append(report)
            shares += [
                AudienceShare(audience=report, kind=kind, code=name, percent=percent)
                for kind, name, percent in _shares(rng, code)
            ]
        Audience.objects.bulk_create(reports)
        AudienceShare.objects.bulk_create(shares, batch_size=2000)


def _shares(rng: random.Random, domain: str) -> list[tuple[Kind, str, int]]:
    """Who follows somebody who writes about this."""
    women = rng.randint(*texts.WOMEN[domain])
    unknown = rng.randint(0, 3)
    genders = {"FEMALE": women, "MALE": 100 - women - unknown, "OTHER": unknown}
    weights = [weight * rng.uniform(0.7, 1.4) for weight in texts.AGE_WEIGHTS[domain]]
    ages = dict(zip(AGES, _of_a_hundred(weights), strict=True))
    places = rng.sample(texts.REGIONS, rng.randint(4, 6))
    regions = dict(zip(places, sorted(rng.sample(range(4, 19), len(places)))[::-1], strict=True))
    others = rng.sample([code for code in texts.DOMAINS if code != domain], 4)
    interests = {domain: rng.randint(72, 96), **{code: rng.randint(12, 58) for code in others}}
    groups = (Kind.AGE, ages), (Kind.GENDER, genders), (Kind.REGION, regions)
    return [
        (kind, code, percent)
        for kind, found in (*groups, (Kind.INTEREST, interests))
        for code, percent in found.items()
        if percent
    ]


def _of_a_hundred(weights: list[float]) -> list[int]:
    """Whole percents in the proportion of the weights; the largest takes what rounding left."""
    total = sum(weights)
    parts = [round(weight * 100 / total) for weight in weights]
    parts[parts.index(max(parts))] += 100 - sum(parts)
    return parts


def price_fen(yuan: float) -> int:
    """As people quote: whole tens of yuan, never below 80."""
    return max(8, round(yuan / 10)) * 1000


def _payout_facts(place: int, row: Creator) -> PayoutFacts:
    prefix = "closed-" if place == CLOSED_PAYEE else ""
    return PayoutFacts(f"{prefix}creator{place:03d}@{PAY}", row.user.name)


def _is_new_merchant(place: int) -> bool:
    return place % 10 == 3


def _is_new_creator(place: int) -> bool:
    return place % 25 == 7


def _merchant_status(place: int) -> str:
    if _is_new_merchant(place):
        return MerchantStatus.PENDING
    return MerchantStatus.SUSPENDED if place == 17 else MerchantStatus.ACTIVE


def _creator_status(place: int) -> str:
    if _is_new_creator(place):
        return CreatorStatus.PENDING
    return CreatorStatus.SUSPENDED if place % 75 == 40 else CreatorStatus.ACTIVE
