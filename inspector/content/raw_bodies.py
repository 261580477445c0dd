"""How a receiver reads the raw body in the frameworks people use: what a signature covers, before any parser.

Sources: the documentation of Flask (``Request.get_data``), FastAPI and Starlette (``Request.body``), Django
(``HttpRequest.body``), Express (``express.raw``) and Next.js (route handlers, ``api.bodyParser``).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """The lines that read the raw bytes in *framework*, and what goes wrong without them."""

    framework: str
    lines: tuple[str, ...]
    mistake: str


RECIPES = (
    Recipe(
        "Flask",
        (
            '@app.post("/hook")',
            "def hook():",
            "    body = request.get_data()  # before request.json or request.form",
            "    if not inspector.verify(body, request.headers, SECRET):",
            "        abort(401)",
        ),
        "json.dumps(request.json) writes other bytes than those that were signed.",
    ),
    Recipe(
        "FastAPI",
        (
            '@app.post("/hook")',
            "async def hook(request: Request):",
            "    body = await request.body()  # instead of a model as parameter",
            "    if not inspector.verify(body, request.headers.items(), SECRET):",
            "        raise HTTPException(401)",
        ),
        "A Pydantic model drops fields and rewrites numbers: model_dump_json() gives other bytes.",
    ),
    Recipe(
        "Django",
        (
            "@csrf_exempt",
            "def hook(request):",
            "    body = request.body  # before request.POST",
            "    if not inspector.verify(body, request.headers, SECRET):",
            "        return HttpResponse(status=401)",
        ),
        "request.POST reads the stream first; request.body then raises RawPostDataException.",
    ),
    Recipe(
        "Express",
        (
            'app.post("/hook", express.raw({ type: "*/*", limit: "10mb" }), (req, res) => {',
            "  const body = req.body; // a Buffer; mount this before app.use(express.json())",
            '  const digest = crypto.createHmac("sha256", SECRET).update(body).digest("hex");',
            "  // compare it with crypto.timingSafeEqual; only then JSON.parse(body)",
            "});",
        ),
        "JSON.stringify(req.body) loses blanks, escapes and 1.50, and moves keys that are numbers.",
    ),
    Recipe(
        "Next.js",
        (
            "export async function POST(request) {",
            "  const body = Buffer.from(await request.arrayBuffer()); // instead of request.json()",
            '  const digest = crypto.createHmac("sha256", SECRET).update(body).digest("hex");',
            "  // compare it with crypto.timingSafeEqual; only then JSON.parse(body)",
            "}",
            "// under pages/api: export const config = { api: { bodyParser: false } }; and read the stream",
        ),
        "request.json() parses; under pages/api the body parser does it before the handler runs.",
    ),
)
