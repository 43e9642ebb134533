"""The page and its files, which never change while the server runs: rendered once, compressed once, and sent from memory.

Gradio renders its page anew for each visitor, and compresses each file at each request.  In the page kept here, pictures are separate
files, so that a visitor fetches those of a tab when it opens; its address is taken from the browser; and its link preview is about this
page.
"""

import asyncio
import base64
import gzip
import hashlib
import html
import io
import os
import re
from dataclasses import dataclass, field

import brotli
from PIL import Image
from starlette.responses import HTMLResponse

from playground.ui import gradio_page
from playground.ui.theme import TITLE, WHAT
from playground.ui.values import opening_picture

PAGE = re.compile(r"/(config/?|quiz\.html|gradio_api/info/?|theme\.css|manifest\.json|favicon\.ico|robots\.txt)?")
OURS = re.compile(PAGE.pattern + r"|/(assets|static|svelte|kept)/.+", re.DOTALL)
HASHED = re.compile(r"/assets/.+-[\w-]{8}\.\w+|/kept/.+")  # whose names change with their content
TEXT = re.compile(rb"text/|application/(javascript|json|manifest)|image/svg|application/wasm")
AT_MOST = 64 * 2**20  # bytes of answers kept
PICTURE = re.compile(rb"data:image/(?:png|webp);base64,([A-Za-z0-9+/]{1500,}={0,2})")
META = re.compile(rb'<meta\s+(?:property="og:|name="twitter:)[^>]*>')  # Gradio's own link preview
FOREVER, ASK = b"public, max-age=31536000, immutable", b"no-cache"


@dataclass
class Answer:
    """An answer with status 200, in the encodings that make it smaller."""

    kind: bytes  # its Content-Type
    caching: bytes  # its Cache-Control
    bodies: dict[bytes, bytes]  # encoding ("" as it is) -> body
    tag: bytes = field(init=False)

    def __post_init__(self):
        self.tag = b'"%s"' % hashlib.sha256(self.bodies[b""]).hexdigest()[:24].encode()

    @property
    def size(self) -> int:
        return sum(map(len, self.bodies.values()))

    def headers(self, encoding: bytes) -> list[tuple[bytes, bytes]]:
        fields = [(b"content-type", self.kind), (b"cache-control", self.caching), (b"etag", self.tag), (b"vary", b"accept-encoding")]
        return fields + ([(b"content-encoding", encoding)] if encoding else [])


class Kept:
    """ASGI middleware that repeats the application's first answer for the page and its files."""

    def __init__(self, app):
        self.app = app
        self._kept: dict[tuple[bytes, str], Answer] = {}
        self._size = 0  # bytes
        self._making: dict[tuple[bytes, str], asyncio.Task] = {}

    async def __call__(self, scope, receive, send):
        path = scope.get("path", "")
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or not OURS.fullmatch(path):
            return await self.app(scope, receive, send)
        headers = dict(scope["headers"])
        key = (headers.get(b"host", b"") if PAGE.fullmatch(path) else b"", path)  # the page contains its own address
        answer = self._kept.get(key)
        if answer is None and scope["method"] == "HEAD" and path == "/":  # Gradio's check, at its start, that the page is there
            return await HTMLResponse()(scope, receive, send)
        answer = answer or await self._ask(key, scope)
        if answer is None:
            return await self.app(scope, receive, send)
        await _send(answer, scope["method"], headers, send)

    async def _ask(self, key, scope) -> Answer | None:
        """The application's answer, computed once for all simultaneous requests; None if its status isn't 200."""
        if key not in self._making:
            self._making[key] = asyncio.create_task(self._make(key, scope))
            self._making[key].add_done_callback(lambda _: self._making.pop(key, None))
        return await asyncio.shield(self._making[key])

    async def _make(self, key, scope) -> Answer | None:
        host = [pair for pair in scope["headers"] if pair[0] == b"host"]
        status, kind, body = await _asked(self.app, {**scope, "method": "GET", "query_string": b"", "headers": host})
        if status != 200 or len(body) > AT_MOST // 8:
            return None
        path, pictures = key[1], {}
        if path == "/":
            root = f"{scope['scheme']}://{host[0][1].decode()}" if host else ""
            body, pictures = await asyncio.to_thread(apart, body, root)
            body, preview = await asyncio.to_thread(introduced, body)
            pictures |= preview
        elif gradio_page.changes(name := path.removeprefix("/assets/")):
            body = gradio_page.quicker(name, body.decode()).encode()
        for name, picture in pictures.items():
            self._keep((b"", f"/kept/{name}"), Answer(f"image/{name.rpartition('.')[2]}".encode(), FOREVER, {b"": picture}))
        bodies = await asyncio.to_thread(encoded, kind, body)
        answer = Answer(kind, FOREVER if HASHED.fullmatch(path) else ASK, bodies)
        self._keep(key, answer)
        return answer

    def _keep(self, key, answer: Answer) -> None:
        if key not in self._kept and self._size + answer.size <= AT_MOST:
            self._kept[key] = answer
            self._size += answer.size


async def _asked(app, scope) -> tuple[int, bytes, bytes]:
    """The status, the Content-Type and the body that `app` answers to a GET."""
    status, kind, body = 500, b"", bytearray()

    begun = False

    async def nothing():
        nonlocal begun
        if begun:  # the client never disconnects
            await asyncio.Event().wait()
        begun = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def take(message):
        nonlocal status, kind
        if message["type"] == "http.response.start":
            status, kind = message["status"], dict(message["headers"]).get(b"content-type", b"")
        else:
            body.extend(message.get("body", b""))

    await app(scope, nothing, take)
    return status, kind, bytes(body)


async def _send(answer: Answer, method: str, headers: dict, send) -> None:
    if headers.get(b"if-none-match") == answer.tag:
        await send({"type": "http.response.start", "status": 304, "headers": answer.headers(b"")})
        return await send({"type": "http.response.body", "body": b""})
    wanted = re.split(rb"[\s,;]+", headers.get(b"accept-encoding", b""))
    encoding = next((name for name in (b"br", b"gzip") if name in wanted and name in answer.bodies), b"")
    body = answer.bodies[encoding]
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [*answer.headers(encoding), length]})
    await send({"type": "http.response.body", "body": body if method == "GET" else b""})


def encoded(kind: bytes, body: bytes) -> dict[bytes, bytes]:
    """Encoding -> body: "" for uncompressed, and those in which it is smaller."""
    bodies = {b"": body}
    if TEXT.match(kind):
        bodies |= {b"br": brotli.compress(body, quality=9), b"gzip": gzip.compress(body, 9, mtime=0)}
    return {name: content for name, content in bodies.items() if name == b"" or len(content) < len(body)}


def apart(page: bytes, root: str) -> tuple[bytes, dict[str, bytes]]:
    """The page with its pictures as separate files, and with `root`, its address as the server sees it, left to the browser.

    Returns the page, and file name -> lossless WebP.
    """
    pictures: dict[str, bytes] = {}

    def named(found: re.Match) -> bytes:
        data = base64.b64decode(found[1])
        name = f"{hashlib.sha256(data).hexdigest()[:16]}.webp"
        if name not in pictures:
            pictures[name] = data if data.startswith(b"RIFF") else _smaller(data)
        return b"kept/" + name.encode()

    page = PICTURE.sub(named, page)
    for key in (b'"root":"%s"', b'const root = "%s"'):
        page = page.replace(key % root.encode(), key % b".")
    return page, pictures


def introduced(page: bytes) -> tuple[bytes, dict[str, bytes]]:
    """The page with a description and a picture of ours for link previews, in place of Gradio's own.  Programs that show links want its
    whole address, which is known on a Space; elsewhere it is relative.

    Returns the page, and file name -> PNG: the map of digits, or nothing if that model isn't there.
    """
    properties = {"og:type": "website", "og:title": TITLE, "og:description": WHAT, "twitter:card": "summary"}
    pictures, host = {}, os.environ.get("SPACE_HOST")
    if picture := opening_picture("vae-mnist-2d"):
        buffer = io.BytesIO()
        picture.resize((600, 600)).save(buffer, "png")
        name = f"{hashlib.sha256(buffer.getvalue()).hexdigest()[:16]}.png"
        pictures, properties["og:image"] = {name: buffer.getvalue()}, f"{f'https://{host}/' if host else ''}kept/{name}"
    metas = [f'<meta name="description" content="{html.escape(WHAT)}">']
    metas += [f'<meta property="{name}" content="{html.escape(value)}">' for name, value in properties.items()]
    return META.sub(b"", page).replace(b"</head>", "".join(metas).encode() + b"</head>", 1), pictures


def _smaller(png: bytes) -> bytes:
    """A picture as lossless WebP."""
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.save(buffer, "webp", lossless=True, method=4)
    return buffer.getvalue()
