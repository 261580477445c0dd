"""Context: what every handler of the inspector may use."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from starlette.requests import Request

from inspector.models import Addresses
from inspector.receive.receiver import Receiver
from inspector.receive.rechecking import Rechecker
from inspector.receive.scripts import Scripts
from inspector.settings import Settings
from inspector.store import Store

if TYPE_CHECKING:
    from inspector.web.stream import Hub


@dataclass(frozen=True, slots=True)
class Context:
    """The rooms below, handed to every handler."""

    store: Store
    settings: Settings
    addresses: Addresses
    hub: Hub
    scripts: Scripts = field(default_factory=Scripts)
    rechecker: Rechecker = field(init=False)

    def __post_init__(self) -> None:
        rechecker = Rechecker(self.store, Receiver(self.store, self.settings))
        object.__setattr__(self, "rechecker", rechecker)  # the one way to fill a field of a frozen class

    @property
    def shown(self) -> Addresses:
        """The addresses to show and copy: ``--public-url``, where given, stands for the callback listener."""
        public = self.settings.public_url
        return replace(self.addresses, callback_url=f"{public.rstrip('/')}/") if public else self.addresses


def context_of(request: Request) -> Context:
    """The context of the application that *request* came to."""
    return cast("Context", request.app.state.context)
