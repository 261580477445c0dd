"""What a sender's own code found in a message: the one type that every function in ``senders`` returns."""

from __future__ import annotations

from typing import NamedTuple

from inspector.signing.digests import Claim
from inspector.signing.proving import Item
from inspector.signing.timestamps import Stamp

Cause = tuple[str, str]
"""A code for programs and a sentence for people."""


class Reading(NamedTuple):
    """The signatures that came, and what each has to cover.

    ``values`` are their texts, ``noun`` says where they stand. Each of ``items`` must be proven. ``absent``
    is a part of what is signed that did not come, as (code, words). ``trouble`` says why nothing can be
    read. ``refuted`` says what the signed text states otherwise than the message does: with it even a right
    signature is none for this message. ``hash`` replaces the row's. ``failure`` says what the code stumbled
    over.
    """

    values: tuple[bytes, ...] = ()
    noun: str = ""
    items: tuple[Item, ...] = ()
    stamp: Stamp = Stamp("", "")
    absent: tuple[str, str] | None = None
    trouble: Cause | None = None
    refuted: Cause | None = None
    hash: str = ""
    failure: str | None = None

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Every signature that came, whatever it has to cover."""
        return tuple(claim for item in self.items for claim in item.claims)
