from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MerchantsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "merchants"
    verbose_name = _("Merchants")

    def ready(self) -> None:
        from accounts import sign_up
        from accounts.models import Role
        from merchants.workflow.profile import open_profile

        sign_up.register(Role.MERCHANT, open_profile)
