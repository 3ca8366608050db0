"""What can be asked of the payment gateway. Money leaves in no other way."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """The kinds of gateway operation, in the order in which an order may meet them."""

    FREEZE = "FREEZE", _("Freeze")
    CANCEL_FREEZE = "CANCEL_FREEZE", _("Cancel the freeze")
    CAPTURE = "CAPTURE", _("Capture")
    UNFREEZE = "UNFREEZE", _("Unfreeze")
    TRANSFER = "TRANSFER", _("Pay out")
    REFUND = "REFUND", _("Refund")
