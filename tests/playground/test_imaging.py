"""What people hand over: every odd or hostile file ends in one sentence or in the right picture."""

import base64
import io
import json
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from skimage.morphology import thin

from playground import imaging
from playground.drawing.flowers import FLOWERS
from playground.drawing.palettes import CHALK, INK
from playground.drawing.strokes import Stroke, canvas_value, render
from playground.errors import EmptyCanvas, UserError
from playground.imaging.thinning import thinned

PALETTE = (("background", "#0000de"), ("facade", "#0030fe"), ("window", "#0080fe"))


def saved(image: Image.Image, kind: str = "png", **how) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **how)
    return buffer.getvalue()


def corner_picture(mode="RGB", size=(40, 20)) -> Image.Image:
    """Red at its upper left, blue elsewhere."""
    image = Image.new("RGB", size, (0, 0, 255))
    image.paste((255, 0, 0), (0, 0, size[0] // 2, size[1] // 2))
    return image.convert(mode)


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims any size in a few bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header, body = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0), zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


# --- refused, in one sentence ---


@pytest.mark.parametrize(
    "content, says",
    [
        (b"", "empty"),
        (b"hello, I am text", "not a readable picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a readable picture"),
        (saved(corner_picture(size=(200, 200)), "jpeg")[:900], "damaged"),
        (saved(corner_picture(size=(200, 200)))[:200], "damaged"),
        (png_header(30_000, 30_000), "pixels"),
        (png_header(8_000, 8_000), "8000 x 8000 pixels"),
        (bytes(9 * 2**20), "MB"),
        (saved(corner_picture(), "tiff"), "not a readable picture"),
    ],
    ids=["empty", "text", "svg", "cut jpeg", "cut png", "30,000 px", "8,000 px", "9 MB", "tiff"],
)
def test_refused_in_one_sentence(content, says, tmp_path):
    path = tmp_path / "upload.png"
    path.write_bytes(content)
    for source in (content, path):
        with pytest.raises(UserError, match=says) as error:
            imaging.decode(source)
        assert str(error.value).count(". ") == 0


def test_huge_picture_is_refused_before_its_pixels_are_allocated():
    tracemalloc.start()
    with pytest.raises(UserError):
        imaging.decode(png_header(6_400, 6_400))
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


NO_DATA_URLS = ["/etc/passwd", "file:///etc/passwd", "", "data:image/png;base64,%%%", "data:image/png,plain", "data:;base64," + "A" * 2**24]


@pytest.mark.parametrize("url", NO_DATA_URLS)
def test_bad_data_url(url):
    with pytest.raises(UserError):
        imaging.decode(url)


# --- read as it was meant ---


@pytest.mark.parametrize(
    "content",
    [
        saved(corner_picture(), "jpeg", quality=95),
        saved(corner_picture("CMYK"), "jpeg", quality=95),
        saved(corner_picture(), "webp", lossless=True),
        saved(corner_picture(), "bmp"),
        saved(corner_picture("P")),
        saved(corner_picture(), "gif", save_all=True, append_images=[Image.new("RGB", (40, 20), "green")]),
    ],
    ids=["jpeg", "CMYK jpeg", "webp", "bmp", "palette", "animated gif"],
)
def test_formats_and_modes(content):
    image = imaging.decode(content)
    assert image.mode == "RGB" and image.size == (40, 20)
    np.testing.assert_allclose(image.getpixel((5, 5)), (255, 0, 0), atol=12)
    np.testing.assert_allclose(image.getpixel((35, 15)), (0, 0, 255), atol=12)


def test_sixteen_bits_are_scaled():
    levels = np.array([[0, 32_896, 65_535]], dtype=np.uint16)
    assert [imaging.decode(saved(Image.fromarray(levels))).getpixel((x, 0))[0] for x in range(3)] == [0, 128, 255]


def test_transparent_is_white():
    clear = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    assert imaging.decode(saved(clear)).getpixel((1, 1)) == (255, 255, 255)
    palette = Image.new("P", (4, 4), 0)
    palette.putpalette([0, 0, 0] * 256)
    assert imaging.decode(saved(palette, transparency=0)).getpixel((1, 1)) == (255, 255, 255)
    assert imaging.decode(saved(Image.new("LA", (4, 4), (0, 0)))).getpixel((1, 1)) == (255, 255, 255)


def test_exif_rotation_is_applied():
    exif = Image.Exif()
    exif[274] = 6  # the camera was turned to the right
    image = imaging.decode(saved(corner_picture(), "jpeg", quality=95, exif=exif))
    assert image.size == (20, 40)
    np.testing.assert_allclose(image.getpixel((15, 5)), (255, 0, 0), atol=12)


def test_large_photo_is_decoded_small():
    assert max(imaging.decode(saved(Image.new("RGB", (4_096, 4_096)), "jpeg")).size) <= 2_048


def test_photo_is_cropped_or_padded():
    wide = saved(corner_picture(size=(80, 40)))
    cropped, padded = imaging.photo(wide, 16), imaging.photo(wide, 16, "pad")
    assert cropped.shape == padded.shape == (1, 3, 16, 16) and cropped.dtype == torch.float32
    assert (cropped[0, 2, 15] > 0.9).all() and cropped[0, 0, 15].max() < -0.9  # blue to its lower edge
    assert (padded[0, :, 0] == 1).all() and (padded[0, :, 15] == 1).all()  # white bars
    assert imaging.photo(saved(Image.new("L", (1, 900))), 16).shape == (1, 3, 16, 16)


def test_tensor_and_image_are_inverse():
    for mode in ("RGB", "L"):
        image = corner_picture(mode)
        assert imaging.to_image(imaging.to_tensor(image)).tobytes() == image.tobytes()
    large = imaging.to_image(torch.tensor([[[-1.0, 1.0]]]), scale=10)
    assert large.size == (20, 10) and sorted(set(large.tobytes())) == [0, 255]


# --- the canvas ---


READERS = [imaging.digit_from_canvas, lambda v: imaging.sketch_from_canvas(v, 32), lambda v: imaging.labels_from_canvas(v, 32, PALETTE)]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("value", ["", "{}", canvas_value(""), canvas_value([Stroke(((5, 5), (90, 90)), colour=0)])])
def test_empty_canvas(read, value):
    with pytest.raises(EmptyCanvas, match="canvas is empty"):
        read(value)


@pytest.mark.parametrize(
    "value",
    [
        "[1]",
        "7",
        "not JSON",
        "[" * 100_000,
        '{"png": 5}',
        '{"png": "/etc/passwd"}',
        '{"png": "data:image/png;base64,AAAA"}',
        '{"strokes": 5}',
        '{"strokes": "AB!"}',
        '{"strokes": "ABCD"}',
        json.dumps({"strokes": "_" * 2000}),
        json.dumps({"strokes": "A" * 2001}),
        "x" * 9_000_000,
        json.dumps({"png": "data:image/png;base64," + base64.b64encode(png_header(30_000, 30_000)).decode()}),
    ],
)
def test_edited_canvas_value(value):
    with pytest.raises(UserError):
        imaging.digit_from_canvas(value)


def test_digit_is_boxed_and_centred_as_mnist_is():
    small_in_a_corner = canvas_value([Stroke(((40, 40), (100, 40), (60, 160)), width=12)])
    large = canvas_value([Stroke(((100, 90), (400, 90), (200, 490)), width=40)])
    for value in (small_in_a_corner, large):
        ink = imaging.digit_from_canvas(value)[0, 0].numpy() / 2 + 0.5
        rows, columns = np.flatnonzero(ink.max(1) > 0.1), np.flatnonzero(ink.max(0) > 0.1)
        assert rows[-1] - rows[0] in (18, 19) and columns[-1] - columns[0] < 20
        middle = [(ink.sum(axis) * np.arange(28)).sum() / ink.sum() for axis in (1, 0)]
        np.testing.assert_allclose(middle, 14, atol=0.6)
        assert ink.max() == 1


def test_a_png_and_its_strokes_are_the_same_digit():
    strokes = [Stroke(((100, 90), (400, 90), (200, 490)), width=40)]
    png = render(strokes, 140, CHALK)
    url = "data:image/png;base64," + base64.b64encode(saved(png)).decode()
    torch.testing.assert_close(imaging.digit_from_canvas(json.dumps({"png": url})), imaging.digit_from_canvas(canvas_value(strokes)))


def test_lines_are_thinned_as_by_skimage_pixel_for_pixel():
    rng = np.random.default_rng(0)
    drawn = [np.asarray(render(packed, 96, INK).convert("L")) < 153 for packed in FLOWERS.values()]
    for ink in [*drawn, *(rng.random(rng.integers(1, 40, 2)) < rng.random() for _ in range(40))]:
        mine = thinned(torch.from_numpy(ink)[None, None].float())[0, 0].numpy() > 0
        assert np.array_equal(mine, thin(ink))


def test_sketch_is_thin_whatever_the_pen():
    for width in (3, 5, 30):
        ink = imaging.sketch_from_canvas(canvas_value([Stroke(((60, 256), (450, 256)), width=width)]), 128) < 0
        assert ink.shape == (1, 1, 128, 128)
        assert ink.sum(2).max() == 1 and 80 < ink.sum() < 106


def test_uploaded_sketch_with_a_shadow_and_in_chalk():
    page = Image.new("L", (300, 300), 235)
    ImageDraw.Draw(page).line((50, 150, 250, 150), fill=60, width=5)
    shadow = np.linspace(0.6, 1, 300)[None]
    shaded = Image.fromarray((np.asarray(page) * shadow).astype(np.uint8))
    chalk = Image.fromarray(255 - np.asarray(page))
    for image in (page, shaded, chalk):
        ink = imaging.sketch(saved(image), 128) < 0
        assert 70 < ink.sum() < 100 and ink[0, 0, 60:68].sum() == ink.sum()
    with pytest.raises(EmptyCanvas):
        imaging.sketch(saved(Image.new("L", (300, 300), 235)), 128)


def test_labels_have_the_palettes_colours_only():
    value = canvas_value([Stroke(((64, 64), (448, 448)), colour=1, rectangle=True), Stroke(((100, 100), (300, 310)), colour=2, width=31)])
    levels = ((imaging.labels_from_canvas(value, 64, PALETTE) + 1) * 127.5).round().int()[0].permute(1, 2, 0).reshape(-1, 3)
    assert {tuple(level) for level in levels.tolist()} == {(0, 0, 222), (0, 48, 254), (0, 128, 254)}
    assert (levels[:, 1] == 48).sum() + (levels[:, 1] == 128).sum() == 48 * 48  # the rectangle, to the pixel
    noisy = (np.array([0, 120, 250]) + np.random.default_rng(0).integers(-9, 9, (40, 40, 3))).clip(0, 255).astype(np.uint8)
    indices = imaging.nearest_colours(imaging.labels(saved(Image.fromarray(noisy)), 32, PALETTE), PALETTE)
    assert (indices == 2).all()


# --- lines ---


def test_lines_are_thin_deterministic_and_where_the_edge_is():
    disc = Image.new("RGB", (144, 144), (40, 90, 40))
    ImageDraw.Draw(disc).ellipse((30, 30, 114, 114), fill=(240, 200, 40))
    photos = imaging.to_tensor(disc).repeat(2, 1, 1, 1)
    found = imaging.lines(photos, 1.7)
    assert found.shape == (2, 1, 144, 144) and set(found.unique().tolist()) == {-1.0, 1.0}
    assert torch.equal(found[0], found[1]) and torch.equal(found, imaging.lines(photos, 1.7))
    y, x = np.nonzero(found[0, 0].numpy() < 0)
    np.testing.assert_allclose(np.hypot(y - 72, x - 72), 42, atol=1.5)
    assert len(y) < 2 * np.pi * 42 * 1.2
    assert (imaging.lines(torch.zeros(1, 3, 64, 64), 2.5) == 1).all()


def test_traced_lines_draw_themselves_again():
    disc = Image.new("RGB", (128, 128), (40, 90, 40))
    drawn = ImageDraw.Draw(disc)
    drawn.ellipse((30, 30, 98, 98), fill=(240, 200, 40))
    drawn.rectangle((0, 60, 20, 127), fill=(200, 30, 200))
    found = imaging.lines(imaging.to_tensor(disc), 1.7)
    again = imaging.sketch_from_canvas(canvas_value(imaging.trace(found)), 128)
    near = torch.nn.functional.max_pool2d(-found, 3, 1, 1) > 0  # within a pixel
    assert (again < 0)[near].sum() / (again < 0).sum() > 0.98
    assert 0.85 < (again < 0).sum() / (found < 0).sum() < 1.1


def test_more_smoothing_gives_fewer_lines():
    grain = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(0)) * 2 - 1
    counts = [(imaging.lines(grain, sigma) < 0).sum().item() for sigma in imaging.LINE_SIGMAS]
    assert counts[0] > counts[1] > counts[2]


# --- drawings in ink with dabs of colour ---


def doodle(*strokes: Stroke):
    return imaging.doodle_from_canvas(canvas_value(strokes), 128)


def test_ink_and_dabs_of_colour_are_told_apart():
    line, dab = Stroke(((100, 256), (400, 256)), 1, 16), Stroke(((256, 100),), 2, 40)
    ink, hints = doodle(line, dab)
    assert ink.shape == (1, 1, 128, 128) and hints.shape == (1, 4, 128, 128)
    assert ink[0, 0, 64, 60] == -1 and ink[0, 0, 25, 64] == 1 and -1 <= ink.min() and ink.max() == 1
    red = torch.tensor([0xEA, 0x5A, 0x47]) / 127.5 - 1
    assert torch.allclose(hints[0, :3, 25, 64], red) and hints[0, 3, 25, 64] == 1
    assert 70 < hints[0, 3].sum() < 90  # a disc of 10 pixels across: no line closes it in
    assert hints[0, :, hints[0, 3] == 0].abs().sum() == 0
    assert torch.equal(ink, doodle(line)[0])


def test_a_dab_never_covers_ink_and_an_edge_of_ink_is_no_dab():
    line, dab = Stroke(((100, 256), (400, 256)), 1, 16), Stroke(((256, 256),), 5, 60)
    for strokes in ((line, dab), (dab, line)):
        ink, hints = doodle(*strokes)
        assert (ink - doodle(line)[0]).abs().max() < 0.5  # of 2, at the ink's edges
        assert ink[0, 0, 64, 64] == -1 and hints[0, 3, 64, 64] == 0 and hints[0, 3, 69, 64] == 1
    slanted = Stroke(((60, 80), (430, 471)), 1, 14)
    assert doodle(slanted)[1].abs().sum() == 0


def test_dabs_without_ink_are_an_empty_canvas():
    with pytest.raises(EmptyCanvas, match="in ink"):
        doodle(Stroke(((256, 256),), 5, 60))


def ring(gap: int = 0) -> torch.Tensor:
    """Ink (1, 1, 64, 64): a square frame 3 pixels wide around 26 x 26 pixels, with a gap in its lower side."""
    ink = torch.ones(1, 1, 64, 64)
    ink[..., 16:48, 16:48] = -1
    ink[..., 19:45, 19:45] = 1
    ink[..., 45:48, 30 : 30 + gap] = 1
    return ink


def dabs(*places: tuple[int, int, tuple[float, float, float]]) -> torch.Tensor:
    hints = torch.zeros(1, 4, 64, 64)
    for row, column, colour in places:
        hints[0, :, row, column] = torch.tensor([*colour, 1])
    return hints


def test_a_dab_fills_the_area_it_lies_in_and_no_other():
    red, blue = (0.9, -0.5, -0.5), (-0.5, -0.5, 0.9)
    filled = imaging.spread(ring(), dabs((30, 30, red)))[0]
    assert (filled[3] == 1).sum() == 26 * 26 and (filled[:, 19:45, 19:45] == torch.tensor([*red, 1])[:, None, None]).all()
    halves = imaging.spread(ring(), dabs((30, 22, red), (30, 41, blue)))[0]
    assert (halves[0, 19:45, 19:31] > 0).all() and (halves[2, 19:45, 33:45] > 0).all()
    outside, ink = dabs((5, 5, red)), dabs((17, 30, red))
    assert imaging.spread(ring(), outside).equal(outside) and imaging.spread(ring(), ink).equal(ink)


@pytest.mark.parametrize("gap, closed", [(4, True), (12, False)])
def test_a_small_gap_in_a_line_is_closed_and_a_wide_one_is_not(gap, closed):
    filled = imaging.spread(ring(gap), dabs((30, 30, (0.9, 0.1, 0.1))))[0, 3]
    assert (filled[21:43, 21:43].all() and filled[50:].sum() == 0) if closed else filled.sum() == 1
