"""photo.js reads uploads as `imaging.fitted` does: the same levels, the same sentences."""

import base64
import io
import random
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from playground import imaging
from playground.errors import UserError

READ = """async ([bytes, size, fit, rules]) => {
    const { photo } = await import("/playground/browser/photo.js");
    const file = new Blob([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))]);
    try {
        return { levels: btoa(String.fromCharCode(...(await photo(file, size, fit, rules)))) };
    } catch (error) {
        return { said: error.message };
    }
}"""
SIDE = 48  # pixels of what is made of uploads


def in_browser(page, file: bytes, fit: str) -> np.ndarray | str:
    """What photo.js makes of a file, (SIDE, SIDE, 3), or says of it."""
    found = page.evaluate(READ, [base64.b64encode(file).decode(), SIDE, fit, imaging.rules()])
    return found.get("said") or np.frombuffer(base64.b64decode(found["levels"]), np.uint8).reshape(SIDE, SIDE, 3).astype(int)


def in_python(file: bytes, fit: str) -> np.ndarray:
    return np.asarray(imaging.fitted(file, SIDE, fit)).astype(int)


def encoded(image: Image.Image, kind: str = "png", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(mode: str, size: tuple[int, int], chance: random.Random) -> Image.Image:
    planes = {"P": "RGB", "1": "L", "I;16": "L"}.get(mode, mode)
    levels = np.random.default_rng(chance.getrandbits(32)).integers(0, 256, (*size[::-1], len(planes)), dtype=np.uint8)
    image = Image.fromarray(levels.squeeze(2) if len(planes) == 1 else levels, None if planes != "LA" else "LA")
    if mode == "I;16":
        return Image.fromarray(levels[..., 0].astype(np.uint16) * 257)
    return image if mode == planes else image.convert(mode)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "L", "P", "1", "I;16"])
@pytest.mark.parametrize("fit", ["crop", "pad"])
def test_a_png_of_any_kind_and_shape_gets_the_levels_that_pillow_gives_it(blank, mode, fit):
    chance = random.Random(mode + fit)
    for size in [(1, 1), (400, 1), (SIDE, SIDE), (49, 47), (chance.randint(1, 500), chance.randint(1, 700))]:
        file = encoded(noise(mode, size, chance))
        assert np.abs(in_browser(blank, file, fit) - in_python(file, fit)).max() <= 1, size


def test_a_picture_is_turned_as_its_camera_held_it(blank):
    image = Image.new("RGB", (96, 64), (200, 40, 40))
    image.paste((40, 40, 200), (0, 0, 48, 32))
    for kind in ("jpeg", "png"):
        for turn in range(1, 9):
            exif = Image.Exif()
            exif[0x0112] = turn
            file = encoded(image, kind, exif=exif, quality=95)
            assert np.abs(in_browser(blank, file, "pad") - in_python(file, "pad")).mean() < 3, (kind, turn)


@pytest.mark.parametrize("kind", ["jpeg", "webp", "gif", "bmp"])
def test_the_other_formats_are_read(blank, kind):
    image = Image.linear_gradient("L").resize((200, 120)).convert("RGB")
    file = encoded(image, kind)
    assert np.abs(in_browser(blank, file, "crop") - in_python(file, "crop")).mean() < 2


def large(width: int, height: int) -> bytes:
    """A PNG that says that it has so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


WRONG = {
    "empty": b"",
    "text": b"<script>alert(1)</script>",
    "short": b"BM",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>',
    "many": large(8000, 5001),
    "most": large(60_000, 60_000),
    "damaged": encoded(Image.new("RGB", (40, 40)))[:50] + bytes(60),
    "a damaged photo": encoded(Image.new("RGB", (40, 40)), "jpeg")[:200],
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_used_gets_the_sentence_that_it_gets_from_python(blank, name):
    with pytest.raises(UserError) as told:
        in_python(WRONG[name], "crop")
    assert in_browser(blank, WRONG[name], "crop") == str(told.value)


def test_a_file_of_too_many_bytes_gets_its_sentence(blank):
    heavy = """async ([rules]) => {
        const { photo } = await import("/playground/browser/photo.js");
        return photo(new Blob([new Uint8Array(rules.bytes + 1)]), 48, "crop", rules).catch((error) => error.message);
    }"""
    with pytest.raises(UserError) as told:
        imaging.fitted(bytes(imaging.MAX_BYTES + 1), SIDE)
    assert blank.evaluate(heavy, [imaging.rules()]) == str(told.value)
