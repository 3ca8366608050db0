import pytest
from django.contrib.auth.hashers import identify_hasher
from django.core import mail
from django.db import IntegrityError, transaction

from accounts.models import Role, User
from tests.builders import PASSWORD, a_browser, a_user

pytestmark = pytest.mark.django_db
SIGN_UP = "/accounts/signup/"


def form(**facts: str) -> dict[str, str]:
    filled = {
        "role": "MERCHANT",
        "name": "陈晨",
        "email": "Chen@Example.com",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    return {**filled, **facts}


@pytest.mark.rule("V1", "V3")
def test_a_merchant_signs_up_waits_for_activation_and_comes_to_the_agreement() -> None:
    answer = a_browser().post(SIGN_UP, form())
    user = User.objects.get()
    assert answer["Location"] == "/merchant/agreement/"
    assert (user.email, user.name, user.role) == ("chen@example.com", "陈晨", "MERCHANT")
    assert (user.merchant.status, user.merchant.activated_at) == ("PENDING", None)
    assert user.merchant.agreement_version == 0
    assert not user.is_staff


@pytest.mark.rule("V1", "V5")
def test_a_creator_signs_up_waits_for_activation_and_comes_to_the_profile() -> None:
    answer = a_browser().post(SIGN_UP, form(role="CREATOR"))
    user = User.objects.get()
    assert answer["Location"] == "/creator/profile/"
    assert (user.creator.status, user.creator.nickname) == ("PENDING", "陈晨")
    assert not user.creator.is_accepting


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"role": "OPS"}, "role"),
        ({"role": ""}, "role"),
        ({"name": ""}, "name"),
        ({"email": "nonsense"}, "email"),
        ({"password1": "short", "password2": "short"}, "password1"),
        ({"password2": "another-long-password"}, "password2"),
    ],
)
def test_a_bad_form_makes_nobody_and_says_why_at_the_field(
    facts: dict[str, str], field: str
) -> None:
    answer = a_browser().post(SIGN_UP, form(**facts))
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert User.objects.count() == 0


def test_nobody_becomes_staff_by_sending_more_fields() -> None:
    a_browser().post(SIGN_UP, form(is_staff="on", is_superuser="on"))
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser) == (False, False)


def test_the_same_address_in_other_letters_is_the_same_person() -> None:
    a_user(email="chen@example.com")
    a_browser().post(SIGN_UP, form(email="CHEN@example.COM"))
    assert User.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=a_user().pk).update(email="Chen@Example.com")


def test_the_page_explains_both_roles_and_takes_the_choice_of_the_front_page() -> None:
    page = a_browser().get(SIGN_UP, {"role": "CREATOR"}).content.decode()
    assert "Merchant: I need content" in page
    assert "Creator: I make content" in page
    assert 'value="CREATOR"' in page.split("checked")[0].rsplit("<input", 1)[1]


def test_a_letter_asks_to_confirm_the_address() -> None:
    a_browser().post(SIGN_UP, form())
    assert [letter.to for letter in mail.outbox] == [["chen@example.com"]]


def test_passwords_are_kept_by_argon2_outside_the_tests() -> None:
    from django.contrib.auth.hashers import Argon2PasswordHasher

    encoded = Argon2PasswordHasher().encode("a-long-enough-password", "somesaltsomesalt")
    assert identify_hasher(encoded).algorithm == "argon2"


def test_a_person_without_a_known_role_cannot_be_stored() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        a_user(role="GUEST")


def test_staff_from_the_command_line_are_ops() -> None:
    user = User.objects.create_superuser("Boss@Example.com", PASSWORD)
    assert (user.role, user.is_staff, user.email) == (Role.OPS, True, "boss@example.com")


def test_a_short_password_is_refused_in_our_own_words_which_every_language_has() -> None:
    answer = a_browser().post(SIGN_UP, form(password1="k7-quartz", password2="k7-quartz"))
    errors = answer.context["form"].errors["password1"]
    assert errors == ["The password is too short: it needs at least 10 characters."]
    assert not User.objects.exists()
