"""The digits tab in a browser: what is asked for is what the classifier reads, and what programs get from the API."""

import numpy as np
import torch
from PIL import Image

from playground import api, catalog, graphs, imaging, snapshots
from playground.ui.tabs.digits import judges
from playground.ui.tabs.digits.tab import Digits
from playground.ui.values import shown
from tests.browser.conftest import PATIENCE, changed, open_view, opened, pixels, reveal, shows, source


def read(picture) -> list[int]:
    """What the digit classifier reads in digits side by side, (28, 28 n) or 28 high: (n,)."""
    tiles = np.asarray(picture, dtype=np.float32).reshape(28, -1, 28).transpose(1, 0, 2)  # (n, 28, 28)
    with torch.inference_mode():
        return catalog.load("digit-classifier")(torch.from_numpy(tiles.copy())[:, None] / 127.5 - 1).argmax(1).tolist()


def said(page, selector: str, words: str) -> None:
    """Waits until the picture in the element is described by these words."""
    matches = "([selector, words]) => document.querySelector(`${selector} img`)?.alt.startsWith(words)"
    page.wait_for_function(matches, arg=[selector, words], timeout=PATIENCE)


def counts(page, seed: int) -> None:
    """Waits until the line under the grid says of how many of its digits, as they are seen, the classifier reads what was asked."""
    grid = np.asarray(api.digits_grid(seed))
    right = sum(found == asked for row in range(api.ROWS) for asked, found in enumerate(read(grid[28 * row : 28 * row + 28])))
    page.locator("#digits-grid-opinion").get_by_text(f"reads {right} of {api.ROWS * 10} as asked").wait_for()


def test_each_digit_asked_for_is_recognised_as_that_another_hand_writes_them_otherwise_and_a_claim_is_looked_at(page):
    opened(page, "/?tab=digits")
    shows(page, "#digits-asked", api.digits_ask(3, api.HAND)[0])
    shows(page, "#digits-grid", api.digits_grid(api.HAND))
    counts(page, api.HAND)
    assert "reads it as 3" in page.locator("#digits-asked img").get_attribute("alt")
    for digit in (7, 0, 4, 3):
        page.locator("#digits-digit").get_by_text(str(digit), exact=True).click()
        said(page, "#digits-asked", f"A made {digit}.")
        assert read(pixels(page, "#digits-asked")) == [digit]
        probability = api.digits_ask(digit, api.HAND)[1]["classifier"][digit]
        assert page.locator(f"#digits-opinion li[aria-label='{digit}'] b").first.inner_text() == f"{probability:.0%}"
    shows(page, "#digits-grid", api.digits_grid(api.HAND))  # the hand is the same
    # Another hand writes the same digits
    grid = pixels(page, "#digits-grid").astype(int)
    page.get_by_role("button", name="Another hand").click()
    page.get_by_text("the hand is not").wait_for()
    shows(page, "#digits-asked", api.digits_ask(3, 19)[0])
    shows(page, "#digits-grid", api.digits_grid(19))
    assert read(pixels(page, "#digits-asked")) == [3] and read(pixels(page, "#digits-grid")[:28]) == list(range(10))
    assert abs(pixels(page, "#digits-grid") - grid).mean() > 10
    # A claim is predicted, and then looked at
    page.get_by_role("button", name="Predict, then look").locator("visible=true").click()
    before = source(page, "#digits-grid")
    page.locator("#digits-c12").click()
    page.get_by_text("Choose what you expect first.").wait_for()
    assert source(page, "#digits-grid") == before
    reveal(page, "digits", "C12", guess=1)
    page.get_by_text("C12. You said: About 80. That is not what is seen.").wait_for()
    page.get_by_text("0 of your 1 predictions were right.").locator("visible=true").wait_for()
    changed(page, "#digits-grid", before)
    value = catalog.entry("cgan-mnist").metrics["agreement"]["value"]
    page.get_by_text(f"The classifier reads {value:.4g}").wait_for()


def test_a_made_digit_has_its_neighbours_dice_draw_another_hand_and_a_seed_draws_it_again(page):
    opened(page, "/?tab=digits&digit=5&seed=7700")
    shows(page, "#digits-asked", api.digits_ask(5, 7700)[0])
    strip, _ = api.neighbours(imaging.to_tensor(api.digits_ask(5, 7700)[0]))
    first = shown(strip.crop((0, 0, 28, 28)), "")["src"]
    page.wait_for_function("(src) => document.querySelector('#digits-memory img')?.src === src", arg=first, timeout=PATIENCE)
    assert page.locator("#digits-memory img").count() == 2 + api.NEIGHBOURS
    # Dice
    before, seed = source(page, "#digits-asked"), page.locator("#tab-digits .seed input")
    page.locator("#tab-digits .dice").click()
    changed(page, "#digits-asked", before)
    page.wait_for_function("() => document.querySelector('#tab-digits .seed input').value !== '7700'")
    rolled = int(seed.input_value())
    shows(page, "#digits-asked", api.digits_ask(5, rolled)[0])
    shows(page, "#digits-grid", api.digits_grid(rolled))
    model = Digits().model
    made = graphs.run("grid", model, z=api.handwriting(rolled, model, api.ROWS))
    judged = made.real, graphs.run("read-grid", api.CLASSIFIER, x=made.x, labels=made.labels)
    page.locator("#digits-grid-opinion").get_by_text(judges.grid_in_words(10 * api.ROWS, *judged)).wait_for()
    seed.fill("99999999999")  # more than there are
    shows(page, "#digits-asked", api.digits_ask(5, api.SEEDS)[0])


def test_blends_follow_the_slider_a_typed_number_is_read_and_downloads_the_film_goes_and_a_drawn_digit_is_read(page):
    opened(page, "/?tab=digits&view=blend&a=3&b=8&t=0&number=2&frame=5")
    seen = [source(page, "#digits-blended")]
    assert read(pixels(page, "#digits-blended")) == [3]
    slider = page.locator("#digits-strip input")
    box = slider.bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
    page.mouse.down()
    for share in (0.3, 0.5, 0.7, 1.0):  # the button stays down
        page.mouse.move(box["x"] + 8 + share * (box["width"] - 16), box["y"] + box["height"] / 2, steps=4)
        seen.append(changed(page, "#digits-blended", seen[-1]))
    said(page, "#digits-blended", "A digit that is 0% 3, 100% 8.")
    page.mouse.up()
    assert len(set(seen)) == 5
    picture, way, _ = api.digits_blend(3, 8, 1.0, api.HAND)
    shows(page, "#digits-blended", picture)
    shows(page, "#digits-strip", way)
    assert read(picture) == [8]
    # A number that is typed, digit by digit, in one picture
    open_view(page, "digits", "write")
    box = page.locator("#digits-number input")
    box.press("End")
    box.press("Backspace")
    page.get_by_text("Type a number.").wait_for()
    box.press_sequentially("31415")
    said(page, "#digits-written", "The number 31415 ")
    assert read(pixels(page, "#digits-written")) == [3, 1, 4, 1, 5]
    page.locator("#digits-written .picture").hover()
    with page.expect_download() as download:
        page.locator("#digits-written .download").click()
    saved = Image.open(download.value.path()).convert("L")
    assert saved.size == (5 * 28 * 4, 28 * 4)
    assert np.array_equal(np.asarray(saved)[2::4, 2::4], np.asarray(api.digits_write("31415", api.HAND)[0]))
    # The film goes where its slider is
    open_view(page, "digits", "film")
    shows(page, "#digits-film", snapshots.load(catalog.entry("cgan-mnist").folder / "film.webp")[5], photo=True)
    slider = page.locator("#digits-frame input[type=range]")
    slider.focus()
    slider.press("ArrowRight")
    shows(page, "#digits-film", snapshots.load(catalog.entry("cgan-mnist").folder / "film.webp")[6], photo=True)
    step = snapshots.steps(catalog.entry("cgan-mnist").training["steps"])[6]
    page.locator("#digits-view-film .figures dd").first.get_by_text(f"{step:,}").wait_for()
    # A drawn digit is read as the API reads it
    open_view(page, "digits", "read")
    seen, _ = api.digits_read("7")
    shows(page, "#digits-seen", seen)
    page.locator("#digits-hands").get_by_text("4", exact=True).click()
    said(page, "#digits-seen", "A digit that is read as 4 ")
    page.locator("#digits-canvas").get_by_role("button", name="Clear").click()
    page.locator("#digits-read").get_by_text("Draw").wait_for()
    box = page.locator("#digits-canvas canvas").first.bounding_box()
    before = source(page, "#digits-seen")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.8 * box["height"], steps=12)
    changed(page, "#digits-seen", before)  # the button stays down
    page.mouse.up()
    said(page, "#digits-seen", "A digit that is read as 1 ")
    drawn = Image.fromarray(pixels(page, "#digits-seen"))
    with torch.inference_mode():
        x = torch.from_numpy(np.asarray(drawn, dtype=np.float32).copy())[None, None] / 127.5 - 1
        shares = catalog.load("digit-classifier")(x).softmax(1)[0].tolist()
    bars = page.locator("#digits-read li b").all_inner_texts()
    assert bars == [f"{share:.0%}" for share in shares] and shares[1] > 0.5
