"""A clock that stands where it was put, and goes on from there as real time passes."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(slots=True)
class SimulatedClock:
    """Travels to other processes of this machine: they share the monotonic clock."""

    at: datetime
    since_s: float = field(default_factory=time.monotonic)

    def __call__(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self.since_s)

    def jump(self, to: datetime) -> None:
        """Go to an instant; never back."""
        self.at = max(to, self())
        self.since_s = time.monotonic()
