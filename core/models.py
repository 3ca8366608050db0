from django.db import models


class ClockOffset(models.Model):
    """How many hours the demo's clock runs ahead. One row at most, never read in production."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    hours = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(name="core_clockoffset_one_row", condition=models.Q(id=1)),
        ]

    def __str__(self) -> str:
        return f"+{self.hours} h"
