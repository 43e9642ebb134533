"""The latent tab in a browser: its pictures follow the hand, and a link shows them again."""

import numpy as np
import pytest
from PIL import Image

from playground import api
from playground.imaging import data_url
from playground.ui.tabs.latent.tab import Latent
from tests.browser.conftest import (
    PATIENCE,
    changed,
    drawings,
    open_view,
    opened,
    pixels,
    reveal,
    sent_last,
    settled,
    shows,
    source,
    to_view,
)


def numbers(page, view: str) -> list[float]:
    texts = page.locator(f"#latent-view-{view} .figures dd").all_inner_texts()
    return [float(text.split()[0].replace("\u2212", "-")) for text in texts]


def ground(page) -> float:
    """How light the page's ground is, of 255; its words are of another lightness."""
    colour = page.evaluate("getComputedStyle(document.querySelector('.gradio-container')).backgroundColor")
    light = sum(int(part) for part in colour[4:-1].split(",")[:3]) / 3
    words = page.evaluate("getComputedStyle(document.querySelector('.sentence p')).color")
    assert abs(sum(int(part) for part in words[4:-1].split(",")[:3]) / 3 - light) > 150
    return light


def test_the_digit_at_the_marked_place_downloads_and_follows_the_pointer_and_the_keyboard_and_the_way_its_slider(page):
    # Pictures keep their place while the page is made, and say what they are
    page.goto("/")
    frame = page.locator("#latent-digit .frame")
    frame.wait_for()
    before = frame.bounding_box()
    page.wait_for_function("() => window.playground?.isReady()", timeout=PATIENCE)
    assert frame.bounding_box() == before
    assert "nearest" in page.locator("#latent-digit img").get_attribute("alt")
    assert ground(page) > 220
    # The digit that lives there
    shown = pixels(page, "#latent-digit")
    assert np.array_equal(shown, np.asarray(api.latent_decode([0.6, -0.6])))
    whole = pixels(page, "#latent-map")
    column, row = round(0.6 / 0.3) + 10, round(0.6 / 0.3) + 10  # 21 places, 0.3 apart, row 0 at z2 = 3
    assert np.array_equal(whole[28 * row : 28 * row + 28, 28 * column : 28 * column + 28], shown)
    # It downloads enlarged
    page.locator("#latent-digit .picture").hover()
    page.evaluate(
        """() => {
            const click = HTMLAnchorElement.prototype.click;
            HTMLAnchorElement.prototype.click = function () { window.saved = this.href; click.call(this); };
        }"""
    )
    with page.expect_download() as download:
        page.locator("#latent-digit .download").click()
    assert page.evaluate("fetch(saved).then((answer) => answer.ok)")  # which Safari reads some time after the click
    saved = Image.open(download.value.path())
    assert saved.size == (560, 560)
    exact = np.asarray(api.latent_decode([0.6, -0.6]))
    assert np.array_equal(np.asarray(saved.convert("L"))[10::20, 10::20], exact)
    # It follows the pointer
    before = settled(page, "#latent-digit")
    box = page.locator("#latent-map .map").bounding_box()
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.25 * box["height"])
    first = changed(page, "#latent-digit", before)
    page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.3 * box["height"], steps=8)
    changed(page, "#latent-digit", first)
    settled(page, "#latent-digit")
    z1, z2 = (float(v) for v in page.locator("#latent-map .map").get_attribute("aria-description").replace("z1 ", "").split(", z2 "))
    assert z1 == pytest.approx(1.5, abs=0.05) and z2 == pytest.approx(1.2, abs=0.05)
    exact = np.asarray(api.latent_decode([z1, z2])).astype(int)
    assert abs(pixels(page, "#latent-digit") - exact).mean() < 4  # the label is rounded to hundredths
    shows(page, "#latent-memory", Image.fromarray(pixels(page, "#latent-digit")))  # and its neighbours come along, once the hand rests
    assert page.locator("#latent-memory img").count() == 2 + api.NEIGHBOURS
    # The keyboard walks the map, and slides along the way from A to B
    before = settled(page, "#latent-digit")
    page.locator("#latent-map .map").focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    changed(page, "#latent-digit", before)
    to_view(page, "From A to B")
    before = settled(page, "#latent-way")
    page.locator("#latent-strip input").focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    changed(page, "#latent-way", before)
    # So does the pointer, whose picture follows while the button is down
    start = settled(page, "#latent-way")
    page.locator("#latent-strip input").scroll_into_view_if_needed()
    box = page.locator("#latent-strip input").bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + box["height"] / 2, steps=10)
    middle = changed(page, "#latent-way", start)
    page.mouse.move(box["x"] + box["width"] - 8, box["y"] + box["height"] / 2, steps=10)
    changed(page, "#latent-way", middle)  # the button is still down
    at, strip = api.latent_between(Latent().a, Latent().b, 1.0)
    shows(page, "#latent-way", at)  # and still is
    page.mouse.up()
    assert np.array_equal(pixels(page, "#latent-strip"), np.asarray(strip))
    # The lesson is typeset
    page.get_by_role("button", name="How it works").locator("visible=true").click()
    page.locator(".lesson .katex").first.wait_for()
    assert page.locator(".lesson .katex-error").count() == 0


def test_a_drawn_digit_is_rebuilt_and_its_terms_add_up_and_any_model_rebuilds_any_picture_through_its_code(page, tmp_path):
    # A digit of the page's own hands
    opened(page, "/?view=rebuild")
    before = settled(page, "#latent-rebuilt")
    three, other = numbers(page, "rebuild"), pixels(page, "#latent-rebuilt").astype(int)
    page.locator("#latent-hands").get_by_text("8", exact=True).click()
    changed(page, "#latent-rebuilt", before)
    settled(page, "#latent-rebuilt")
    reconstruction, kl, elbo = numbers(page, "rebuild")
    assert [reconstruction, kl, elbo] != three
    assert elbo == pytest.approx(reconstruction - kl, abs=1)  # three digits are shown
    assert kl > 0 > reconstruction
    seen, rebuilt = (pixels(page, f"#latent-{part}").astype(int) for part in ("seen", "rebuilt"))
    assert set(np.unique(seen)) == {0, 255}
    assert abs(seen - rebuilt).mean() < abs(seen - other).mean() / 2  # it is that digit, not any
    # A stroke, while the pointer is down
    before = settled(page, "#latent-rebuilt")
    box = page.locator("#latent-canvas canvas").first.bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.8 * box["height"], steps=12)
    changed(page, "#latent-rebuilt", before)
    page.mouse.up()
    # Any model, any picture
    open_view(page, "latent", "own")

    def rebuilt_by(model: str, picture: str, seed: int = 1) -> None:
        """Waits until all that the view shows is what the API gives."""
        x, again, made, said = api.latent_picture(picture, model, seed)
        for place, wanted in (("seen", x), ("rebuilt", again), ("samples", made)):
            shows(page, f"#latent-own-{place}", wanted)
        assert numbers(page, "own") == [pytest.approx(said["error"], rel=0.01), said["dimensions"]]

    rebuilt_by("ae-mnist-32", "3")
    assert page.locator("#latent-view-own .figures dd").last.inner_text().strip() == "32"
    page.locator("#latent-through input").click()
    page.get_by_role("option", name="pca-mnist", exact=True).click()
    rebuilt_by("pca-mnist", "3")
    page.locator("#latent-picture").get_by_text("8", exact=True).click()
    rebuilt_by("pca-mnist", "8")
    Image.open("docs/screenshots/latent.webp").convert("RGB").resize((90, 60)).save(tmp_path / "photo.png")
    page.locator("#latent-upload input[type=file]").set_input_files(tmp_path / "photo.png")
    rebuilt_by("pca-mnist", data_url(tmp_path / "photo.png"))
    page.locator("#tab-latent .seed input").locator("visible=true").fill("7")
    rebuilt_by("pca-mnist", data_url(tmp_path / "photo.png"), 7)
    page.locator("#latent-picture").get_by_text("a town house", exact=True).click()  # and the upload gives way
    rebuilt_by("pca-mnist", "a town house", 7)
    page.locator("#latent-upload").get_by_text("Drop Image Here").wait_for()


def test_the_address_follows_the_page_and_a_copied_link_shows_the_same_picture(window):
    page = window(permissions=["clipboard-read", "clipboard-write"])
    opened(page)
    to_view(page, "Digits and fashion")
    page.wait_for_url("**view=fashion**")
    clothes = settled(page, "#latent-clothes")
    page.reload()
    assert settled(page, "#latent-clothes") == clothes
    # A mean and a sample of the same z
    mean = settled(page, "#latent-clothes")
    smooth = pixels(page, "#latent-clothes").astype(float)
    page.get_by_text("sample", exact=True).click()
    changed(page, "#latent-clothes", mean)
    settled(page, "#latent-clothes")
    noisy = pixels(page, "#latent-clothes").astype(float)
    assert abs(np.diff(noisy)).mean() > 1.3 * abs(np.diff(smooth)).mean()
    assert np.corrcoef(noisy.ravel(), smooth.ravel())[0, 1] > 0.5
    # The link of another view
    open_view(page, "latent", "dials")
    before = settled(page, "#latent-varied")
    page.get_by_role("button", name="Roll the dice").locator("visible=true").click()
    changed(page, "#latent-varied", before)
    settled(page, "#latent-varied")
    page.get_by_role("button", name="Copy link").locator("visible=true").click()
    page.get_by_role("button", name="Copied").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert len(link) < 2200
    other = window()
    opened(other, link)
    shown = "there => document.querySelector('#latent-varied img')?.getAttribute('src') === there"
    other.wait_for_function(shown, arg=source(page, "#latent-varied"), timeout=PATIENCE)


def test_an_edited_link_gets_one_sentence_and_a_working_page(page):
    opened(page, "/?tab=latent&z=99,nan&a=12&seed=-1&digit=%3Cscript%3E")
    page.get_by_text("was not valid and has been corrected").wait_for()
    assert np.array_equal(pixels(page, "#latent-digit"), np.asarray(api.latent_decode([0.6, -0.6])))


def test_on_a_dark_phone_the_picture_comes_first(window):
    page = window(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, color_scheme="dark")
    opened(page, "/?tab=latent")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390 and ground(page) < 40
    digit, map_ = (page.locator(selector).bounding_box() for selector in ("#latent-digit .frame", "#latent-map .map"))
    assert digit["y"] < map_["y"]
    page.mouse.wheel(0, 500)
    page.wait_for_function("() => scrollY >= 400")
    digit, map_ = (page.locator(selector).bounding_box() for selector in ("#latent-digit .frame", "#latent-map .map"))
    assert 0 <= digit["y"] < 60  # and stays in view
    before = source(page, "#latent-digit")
    page.locator("#latent-map .map").tap(position={"x": 0.3 * map_["width"], "y": 0.7 * map_["height"]})
    changed(page, "#latent-digit", before)


def test_the_views_of_the_claims_show_their_figures_and_every_claim_can_be_looked_at(page):
    # The bound of a drawn one is far below, and the gap adds up
    opened(page, "/?tab=latent&view=bounds&within=vae-mnist-2d&size=32")
    page.locator("#latent-bounds-hands").get_by_text("1", exact=True).click()
    page.wait_for_function("() => +document.querySelector('#latent-view-bounds .figures div:last-child dd').innerText.split(' ')[0] > 10")
    elbo, bound, log_p, gap = numbers(page, "bounds")
    assert elbo < bound < log_p and gap == pytest.approx(log_p - elbo, abs=0.02)
    assert page.locator("#latent-posterior ellipse").count() == 2
    # A digit is squeezed harder with fewer numbers
    open_view(page, "latent", "squeeze")
    parts = [f"#latent-squeeze-{name}" for name in ("x", "pca", "ae", "vae")]
    before = settled(page, parts[2])
    errors = numbers(page, "squeeze")
    seen, *rebuilt = (pixels(page, part) / 127.5 - 1 for part in parts)
    # the figures are of these pictures; PCA's is clipped for the eye
    assert [((seen - y) ** 2).mean() for y in rebuilt[1:]] == pytest.approx(errors[1:], abs=0.005)
    page.locator("#latent-size").get_by_text("2", exact=True).click()
    changed(page, parts[2], before)
    settled(page, parts[2])
    assert all(now > then for now, then in zip(numbers(page, "squeeze"), errors))
    assert "at dimensions 2" in page.locator("#latent-curves svg").first.get_attribute("aria-label")
    # Random codes are those of the function
    open_view(page, "latent", "random")
    settled(page, "#latent-random-ae")
    ae, vae = api.latent_random(32, 1)
    assert np.array_equal(pixels(page, "#latent-random-ae"), np.asarray(ae))
    assert np.array_equal(pixels(page, "#latent-random-vae"), np.asarray(vae))
    # A drawn digit is rebuilt by the VAEs of all betas side by side
    open_view(page, "latent", "beta")
    last = f"#latent-beta-rebuilt-{len(api.BETAS) - 1}"
    before, sent = settled(page, last), drawings(page)
    page.locator("#latent-beta-hands").get_by_text("7", exact=True).click()
    changed(page, last, before)
    settled(page, last)
    x, *rebuilt, said = api.latent_betas(sent_last(page, "latent-beta-canvas", sent))
    for name, image in zip(("x", *(f"rebuilt-{i}" for i in range(len(rebuilt)))), (x, *rebuilt)):
        assert np.abs(pixels(page, f"#latent-beta-{name}").astype(int) - np.asarray(image)).max() <= 1
    cells = [float(text.replace("\u2212", "-")) for text in page.locator("#latent-beta-terms td").all_inner_texts() if text.strip()]
    assert cells == pytest.approx(said["reconstruction"] + said["kl"], abs=0.051)  # one digit after the point
    # Every claim
    page.get_by_role("button", name="Predict, then look").locator("visible=true").click()
    for i, view in enumerate(("axes", "axes", "squeeze", "line", "random", "bounds", "beta", "noise"), 1):
        before = page.locator("#tab-latent .block.revealed.why").inner_text() if i > 1 else ""
        reveal(page, "latent", f"C{i}")
        page.wait_for_url(f"**view={view}**")
        page.locator(f"#latent-view-{view}").wait_for()
        page.locator("#tab-latent .guess", has_text=f"C{i}. You said").wait_for()
        page.wait_for_function("(before) => document.querySelector('#tab-latent .block.revealed.why').innerText !== before", arg=before)
        assert any(letter.isdigit() for letter in page.locator("#tab-latent .block.revealed.why").inner_text())
