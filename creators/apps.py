from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CreatorsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "creators"
    verbose_name = _("Creators")

    def ready(self) -> None:
        from accounts import sign_up
        from accounts.models import Role
        from creators.workflow.profile import open_profile

        sign_up.register(Role.CREATOR, open_profile)
