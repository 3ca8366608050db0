from django.apps import AppConfig


class VtaskConfig(AppConfig):
    """Puts the apps together: what is below them must not know them."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "vtask"

    def ready(self) -> None:
        from vtask import checks  # noqa: F401 - registers the system checks
        from vtask.celery import app  # noqa: F401 - `shared_task` finds its app
