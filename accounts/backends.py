"""How a person is found again on every page."""

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import PROFILES, User
from core.kept import prepared

_with_profile = prepared(
    lambda user_id: User.objects.filter(pk=user_id).select_related(*PROFILES.values())
)


class PeopleBackend(AuthenticationBackend):
    """allauth's login; who comes back is found together with what he is in the market, since
    almost every page asks for that next.
    """

    def get_user(self, user_id: int) -> User | None:
        found = next(iter(_with_profile(user_id)), None)
        return found if self.user_can_authenticate(found) else None
