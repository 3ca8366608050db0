import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.exceptions import FieldError
from django.db import connection
from pytest_django import Settings

from core.fields import blind_index, decrypt, encrypt
from merchants.models import Merchant
from tests.builders import a_merchant

CLEAR = ("王小明", "13812345678", "xiaoming@example.com", "pay@example.com", "付款人")


@pytest.mark.django_db
@pytest.mark.rule("V64")
def test_raw_sql_shows_no_private_text_of_a_merchant_nor_in_its_history() -> None:
    a_merchant(account={"alipay_logon_id": "pay@example.com", "holder_name": "付款人"})
    with connection.cursor() as cursor:
        stored = ""
        for table in (
            "merchants_merchant",
            "merchants_merchantevent",
            "merchants_paymentaccount",
            "merchants_paymentaccountevent",
        ):
            cursor.execute(f"SELECT t::text FROM {table} t")
            rows = cursor.fetchall()
            assert rows, table
            stored += str(rows)
    assert [text for text in CLEAR if text in stored] == []


@pytest.mark.django_db
def test_the_owner_reads_what_he_wrote() -> None:
    merchant = Merchant.objects.get(pk=a_merchant(contact_name="王小明").pk)
    assert merchant.contact_name == "王小明"


@pytest.mark.django_db
def test_private_text_cannot_be_searched() -> None:
    with pytest.raises(FieldError):
        Merchant.objects.filter(contact_name="王小明").exists()


def test_the_same_text_is_never_stored_twice_alike() -> None:
    assert encrypt("13812345678") != encrypt("13812345678")


def test_nothing_stays_nothing() -> None:
    assert (encrypt(""), decrypt("")) == ("", "")


def test_a_new_key_encrypts_and_the_old_one_still_reads(settings: Settings) -> None:
    old, new = settings.FIELD_KEYS[0], Fernet.generate_key().decode()
    token = encrypt("before")
    settings.FIELD_KEYS = [new, old]
    assert decrypt(token) == "before"
    fresh = encrypt("after")
    settings.FIELD_KEYS = [old]
    with pytest.raises(InvalidToken):
        decrypt(fresh)


def test_the_blind_index_finds_the_same_account_in_any_spelling() -> None:
    assert blind_index(" Pay@Example.com") == blind_index("pay@example.com")
    assert blind_index("pay@example.com") != blind_index("pay2@example.com")
    assert len(blind_index("pay@example.com")) == 64


def test_the_blind_index_depends_on_its_key(settings: Settings) -> None:
    before = blind_index("pay@example.com")
    settings.BLIND_INDEX_KEY = "another"
    assert blind_index("pay@example.com") != before
