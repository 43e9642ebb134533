"""The pixel tab in a browser: what is written streams in, can be paused, and ends as the API's; odds and surprise are the model's."""

import functools
import re

import numpy as np
import pytest
from PIL import Image

from playground import api, imaging
from playground.ui.components.pixel_picker import HEAT, NEXT, SPOT, WAITING
from playground.ui.tabs.pixels.digit import GIVEN_INK, GIVEN_PAPER
from playground.ui.tabs.pixels.field import BLIND, _field_map
from tests.browser.conftest import PATIENCE, changed, drawings, grey, open_view, opened, pixels, sent_last, settled, shows, source
from tests.browser.test_canvas import draw
from tests.browser.test_digits import read

WRITTEN = "#pixels-written"


def watched(page, selector: str) -> None:
    """From now on the window keeps every picture that the element shows, in `frames`."""
    page.evaluate(
        """(selector) => {
            const img = document.querySelector(`${selector} img`);
            window.frames_seen = [];
            new MutationObserver(() => frames_seen.push(img.src)).observe(img, { attributes: true, attributeFilter: ["src"] });
        }""",
        selector,
    )


def frames(page) -> list[np.ndarray]:
    """The pictures that were seen since `watched`, (H, W, 3) each."""
    return [np.asarray(imaging.decode(source)) for source in page.evaluate("frames_seen")]


def waiting(frame: np.ndarray) -> int:
    """How many pixels of a frame are not written yet."""
    return int((frame == WAITING).all(2).sum() + (frame == NEXT).all(2).sum())


def progress(page, element: str, words: str) -> None:
    page.locator(f"#{element} p", has_text=re.compile(words)).wait_for()


@functools.lru_cache
def as_written(digit: int, seed: int) -> np.ndarray:
    return np.asarray(api.pixels_write(digit, seed))


def test_write_streams_pixels_and_ends_with_the_image_of_that_seed(page):
    opened(page, "/?tab=pixels&digit=3&seed=8&speed=8&done=0")
    watched(page, WRITTEN)
    page.locator("#pixels-start").click()
    page.wait_for_function("() => frames_seen.length > 1", timeout=PATIENCE)
    progress(page, "pixels-progress", "^784 of 784 pixels")
    seen, whole = frames(page), as_written(3, 8)
    left = [waiting(frame) for frame in seen]
    assert len(set(left)) >= 4 and left == sorted(left, reverse=True) and left[-1] == 0
    for frame, count in zip(seen, left):
        assert np.array_equal(frame.reshape(-1, 3)[: 784 - count, 0], whole.flatten()[: 784 - count])  # row by row
    assert np.array_equal(grey(page, WRITTEN), whole)
    page.locator("#pixels-odds figcaption", has_text=f"u = {api.pixels_at(12, 14, 3, 8)['noise']:.4f}").wait_for()  # of the new digit


def test_pause_stops_the_pen_and_write_goes_on_from_there(page):
    opened(page, "/?tab=pixels&digit=3&seed=8&speed=7&done=0")
    watched(page, WRITTEN)
    page.locator("#pixels-start").click()
    clicked = "() => frames_seen.length > 1 && (document.querySelector('#pixels-pause').click(), true)"
    page.wait_for_function(clicked, timeout=PATIENCE)  # at once: the whole image takes a second
    settled(page, WRITTEN)
    left = waiting(pixels(page, WRITTEN))
    assert 0 < left < 784
    assert int(page.locator("#pixels-done input[type=number]").input_value()) == 784 - left
    watched(page, WRITTEN)
    page.locator("#pixels-start").click()
    progress(page, "pixels-progress", "^784 of 784 pixels")
    assert max(waiting(frame) for frame in frames(page)) <= left
    assert np.array_equal(grey(page, WRITTEN), as_written(3, 8))


def tiles(sheet) -> np.ndarray:
    """The eight completions of the sheet, two rows of four: (8, 28, 28, 3)."""
    return sheet.reshape(2, 28, 4, 28, 3).transpose(0, 2, 1, 3, 4).reshape(8, 28, 28, 3)


SHEET = "#pixels-sheet"


def completed(page, digit: str, last: int, seed: int) -> np.ndarray:
    """Waits until the sheet shows the API's completions, and checks them; returns the rows that were given."""
    picture, labels = api.pixels_complete(digit, 0, last, seed=seed)
    progress(page, "pixels-complete-said", "^Written as " + ", ".join(map(str, labels)))
    shown = tiles(pixels(page, SHEET))[..., 0]
    assert np.array_equal(shown[:, last:], np.asarray(picture).reshape(28, 8, 28).transpose(1, 0, 2)[:, last:])
    assert len({tile.tobytes() for tile in shown}) > 4
    return api.binarised(digit, seed)[0, 0].numpy()[:last] > 0.5


def heat_of(said: dict) -> Image.Image:
    """The bits of each pixel in colours, black for 0 and white for 8 or more."""
    at = np.clip(np.array(said["bits"]) / 8, 0, 1) * (len(HEAT) - 1)
    return Image.fromarray(np.stack([np.interp(at, range(len(HEAT)), channel) for channel in zip(*HEAT)], 2).round().astype(np.uint8))


def test_completions_keep_the_rows_that_were_given_follow_the_pen_and_can_respect_the_rows_below(page):
    opened(page, "/?tab=pixels&view=complete&seed=4&last=23")
    given = completed(page, "7", 23, 4)
    for tile in tiles(pixels(page, SHEET)):
        assert np.array_equal((tile[:23] == GIVEN_INK).all(2), given) and np.array_equal((tile[:23] == GIVEN_PAPER).all(2), ~given)
    before, sent = source(page, SHEET), drawings(page)
    page.locator("#pixels-hands").get_by_text("5", exact=True).click()
    changed(page, SHEET, before)
    completed(page, sent_last(page, "pixels-canvas", sent), 23, 4)
    # A begun digit is finished while it is drawn
    before = settled(page, SHEET)
    canvas = page.locator("#pixels-canvas canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    at = lambda x, y: page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=6)  # noqa: E731
    at(0.3, 0.2)
    page.mouse.down()
    at(0.4, 0.5)
    changed(page, SHEET, before)  # the pen is still down
    assert waiting(pixels(page, SHEET)) == 0
    page.mouse.up()
    # Rows above the given ones respect them where asked
    page.locator("#pixels-wanted").get_by_text("7", exact=True).click()
    for end, row in (("last", 28), ("first", 15)):
        page.locator(f"#pixels-{end} input[type=number]").fill(str(row))
        page.locator(f"#pixels-{end} input[type=number]").press("Enter")
    page.wait_for_url("**first=15**")
    before = settled(page, SHEET)
    page.locator("#pixels-ahead input").check()
    changed(page, SHEET, before)
    progress(page, "pixels-complete-said", "Drawn from 64 tries, whose effective sample size is")


def test_an_edited_link_gets_a_sentence_and_a_working_page(page):
    opened(page, "/?tab=pixels&digit=eleven&temperature=nan&done=9999&at=5&seed=one")
    page.get_by_text("was not valid and has been corrected: temperature, seed, digit, done, at.").wait_for()
    assert np.array_equal(grey(page, WRITTEN), as_written(api.WRITTEN, 1))


def test_opens_with_a_written_digit_whose_pixels_say_what_their_odds_were_and_a_drawn_one_surprises(page):
    opened(page, "/?tab=pixels")
    assert np.array_equal(grey(page, WRITTEN), as_written(api.WRITTEN, 1))
    assert read(grey(page, WRITTEN)) == [api.WRITTEN]
    box = page.locator(f"{WRITTEN} img").bounding_box()
    for row, column in ((7, 15), (9, 12)):
        page.mouse.click(box["x"] + (column + 0.5) * box["width"] / 28, box["y"] + (row + 0.5) * box["height"] / 28)
        said = api.pixels_at(row, column, api.WRITTEN)
        words = f"in row {row + 1}, column {column + 1}; u = {said['noise']:.4f}"
        page.locator("#pixels-odds figcaption", has_text=words).wait_for()
        odds = [float(text.rstrip("%")) / 100 for text in page.locator("#pixels-odds .bar b").all_inner_texts()]
        assert odds == pytest.approx([said["black"], said["white"]], abs=0.006)
        assert (grey(page, WRITTEN)[row, column] == 255) == bool(said["drawn"])
    page.keyboard.press("ArrowDown")
    page.locator("#pixels-odds figcaption", has_text="in row 11, column 13").wait_for()
    # It downloads enlarged
    with page.expect_download() as download:
        page.locator(f"{WRITTEN} .download").click()
    saved = Image.open(download.value.path()).convert("L")
    assert np.array_equal(saved.resize((28, 28), Image.Resampling.NEAREST), as_written(api.WRITTEN, 1)) and saved.size == (560, 560)
    # A digit surprises while it is drawn
    open_view(page, "pixels", "surprise")
    x, _, said = api.pixels_surprise("4")
    shows(page, "#pixels-seen", x)
    shows(page, "#pixels-heat", heat_of(said))
    nats = page.locator("#pixels-view-surprise .figures dd").first
    assert float(nats.inner_text().split()[0]) == pytest.approx(said["nats"], rel=0.01)  # three digits are shown
    before, sent = source(page, "#pixels-heat"), drawings(page)
    page.locator("#pixels-mine-hands").get_by_text("0", exact=True).click()
    before = changed(page, "#pixels-heat", before)
    shows(page, "#pixels-heat", heat_of(api.pixels_surprise(sent_last(page, "pixels-mine", sent))[2]))
    draw(page, "pixels-mine", (60, 450), (450, 60), up=False)
    changed(page, "#pixels-heat", before)  # the pointer is still down
    page.mouse.up()
    settled(page, "#pixels-heat")
    x, _, crossed = api.pixels_surprise(sent_last(page, "pixels-mine", sent))
    shows(page, "#pixels-seen", x)
    shows(page, "#pixels-heat", heat_of(crossed))
    assert float(nats.inner_text().split()[0]) == pytest.approx(crossed["nats"], rel=0.01)
    assert crossed["nats"] > 1.2 * said["nats"]


def test_the_field_follows_the_chosen_pixel_shows_the_blind_spot_of_one_model_alone_and_the_order_of_training_its_slider(page):
    opened(page, "/?tab=pixels&view=field&model=pixelcnn-mnist&beside=gated-pixelcnn-mnist&spot=12,9&tick=28")
    shows(page, "#pixels-field", _field_map("pixelcnn-mnist", 12, 9))
    shows(page, "#pixels-field-beside", _field_map("gated-pixelcnn-mnist", 12, 9))
    blind = [(pixels(page, element) == BLIND).all(2)[11, 12:20].sum() for element in ("#pixels-field", "#pixels-field-beside")]
    assert blind[0] > 0 == blind[1]
    box = page.locator("#pixels-spot .picker").bounding_box()
    page.mouse.click(box["x"] + 20.5 / 28 * box["width"], box["y"] + 8.5 / 28 * box["height"])
    shows(page, "#pixels-field", _field_map("pixelcnn-mnist", 8, 20))
    picture = pixels(page, "#pixels-field")
    assert tuple(picture[8, 20]) == SPOT and (picture[8, 21:] == WAITING).all() and (picture[9:] == WAITING).all()
    # The order of training
    done = (pixels(page, "#pixels-order") == (230, 159, 0)).all(2)
    panels = [done[:, 29 * i : 29 * i + 28] for i in range(4)]
    assert [int(panel.sum()) for panel in panels] == [28, 784, 28 * 29 // 2, 784]  # a row; all rows; half of the diagonals; all
