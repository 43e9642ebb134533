"""Pictures are taken out of the page without a change, and what is kept is bounded."""

import asyncio
import base64
import io
import re

import numpy as np
from PIL import Image

from playground.ui import kept
from playground.ui.kept import apart
from playground.ui.values import shown
from tests.playground.ui.test_executor import run


def test_a_picture_keeps_its_pixels():
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8))
    page, pictures = apart(f'{{"src":"{shown(picture, "")["src"]}","root":"http://here:1"}}'.encode(), "http://here:1")
    assert re.fullmatch(rb'\{"src":"kept/\w+\.webp","root":"\."\}', page)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(*pictures.values()))), np.asarray(picture))


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
