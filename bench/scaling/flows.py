"""A day of orders: what becomes of them, at which time of the day, and what each step asks for.

The shares are assumptions, named here and in docs/scaling.md; the verbs, operations and letters are
the code's. Orders of many days are under way at once, so a day has all steps, each in its measure.
"""

from dataclasses import dataclass

DAY_S, HOUR_S = 86_400, 3_600
# How busy each hour of the day is, in Shanghai; the hour before noon is the busiest.
HOURS = (
    0.5, 0.3, 0.2, 0.2, 0.2, 0.3, 0.6, 1.2, 2.2, 3.4, 4.8, 7.0,
    3.6, 3.8, 4.6, 4.9, 4.8, 4.4, 3.6, 3.2, 3.2, 2.8, 2.0, 1.2,
)  # fmt: skip
# Starts and ends are set to full hours: half of them to these, the others to any from 9 to 20.
START_HOUR, END_HOUR = 10, 18
OTHER_HOURS = range(9, 21)
# The reminders' hours before the confirmation that move to another time of the day.
TWO_HOURS = 2


@dataclass(frozen=True, slots=True)
class Life:
    """Shares of the step before, where nothing else is said."""

    orders_per_task: int = 5
    unpaid: float = 0.08
    declined: float = 0.05
    lapsed: float = 0.04
    overdue: float = 0.03
    disputed: float = 0.01
    confirmed_by_clock: float = 0.60
    reviewed: float = 0.80
    # Of payments: how long a payer takes who confirms, and the share that never does.
    payer_s: float = 30.0
    gives_up: float = 0.10
    # Of the gateway: latency is lognormal, and so many answers are lost or unclear.
    gateway_p50_s: float = 0.2
    gateway_p99_s: float = 1.6
    lost_answers: float = 0.002
    # A refund is not queried before ten seconds have passed; this share needs it.
    refunds_queried: float = 1.0
    smtp_s: float = 0.05
    pages: float = 20.0
    visits: float = 10.0

    @property
    def paid(self) -> float:
        return 1 - self.unpaid

    @property
    def accepted(self) -> float:
        return self.paid * (1 - self.declined - self.lapsed)

    @property
    def delivered(self) -> float:
        return self.accepted * (1 - self.overdue)

    @property
    def refused(self) -> float:
        """Disputes that ops decide for the merchant: half of them."""
        return self.delivered * self.disputed / 2

    @property
    def confirmed(self) -> float:
        return self.delivered - self.refused

    @property
    def clocked(self) -> float:
        """Confirmed by the clock, after all reminders."""
        return self.delivered * (1 - self.disputed) * self.confirmed_by_clock

    @property
    def released(self) -> float:
        """Money that goes back before it was captured."""
        return self.paid * (self.declined + self.lapsed)

    @property
    def refunds(self) -> float:
        return self.accepted * self.overdue + self.refused

    @property
    def freezes(self) -> float:
        """Payments, those that are given up and begun again among them."""
        return self.paid / self.orders_per_task / (1 - self.gives_up)

    @property
    def sends(self) -> float:
        """Operations of one order that are neither freezes nor refunds."""
        return self.accepted + self.released + self.confirmed

    @property
    def operations(self) -> float:
        return self.freezes + self.sends + self.refunds

    @property
    def clicks(self) -> float:
        """Verbs of people."""
        of_the_task = 3 / self.orders_per_task  # a brief, its publishing, its payment
        by_hand = self.confirmed - self.clocked
        return (
            of_the_task
            + self.accepted
            + self.paid * self.declined
            + self.delivered
            + by_hand
            + self.confirmed * self.reviewed
            + self.delivered * self.disputed
        )

    @property
    def due(self) -> float:
        """Verbs of the clock: void, lapse, overdue, three reminders, the confirmation."""
        ends = self.unpaid + self.paid * self.lapsed + self.accepted * self.overdue
        return ends + 4 * self.clocked

    @property
    def letters(self) -> float:
        """Messages that the verbs leave, all of them wanted by e-mail."""
        one_each = (
            1.0  # sent
            + self.paid
            + 2 * self.accepted  # accepted, secured
            + self.delivered
            + 3 * self.clocked  # reminders
            + self.confirmed * (3 + self.reviewed)  # confirmed to both, paid out, reviewed
            + self.released
            + self.refunds  # returned
            + self.paid * self.declined
        )
        both = self.unpaid + self.paid * self.lapsed + self.accepted * self.overdue
        return one_each + 2 * both + 3 * self.delivered * self.disputed


LIFE = Life()


def busy(second: int) -> float:
    """How many times the mean of the day people are busy at this second."""
    hour = second // HOUR_S % 24
    return HOURS[hour] * 24 / sum(HOURS)


BUSIEST = max(HOURS) * 24 / sum(HOURS)


def at_full_hours(second: int, hour: int) -> float:
    """The share of the day's starts or ends that are exactly at this second."""
    if second % HOUR_S:
        return 0.0
    now = second // HOUR_S % 24
    at_random = 0.5 / len(OTHER_HOURS) if now in OTHER_HOURS else 0.0
    return at_random + (0.5 if now == hour else 0.0)


def due_at(second: int, life: Life) -> tuple[float, float]:
    """What the clock finds due at this second of an order a day: spread like people's day, and all
    at once on the full hour.
    """
    now, later = busy(second) / DAY_S, busy(second + TWO_HOURS * HOUR_S) / DAY_S
    spread = life.clocked * (3 * now + later)  # two reminders and the confirmation, the last one
    starts = (life.unpaid + life.paid * life.lapsed) * at_full_hours(second, START_HOUR)
    ends = life.accepted * life.overdue * at_full_hours(second, END_HOUR)
    return spread, starts + ends
