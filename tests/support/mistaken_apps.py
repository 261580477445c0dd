"""Receivers in Flask and FastAPI that make the mistakes which break signatures.

Each route answers with the bytes that it would hash, as a program does that looks for its mistake.
"""

from __future__ import annotations

import json
from typing import Annotated

import fastapi
import flask


def flask_receiver() -> flask.Flask:
    """Takes other bytes for the body than those that came, one mistake a route."""
    app = flask.Flask(__name__)

    @app.post("/parsed")
    def parsed() -> bytes:
        return json.dumps(flask.request.get_json(), separators=(",", ":")).encode()

    @app.post("/stripped")
    def stripped() -> bytes:
        return flask.request.get_data(as_text=True).strip().encode()

    @app.post("/form-field")
    def form_field() -> bytes:
        return flask.request.form["payload"].encode()

    @app.post("/stream-read-before")
    def stream_read_before() -> bytes:
        return b"" if flask.request.form or flask.request.stream.read() else b"?"

    return app


def fastapi_receiver() -> fastapi.FastAPI:
    """The same in FastAPI; ``/url`` answers with the URL that it believes to be asked for."""
    app = fastapi.FastAPI()

    @app.post("/model")
    def model(payload: Annotated[dict[str, object], fastapi.Body()]) -> fastapi.Response:
        return fastapi.Response(json.dumps(payload))

    @app.post("/latin1")
    async def latin1(request: fastapi.Request) -> fastapi.Response:
        return fastapi.Response((await request.body()).decode("latin-1").encode("utf-8"))

    @app.post("/url")
    async def url(request: fastapi.Request) -> fastapi.Response:
        return fastapi.Response(str(request.url))

    return app
