"""Pictures made to harm a decoder end in a sentence, soon: frames without number, bombs, text that unpacks, formats that are not taken."""

import io
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from playground.errors import UserError
from playground.imaging import decode
from tests import fuzz

PATIENCE = 10.0  # seconds of the processor; decoding takes milliseconds, making a bomb more


@pytest.fixture(autouse=True)
def soon():
    began = time.process_time()
    yield
    assert time.process_time() - began < PATIENCE


def saved(format: str, size=(64, 48), **how) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)).save(buffer, format, **how)
    return buffer.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks: bytes, size=(1, 1)) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def test_of_a_jpeg_with_several_frames_the_first_is_taken():
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "lime", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "MPO", save_all=True, append_images=frames[1:])
    try:
        picture = decode(buffer.getvalue())
    except UserError:
        return
    assert picture.size == (32, 32) and picture.getpixel((16, 16))[0] > 200


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_of_many_frames_only_the_first_is_decoded(format):
    frames = [Image.new("RGB", (256, 256), (i % 256, 0, 0)) for i in range(300)]
    buffer = io.BytesIO()
    frames[200].save(buffer, format, save_all=True, append_images=frames[:199])
    assert decode(buffer.getvalue()).size == (256, 256)


def test_text_that_unpacks_to_a_hundred_megabytes_is_left_alone():
    bomb = zlib.compress(bytes(100 * 2**20), 9)
    for packed in (chunk(b"zTXt", b"a\0\0" + bomb), chunk(b"iTXt", b"a\0\1\0\0\0" + bomb), chunk(b"iCCP", b"a\0\0" + bomb)):
        for count in (1, 30):
            try:
                decode(png(*[packed] * count))
            except UserError as error:
                assert str(error).endswith(".")


@pytest.mark.parametrize("size", [(50_000, 50_000), (2**31 - 1, 1), (1, 2**31 - 1), (0, 0), (100_000, 401)])
def test_more_pixels_than_are_taken_are_never_decoded(size):
    with pytest.raises(UserError):
        decode(png(size=size))


def test_pixels_that_unpack_to_more_than_the_header_says_are_cut_off():
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0))
    bomb += chunk(b"IDAT", zlib.compress(bytes(50 * 2**20), 9)) + chunk(b"IEND", b"")
    try:
        assert decode(bomb).size == (8, 8)
    except UserError:
        pass


def test_formats_that_are_not_taken_are_never_opened():
    for format in ("TIFF", "PPM", "TGA", "ICO", "PCX", "SGI", "DDS", "EPS", "PDF", "JPEG2000"):
        with pytest.raises(UserError):
            decode(saved(format))
    with pytest.raises(UserError):  # PSD, FITS, and an archive that calls itself a picture
        decode(b"8BPS" + bytes(1000))
    for begins in (
        b"SIMPLE  =                    T",
        b"PK\x03\x04",
        b"\x1f\x8b",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe",
    ):
        with pytest.raises(UserError):
            decode(begins + bytes(5000))


def test_notes_in_a_picture_are_not_read_beyond_its_place():
    notes = PngImagePlugin.PngInfo()
    for i in range(2000):
        notes.add_text(f"key{i}", "v" * 500, zip=True)
    assert decode(saved("PNG", pnginfo=notes)).size == (64, 48)
    for length in (0, 1, 2**16 - 3):  # lengths that the file has not
        try:
            decode(
                b"\xff\xd8\xff\xe1" + struct.pack(">H", min(length, 65535)) + b"Exif\0\0II*\0" + struct.pack("<I", 2**32 - 1) + bytes(20)
            )
        except UserError:
            pass


def test_mutated_pictures_are_pictures_or_a_sentence():
    """A sample; `python -m tests.fuzz` has ten thousand."""
    assert fuzz.pictures(400, seed=1).slowest < 1.0
