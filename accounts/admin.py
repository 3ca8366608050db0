from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm

from accounts.models import User
from accounts.web.admin_forms import StaffCreationForm
from core.masking import mask_email

admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    """Logins. People sign up by themselves; here staff are added and logins are locked."""

    form = UserChangeForm
    add_form = StaffCreationForm
    change_password_form = AdminPasswordChangeForm
    ordering = ("-id",)
    list_display = ("id", "name", "masked_email", "role", "is_active", "is_staff", "joined_at")
    list_filter = ("role", "is_active", "is_staff")
    search_fields = ("name", "email")
    readonly_fields = ("role", "last_login", "joined_at")
    filter_horizontal = ("user_permissions",)
    fieldsets = (
        (None, {"fields": ("email", "name", "role", "password")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser", "user_permissions")}),
        (_("More"), {"fields": ("language", "time_zone", "last_login", "joined_at")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "password1", "password2")}),)

    @admin.display(description=_("e-mail address"))
    def masked_email(self, user: User) -> str:
        return mask_email(user.email)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Logins are locked, never deleted: orders and money refer to them."""
        return False
