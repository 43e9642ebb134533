"""The sketch tab in a browser: the photograph follows the pen, and shows what was drawn, painted, chosen or uploaded."""

import base64
import json

import numpy as np
import pytest
from PIL import ImageColor

from playground import api, catalog, imaging, snapshots
from playground.drawing import pictures
from playground.drawing.doodles import DABBED
from playground.drawing.flowers import FLOWERS
from playground.drawing.palettes import DABS, FACADE_PALETTE, INK
from playground.drawing.strokes import canvas_value, pack, render, unpack
from playground.ui.tabs.sketch.state import GROUNDS, PETALS
from playground.ui.tabs.sketch.tab import Sketch
from tests.browser.conftest import changed, drawings, open_view, opened, pixels, reveal, said_by, sent_last, settled, shows, source, to_view
from tests.browser.test_canvas import draw, on_screen


def strokes(page, canvas: str) -> str:
    return page.locator(f"#{canvas} canvas").get_attribute("data-strokes")


def photograph(page, selector: str) -> np.ndarray:
    return pixels(page, selector).astype(int)


def as_drawn(page, canvas: str, palette, crisp: bool) -> bool:
    """Whether the canvas shows its strokes as Python paints them."""
    screen = on_screen(page, canvas)
    painted = np.asarray(render(strokes(page, canvas), len(screen), palette, crisp).convert("RGB"), dtype=float)
    return abs(screen - painted).mean() < 3


def upload(page, selector: str, path) -> None:
    page.locator(f"{selector} input[type=file]").set_input_files(path)


def test_the_photograph_of_a_drawn_flower_grows_with_the_pen_is_coloured_and_goes_with_the_lines(page, tmp_path):
    opened(page, "/?tab=sketch")
    assert unpack(strokes(page, "sketch-canvas")) == unpack(pack(unpack(FLOWERS["daisy"])))
    assert as_drawn(page, "sketch-canvas", INK, False)
    photo, said = api.sketch_photograph("daisy")
    shows(page, "#sketch-photo", photo)
    shown = page.locator("#tab-sketch .figures dd").first.inner_text().split()[0]
    assert float(shown) == pytest.approx(100 * said["real"], rel=0.01)
    # It grows where the pen is, while it is down
    before, sent = source(page, "#sketch-photo"), drawings(page)
    photo = photograph(page, "#sketch-photo")
    draw(page, "sketch-canvas", (20, 30), (240, 30), up=False)
    first = changed(page, "#sketch-photo", before)
    draw(page, "sketch-canvas", (20, 30), (240, 60), up=False)
    changed(page, "#sketch-photo", first)  # the pen is still down
    page.mouse.up()
    settled(page, "#sketch-photo")
    different = abs(photograph(page, "#sketch-photo") - photo).mean(2)
    side = len(photo)
    assert different[: side // 4, : side // 2].mean() > 2 * different[side // 2 :].mean()
    sketch = sent_last(page, "sketch-canvas", sent)
    shows(page, "#sketch-photo", api.sketch_photograph(sketch)[0])
    # The map of patches over it
    page.locator("#sketch-patches input").check()
    shows(page, "#sketch-photo", api.sketch_photograph(sketch, patches=True)[0])
    page.locator("#sketch-patches input").uncheck()
    shows(page, "#sketch-photo", api.sketch_photograph(sketch)[0])
    # Colours that are chosen colour it
    means = []
    for petals, background in (("red", "sky"), ("blue", "earth")):
        page.locator("#sketch-petals").get_by_label(petals, exact=True).click()
        page.locator("#sketch-background").get_by_label(background, exact=True).click()
        shows(page, "#sketch-photo", api.sketch_photograph(sketch, petals=PETALS[petals], background=GROUNDS[background])[0])
        photo = photograph(page, "#sketch-photo")
        side = len(photo)
        means.append((photo[side // 4 : -side // 4, side // 4 : -side // 4].mean((0, 1)), photo[: side // 8].mean((0, 1))))
    (red, sky), (blue, earth) = means
    assert red[0] - red[2] > 20 + blue[0] - blue[2]
    for seen, chosen, other in ((sky, "sky", "earth"), (earth, "earth", "sky")):
        near, far = (np.linalg.norm(seen - ImageColor.getrgb(GROUNDS[name])) for name in (chosen, other))
        assert near < far
    # An empty canvas is told what to do
    photo = source(page, "#sketch-photo")
    page.locator("#sketch-canvas [data-do=clear]").click()
    page.get_by_text("Draw a few lines first: the canvas is empty.").wait_for()
    page.locator("#sketch-photo img:not([src])").wait_for(state="attached")  # what was made of the old drawing is gone
    draw(page, "sketch-canvas", (150, 150), (350, 350))
    changed(page, "#sketch-photo", photo)
    page.locator("#tab-sketch .figures dd").first.wait_for()
    # What is no picture gets one sentence, and the page goes on
    photo = settled(page, "#sketch-photo")
    drawn = strokes(page, "sketch-canvas")
    (tmp_path / "text.png").write_text("no picture")
    page.get_by_text("Take a sketch or a photo of your own").click()
    upload(page, "#sketch-upload", tmp_path / "text.png")
    told = page.locator("[role=alert]")
    told.filter(has_text="This file is not a readable picture; choose a PNG").wait_for()
    assert told.count() == 1
    assert source(page, "#sketch-photo") == photo and strokes(page, "sketch-canvas") == drawn
    page.locator("#sketch-canvas").scroll_into_view_if_needed()
    draw(page, "sketch-canvas", (20, 30), (240, 30))
    changed(page, "#sketch-photo", photo)
    told.wait_for(state="detached")


def test_an_uploaded_photo_becomes_lines_which_a_copied_link_carries_and_a_read_one_labels_without_which_it_goes(window, tmp_path):
    page = window(permissions=["clipboard-read", "clipboard-write"])
    opened(page, "/?tab=sketch")
    photo, before = source(page, "#sketch-photo"), strokes(page, "sketch-canvas")
    pictures.flower(128, (230, 200, 40), (90, 50, 20)).save(tmp_path / "flower.png")
    page.get_by_text("Take a sketch or a photo of your own").click()
    upload(page, "#sketch-upload", tmp_path / "flower.png")
    page.wait_for_function("(before) => document.querySelector('#sketch-canvas canvas').dataset.strokes !== before", arg=before)
    lines = imaging.lines(imaging.photo(tmp_path / "flower.png", 128), 2.5)
    drawn = canvas_value(imaging.trace(lines))
    assert len(unpack(strokes(page, "sketch-canvas"))) == len(unpack(json.loads(drawn)["strokes"])) > 5
    ink = on_screen(page, "sketch-canvas")[..., 0] < 128
    side = len(ink)
    along = [(int((y + 0.5) * side / 128), int((x + 0.5) * side / 128)) for y, x in zip(*np.nonzero(lines[0, 0].numpy() < 0))]
    near = [ink[max(0, y - 3) : y + 4, max(0, x - 3) : x + 4].any() for y, x in along]
    assert np.mean(near) > 0.85 and ink.mean() < 0.2  # the photo's lines are there, and little else
    changed(page, "#sketch-photo", photo)
    shows(page, "#sketch-photo", api.sketch_photograph(drawn)[0])
    # A link carries the lines
    copied, photo = page.locator("#tab-sketch .share"), source(page, "#sketch-photo")
    copied.click()
    copied.get_by_text("Copied", exact=True).wait_for()
    other = window()
    opened(other, page.evaluate("navigator.clipboard.readText()"))
    assert source(other, "#sketch-photo") == photo
    copied.filter(has_text="Copy link").wait_for()
    # A read photo shows its labels
    to_view(page, "Read a photo")
    labels, said = api.sketch_labels("a town house")
    shows(page, "#sketch-labels", labels)
    most = max(said["shares"], key=said["shares"].get)
    page.locator("#sketch-key li", has_text=f"{most} {100 * said['shares'][most]:.0f}").wait_for()
    pictures.facade_photo(96, "ten rectangles").save(tmp_path / "house.png")
    upload(page, "#sketch-photo-upload", tmp_path / "house.png")
    url = "data:;base64," + base64.b64encode((tmp_path / "house.png").read_bytes()).decode()
    shows(page, "#sketch-labels", api.sketch_labels(url)[0])
    shows(page, "#sketch-seen", imaging.to_image(imaging.photo(tmp_path / "house.png", labels.width)))
    # A link goes without it, and says so
    copied.click()
    copied.filter(has_text="Copied, without your picture").wait_for()
    # It gives way to a house
    page.locator("#sketch-houses").get_by_text("a long facade").click()
    shows(page, "#sketch-labels", api.sketch_labels("a long facade")[0])
    page.locator("#sketch-photo-upload").get_by_text("Drop Image Here").wait_for()


def test_emoji_houses_three_generators_pairs_and_films_show_what_is_drawn_painted_and_chosen(page):
    # An emoji takes the colour that is dabbed, and ink stays ink
    opened(page, "/?tab=sketch&view=emoji&filmed=pix2pix-flowers-l1&frame=3")
    assert as_drawn(page, "sketch-doodle", DABS, False)
    shows(page, "#sketch-emoji", api.sketch_emoji(canvas_value(DABBED["a cat"]))[0])
    emoji, before, sent = photograph(page, "#sketch-emoji"), source(page, "#sketch-emoji"), drawings(page)
    page.locator("#sketch-doodle").get_by_role("radio", name="green", exact=True).click()
    draw(page, "sketch-doodle", (180, 330), (186, 336))
    changed(page, "#sketch-emoji", before)
    settled(page, "#sketch-emoji")
    shows(page, "#sketch-emoji", api.sketch_emoji(sent_last(page, "sketch-doodle", sent))[0])
    assert as_drawn(page, "sketch-doodle", DABS, False)
    side = len(emoji)
    cheek = np.s_[int(0.62 * side) : int(0.68 * side), int(0.32 * side) : int(0.40 * side)]
    greener = (photograph(page, "#sketch-emoji") - emoji)[cheek].mean((0, 1))
    assert greener[1] - greener[0] > 20
    page.locator("#sketch-doodle [data-do=clear]").click()
    page.get_by_text("Draw a few lines in ink").wait_for()
    # A painted rectangle changes the house there
    open_view(page, "sketch", "facades")
    assert as_drawn(page, "sketch-painted", FACADE_PALETTE, True)
    shows(page, "#sketch-house", api.sketch_facade("a town house")[0])
    house = photograph(page, "#sketch-house")
    page.locator("#sketch-painted").get_by_role("radio", name="window").click()
    before = source(page, "#sketch-house")
    draw(page, "sketch-painted", (16, 320), (150, 500), up=False)
    changed(page, "#sketch-house", before)  # the pointer is still down
    page.mouse.up()
    settled(page, "#sketch-house")
    shows(page, "#sketch-house", api.sketch_facade(sent_last(page, "sketch-painted", sent))[0])
    different, side = abs(photograph(page, "#sketch-house") - house).mean(2), len(house)
    assert different[5 * side // 8 :, : side // 4].mean() > 2 * different[: side // 2, side // 2 :].mean()
    # Three generators follow the same pen
    open_view(page, "sketch", "terms")
    for place, photo in zip(("l1", "gan", "both"), api.sketch_terms("windflower")):
        shows(page, f"#sketch-{place}", photo)
    before = source(page, "#sketch-both")
    draw(page, "sketch-compared", (20, 30), (240, 60), up=False)
    changed(page, "#sketch-both", before)  # the pen is still down
    page.mouse.up()
    settled(page, "#sketch-both")
    *photos, l1, _, _ = api.sketch_terms(sent_last(page, "sketch-compared", sent))
    for place, photo in zip(("l1", "gan", "both"), photos):
        shows(page, f"#sketch-{place}", photo)
    page.locator("#sketch-terms td").get_by_text(f"{l1['high_frequency_energy']:.2g} %").first.wait_for()
    # One picture is judged beside two sources, of flowers and of houses
    open_view(page, "sketch", "pairs")
    for own, other, model in (("crocus", "daisy", "pix2pix-flowers"), ("tulip", "daisy", "pix2pix-flowers")):
        page.locator("#sketch-own").get_by_text(own, exact=True).click()
        *pictures, said = api.sketch_pair(own, other, model)
        for place, picture in zip(("own-source", "other-source", "right", "wrong"), pictures):
            shows(page, f"#sketch-{place}", picture)
        right = page.locator("#sketch-view-pairs .figures dd").first.inner_text().split()[0]
        assert float(right) == pytest.approx(100 * said["right"], rel=0.01)
    page.locator("#sketch-judge input").click()
    page.get_by_role("option", name="pix2pix-facades", exact=True).click()
    for place, picture in zip(
        ("own-source", "other-source", "right", "wrong"), api.sketch_pair("ten rectangles", "a town house", "pix2pix-facades")
    ):
        shows(page, f"#sketch-{place}", picture)
    page.locator("#sketch-own").get_by_text("a long facade").click()
    shows(page, "#sketch-wrong", api.sketch_pair("a long facade", "a town house", "pix2pix-facades")[3])
    # The film of the link's model, and that of another which is chosen in the view
    open_view(page, "sketch", "film")
    shows(page, "#sketch-film", snapshots.load(catalog.entry("pix2pix-flowers-l1").folder / "film.webp")[3], photo=True)
    page.locator("#sketch-film-of input").click()
    page.get_by_role("option", name="pix2pix-flowers", exact=True).click()
    shows(page, "#sketch-film", snapshots.load(catalog.entry("pix2pix-flowers").folder / "film.webp")[3], photo=True)


def test_dice_draw_another_flower_and_choose_another_house_and_claims_are_looked_at_with_their_figures(page):
    # A flower in other colours, a house
    opened(page, "/?tab=sketch")
    dice, before = page.locator("#tab-sketch .dice"), source(page, "#sketch-photo")
    dice.click()
    changed(page, "#sketch-photo", before)
    page.wait_for_url("**sketch=**")
    state = said_by(page, Sketch)
    assert json.loads(state.sketch)["strokes"] in set(FLOWERS.values()) - {FLOWERS["daisy"]}
    shows(page, "#sketch-photo", api.sketch_photograph(state.sketch, petals=state.petals, background=state.background)[0])
    to_view(page, "Read a photo")
    shows(page, "#sketch-labels", api.sketch_labels("a town house")[0])
    before = source(page, "#sketch-labels")
    dice.click()
    changed(page, "#sketch-labels", before)
    page.wait_for_url("**house=**")
    shows(page, "#sketch-labels", api.sketch_labels(said_by(page, Sketch).house)[0])
    # Claims
    page.get_by_role("button", name="Predict, then look").locator("visible=true").click()
    reveal(page, "sketch", "C14")
    shows(page, "#sketch-wrong", api.sketch_pair("crocus", "daisy")[3])
    page.get_by_text(f"{catalog.entry('pix2pix-flowers').metrics['pair_preference']['value']:.4g}").first.wait_for()
    reveal(page, "sketch", "C13")
    shows(page, "#sketch-l1", api.sketch_terms("windflower")[0])
    page.get_by_text(f"L1 to the true photographs is {catalog.entry(api.TERMS['GAN only']).metrics['l1']['value']:.4g}").wait_for()
