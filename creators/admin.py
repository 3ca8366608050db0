from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from core.admin import STANDING_TONES, ListedAdmin, badge, time_column
from core.admin_actions import private_values_action, reasoned_action
from core.masking import mask_account, mask_name, mask_phone
from core.money import yuan
from creators.models import Channel, Creator, CreatorChannel, Domain, Quote, Work
from creators.workflow import standing


def _activate(creator: Creator, at: datetime) -> standing.Change:
    return standing.activate(creator.pk, at=at)


def _suspend(creator: Creator, at: datetime) -> standing.Change:
    return standing.suspend(creator.pk)


def _approve(row: CreatorChannel, at: datetime) -> standing.Change:
    return standing.approve_channel(row.pk, at=at)


class ReadOnly:
    """Rows come from people and verbs; nobody adds or deletes them here."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class QuoteInline(ReadOnly, TabularInline):
    model = Quote
    fields = readonly_fields = ("content_format", "channel", "price")
    extra = 0

    @admin.display(description=_("price"))
    def price(self, quote: Quote) -> str:
        return yuan(quote.price_fen)


class ChannelInline(ReadOnly, TabularInline):
    model = CreatorChannel
    fields = readonly_fields = ("channel", "url", "followers", "avg_reads", "approved_at")
    extra = 0


class WorkInline(ReadOnly, TabularInline):
    model = Work
    fields = readonly_fields = ("title", "url", "published_at", "reads")
    extra = 0


@admin.register(Creator)
class CreatorAdmin(ReadOnly, ListedAdmin):
    """Creators. Their standing changes by an action with a reason, never by hand."""

    list_display = (
        "id",
        "nickname",
        "main_domain",
        "followers",
        "avg_reads",
        "price",
        "standing",
        "is_accepting",
        time_column(Creator, "created_at"),
    )
    list_filter = ("status", "is_accepting", "main_domain")
    search_fields = ("nickname", "user__email")
    list_select_related = ("main_domain",)
    ordering = ("-id",)
    fields = readonly_fields = (
        "user",
        "nickname",
        "introduction",
        "main_domain",
        "domains",
        "followers",
        "avg_reads",
        "price",
        "can_invoice",
        "masked_payout",
        "masked_recipient",
        "masked_phone",
        "standing",
        time_column(Creator, "activated_at"),
        "is_accepting",
        time_column(Creator, "created_at"),
    )
    inlines = (QuoteInline, ChannelInline, WorkInline)
    actions = (
        reasoned_action("activate", _("Activate"), _activate),
        reasoned_action("suspend", _("Suspend"), _suspend),
        private_values_action(("delivery_name", "delivery_phone", "delivery_address")),
    )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Nothing on the page can be edited, so nothing is to be saved."""
        hidden = {"show_save": False, "show_save_and_continue": False}
        answer: HttpResponse = super().render_change_form(
            request, {**context, **hidden}, *args, **kwargs
        )
        return answer

    @admin.display(description=_("status"), ordering="status")
    def standing(self, creator: Creator) -> str:
        return badge(creator.get_status_display(), STANDING_TONES[creator.status])

    @admin.display(description=_("price"), ordering="default_price_fen")
    def price(self, creator: Creator) -> str:
        return "–" if creator.default_price_fen is None else yuan(creator.default_price_fen)

    @admin.display(description=_("payout account"))
    def masked_payout(self, creator: Creator) -> str:
        account = creator.payout_account
        return "–" if account is None else mask_account(account.logon_id)

    @admin.display(description=_("recipient"))
    def masked_recipient(self, creator: Creator) -> str:
        return mask_name(creator.delivery_name)

    @admin.display(description=_("recipient's phone"))
    def masked_phone(self, creator: Creator) -> str:
        return mask_phone(creator.delivery_phone)


@admin.register(CreatorChannel)
class CreatorChannelAdmin(ReadOnly, ListedAdmin):
    """V9: accounts on channels that need an approval."""

    list_display = ("id", "creator", "channel", "url", "followers", "avg_reads", "approved_at")
    list_filter = ("channel", ("approved_at", admin.EmptyFieldListFilter))
    search_fields = ("creator__nickname", "url")
    list_select_related = ("creator", "channel")
    ordering = ("-id",)
    fields = readonly_fields = (
        "creator",
        "channel",
        "url",
        "followers",
        "avg_reads",
        "approved_at",
    )
    actions = (reasoned_action("approve", _("Approve on the channel"), _approve),)


@admin.register(Domain)
class DomainAdmin(ModelAdmin):
    """V8: staff can add domains; one in use is turned off, not deleted."""

    list_display = ("code", "name_zh", "name_en", "position", "is_enabled")
    list_editable = ("position", "is_enabled")
    search_fields = ("code", "name_zh", "name_en")


@admin.register(Channel)
class ChannelAdmin(ModelAdmin):
    """V9: channels are data."""

    list_display = ("code", "name_zh", "name_en", "is_enabled", "requires_approval")
    list_filter = ("is_enabled", "requires_approval")
    search_fields = ("code", "name_zh", "name_en")
