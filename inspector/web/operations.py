"""Operation: one method of one address of the API. A table of them makes routes and description."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from inspector.errors import FieldError, InvalidInput

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter: its JSON schema, and what it means."""

    name: str
    schema: Mapping[str, object]
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """What one request does.

    ``body`` and ``answer`` name schemas of the description, ``media_type`` is the answer's, ``refusals`` are
    the statuses it may end in beside those of every request.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    answer: str | None = None
    status: int = 200
    query: Sequence[Parameter] = ()
    body: str | None = None
    media_type: str = "application/json"
    refusals: Sequence[int] = field(default=())


def routes_of(operations: Sequence[Operation]) -> list[Route]:
    """One route for each address, so that a refused method is told of all others that there are."""
    by_path: dict[str, list[Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, []).append(operation)
    return [
        Route(path, _dispatcher(group), methods=[operation.method for operation in group])
        for path, group in by_path.items()
    ]


def _dispatcher(group: Sequence[Operation]) -> Handler:
    by_method = {operation.method: operation for operation in group}

    async def dispatch(request: Request) -> Response:
        operation = by_method["GET" if request.method == "HEAD" else request.method]
        _check_query(request, operation)
        return await operation.handler(request)

    return dispatch


def _check_query(request: Request, operation: Operation) -> None:
    known = {parameter.name for parameter in operation.query}
    errors = [
        FieldError(name, "is not a parameter here" if name not in known else "is given twice")
        for name in request.query_params
        if name not in known or len(request.query_params.getlist(name)) > 1
    ]
    if errors:
        raise InvalidInput(*errors)
