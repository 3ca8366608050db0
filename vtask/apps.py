from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AdminConfig(admin_apps.AdminConfig):
    """The admin of this site."""

    default_site = "vtask.admin_site.Site"


class VtaskConfig(AppConfig):
    """Puts the apps together: what is below them must not know them."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "vtask"

    def ready(self) -> None:
        from vtask import checks  # noqa: F401 - registers the system checks
        from vtask.celery import app  # noqa: F401 - `shared_task` finds its app

        self._connect_money_to_orders()

    @staticmethod
    def _connect_money_to_orders() -> None:
        """Answers of the gateway go to the orders' verbs; a new operation wakes a worker."""
        from settlement import doorbell, handlers, jobs
        from tasks.workflow import answers

        later = handlers.Later(answers.payout_returned, answers.freeze_closed)
        handlers.register("orders", answers.handle, answers.decide, later)
        doorbell.answer_with(jobs.ring)
