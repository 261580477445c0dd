"""The endpoints pages: a table of all, forms to add and change, secrets shown once.

Forms go through :mod:`inspector.web.registering` like the API's input. What it refuses is said beside the
field, with everything as it was typed, but for secrets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from inspector.errors import Conflict, InvalidInput, NotFound, TargetRefused
from inspector.models import Endpoint, SecretInfo
from inspector.receive import handshakes
from inspector.send.tamper import Tamper
from inspector.web import endpoint_forms, forms, reading, registering, sending, wording
from inspector.web.context import Context, context_of
from inspector.web.endpoint_forms import Form, field_errors, reply_form, settings_form
from inspector.web.frame import frame
from inspector.web.place import Place
from inspector.web.representation import callback_url
from inspector.web.scheme_preview import NUMBER, Preview, preview
from inspector.web.script_form import ScriptForm, filled_form, read_form, refused_form, script_form
from inspector.web.templating import render
from inspector.web.wording import Verdict

SCHEME_WORDS = {
    "auto": "by the headers present",
    "hmac": "with options of your own",
    "none": "signatures stay unchecked",
}

HANDSHAKE_WORDS = {handshakes.AUTO: "of every sender that is known", handshakes.OFF: "none is answered"}


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """One endpoint as the table shows it."""

    id: str
    path: str
    url: str
    name: str
    scheme: str
    secrets: tuple[SecretInfo, ...]
    reply: str
    deliveries: int
    last: datetime | None
    last_age: str
    list_url: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """A test callback that was sent and came: what was done to it, and how it was judged."""

    done: str
    url: str
    id: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class View:
    """Which endpoint is chosen and what its forms hold, beyond what is stored.

    ``sent`` is the id of a test callback, and ``tamper`` what was done to it.
    """

    chosen: Endpoint | None = None
    add: Form | None = None
    settings: Form | None = None
    reply: Form | None = None
    script: ScriptForm | None = None
    preview: Preview | None = None
    secret: Form = field(default_factory=Form)
    test: Form = field(default_factory=Form)
    once: str | None = None
    saved: str = ""
    sent: int | None = None
    tamper: str = ""


async def show_all(request: Request) -> Response:
    """All endpoints, with the form that adds one."""
    return await _page(request, View(add=Form()))


async def show(request: Request) -> Response:
    """One endpoint among all: its secrets, settings and reply."""
    query = request.query_params
    view = View(
        _chosen(request),
        saved=query.get("saved", ""),
        sent=reading.cursor(query, "sent"),
        tamper=query.get("tamper", ""),
        test=Form({"tamper": query.get("tamper", "")}),
    )
    return await _page(request, view)


async def add(request: Request) -> Response:
    """Adds an endpoint. A generated secret is shown in this answer, and never again."""
    form = await _form(request)
    try:
        created, secret = await registering.create_endpoint(
            context_of(request),
            forms.endpoint_fields(endpoint_forms.secret_choice(form, "secret_env", "generate_secret")),
        )
    except (InvalidInput, Conflict) as error:
        return await _page(request, View(add=Form(form, field_errors(error, "path"))), 400)
    if secret is None:
        return _go_to(created)
    return await _page(request, View(created, add=Form(), once=secret), 201)


async def change(request: Request) -> Response:
    """Changes an endpoint's settings."""
    chosen, form = _chosen(request), await _form(request)
    try:
        form.pop(NUMBER, None)
        await registering.change_endpoint(context_of(request), chosen.id, forms.endpoint_fields(form))
    except (InvalidInput, Conflict) as error:
        return await _page(request, View(chosen, settings=Form(form, field_errors(error, "path"))), 400)
    return _go_to(chosen, "settings")


async def preview_settings(request: Request) -> Response:
    """Shows what settings that are not saved would make of a stored delivery."""
    chosen, form = _chosen(request), await _form(request)
    context = context_of(request)
    try:
        seen = await context.store.reading(preview, context, chosen, form)
    except InvalidInput as error:
        return await _page(request, View(chosen, settings=Form(form, field_errors(error, "path"))), 400)
    return await _page(request, View(chosen, settings=Form(form), preview=seen))


async def change_reply(request: Request) -> Response:
    """Changes what an endpoint answers."""
    chosen, form = _chosen(request), await _form(request)
    try:
        await registering.change_endpoint(
            context_of(request), chosen.id, forms.endpoint_fields(endpoint_forms.with_type(form))
        )
    except (InvalidInput, Conflict) as error:
        return await _page(request, View(chosen, reply=Form(form, field_errors(error, ""))), 400)
    return _go_to(chosen, "reply")


async def change_script(request: Request) -> Response:
    """Scripts an endpoint's replies, or drops the script when nothing of it is left."""
    chosen, form, scripts = _chosen(request), filled_form(await _form(request)), context_of(request).scripts
    try:
        entries = read_form(form)
    except InvalidInput as error:
        refused = refused_form(form, error, scripts.find(chosen.id))
        return await _page(request, View(chosen, script=refused), 400)
    if entries:
        scripts.put(chosen.id, entries)
    else:
        scripts.remove(chosen.id)
    return RedirectResponse(f"/endpoints/{chosen.id}?saved=script#script", 303)


async def release(request: Request) -> Response:
    """Lets go of the replies that are held, and goes back to where that was asked for."""
    chosen, form = _chosen(request), await _form(request)
    back = f"/endpoints/{chosen.id}#script"
    if "delivery" in form:
        back = Place(tab="reply").delivery_url(reading.delivery_id(form["delivery"]))
    script = context_of(request).scripts.find(chosen.id)
    if script is not None:
        script.release()
    return RedirectResponse(back, 303)


async def delete(request: Request) -> Response:
    """Removes an endpoint; its deliveries stay."""
    chosen = _chosen(request)
    try:
        await registering.delete_endpoint(context_of(request), chosen.id)
    except Conflict as error:
        return await _page(
            request, View(chosen, settings=settings_form(chosen, field_errors(error, "path"))), 400
        )
    return RedirectResponse("/endpoints", 303)


async def add_secret(request: Request) -> Response:
    """Adds a secret. A generated one is shown in this answer, and never again."""
    chosen, form = _chosen(request), await _form(request)
    fields = forms.secret_fields(endpoint_forms.secret_choice(form, "env", "generate"))
    try:
        _, secret = await registering.add_secret(context_of(request), chosen.id, fields)
    except (InvalidInput, Conflict) as error:
        return await _page(request, View(chosen, secret=Form(form, field_errors(error, "name"))), 400)
    if secret is None:
        return _go_to(chosen)
    return await _page(request, View(chosen, once=secret), 201)


async def remove_secret(request: Request) -> Response:
    """Removes a secret by its name."""
    chosen, form = _chosen(request), await _form(request)
    await registering.remove_secret(context_of(request), chosen.id, form.get("name", ""))
    return _go_to(chosen)


async def send_test(request: Request) -> Response:
    """Sends a test callback to the endpoint and shows what became of it, or the list that has it then."""
    chosen, form = _chosen(request), await _form(request)
    from_list = form.pop("from", "") == "list"
    try:
        sent = await sending.send_test(
            context_of(request), chosen.id, {name: value for name, value in form.items() if value}
        )
    except (InvalidInput, TargetRefused) as error:
        errors = field_errors(error, "") if isinstance(error, InvalidInput) else {"": str(error)}
        return await _page(request, View(chosen, test=Form(form, errors)), 400)
    if sent.failure is not None:
        return await _page(request, View(chosen, test=Form(form, {"": sent.failure.message})), 502)
    if from_list or sent.delivery_id is None:
        return RedirectResponse(Place(chosen if chosen.path != "/" else None).list_url(), 303)
    tamper = f"&tamper={form['tamper']}" if form.get("tamper") else ""
    return RedirectResponse(f"/endpoints/{chosen.id}?sent={sent.delivery_id}{tamper}#test", 303)


def routes() -> list[Route]:
    """The routes of the endpoints pages."""
    return [
        Route("/endpoints", show_all),
        Route("/endpoints", add, methods=["POST"]),
        Route("/endpoints/{id}", show),
        Route("/endpoints/{id}", change, methods=["POST"]),
        Route("/endpoints/{id}/preview", preview_settings, methods=["POST"]),
        Route("/endpoints/{id}/reply", change_reply, methods=["POST"]),
        Route("/endpoints/{id}/replies", change_script, methods=["POST"]),
        Route("/endpoints/{id}/release", release, methods=["POST"]),
        Route("/endpoints/{id}/send", send_test, methods=["POST"]),
        Route("/endpoints/{id}/delete", delete, methods=["POST"]),
        Route("/endpoints/{id}/secrets", add_secret, methods=["POST"]),
        Route("/endpoints/{id}/secrets/remove", remove_secret, methods=["POST"]),
    ]


def _chosen(request: Request) -> Endpoint:
    return registering.endpoint_by_id(context_of(request), request.path_params["id"])


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form post; browsers send line breaks as CRLF."""
    form = await request.form()
    return {name: str(value).replace("\r\n", "\n") for name, value in form.items()}


def _go_to(endpoint: Endpoint, saved: str = "") -> Response:
    return RedirectResponse(f"/endpoints/{endpoint.id}{f'?saved={saved}' if saved else ''}", 303)


async def _page(request: Request, view: View, status: int = 200) -> Response:
    context = context_of(request)
    data = await context.store.reading(_data, context, view, request.url.path)
    return render(request, "endpoints.html", data, status)


def _data(context: Context, view: View, address: str) -> dict[str, object]:
    """What the template shows. Reads the database."""
    around = frame(context, "endpoints", Place(), address)
    activity = context.store.activity()
    now = datetime.now(UTC)
    rows = []
    for endpoint in around.endpoints:
        seen = activity.get(endpoint.id)
        last = seen.last_received_at if seen else None
        rows.append(
            EndpointRow(
                id=endpoint.id,
                path=endpoint.path,
                url=callback_url(endpoint, context.shown),
                name=endpoint.name or ("everything else" if endpoint.path == "/" else ""),
                scheme=endpoint.scheme,
                secrets=context.store.secrets.infos(endpoint.id),
                reply=_reply_words(endpoint, scripted=context.scripts.find(endpoint.id) is not None),
                deliveries=seen.deliveries if seen else 0,
                last=last,
                last_age=wording.age((now - last).total_seconds()) if last else "",
                list_url=Place(endpoint).list_url(),
            )
        )
    chosen = view.chosen
    return {
        "frame": around,
        "rows": rows,
        "chosen": next((row for row in rows if chosen and row.id == chosen.id), None),
        "schemes": [
            (row.name, SCHEME_WORDS.get(row.name) or row.sender)
            for row in map(context.store.schemes.find, context.store.schemes.names)
        ],
        "form_add": view.add,
        "form_settings": view.settings or (settings_form(chosen) if chosen else None),
        "form_reply": view.reply or (reply_form(chosen) if chosen else None),
        "form_script": view.script or (script_form(context.scripts.find(chosen.id)) if chosen else None),
        "form_secret": view.secret,
        "form_test": view.test,
        "handshakes": [(choice, HANDSHAKE_WORDS.get(choice, "")) for choice in handshakes.CHOICES],
        "tampers": tuple(Tamper),
        "arrived": None if view.sent is None else _arrived(context, view.sent, view.tamper),
        "process_env": context.settings.secret_env,
        "once": view.once,
        "saved": view.saved,
        "preview": view.preview,
        "rechecking": context.rechecker.progress.get(chosen.id) if chosen else None,
    }


def _arrived(context: Context, delivery_id: int, tamper: str) -> Arrived | None:
    """The test callback with that id; None when it is gone already."""
    try:
        delivery = context.store.delivery(delivery_id)
    except NotFound:
        return None
    return Arrived(
        done=Tamper(tamper).done if tamper in set(Tamper) else "signed as the sender would",
        url=Place(tab="verification").delivery_url(delivery_id),
        id=delivery_id,
        verdict=wording.VERDICTS[delivery.verification.status],
    )


def _reply_words(endpoint: Endpoint, *, scripted: bool) -> str:
    delay = endpoint.reply.delay_seconds
    words = [str(endpoint.reply.status)]
    if delay:
        words.append(f"after {delay:g} s")
    if endpoint.reject_invalid:
        words.append("reject 401")
    if scripted:
        words.append("scripted")
    return ", ".join(words)
