"""Registering: endpoints and their secrets, made and changed, for the API and the page's forms alike.

What changes a verdict has the stored deliveries of its endpoint judged anew, which goes on after the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import anyio.to_thread

from inspector.errors import FieldError, InspectorError, InvalidInput
from inspector.models import Endpoint, SecretInfo
from inspector.signing import generate_secret, usable_secret
from inspector.web import reading
from inspector.web.context import Context
from inspector.web.reading import SecretChoice


async def create_endpoint(context: Context, values: Mapping[str, object]) -> tuple[Endpoint, str | None]:
    """Registers the endpoint that *values* describe.

    With it comes the secret that was generated for it, if one was: the only time that it is told. Raises
    InvalidInput, Conflict when the path is taken, StorageFailed.
    """
    endpoint, choice = reading.new_endpoint(values, context.store.schemes)
    value = _secret_value(context, endpoint, choice, env_field="secret_env") if choice else None
    created = await context.store.create_endpoint(endpoint)
    if choice is not None:
        try:
            await _store_secret(context, created, choice, value)
        except InspectorError:
            await context.store.delete_endpoint(created.id)
            raise
    return created, value if choice and choice.generate else None


async def change_endpoint(context: Context, endpoint_id: str, values: Mapping[str, object]) -> Endpoint:
    """Replaces the fields that *values* name. Raises NotFound, InvalidInput, Conflict, StorageFailed."""
    endpoint = endpoint_by_id(context, endpoint_id)
    wanted = reading.changed_endpoint(values, endpoint, context.store.schemes)
    changed = await context.store.replace_endpoint(wanted)
    if _judges_as(changed) != _judges_as(endpoint):
        context.rechecker.start(changed.id)
    return changed


async def delete_endpoint(context: Context, endpoint_id: str) -> None:
    """Removes an endpoint with its secrets; its deliveries stay. Raises NotFound, Conflict for ``/``."""
    endpoint = endpoint_by_id(context, endpoint_id)
    await context.store.delete_endpoint(endpoint.id)
    context.scripts.remove(endpoint.id)


async def add_secret(
    context: Context, endpoint_id: str, values: Mapping[str, object]
) -> tuple[SecretInfo, str | None]:
    """Adds a secret, tried beside those that are there. With it comes its value when it was generated.

    Raises NotFound, InvalidInput, Conflict when the name is taken, StorageFailed.
    """
    endpoint = endpoint_by_id(context, endpoint_id)
    choice = reading.new_secret(values)
    value = _secret_value(context, endpoint, choice, env_field="env")
    info = await _store_secret(context, endpoint, choice, value)
    context.rechecker.start(endpoint.id)
    return info, value if choice.generate else None


def name_of_secret(context: Context, endpoint_id: str, value: str | None) -> str:
    """The name of the endpoint's secret that has this *value*; empty where none has."""
    usable = context.store.secrets.usable(endpoint_id)
    return next((secret.name for secret in usable if secret.value == value), "")


async def remove_secret(context: Context, endpoint_id: str, name: str) -> None:
    """Removes a secret by name. Raises NotFound, StorageFailed."""
    endpoint = endpoint_by_id(context, endpoint_id)
    await anyio.to_thread.run_sync(context.store.secrets.remove, endpoint.id, name)
    context.rechecker.start(endpoint.id)


def endpoint_by_id(context: Context, endpoint_id: str) -> Endpoint:
    """The endpoint that an address names. Raises NotFound."""
    return context.store.endpoint(endpoint_id)


def _judges_as(endpoint: Endpoint) -> tuple[object, ...]:
    """What of an endpoint, beside its secrets, decides how a delivery is judged."""
    options = sorted(endpoint.scheme_options.items())
    url = endpoint.public_url and (endpoint.public_url, endpoint.path)
    return endpoint.scheme, options, endpoint.tolerance_seconds, url


def _secret_value(
    context: Context, endpoint: Endpoint, choice: SecretChoice, *, env_field: str
) -> str | None:
    """The value of the chosen secret, checked against the scheme; None for a variable that is not set."""
    scheme = context.store.schemes.find(endpoint.scheme, endpoint.scheme_options)
    if choice.generate:
        return generate_secret(scheme)
    value = choice.value if choice.env is None else context.settings.environ.get(choice.env)
    if value is not None:
        try:
            usable_secret(scheme, value)
        except InvalidInput as error:
            if choice.env is None:
                raise
            raise InvalidInput(*(FieldError(env_field, wrong.message) for wrong in error.errors)) from None
    return value


async def _store_secret(
    context: Context, endpoint: Endpoint, choice: SecretChoice, value: str | None
) -> SecretInfo:
    # The secrets file is synced to disk, which must not hold up the loop.
    add = partial(context.store.secrets.add, endpoint.id, name=choice.name, env=choice.env)
    if choice.env is not None:
        return await anyio.to_thread.run_sync(add)
    return await anyio.to_thread.run_sync(partial(add, value=value))
