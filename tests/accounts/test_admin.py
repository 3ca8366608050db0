import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from tests.builders import PASSWORD, a_browser, a_merchant, ops

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/user/"


def a_helper(*rights: str) -> User:
    """A member of staff with some rights, who is not a superuser."""
    user = ops(is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


def change(browser: Client, user: User, **facts: str) -> int:
    form = {"name": user.name, "language": "", "time_zone": "", "is_active": "on", **facts}
    return browser.post(f"{LIST}{user.pk}/change/", form).status_code


def test_staff_lock_and_unlock_a_login() -> None:
    person, browser = a_merchant().user, a_browser(a_helper("change_user", "view_user"))
    assert change(browser, person, is_active="") == 302
    assert not User.objects.get(pk=person.pk).is_active
    assert change(browser, person) == 302
    assert User.objects.get(pk=person.pk).is_active


def test_staff_without_the_right_see_nothing() -> None:
    assert a_browser(a_helper()).get(LIST).status_code == 403


def test_staff_give_nobody_rights_not_even_themselves() -> None:
    helper = a_helper("change_user", "view_user")
    assert change(a_browser(helper), helper, is_staff="on", is_superuser="on") == 302
    assert not User.objects.get(pk=helper.pk).is_superuser


def test_staff_do_not_touch_a_superuser() -> None:
    boss = ops()
    change(a_browser(a_helper("change_user", "view_user")), boss, is_active="")
    assert User.objects.get(pk=boss.pk).is_active


def test_staff_set_nobodys_password() -> None:
    person = a_merchant().user
    new = {"password1": "taken-over-account", "password2": "taken-over-account"}
    answer = a_browser(a_helper("change_user", "view_user")).post(
        f"{LIST}{person.pk}/password/", new
    )
    assert answer.status_code == 403
    assert User.objects.get(pk=person.pk).check_password(PASSWORD)


def test_address_and_role_stay_what_they_are() -> None:
    person = a_merchant().user
    change(a_browser(ops()), person, email="other@example.com", role="OPS")
    stored = User.objects.get(pk=person.pk)
    assert (stored.email, stored.role) == (person.email, "MERCHANT")
