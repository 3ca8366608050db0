"""Tasks, orders and what happens to them. The state of an order changes only through
`tasks.workflow.engine`.
"""

from datetime import datetime, timedelta

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from core.fields import EncryptedTextField
from core.files import RandomName
from core.triggers import append_only, no_delete
from creators.models import Channel, ContentFormat, Creator
from merchants.models import Merchant
from tasks.rules import NOTICE, first_reminder
from tasks.states import ORDER_TABS, TRANSITIONS, State, Tab, in_words


class Task(models.Model):
    """One brief (V10), sent to one or more creators as one order each. Until it is sent it is a
    draft.
    """

    # The index below begins with the merchant: no more of his own. So it is with each `db_index`.
    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="tasks",
        db_index=False,
    )
    theme = models.CharField(_("theme"), max_length=60)
    requirements = models.TextField(_("requirements"))
    start_at = models.DateTimeField(_("start"))
    due_at = models.DateTimeField(_("due"))
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, verbose_name=_("channel"))
    content_format = models.CharField(_("content format"), max_length=10, choices=ContentFormat)
    campaign = models.CharField(_("campaign"), max_length=40, blank=True)
    picks: models.ManyToManyField[Creator, "Pick"] = models.ManyToManyField(
        Creator, through="Pick", related_name="+"
    )
    created_at = models.DateTimeField(_("created at"))
    changed_at = models.DateTimeField(_("changed at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted at"), null=True, blank=True)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["merchant", "-id"], name="task_of_merchant"),
            models.Index(
                fields=["merchant", "-id"],
                condition=Q(sent_at=None, deleted_at=None),
                name="task_draft",
            ),
        ]

    def __str__(self) -> str:
        return self.theme

    @property
    def is_draft(self) -> bool:
        """Not sent to anybody yet."""
        return self.sent_at is None


class Pick(models.Model):
    """A creator ticked for a draft, before the orders are sent (V13)."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, db_index=False)
    creator = models.ForeignKey(Creator, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "creator"], name="pick_once")]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.creator_id}"


class Attachment(models.Model):
    """A picture, a document or a product link of a brief (V10)."""

    class Kind(models.TextChoices):
        PICTURE = "PICTURE", _("picture")
        DOCUMENT = "DOCUMENT", _("document")
        LINK = "LINK", _("product link")

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="attachments")
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(_("name"), max_length=120)
    url = models.URLField(_("link"), max_length=500, blank=True)
    file = models.FileField(_("file"), upload_to=RandomName("briefs"), max_length=200, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind="LINK", file="") & ~Q(url=""))
                | (~Q(kind="LINK") & Q(url="") & ~Q(file="")),
                name="attachment_is_file_or_link",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Side(models.TextChoices):
    MERCHANT = "MERCHANT", _("merchant")
    CREATOR = "CREATOR", _("creator")


class Order(models.Model):
    """One creator's part of a task: what has a state and a price (fen).

    The times by which something must happen are columns here (`start_at`, `due_at`, `confirm_by`,
    `remind_at`), so that a sweep finds what is due in one index. The terms are copied in when
    payment is asked for and stay for ever (N2).

    While an order is delivered its clock runs (N4): since `clock_from`, with the next reminder to
    the merchant due at `remind_at`. When the mail server has taken the last one, at `reminded_at`,
    the clock may confirm at `confirm_by`. When a reminder came back, at `held_at`, it stands still.
    """

    task = models.ForeignKey(
        Task, verbose_name=_("task"), on_delete=models.PROTECT, related_name="orders"
    )
    # The indexes below begin with the merchant and the creator: no more of their own.
    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="orders",
        db_index=False,
    )
    creator = models.ForeignKey(
        Creator,
        verbose_name=_("creator"),
        on_delete=models.PROTECT,
        related_name="orders",
        db_index=False,
    )
    state = FSMField(_("state"), default=State.UNPAID, choices=State, protected=True, max_length=10)
    price_fen = models.BigIntegerField(_("price (fen)"))
    requirements = models.TextField(_("requirements as paid for"), blank=True)
    start_at = models.DateTimeField(_("start"))
    due_at = models.DateTimeField(_("due"))
    confirm_by = models.DateTimeField(_("confirmed by the clock at"), null=True)
    clock_from = models.DateTimeField(_("clock runs since"), null=True)
    remind_at = models.DateTimeField(_("next reminder"), null=True)
    reminded_at = models.DateTimeField(_("last reminder delivered"), null=True)
    held_at = models.DateTimeField(_("confirmation held since"), null=True)

    offer_fen = models.BigIntegerField(_("offered price (fen)"), null=True)
    offer_by = models.CharField(_("offered by"), max_length=8, choices=Side, blank=True)

    auto_confirm_days = models.PositiveIntegerField(null=True)
    fee_bps = models.PositiveIntegerField(null=True)
    fee_fen = models.BigIntegerField(null=True)
    tax_fen = models.BigIntegerField(null=True)
    net_fen = models.BigIntegerField(null=True)
    payee = models.CharField(_("paid to"), max_length=40, blank=True)

    sent_at = models.DateTimeField(_("sent"))
    paid_at = models.DateTimeField(_("paid"), null=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    secured_at = models.DateTimeField(_("secured"), null=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    disputed_at = models.DateTimeField(_("disputed"), null=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    reviewed_at = models.DateTimeField(_("reviewed"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    invoice_wanted_at = models.DateTimeField(_("invoice asked for"), null=True)
    invoiced_at = models.DateTimeField(_("invoice handed in"), null=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    trouble = models.CharField(_("trouble with the payment"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "creator"],
                condition=~Q(state="VOID"),
                name="order_once_per_creator",
            ),
            models.CheckConstraint(condition=Q(price_fen__gt=0), name="order_price"),
            models.CheckConstraint(
                condition=Q(due_at__gt=F("start_at")), name="order_due_after_start"
            ),
            models.CheckConstraint(
                condition=Q(fee_fen=None, tax_fen=None, net_fen=None)
                | Q(price_fen=F("fee_fen") + F("tax_fen") + F("net_fen")),
                name="order_shares_sum_to_price",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["UNPAID", "VOID"])
                | Q(
                    paid_at__isnull=False,
                    auto_confirm_days__isnull=False,
                    net_fen__isnull=False,
                    fee_bps__isnull=False,
                )
                & ~Q(requirements=""),
                name="order_paid_has_its_terms",
            ),
            models.CheckConstraint(
                condition=Q(state="DELIVERED", confirm_by__isnull=False)
                | (~Q(state="DELIVERED") & Q(confirm_by=None)),
                name="order_clock_runs_while_delivered",
            ),
            # N4: with a next reminder due, all of them sent, the last one delivered, or held.
            models.CheckConstraint(
                condition=Q(state="DELIVERED", clock_from__isnull=False)
                | (
                    ~Q(state="DELIVERED")
                    & Q(clock_from=None, remind_at=None, reminded_at=None, held_at=None)
                ),
                name="order_reminders_while_delivered",
            ),
            models.CheckConstraint(
                condition=Q(held_at=None) | Q(remind_at=None, reminded_at=None),
                name="order_held_is_not_reminded",
            ),
            models.CheckConstraint(
                condition=Q(reminded_at=None)
                | Q(remind_at=None, confirm_by__gte=F("reminded_at") + NOTICE),
                name="order_reminded_in_time",
            ),
            models.CheckConstraint(
                condition=Q(offer_fen=None, offer_by="")
                | (Q(offer_fen__gt=0) & Q(state="UNPAID") & ~Q(offer_by="")),
                name="order_offer_before_payment",
            ),
        ]
        indexes = [
            models.Index(fields=["merchant", "-id"], name="order_of_merchant"),
            models.Index(fields=["creator", "-id"], name="order_of_creator"),
            # What a merchant spent in a year, however many years he has been here.
            models.Index(
                fields=["merchant", "confirmed_at"],
                condition=Q(confirmed_at__isnull=False),
                name="order_spent_by_merchant",
            ),
            # Which of a merchant's tasks have orders in these states, from the index alone.
            models.Index(fields=["merchant", "state", "task"], name="order_state_of_merchant"),
            # The newest of his tasks that have orders which came to nothing.
            models.Index(
                fields=["merchant", "-task"],
                condition=Q(state__in=ORDER_TABS[Tab.CLOSED]),
                name="order_closed_of_merchant",
            ),
            models.Index(
                fields=["start_at", "id"], condition=Q(state="UNPAID"), name="order_to_void"
            ),
            models.Index(
                fields=["start_at", "id"], condition=Q(state="PAID"), name="order_to_lapse"
            ),
            models.Index(
                fields=["due_at", "id"], condition=Q(state="ACCEPTED"), name="order_overdue"
            ),
            models.Index(
                fields=["confirm_by", "id"],
                condition=Q(state="DELIVERED", reminded_at__isnull=False),
                name="order_to_confirm",
            ),
            models.Index(
                fields=["remind_at", "id"],
                condition=Q(state="DELIVERED", remind_at__isnull=False),
                name="order_to_remind",
            ),
            models.Index(
                fields=["held_at", "id"], condition=Q(held_at__isnull=False), name="order_held"
            ),
            models.Index(
                fields=["trouble", "-id"], condition=~Q(trouble=""), name="order_in_trouble"
            ),
            # For the moment between the clock's last reminder and its way through the mail server.
            models.Index(
                fields=["confirm_by"],
                condition=Q(state="DELIVERED", remind_at=None, reminded_at=None, held_at=None),
                name="order_not_reminded",
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="legal_transitions",
                field="state",
                transitions=[*((s.value, t.value) for s, t in TRANSITIONS)],
            ),
            pgtrigger.Protect(
                name="starts_unpaid",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__state="UNPAID"),
            ),
            # What was paid for stays as it was paid for (V11, V15, V18, N2).
            pgtrigger.Protect(
                name="paid_terms_stay",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__state="UNPAID")
                & (
                    pgtrigger.Q(old__price_fen__df=pgtrigger.F("new__price_fen"))
                    | pgtrigger.Q(old__requirements__df=pgtrigger.F("new__requirements"))
                    | pgtrigger.Q(old__start_at__df=pgtrigger.F("new__start_at"))
                    | pgtrigger.Q(old__due_at__df=pgtrigger.F("new__due_at"))
                    | pgtrigger.Q(old__auto_confirm_days__df=pgtrigger.F("new__auto_confirm_days"))
                    | pgtrigger.Q(old__fee_bps__df=pgtrigger.F("new__fee_bps"))
                    | pgtrigger.Q(old__fee_fen__df=pgtrigger.F("new__fee_fen"))
                    | pgtrigger.Q(old__tax_fen__df=pgtrigger.F("new__tax_fen"))
                    | pgtrigger.Q(old__payee__df=pgtrigger.F("new__payee"))
                ),
            ),
            *no_delete(),
        ]

    def __str__(self) -> str:
        return str(_("Order %(number)s") % {"number": self.pk})

    @property
    def reason_text(self) -> str:
        """Why the order ended, for people."""
        return in_words(self.reason)

    @property
    def creator_name(self) -> str:
        return self.creator.nickname

    @property
    def merchant_name(self) -> str:
        return self.merchant.company_name

    # The legal changes of state. The rules of when and by whom are in `tasks.workflow`, one file
    # per verb.

    @transition(field=state, source=State.UNPAID, target=State.PAID)
    def to_paid(self, at: datetime) -> None:
        self.paid_at = at
        self.offer_fen, self.offer_by = None, ""

    @transition(field=state, source=[State.UNPAID, State.PAID, State.ACCEPTED], target=State.VOID)
    def to_void(self, at: datetime, reason: str = "") -> None:
        self.offer_fen, self.offer_by = None, ""
        self._close(at, reason)

    @transition(field=state, source=State.PAID, target=State.ACCEPTED)
    def to_accepted(self, at: datetime) -> None:
        self.accepted_at = at

    @transition(field=state, source=State.PAID, target=State.DECLINED)
    def to_declined(self, at: datetime, reason: str) -> None:
        self._close(at, reason)

    @transition(field=state, source=State.PAID, target=State.LAPSED)
    def to_lapsed(self, at: datetime) -> None:
        self._close(at)

    @transition(field=state, source=State.ACCEPTED, target=State.OVERDUE)
    def to_overdue(self, at: datetime) -> None:
        self._close(at)

    @transition(field=state, source=[State.ACCEPTED, State.DELIVERED], target=State.DELIVERED)
    def to_delivered(self, at: datetime) -> None:
        """The clock starts anew with each delivery (V52): exactly `auto_confirm_days` times 24
        hours, with all its reminders (N4).
        """
        assert self.auto_confirm_days is not None
        self.delivered_at = at
        self.start_clock(at, until=at + timedelta(days=self.auto_confirm_days))

    @transition(field=state, source=State.DELIVERED, target=State.DISPUTED)
    def to_disputed(self, at: datetime) -> None:
        self.disputed_at = at
        self.stop_clock()  # it stands still (V40)

    @transition(field=state, source=[State.DELIVERED, State.DISPUTED], target=State.CONFIRMED)
    def to_confirmed(self, at: datetime) -> None:
        self.confirmed_at = at
        self.stop_clock()

    @transition(field=state, source=State.DISPUTED, target=State.REFUNDED)
    def to_refunded(self, at: datetime, reason: str) -> None:
        self._close(at, reason)

    @transition(field=state, source=State.CONFIRMED, target=State.REVIEWED)
    def to_reviewed(self, at: datetime) -> None:
        self.reviewed_at = at
        self.closed_at = at

    def _close(self, at: datetime, reason: str = "") -> None:
        self.closed_at = at
        self.stop_clock()
        self.reason = reason

    # The clock of a delivered order (N4)

    def start_clock(self, at: datetime, *, until: datetime) -> None:
        """It confirms at `until`, once all reminders from now on have been delivered."""
        self.clock_from, self.confirm_by = at, until
        self.remind_at = max(at, first_reminder(until))
        self.reminded_at = self.held_at = None

    def stop_clock(self) -> None:
        self.confirm_by = self.clock_from = None
        self.remind_at = self.reminded_at = self.held_at = None

    def is_being_confirmed(self, at: datetime) -> bool:
        """The clock's time has come and nothing holds it: it confirms within seconds."""
        is_over = self.confirm_by is not None and at >= self.confirm_by
        return is_over and self.reminded_at is not None


class Fact(models.Model):
    """What hangs on an order and is written once, by the engine."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT)
    at = models.DateTimeField(_("at"))

    class Meta:
        abstract = True
        ordering = ["id"]
        triggers = append_only()


class OrderEvent(Fact):
    """One step of an order: who did what and when, from where to where, and its money (V63)."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events")
    verb = models.CharField(_("verb"), max_length=20)
    source = models.CharField(_("from"), max_length=10, blank=True)
    target = models.CharField(_("to"), max_length=10)
    role = models.CharField(_("as"), max_length=8)
    # Nobody asks what a person did, and every step of every order would write to its index.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    money = models.JSONField(_("money"), default=list)
    note = models.CharField(_("note"), max_length=500, blank=True)
    terms = models.JSONField(_("terms in force"), null=True)
    # The form that this step came from: the same form sent twice is one step.
    token = models.CharField(max_length=64, null=True, unique=True)

    class Meta(Fact.Meta):
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self) -> str:
        return f"{self.order_id}: {self.verb}"

    @property
    def note_text(self) -> str:
        """What was said with the step, for people."""
        return in_words(self.note)


class Delivery(Fact):
    """Content handed in: a link with an optional note and pictures (V56). The last one counts."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="deliveries")
    url = models.URLField(_("link"), max_length=500)
    note = models.CharField(_("note"), max_length=500, blank=True)
    pictures = models.JSONField(default=list)

    class Meta(Fact.Meta):
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")

    def __str__(self) -> str:
        return f"{self.order_id}: {self.url}"


class Review(Fact):
    """The merchant's verdict on one order (V62)."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="review")
    quality = models.PositiveSmallIntegerField(
        _("quality"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    punctuality = models.PositiveSmallIntegerField(
        _("punctuality"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    communication = models.PositiveSmallIntegerField(
        _("communication"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    text = models.CharField(_("text"), max_length=500)

    class Meta(Fact.Meta):
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    quality__range=(1, 5), punctuality__range=(1, 5), communication__range=(1, 5)
                ),
                name="review_1_to_5",
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.quality}"


class Dispute(Fact):
    """The merchant asks ops to rule on a delivery, with a reason and evidence (V40)."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="dispute")
    reason = models.TextField(_("reason"))
    pictures = models.JSONField(default=list)

    class Meta(Fact.Meta):
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")

    def __str__(self) -> str:
        return str(_("Dispute of order %(number)s") % {"number": self.order_id})


class Ruling(Fact):
    """How ops ruled: what the creator's side gets (gross, before the fee) and what the merchant
    gets back.
    """

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="ruling")
    pay_fen = models.BigIntegerField(_("to the creator (fen)"))
    refund_fen = models.BigIntegerField(_("to the merchant (fen)"))
    reason = models.TextField(_("reason"))

    class Meta(Fact.Meta):
        verbose_name = _("ruling")
        verbose_name_plural = _("rulings")
        constraints = [
            models.CheckConstraint(
                condition=Q(pay_fen__gte=0, refund_fen__gte=0), name="ruling_not_negative"
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.pay_fen}/{self.refund_fen}"


class InvoiceRequest(Fact):
    """The merchant asks the creator for an invoice; the platform has no part in it (V57)."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="invoice_request")
    title = models.CharField(_("invoice title"), max_length=120)
    tax_number = EncryptedTextField(_("tax number"))

    class Meta(Fact.Meta):
        verbose_name = _("invoice request")
        verbose_name_plural = _("invoice requests")

    def __str__(self) -> str:
        return f"{self.order_id}: {self.title}"


class Invoice(Fact):
    """The creator's invoice as he handed it in (V57)."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="invoice")
    number = models.CharField(_("invoice number"), max_length=40)
    file = models.CharField(_("file"), max_length=200)

    class Meta(Fact.Meta):
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")

    def __str__(self) -> str:
        return f"{self.order_id}: {self.number}"


class Outbox(models.Model):
    """Somebody is to be told something. Written with the fact itself; a job sends it afterwards,
    and the bell in the product shows the same row. `party` is the merchant's or creator's id.
    """

    class Delivery(models.TextChoices):
        WAITING = "WAITING", _("waiting")
        SENT = "SENT", _("sent")
        NOT_WANTED = "NOT_WANTED", _("not wanted by e-mail")
        OVERTAKEN = "OVERTAKEN", _("overtaken by events")
        BOUNCED = "BOUNCED", _("came back")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("message"), max_length=24)
    to = models.CharField(_("to"), max_length=8, choices=Side)
    party = models.BigIntegerField(_("whose"))
    at = models.DateTimeField(_("at"))
    next_at = models.DateTimeField(_("next attempt"))
    done_at = models.DateTimeField(_("done"), null=True)
    delivery = models.CharField(
        _("e-mail"), max_length=10, choices=Delivery, db_default=Delivery.WAITING
    )
    message_id = models.CharField(_("message id"), max_length=80, db_default="")
    bounced_at = models.DateTimeField(_("came back at"), null=True)
    seen_at = models.DateTimeField(_("seen in the product"), null=True)
    trouble = models.CharField(_("trouble"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(
                fields=["next_at", "id"], condition=Q(done_at=None), name="outbox_to_send"
            ),
            models.Index(fields=["to", "party", "-id"], name="outbox_of_party"),
            models.Index(
                fields=["to", "party", "-id"], condition=Q(seen_at=None), name="outbox_unseen"
            ),
            models.Index(
                fields=["message_id"], condition=~Q(message_id=""), name="outbox_message_id"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.kind}"


class NotificationChoice(models.Model):
    """Whether somebody wants e-mails of one kind. What is not here is wanted."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    kind = models.CharField(_("message"), max_length=24)
    by_email = models.BooleanField(_("by e-mail"))

    class Meta:
        verbose_name = _("notification choice")
        verbose_name_plural = _("notification choices")
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="notification_choice_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind}"


class UnsavedBrief(models.Model):
    """What a merchant has typed into a brief and not yet saved, valid or not. It comes back when he
    opens the form again, and goes when he saves.
    """

    merchant = models.ForeignKey(
        Merchant, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    task = models.ForeignKey(Task, on_delete=models.CASCADE, null=True, related_name="+")
    data = models.JSONField()
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("unsaved brief")
        verbose_name_plural = _("unsaved briefs")
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "task"], name="unsaved_brief_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.merchant_id}: {self.task_id}"


class ReportedFigures(Fact):
    """The channel's own figures as the creator reports them, with a picture as proof (V60). The
    last ones count; they are never mixed with what the platform counted itself.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="reported_figures")
    reads = models.PositiveIntegerField(_("reads"))
    likes = models.PositiveIntegerField(_("likes"))
    comments = models.PositiveIntegerField(_("comments"))
    picture = models.CharField(_("proof"), max_length=200)

    class Meta(Fact.Meta):
        verbose_name = _("reported figures")
        verbose_name_plural = _("reported figures")

    def __str__(self) -> str:
        return f"{self.order_id}: {self.reads}"


class Export(models.Model):
    """A file that somebody asked for and a job writes, row by row, so that a page can show how far
    it is.
    """

    class State(models.TextChoices):
        WAITING = "WAITING", _("waiting")
        READY = "READY", _("ready")
        FAILED = "FAILED", _("failed")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    kind = models.CharField(_("what"), max_length=20)
    params = models.JSONField(_("filters"), default=dict)
    language = models.CharField(max_length=10)
    time_zone = models.CharField(max_length=40)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    rows_done = models.PositiveIntegerField(_("rows written"), default=0)
    rows_total = models.PositiveIntegerField(_("rows"), default=0)
    file = models.CharField(_("file"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created at"))
    ready_at = models.DateTimeField(_("ready"), null=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "-id"], name="export_of_user"),
            models.Index(fields=["id"], condition=Q(state="WAITING"), name="export_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


APPEND_ONLY = [
    OrderEvent, Delivery, Review, Dispute, Ruling, InvoiceRequest, Invoice, ReportedFigures,
]  # fmt: skip
