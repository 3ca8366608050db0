from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm

from accounts.models import User
from accounts.web.admin_forms import StaffCreationForm
from core.admin import ListedAdmin
from core.masking import mask_email

admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ListedAdmin):  # type: ignore[type-arg]
    """Logins. People sign up by themselves; here staff are added and logins are locked."""

    form = UserChangeForm
    add_form = StaffCreationForm
    change_password_form = AdminPasswordChangeForm
    ordering = ("-id",)
    list_display = ("id", "name", "masked_email", "role", "is_active", "is_staff", "joined_at")
    list_filter = ("role", "is_active", "is_staff")
    search_fields = ("name", "email")
    readonly_fields = ("email", "role", "last_login", "joined_at")
    filter_horizontal = ("user_permissions",)
    fieldsets = (
        (None, {"fields": ("email", "name", "role", "password")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser", "user_permissions")}),
        (_("More"), {"fields": ("language", "time_zone", "last_login", "joined_at")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "password1", "password2")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Rights are given by superusers alone; other staff lock and unlock logins."""
        if obj is None or request.user.is_superuser:
            return self.readonly_fields if obj else ()
        return (*self.readonly_fields, "is_staff", "is_superuser", "user_permissions")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A superuser's login is touched by superusers only."""
        is_above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not is_above and bool(super().has_change_permission(request, obj))

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002 - Django's name
        form_url: str = "",
    ) -> HttpResponse:
        """Whoever can set a password can log in as that person."""
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    @admin.display(description=_("e-mail address"))
    def masked_email(self, user: User) -> str:
        return mask_email(user.email)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Logins are locked, never deleted: orders and money refer to them."""
        return False
