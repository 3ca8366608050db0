"""Who can log in to the demo, and how ops pass the second factor without an app."""

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.db import transaction

from accounts.models import User
from vtask.demo_world.people import CREATOR, MERCHANT, OPS, PASSWORD

# Known to everybody, like the password: for an authenticator app, and for `manage.py journey`.
TOTP_SECRET = "VTASKDEMOVTASKDEMOVTASKDEMOVTASK"  # noqa: S105
SHOWN_CODES = 5
FEWEST_CODES = 3


def demo_logins() -> list[str]:
    """One line per login, with recovery codes that are still unused. Nothing outside a demo."""
    ops = User.objects.filter(email=OPS).first()
    if settings.VTASK_ENV != "demo" or ops is None or not is_complete():
        return []
    width = max(len(email) for email in (MERCHANT, CREATOR, OPS))
    lines = [f"{email:<{width}}  {PASSWORD}" for email in (MERCHANT, CREATOR, OPS)]
    return [
        *lines,
        f"{'':<{width}}  second factor of ops, one code per login: {' '.join(codes(ops))}",
        f"{'':<{width}}  or an authenticator app with the key {TOTP_SECRET}",
    ]


@transaction.atomic
def give_second_factor(ops: User) -> None:
    """A known key and recovery codes. Also the mark of a complete world: it is made last."""
    TOTP.activate(ops, TOTP_SECRET)
    RecoveryCodes.activate(ops)


def is_complete() -> bool:
    """Whether the world is there as a whole."""
    found = Authenticator.objects.filter(user__email=OPS, type=Authenticator.Type.TOTP)
    return bool(found.exists())


@transaction.atomic
def codes(ops: User) -> list[str]:
    """Some unused recovery codes; a new set when they run out."""
    unused: list[str] = RecoveryCodes.activate(ops).get_unused_codes()
    if len(unused) < FEWEST_CODES:
        Authenticator.objects.filter(user=ops, type=Authenticator.Type.RECOVERY_CODES).delete()
        unused = RecoveryCodes.activate(ops).get_unused_codes()
    return unused[:SHOWN_CODES]
