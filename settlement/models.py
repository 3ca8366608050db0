"""Money: escrows, transfers, gateway operations, and what the gateway said.

This app knows no task, merchant or creator. It holds references: an order by its number, a party by
a text such as `merchant:7`, `creator:12` or `platform`.
"""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import EncryptedTextField
from core.triggers import append_only, no_delete
from settlement.kinds import Kind
from settlement.pockets import OUTSIDE, POCKETS


class PayoutAccount(models.Model):
    """One version of where a party is paid. A change makes a new row, so a sent operation keeps its
    payee.
    """

    party = models.CharField(_("party"), max_length=40)
    logon_id = EncryptedTextField(_("payment account"))
    logon_id_index = models.CharField(max_length=64, db_index=True)
    real_name = EncryptedTextField(_("account holder"))
    created_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("payout account")
        verbose_name_plural = _("payout accounts")
        indexes = [models.Index(fields=["party", "-id"], name="payoutaccount_party")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.party} #{self.pk}"


class Operation(models.Model):
    """One intent to move money at the gateway, with the id under which it can happen only once.

    What is asked for never changes after the row is written (a trigger sees to that); personal data
    is not copied into it but referred to: a transfer names an immutable `PayoutAccount`, a capture
    the freeze whose payer it takes.
    """

    class State(models.TextChoices):
        READY = "READY", _("ready")
        SENT = "SENT", _("sent, no answer yet")
        UNKNOWN = "UNKNOWN", _("unknown, being queried")
        WAIT_USER = "WAIT_USER", _("waiting for the payer")
        MANUAL = "MANUAL", _("needs a person")
        SUCCEEDED = "SUCCEEDED", _("succeeded")
        FAILED = "FAILED", _("failed")
        EXPIRED = "EXPIRED", _("expired")
        CANCELLED = "CANCELLED", _("cancelled before it was sent")

    OPEN = ("READY", "SENT", "UNKNOWN", "WAIT_USER", "MANUAL")

    owner = models.CharField(max_length=20, default="orders")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    out_no = models.CharField(_("our number"), max_length=32, unique=True)
    amount_fen = models.BigIntegerField(_("amount (fen)"))
    request = models.JSONField(_("request"))
    # Nobody asks which operations pay to an account, so no index is kept for it.
    payout_account = models.ForeignKey(
        PayoutAccount, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    merchant_id = models.BigIntegerField()
    created_at = models.DateTimeField(_("asked for at"))

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.READY)
    next_at = models.DateTimeField(_("next step at"))
    lease_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    asks = models.PositiveIntegerField(_("requests"), default=0)
    sends = models.PositiveIntegerField(_("of these, sends"), default=0)
    first_sent_at = models.DateTimeField(_("first sent at"), null=True)
    expires_at = models.DateTimeField(_("payer may confirm until"), null=True)
    code_url = models.CharField(max_length=500, blank=True)
    gateway_no = models.CharField(_("the gateway's number"), max_length=64, blank=True)
    payer = EncryptedTextField(_("payer"), blank=True, default="")
    trouble = models.CharField(_("trouble"), max_length=200, blank=True)
    resolved_at = models.DateTimeField(_("resolved at"), null=True)

    class Meta:
        verbose_name = _("gateway operation")
        verbose_name_plural = _("gateway operations")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="operation_amount"),
            models.CheckConstraint(
                condition=Q(kind="TRANSFER", payout_account__isnull=False)
                | (~Q(kind="TRANSFER") & Q(payout_account=None)),
                name="operation_payee",
            ),
            models.CheckConstraint(
                condition=Q(
                    resolved_at=None, state__in=["READY", "SENT", "UNKNOWN", "WAIT_USER", "MANUAL"]
                )
                | Q(
                    resolved_at__isnull=False,
                    state__in=["SUCCEEDED", "FAILED", "EXPIRED", "CANCELLED"],
                ),
                name="operation_resolved",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(resolved_at=None),
                name="operation_due",
            ),
            models.Index(
                fields=["resolved_at"],
                condition=Q(resolved_at__isnull=False),
                name="operation_resolved_at",
            ),
            # What has been sent and is not resolved yet, or waits for a person. Payouts wait to be
            # sent by the ten thousands; these are few, and every page of the admin counts them.
            models.Index(
                fields=["first_sent_at"],
                condition=Q(resolved_at=None)
                & (Q(first_sent_at__isnull=False) | Q(state="MANUAL")),
                name="operation_watched",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="intent_is_frozen",
                fields=[
                    "owner",
                    "kind",
                    "out_no",
                    "amount_fen",
                    "request",
                    "payout_account",
                    "merchant_id",
                    "created_at",
                ],
            ),
            pgtrigger.Protect(
                name="resolved_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__resolved_at__isnull=False)
                & pgtrigger.Q(old__state__df=pgtrigger.F("new__state")),
            ),
            *no_delete(),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.out_no}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class OperationOrder(models.Model):
    """An order's share of an operation: a freeze covers all orders paid together, every other kind
    exactly one.
    """

    # The constraint below begins with it: no more index of its own.
    operation = models.ForeignKey(
        Operation, on_delete=models.PROTECT, related_name="shares", db_index=False
    )
    order_id = models.BigIntegerField(db_index=True)
    amount_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operation", "order_id"], name="operation_order_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="operation_order_amount"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.operation_id}: order {self.order_id}"


# Money that is the merchant's and not with him.
OPEN_FOR_MERCHANT = Q(frozen__gt=0) | Q(held__gt=0) | Q(refund_in_transit__gt=0)


class Escrow(models.Model):
    """One order's money, by pocket (fen). The database keeps every pocket at or above zero and
    their sum at `funded`.
    """

    order_id = models.BigIntegerField(primary_key=True)
    merchant_id = models.BigIntegerField()
    funded = models.BigIntegerField(_("funded"), default=0)
    frozen = models.BigIntegerField(_("frozen"), default=0)
    held = models.BigIntegerField(_("in escrow"), default=0)
    payable = models.BigIntegerField(_("payable"), default=0)
    in_transit = models.BigIntegerField(_("on the way to the creator"), default=0)
    refund_in_transit = models.BigIntegerField(_("on the way back"), default=0)
    paid = models.BigIntegerField(pgettext_lazy("pocket", "paid"), default=0)
    returned = models.BigIntegerField(_("returned"), default=0)
    fee = models.BigIntegerField(_("fee"), default=0)
    tax = models.BigIntegerField(_("tax"), default=0)
    seq = models.PositiveIntegerField(_("transfers"), default=0)
    head = models.CharField(_("last hash"), max_length=64, blank=True, default="")
    # It changes with every step of the money, and the orders of an operation are its shares: an
    # index would be written often and read by nobody.
    open_operation = models.ForeignKey(
        Operation,
        verbose_name=_("open operation"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    freeze_no = models.CharField(_("number of the freeze"), max_length=32, blank=True, default="")
    auth_no = models.CharField(_("the gateway's number"), max_length=64, blank=True, default="")
    # How often each was asked for: the intent number that the derived out_no is made of.
    freezes = models.PositiveIntegerField(default=0)
    payouts = models.PositiveIntegerField(default=0)
    returns = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("escrow")
        verbose_name_plural = _("escrows")
        constraints = [
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{p}__gte": 0}), name=f"escrow_{p}_not_negative"
                )
                for p in POCKETS
            ),
            models.CheckConstraint(
                condition=Q(
                    funded=F("frozen")
                    + F("held")
                    + F("payable")
                    + F("in_transit")
                    + F("refund_in_transit")
                    + F("paid")
                    + F("returned")
                    + F("fee")
                    + F("tax")
                ),
                name="escrow_sums_to_funded",
            ),
        ]
        indexes = [
            # What is held for a merchant at present is the sum over these few, however many orders
            # he ever had.
            models.Index(
                fields=["merchant_id"],
                condition=OPEN_FOR_MERCHANT,
                name="escrow_open_of_merchant",
            ),
        ]
        triggers = no_delete()

    def __str__(self) -> str:
        return f"order {self.order_id}"

    def pockets(self) -> dict[str, int]:
        return {pocket: getattr(self, pocket) for pocket in POCKETS}


class Transfer(models.Model):
    """One amount from one pocket of an order to another. Written once, never changed (N3)."""

    order_id = models.BigIntegerField(_("order"))
    seq = models.PositiveIntegerField(_("place in the chain"))
    code = models.CharField(_("what happened"), max_length=24)
    debit = models.CharField(_("from"), max_length=20)
    credit = models.CharField(_("to"), max_length=20)
    amount_fen = models.BigIntegerField(_("amount (fen)"))
    debit_party = models.CharField(_("whose it was"), max_length=40)
    credit_party = models.CharField(_("whose it is"), max_length=40)
    operation = models.CharField(_("operation"), max_length=32, blank=True)
    at = models.DateTimeField(_("at"))
    key = models.CharField(_("key"), max_length=80, unique=True)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["order_id", "seq"], name="transfer_place"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="transfer_amount"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_moves"),
            models.CheckConstraint(
                condition=Q(debit__in=[OUTSIDE, *POCKETS], credit__in=POCKETS),
                name="transfer_pockets",
            ),
        ]
        indexes = [
            models.Index(fields=["credit_party", "id"], name="transfer_to_party"),
            models.Index(
                fields=["debit_party", "id"],
                condition=~Q(debit_party=F("credit_party")),
                name="transfer_from_party",
            ),
            # Rows come in the order of time, so a few bytes per thousand of them find a day.
            BrinIndex(fields=["at"], name="transfer_of_day", autosummarize=True),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return self.key


class Total(models.Model):
    """A snapshot: what entered and left a party's pocket up to a transfer. A total is this plus
    what is newer.
    """

    party = models.CharField(_("party"), max_length=40)
    pocket = models.CharField(_("pocket"), max_length=20)
    through_id = models.BigIntegerField(_("up to transfer"))
    amount_fen = models.BigIntegerField(_("amount (fen)"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("total")
        verbose_name_plural = _("totals")
        constraints = [
            models.UniqueConstraint(fields=["party", "pocket", "through_id"], name="total_once")
        ]
        # The newest totals of all parties, from which the next ones are made.
        indexes = [models.Index(fields=["-through_id", "party", "pocket"], name="total_newest")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.party} {self.pocket}"


class Attempt(models.Model):
    """One request to the gateway and its answer, kept for ever."""

    class What(models.TextChoices):
        SEND = "SEND", _("sent")
        QUERY = "QUERY", _("queried")

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="attempts")
    what = models.CharField(_("what"), max_length=5, choices=What)
    at = models.DateTimeField(_("at"))
    outcome = models.CharField(_("outcome"), max_length=12)
    method = models.CharField(_("method"), max_length=60)
    http_status = models.PositiveSmallIntegerField("HTTP", null=True)
    code = models.CharField(max_length=20, blank=True)
    sub_code = models.CharField(max_length=80, blank=True)
    message = models.CharField(max_length=200, blank=True)
    raw = EncryptedTextField(blank=True, default="")
    elapsed_ms = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["id"]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.what} {self.outcome}"


class Notice(models.Model):
    """A verified notice of the gateway: a doorbell, not the truth. Kept once per `notify_id`."""

    notify_id = models.CharField(max_length=128, unique=True)
    notify_type = models.CharField(_("type"), max_length=60)
    operation = models.ForeignKey(
        Operation, on_delete=models.PROTECT, null=True, related_name="notices"
    )
    amount_fen = models.BigIntegerField(null=True)
    raw = EncryptedTextField()
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-id"]
        triggers = append_only()

    def __str__(self) -> str:
        return self.notify_id


class ManualDecision(models.Model):
    """How an operation that needs a person was decided: one member of ops proposes, another one
    approves.
    """

    class Verdict(models.TextChoices):
        SUCCEEDED = "SUCCEEDED", _("it happened")
        FAILED = "FAILED", _("it did not and will not happen")

    operation = models.ForeignKey(
        Operation, verbose_name=_("operation"), on_delete=models.PROTECT, related_name="decisions"
    )
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict)
    evidence = models.TextField(_("evidence"))
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("proposed by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("approved by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    approved_at = models.DateTimeField(_("approved at"), null=True)

    class Meta:
        verbose_name = _("decision by hand")
        verbose_name_plural = _("decisions by hand")
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")),
                name="decision_needs_four_eyes",
            ),
        ]
        triggers = no_delete()

    def __str__(self) -> str:
        return f"{self.operation_id}: {self.verdict}"


class Halt(models.Model):
    """Sending to the gateway is stopped, wholly or for payouts only, until ops clear it."""

    class Scope(models.TextChoices):
        ALL = "ALL", _("all operations")
        PAYOUTS = "PAYOUTS", _("payouts")

    class Reason(models.TextChoices):
        LEDGER_DIFFERS = "LEDGER_DIFFERS", _("The ledger check found a difference.")
        GATEWAY_REFUSES = (
            "GATEWAY_REFUSES",
            _("The payment service refuses our requests: check keys, certificates and app id."),
        )
        RESTORED = (
            "RESTORED",
            _("Restored from a backup: what was lost since then is being looked for."),
        )

    scope = models.CharField(_("scope"), max_length=8, choices=Scope)
    reason = models.CharField(_("reason"), max_length=200)
    since = models.DateTimeField(_("since"))
    cleared_at = models.DateTimeField(_("cleared at"), null=True)
    cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("cleared by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("halt")
        verbose_name_plural = _("halts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "reason"], condition=Q(cleared_at=None), name="halt_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.scope}: {self.reason}"

    @property
    def reason_text(self) -> str:
        """Why sending stands still, in the reader's language."""
        return str(self.Reason(self.reason).label) if self.reason in self.Reason else self.reason


class LedgerCheck(models.Model):
    """One run of the ledger check and what it found."""

    at = models.DateTimeField(_("at"))
    orders = models.PositiveBigIntegerField(_("orders"))
    transfers = models.PositiveBigIntegerField(_("transfers"))
    differences = models.JSONField(_("differences"), default=list)
    elapsed_ms = models.PositiveIntegerField(_("took (ms)"))

    class Meta:
        verbose_name = _("ledger check")
        verbose_name_plural = _("ledger checks")
        ordering = ["-id"]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"

    @property
    def is_ok(self) -> bool:
        return not self.differences


class Bill(models.Model):
    """One fetched version of the gateway's bill of a day. The newest version of a day counts; the
    same content is kept once.
    """

    day = models.DateField(_("day"))
    fetched_at = models.DateTimeField(_("fetched at"))
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("bill")
        verbose_name_plural = _("bills")
        ordering = ["-day", "-id"]
        indexes = [models.Index(fields=["day", "-id"], name="bill_of_day")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"


class BillRow(models.Model):
    """One line of a bill: what came to (> 0) or left (< 0) the platform's account, in fen."""

    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="rows", db_index=False)
    place = models.PositiveIntegerField()
    serial = models.CharField(max_length=64)
    out_no = models.CharField(max_length=64, db_index=True)
    label = models.CharField(max_length=40, blank=True)
    amount_fen = models.BigIntegerField()
    balance_fen = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bill", "place"], name="billrow_once")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.out_no} {self.amount_fen}"


class ReconRun(models.Model):
    """One run of a part of the reconciliation: what it looked at and how it went."""

    class Result(models.TextChoices):
        DONE = "DONE", _("compared")
        WAITING = "WAITING", _("the bill is not there yet")
        REFUSED = "REFUSED", _("the bill cannot be read")

    at = models.DateTimeField(_("at"))
    day = models.DateField(_("day"))
    result = models.CharField(_("result"), max_length=8, choices=Result)
    rows = models.PositiveIntegerField(_("lines"), default=0)
    differences = models.PositiveIntegerField(_("differences"), default=0)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("comparison with a bill")
        verbose_name_plural = _("comparisons with bills")
        ordering = ["-id"]
        indexes = [models.Index(fields=["day", "-id"], name="reconrun_of_day")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.result}"


class ReconItem(models.Model):
    """One difference between our books and the gateway's, until it vanishes or ops work it off.

    What was found never changes; a row is closed once, with the person and a note, or without a
    person when the difference was no longer there. `key` names the difference: one open row each.
    """

    class Level(models.TextChoices):
        OPERATION = "OPERATION", _("operation")
        BILL = "BILL", _("bill of the day")
        TOTALS = "TOTALS", _("totals of the day")
        CLEARING = "CLEARING", _("money on its way")
        RESTORE = "RESTORE", _("restored from a backup")

    class Kind(models.TextChoices):
        STATE = "STATE", _("another state there")
        AMOUNT = "AMOUNT", _("another amount there")
        MISSING_HERE = "MISSING_HERE", _("happened there, not here")
        MISSING_THERE = "MISSING_THERE", _("happened here, not there")
        UNKNOWN = "UNKNOWN", _("a number that we do not know")
        BALANCE = "BALANCE", _("another balance there")
        TOO_LONG = "TOO_LONG", _("on its way for too long")
        LATE = "LATE", _("the bill is late")

    key = models.CharField(max_length=120)
    level = models.CharField(_("found by"), max_length=10, choices=Level)
    kind = models.CharField(_("difference"), max_length=14, choices=Kind)
    out_no = models.CharField(_("our number"), max_length=64, blank=True)
    order_id = models.BigIntegerField(_("order"), null=True)
    day = models.DateField(_("day"), null=True)
    ours_fen = models.BigIntegerField(_("here (fen)"), null=True)
    theirs_fen = models.BigIntegerField(_("there (fen)"), null=True)
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    found_at = models.DateTimeField(_("found at"))
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("closed by"),
    )
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(closed_at=None), name="reconitem_open_once"
            ),
            models.CheckConstraint(
                condition=Q(closed_by=None, note="")
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(note="")),
                name="reconitem_note_of_a_person",
            ),
        ]
        indexes = [models.Index(fields=["key"], name="reconitem_key")]
        triggers = [
            pgtrigger.ReadOnly(
                name="finding_is_frozen",
                fields=[
                    "key",
                    "level",
                    "kind",
                    "out_no",
                    "order_id",
                    "day",
                    "ours_fen",
                    "theirs_fen",
                    "detail",
                    "found_at",
                ],
            ),
            pgtrigger.Protect(
                name="closed_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__closed_at__isnull=False),
            ),
            *no_delete(),
        ]

    def __str__(self) -> str:
        return self.key


APPEND_ONLY = [
    PayoutAccount,
    OperationOrder,
    Transfer,
    Total,
    Attempt,
    Notice,
    LedgerCheck,
    Bill,
    BillRow,
    ReconRun,
]
