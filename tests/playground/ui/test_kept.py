"""Pictures are taken out of the page without a change, and what is kept is bounded."""

import asyncio
import base64
import html
import io
import re

import numpy as np
from PIL import Image

from playground.ui import kept
from playground.ui.kept import apart, introduced
from playground.ui.theme import TITLE, WHAT
from playground.ui.values import shown
from tests.playground.ui.test_executor import run


def test_a_picture_keeps_its_pixels():
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8))
    page, pictures = apart(f'{{"src":"{shown(picture, "")["src"]}","root":"http://here:1"}}'.encode(), "http://here:1")
    assert re.fullmatch(rb'\{"src":"kept/\w+\.webp","root":"\."\}', page)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(*pictures.values()))), np.asarray(picture))


def test_a_link_to_the_page_shows_what_it_is_and_a_picture_of_ours(monkeypatch):
    theirs = b'<head><meta property="og:title" content="Gradio" /><meta\n name="twitter:image"\n content="https://elsewhere" /></head>'
    page, pictures = introduced(theirs)
    told = dict(re.findall(r'<meta (?:name|property)="([\w:]+)" content="([^"]*)">', page.decode()))
    assert told["og:title"] == TITLE and html.unescape(told["description"]) == WHAT
    assert b"Gradio" not in page and b"https:" not in page
    ((name, content),) = pictures.items()
    assert told["og:image"] == f"kept/{name}"
    assert Image.open(io.BytesIO(content)).size == (600, 600)
    monkeypatch.setenv("SPACE_HOST", "ann-playground.hf.space")
    assert f'property="og:image" content="https://ann-playground.hf.space/kept/{name}"'.encode() in introduced(theirs)[0]


def test_what_is_kept_is_bounded():
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"image/png")]})
        await send({"type": "http.response.body", "body": base64.b64encode(scope["path"].encode()) * 2**18})

    async def fetch():
        ours = kept.Kept(app)
        for i in range(60):
            scope = {"type": "http", "method": "GET", "path": f"/assets/{i:08}.png", "headers": [], "scheme": "http"}
            await ours(scope, None, lambda message: asyncio.sleep(0))
        return ours

    assert 0 < run(fetch())._size <= kept.AT_MOST
