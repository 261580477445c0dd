"""Context: what every handler of the inspector may use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from starlette.requests import Request

from inspector.models import Addresses
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

    @property
    def shown(self) -> Addresses:
        """The addresses to show and copy: ``--public-url``, where given, stands for the callback listener."""
        public = self.settings.public_url
        return replace(self.addresses, callback_url=f"{public.rstrip('/')}/") if public else self.addresses


def context_of(request: Request) -> Context:
    """The context of the application that *request* came to."""
    return cast("Context", request.app.state.context)
