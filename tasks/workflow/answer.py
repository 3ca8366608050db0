"""What the gateway answered, in the words of the verbs that record it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answered:
    """The definite end of an operation: its number here and there, and why it failed if it did."""

    kind: str
    out_no: str
    gateway_no: str = ""
    trouble: str = ""
    cancel: bool = False  # a freeze that must be cancelled at the gateway
