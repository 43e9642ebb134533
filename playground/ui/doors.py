"""Which requests reach Gradio, and the security headers of every answer.

Gradio serves more routes than this page needs: monitoring, schemas, a proxy to other hosts, stored deep links.  So a request passes only if
its route is on the list below; a route that a new Gradio adds stays closed until it is added here.
"""

import logging
import os
import re

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from playground.ui.gradio_server import VISITOR, functions_of, movement

log = logging.getLogger(__name__)

# The routes that the page, `gradio_client`, plain HTTP programs and MCP clients use.
_READ = r"""
    /(config/?|room|quiz\.html|theme\.css|favicon\.ico|robots\.txt|manifest\.json|(assets|static|svelte|kept)/.+)?
    | /gradio_api/(info/?|theme\.css|startup-events|login_check/?|app_id/?|queue/(data|status)|upload_progress|heartbeat/[\w-]{1,64})
    | /gradio_api/call/(v2/)?\w+/\w+
    | /gradio_api/file=(?!.*://).+
    | /gradio_api/mcp(/.*)?
    | /browser/.+
"""
_WRITE = r"""
    /room
    | /gradio_api/(queue/join|upload|cancel|reset/?|(run|api|call|call/v2)/\w+/?)
    | /gradio_api/mcp(/.*)?
"""
OPEN = {
    "GET": re.compile(_READ, re.VERBOSE | re.DOTALL),
    "HEAD": re.compile(_READ, re.VERBOSE | re.DOTALL),
    "POST": re.compile(_WRITE, re.VERBOSE | re.DOTALL),
    "DELETE": re.compile(r"/gradio_api/mcp(/.*)?"),  # an MCP client ends its session
    "OPTIONS": re.compile(r".*", re.DOTALL),
}
CALLS = re.compile(r"/gradio_api/(queue/join|cancel|reset/?|(run|api|call|call/v2)/\w+/?)")  # whose body is a JSON object
SESSION = re.compile(r"[\w-]{1,64}")  # Gradio's page uses ten characters; whatever a program sends becomes a key in memory

# Gradio's page needs inline scripts, and `js_on_load` of its HTML component is evaluated; WebAssembly and its workers are blobs.  No
# `frame-ancestors`: a Space shows the page in a frame.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' data: blob:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    )
)
HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"permissions-policy": b"camera=(self), clipboard-write=(self), geolocation=(), microphone=(), payment=(), usb=()",
}
FORWARDED = re.compile(rb"forwarded|x-forwarded-.*|x-gradio-server|x-original-.*|x-rewrite-url|cookie")


class Doors:
    """ASGI middleware: 404 for routes not listed, removes request headers that can't be trusted, adds security headers to answers.

    The server name in the request (`Host`, `X-Forwarded-*`) is replaced by the address that the request reached, since Gradio writes that
    name into its answers.  The page itself takes its address from the browser.  On a Space the platform gives the name.
    """

    def __init__(self, app):
        self.app = app
        self.public = os.environ.get("SPACE_HOST", "")

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":  # Gradio uses HTTP only; "lifespan" is the server's own
            return await self.app(scope, receive, send) if scope["type"] == "lifespan" else None
        allowed = OPEN.get(scope["method"])
        policy = POLICY if not scope["path"].startswith("/gradio_api/file=") else "default-src 'none'; sandbox"
        headers = {**HEADERS, b"content-security-policy": policy.encode()}
        answered = False

        async def protected(message):
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                kept = [(name, value) for name, value in message["headers"] if name.lower() not in (*headers, b"set-cookie")]
                message = {**message, "headers": [*kept, *headers.items()]}
            await send(message)

        if allowed is None or not allowed.fullmatch(scope["path"]):
            return await PlainTextResponse("There is nothing here.", 404)(scope, receive, protected)
        VISITOR.set((scope.get("client") or ("",))[0])
        try:
            await self.app(self._own_name(scope), receive, protected)
        except Exception as error:  # Gradio reads the body's indices and names without checking them
            log.warning("%s %s was not understood: %s", scope["method"], scope["path"][:80], type(error).__name__)
            if not answered:
                await PlainTextResponse("This request could not be understood; `/gradio_api/info` says what can be asked.", 400)(
                    scope, receive, protected
                )

    def _own_name(self, scope) -> dict:
        name, port = scope.get("server") or ("localhost", None)
        name = f"[{name}]" if ":" in name else name
        host = self.public or (f"{name}:{port}" if port else name)
        headers = [pair for pair in scope["headers"] if pair[0] != b"host" and not FORWARDED.fullmatch(pair[0])]
        scheme = "https" if self.public else scope["scheme"]
        return {**scope, "scheme": scheme, "headers": [(b"host", host.encode()), *headers]}


class Calls:
    """ASGI middleware: a call of the API has a JSON object with a list `data` and a short session hash, or gets an error of one sentence.

    The body is read here, whole; `BodyLimit` before this bounds it.
    """

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["method"] != "POST" or not CALLS.fullmatch(scope["path"]):
            return await self.app(scope, receive, send)
        body, more = bytearray(), True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            more = message.get("more_body", False)
        functions = functions_of(scope["app"])
        event, wrong = _read(scope["path"], bytes(body), functions)
        if wrong:
            return await PlainTextResponse(wrong, 422)(scope, receive, send)
        if scope["path"] == "/gradio_api/run/predict" and not (function := functions[event["fn_index"]]).queue:
            status, answer = await movement(scope["app"], function, event, Request(scope))
            return await Response(orjson.dumps(answer, default=str), status, media_type="application/json")(scope, receive, send)
        given = False

        async def again():
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        return await self.app(scope, again, send)


def _read(path: str, body: bytes, functions: dict) -> tuple[dict, str | None]:
    """The body of a call, and None or a sentence that says what is wrong with it. functions: Gradio's, by index."""
    try:
        event = orjson.loads(body)
    except ValueError:
        return {}, "The body of a call is JSON; this is none."
    if not isinstance(event, dict):
        return {}, "The body of a call is a JSON object."
    return event, _wrong(path, event, functions)


def _wrong(path: str, event: dict, functions: dict) -> str | None:
    session, index = event.get("session_hash"), event.get("fn_index")
    if session is not None and not (isinstance(session, str) and SESSION.fullmatch(session)):
        return "A session hash has 1 to 64 letters, digits, - or _."
    if re.search(r"/(cancel|reset|v2/)", path):  # these have no list of arguments
        return None
    data = event.get("data")
    if not isinstance(data, list):
        return "A call has its arguments in a list named data."
    if "/queue/" in path or index is not None:
        if type(index) is not int or index not in functions:
            return "There is no function with this fn_index."
    else:
        name = path.rstrip("/").rpartition("/")[2]
        index = next((i for i, function in functions.items() if function.api_name == name), None)
        if index is None:
            return f"There is no function named {name[:60]}."
    wanted = len(functions[index].inputs)
    if len(data) < wanted and "/call/" not in path:  # there, Gradio itself fills in omitted arguments
        return f"This function has {wanted} arguments; only {len(data)} were given."
    return None
