"""The tab of two worlds in a browser: four pictures that belong together, of examples and of whatever is uploaded."""

import base64
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from playground import api, catalog, imaging
from playground.drawing import pictures
from playground.ui.tabs.worlds.cycle import carried
from playground.ui.tabs.worlds.tab import Worlds
from tests.browser.conftest import changed, opened, pixels, said_by, shows, source, to_view
from tests.browser.test_in_browser import predictions_once_loaded

PLACES = ("x", "made", "again", "difference")


def translated(page, *arguments) -> dict:
    """Waits for the four pictures that the API gives, checks that they belong together, and returns the API's figures."""
    *pictures, figures = api.worlds_translate(*arguments)
    for place, picture in zip(PLACES, pictures):
        shows(page, f"#worlds-{place}", picture)
    x, _, again, difference = (pixels(page, f"#worlds-{place}").astype(int) for place in PLACES)
    assert np.array_equal(difference, abs(x - again))
    assert 127.5 * figures["cycle_l1"] == pytest.approx(difference.mean(), abs=1)  # each picture is rounded
    return figures


def test_opens_with_an_example_dice_choose_another_and_it_goes_the_other_way_with_another(page):
    opened(page, "/?tab=worlds")
    figures = translated(page, "a balloon", "cyclegan-emoji3d", "there")
    error = page.locator("#tab-worlds .figures dd").first.inner_text().split()[0]
    assert float(error) == pytest.approx(50 * figures["cycle_l1"], rel=0.01)  # of the range from -1 to 1, in per cent
    page.locator("#worlds-example").get_by_text("an apple").click()
    translated(page, "an apple", "cyclegan-emoji3d", "there")
    # Dice
    before = source(page, "#worlds-x")
    page.locator("#tab-worlds .dice").click()
    changed(page, "#worlds-x", before)
    page.wait_for_function("() => !location.search.includes('example=an+apple')")
    state = said_by(page, Worlds)
    assert state.example != "an apple" and state.model == Worlds.opening().model
    translated(page, state.example, state.model, state.direction)
    # Links that named no model
    opened(page, "/?tab=worlds&example=a+long+facade")
    translated(page, "a long facade", "cyclegan-facades", "back")
    labels = pixels(page, "#worlds-x")
    page.locator("#worlds-direction").get_by_text("photos \u2192 labels").click()
    translated(page, "a long facade", "cyclegan-facades", "there")
    assert abs(pixels(page, "#worlds-x").astype(int) - labels).mean() > 20  # a photo of the house, no longer its labels
    page.locator("#worlds-direction").get_by_text("labels \u2192 photos").click()
    page.locator("#worlds-example").get_by_text("a town house").click()
    translated(page, "a town house", "cyclegan-facades", "back")
    page.wait_for_url("**model=cyclegan-facades&direction=back&example=a+town+house")  # which are no longer what the tab opens with
    page.reload()
    translated(page, "a town house", "cyclegan-facades", "back")


def test_an_upload_that_the_server_has_cleared_away_is_sent_again(page, tmp_path):
    pictures.facade_photo(96).save(tmp_path / 'my "house" (1).png')
    opened(page, "/?tab=worlds&direction=there&compute=server")
    with page.expect_response("**/gradio_api/upload") as uploaded:
        page.locator("#worlds-upload input[type=file]").set_input_files(tmp_path / 'my "house" (1).png')
    url = "data:;base64," + base64.b64encode((tmp_path / 'my "house" (1).png').read_bytes()).decode()
    translated(page, url, "cyclegan-facades", "there")
    (path,) = map(Path, uploaded.value.json())
    path.unlink()
    with page.expect_response("**/gradio_api/upload"):  # the house is square, so its picture stays as it was
        page.get_by_text("the whole of it").last.click()
    translated(page, url, "cyclegan-facades", "there", "pad")
    assert path.exists() and page.locator("[role=alert]").count() == 0


def film(page) -> bytes:
    """Takes a picture with the camera, and returns it as the page keeps it."""
    upload = page.locator("#worlds-upload")
    upload.get_by_label("Capture from camera").click()
    upload.get_by_text("Click to Access Webcam").click()
    page.wait_for_function("document.querySelector('#worlds-upload video')?.videoWidth > 0")
    upload.get_by_label("capture photo").click()
    kept = upload.locator("img[src^=blob]")
    kept.wait_for()
    read = """async (img) => {
        const bytes = new Uint8Array(await (await fetch(img.src)).arrayBuffer());
        return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    }"""
    return base64.b64decode(kept.evaluate(read))


def test_what_is_no_picture_gets_one_sentence_and_the_page_goes_on(page, tmp_path):
    opened(page, "/?tab=worlds&direction=back")
    (tmp_path / "text.png").write_text("<script>alert(1)</script>")
    page.locator("#worlds-upload input[type=file]").set_input_files(tmp_path / "text.png")
    told = page.locator("[role=alert]")
    told.filter(has_text="This file is not a readable picture; choose a PNG").wait_for()
    assert told.count() == 1
    box = told.bounding_box()
    assert 0 <= box["y"] and box["y"] + box["height"] <= 900  # within the window
    translated(page, "a town house", "cyclegan-facades", "back")  # as it was
    page.locator("#worlds-upload").get_by_label("Remove Image").click()
    told.wait_for(state="detached")
    pictures.facade_photo(96).save(tmp_path / "photo.jpg")
    page.locator("#worlds-upload input[type=file]").set_input_files(tmp_path / "photo.jpg")
    url = "data:;base64," + base64.b64encode((tmp_path / "photo.jpg").read_bytes()).decode()
    translated(page, url, "cyclegan-facades", "back")
    gan, x = catalog.load("cyclegan-facades"), imaging.photo(tmp_path / "photo.jpg", pixels(page, "#worlds-x").shape[0])
    shows(page, "#worlds-x", imaging.to_image(gan.picture(gan.y(x))))  # each pixel the nearest label's colour


def test_a_wide_upload_is_cropped_or_padded_a_link_goes_without_one_and_the_camera_takes_one(window, tmp_path):
    page = window(permissions=["clipboard-read", "clipboard-write"])
    wide = Image.new("RGB", (300, 120), (200, 40, 40))  # red to the left, green in its middle square, blue to the right
    wide.paste((40, 160, 40), (90, 0, 210, 120))
    wide.paste((40, 40, 200), (210, 0, 300, 120))
    wide.save(tmp_path / "wide.png")
    url = "data:image/png;base64," + base64.b64encode((tmp_path / "wide.png").read_bytes()).decode()
    opened(page, "/?tab=worlds&direction=there")
    page.locator("#worlds-upload input[type=file]").set_input_files(tmp_path / "wide.png")
    translated(page, url, "cyclegan-facades", "there", "crop")
    assert (pixels(page, "#worlds-x") == (40, 160, 40)).all(2).mean() > 0.95
    page.locator("#worlds-asks", has_text="Then turn the direction round").wait_for()  # which world it is of, nobody has said
    page.get_by_text("the whole of it").last.click()
    translated(page, url, "cyclegan-facades", "there", "pad")
    padded = pixels(page, "#worlds-x")
    rows = (padded == 255).all((1, 2))
    assert rows.mean() == pytest.approx(0.6, abs=0.05) and not rows[len(rows) // 2]  # 120 of 300 rows are the picture's
    assert padded[len(rows) // 2, 5, 0] > 180 and padded[len(rows) // 2, -5, 2] > 180
    page.locator("#worlds-example").get_by_text("a long facade").click()
    translated(page, "a long facade", "cyclegan-facades", "there")
    page.locator("#worlds-upload").get_by_text("Drop Image Here").wait_for()
    assert not page.locator("#worlds-asks").inner_text().strip()
    # A link says that it goes without an upload
    copied = page.locator("#tab-worlds .share")
    pictures.facade_photo(96).save(tmp_path / "photo.png")
    before = source(page, "#worlds-made")
    page.locator("#worlds-upload input[type=file]").set_input_files(tmp_path / "photo.png")
    changed(page, "#worlds-made", before)
    copied.click()
    copied.filter(has_text="Copied, without your picture").wait_for()
    copied.filter(has_text="Copy link").wait_for()
    to_view(page, "Without the way back")
    shows(page, "#worlds-back-with", Image.fromarray(carried("a town house", "back")[0].strip))
    copied.click()
    copied.get_by_text("Copied", exact=True).wait_for()  # that upload is in another view
    # A house goes there and back, with the cycle term and without
    page.locator("#worlds-carried").get_by_text("a long facade").click()
    for direction in ("back", "there"):
        for place, found in zip(("with", "without"), carried("a long facade", direction)):
            shows(page, f"#worlds-{direction}-{place}", Image.fromarray(found.strip))
            page.locator("#worlds-terms td").get_by_text(f"{50 * found.cycle_l1:.2g} %").first.wait_for()
    # A filmed picture is translated in the browser
    to_view(page, "Translate a picture")
    page.get_by_text("its middle square").last.click()
    page.locator("#worlds-example").get_by_text("ten rectangles").click()  # to which the upload gives way
    translated(page, "ten rectangles", "cyclegan-facades", "there")
    asked, before = predictions_once_loaded(page, 1), source(page, "#worlds-made")
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    shows(page, "#worlds-x", imaging.fitted(film(page), 128))
    changed(page, "#worlds-made", before)
    assert asked == []
