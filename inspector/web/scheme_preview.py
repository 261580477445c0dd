"""A preview of settings that are not saved: what they would make of a stored delivery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inspector import signing
from inspector.errors import InvalidInput, NotFound
from inspector.models import Endpoint
from inspector.receive.receiver import message_of
from inspector.web import forms, reading
from inspector.web.context import Context
from inspector.web.proof import Proof, proof

NUMBER = "preview"
"""The field that names the delivery; an empty one means the newest of the endpoint."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What the settings would make of one delivery; ``proof`` is None when there is none to look at."""

    sentence: str
    delivery_id: int | None = None
    proof: Proof | None = None


def preview(context: Context, endpoint: Endpoint, form: Mapping[str, str]) -> Preview:
    """What *endpoint* would make of a delivery with the settings of *form*. Nothing is stored.

    Reads the database. Raises InvalidInput for settings that cannot be used, or no number.
    """
    fields = {name: value for name, value in form.items() if name != NUMBER}
    wanted = reading.changed_endpoint(forms.endpoint_fields(fields), endpoint, context.store.schemes)
    text = form.get(NUMBER, "").strip().removeprefix("#")
    try:
        delivery = (
            context.store.delivery(reading.delivery_id(text))
            if text
            else context.store.latest(endpoint_id=endpoint.id)
        )
    except NotFound as error:
        if text:
            raise InvalidInput.of(NUMBER, str(error)) from None
        return Preview("Nothing has come here yet: send a test callback, or name a delivery by its number.")
    working = signing.explain(
        message_of(delivery.request, wanted, context.settings.public_url),
        context.store.schemes.find(wanted.scheme, wanted.scheme_options),
        context.store.secrets.usable(endpoint.id),
        now=delivery.request.received_ns / 1e9,
        tolerance=wanted.tolerance_seconds,
    )
    infos = context.store.secrets.infos(endpoint.id)
    shown = proof(delivery, wanted, infos, working, judged=working.verification)
    return Preview(shown.headline, delivery.id, shown)
