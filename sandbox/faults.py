"""What goes wrong on purpose: switched by tests, consulted by name at few places.

A switch names a fault, a method and an id ("*" for any) and how often it strikes.
The gateway asks for its faults in `gateway`, notices in `notices`, the payer in `cashier`.
"""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

KNOWN = frozenset(
    {
        # gateway
        "drop_before",
        "drop_after",
        "slow_exec",
        "http500_before",
        "http500_after",
        "hang",
        "code20000",
        "error_response",
        "html",
        "tamper",
        "unsigned",
        "sha1",
        # payer and freeze
        "credit_auth",
        "payer_cancels",
        "freeze_expires",
        # notices
        "notify_none",
        "notify_dup",
        "notify_late",
        "notify_reorder",
        "notify_forged",
        "notify_wrong_amount",
        "notify_wrong_app",
        "notify_wrong_payee",
        "notify_empty_signed",
        "notify_empty_unsigned",
        # bills
        "bill_missing_row",
        "bill_extra_row",
    }
)


@dataclass
class Fault:
    """One switch; `times` counts down, None strikes for ever."""

    name: str
    method: str = "*"
    out_no: str = "*"
    times: int | None = 1
    given: dict[str, Any] = field(default_factory=dict)

    def fits(self, name: str, method: str, out_no: str) -> bool:
        """Tell whether this switch is meant."""
        return (
            self.name == name
            and self.method in ("*", method)
            and self.out_no in ("*", out_no)
            and self.times != 0
        )


class Faults:
    """All switches of one local Alipay, and how often each fault struck."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._switches: list[Fault] = []
        self._late: list[Callable[[], object]] = []
        self._overtaken: list[str] = []
        self.struck: Counter[str] = Counter()

    def on(
        self,
        name: str,
        *,
        method: str = "*",
        out_no: str = "*",
        times: int | None = 1,
        **given: Any,
    ) -> None:
        """Switch a fault on; raises ValueError for an unknown name."""
        if name not in KNOWN:
            raise ValueError(f"unknown fault {name}")
        with self._lock:
            self._switches.append(Fault(name, method, out_no, times, given))

    def off(self, name: str | None = None) -> None:
        """Switch one fault, or all, off."""
        with self._lock:
            self._switches = [s for s in self._switches if name not in (None, s.name)]

    def take(self, name: str, method: str = "*", out_no: str = "*") -> Fault | None:
        """Return the switch that strikes now, counting it down."""
        with self._lock:
            for switch in self._switches:
                if switch.fits(name, method, out_no):
                    switch.times = None if switch.times is None else switch.times - 1
                    self.struck[name] += 1
                    return switch
        return None

    def keep_late(self, execute: Callable[[], object]) -> None:
        """Keep a request whose answer is lost and which will be executed later."""
        with self._lock:
            self._late.append(execute)

    def run_late(self) -> int:
        """Execute what was kept; returns how many requests arrived late."""
        with self._lock:
            late, self._late = self._late, []
        for execute in late:
            execute()
        return len(late)

    def keep_overtaken(self, notify_id: str) -> None:
        """Hold a notice back until the next one overtakes it."""
        with self._lock:
            self._overtaken.append(notify_id)

    def take_overtaken(self) -> list[str]:
        """Return the notices that were held back, once."""
        with self._lock:
            overtaken, self._overtaken = self._overtaken, []
        return overtaken
