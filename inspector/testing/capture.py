"""What a block of a test captured."""

from __future__ import annotations

from dataclasses import dataclass, field

from inspector.testing.delivery import Delivery


@dataclass(slots=True)
class Capture:
    """The callbacks that came because of what a block did; filled when the block ends."""

    deliveries: list[Delivery] = field(default_factory=list)

    @property
    def delivery(self) -> Delivery:
        """The first of them. Raises IndexError while the block lasts."""
        return self.deliveries[0]
