from dataclasses import dataclass, replace

import pytest

from merchants.rules import codes, missing_before_paying, missing_before_publishing


@dataclass
class Company:
    company_name: str = "晨光贸易"
    shop_name: str = "晨光旗舰店"
    shop_marketplace: str = "TMALL"
    shop_url: str = "https://shop.example/"
    contact_name: str = "王小明"
    contact_phone: str = "13812345678"
    contact_email: str = "xm@example.com"
    status: str = "ACTIVE"
    agreement_version: int = 3


@dataclass
class Account:
    is_real_name_verified: bool = True
    can_pay_from_balance: bool = True


COMPLETE = Company()


@pytest.mark.rule("V2", "V3", "V4")
def test_a_complete_merchant_misses_nothing() -> None:
    assert missing_before_publishing(COMPLETE, 3) == []
    assert missing_before_paying(COMPLETE, Account(), 3) == []


@pytest.mark.rule("V2", "V3")
@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"agreement_version": 0}, "agreement"),
        ({"agreement_version": 2}, "agreement"),
        ({"company_name": ""}, "company"),
        ({"shop_name": ""}, "shop"),
        ({"shop_marketplace": ""}, "shop"),
        ({"shop_url": ""}, "shop"),
        ({"contact_name": ""}, "contact"),
        ({"contact_phone": ""}, "contact"),
        ({"contact_email": ""}, "contact"),
        ({"status": "PENDING"}, "activation"),
        ({"status": "SUSPENDED"}, "suspended"),
    ],
)
def test_each_gap_keeps_from_publishing_and_from_paying(
    facts: dict[str, object], code: str
) -> None:
    company = replace(COMPLETE, **facts)  # type: ignore[arg-type]
    assert codes(missing_before_publishing(company, 3)) == [code]
    assert codes(missing_before_paying(company, Account(), 3)) == [code]


@pytest.mark.rule("V4")
@pytest.mark.parametrize(
    ("account", "missing"),
    [
        (None, ["payment_account"]),
        (Account(is_real_name_verified=False), ["real_name"]),
        (Account(can_pay_from_balance=False), ["balance"]),
        (Account(False, False), ["real_name", "balance"]),
    ],
)
def test_the_account_is_bound_verified_and_allowed_to_pay_before_the_first_payment(
    account: Account | None, missing: list[str]
) -> None:
    assert codes(missing_before_paying(COMPLETE, account, 3)) == missing


@pytest.mark.rule("V2")
def test_a_brand_level_is_not_required() -> None:
    assert not hasattr(COMPLETE, "brand_level")
    assert missing_before_publishing(COMPLETE, 3) == []


def test_everything_missing_is_said_at_once_and_in_words() -> None:
    nobody = Company("", "", "", "", "", "", "", "PENDING", 0)
    missing = missing_before_paying(nobody, None, 3)
    assert codes(missing) == [
        "agreement",
        "company",
        "shop",
        "contact",
        "activation",
        "payment_account",
    ]
    assert all(str(item.text) for item in missing)
