"""Photos written in colour, in a browser: they stream in and end as the API's, and a click on a pixel shows its three planes."""

import json
import re
import time
from collections import Counter

import numpy as np
from PIL import Image

from playground import api, graphs
from playground.ui.components.pixel_picker import NEXT, WAITING
from playground.ui.tabs.pixels.tab import Pixels
from tests.browser.conftest import PATIENCE, changed, opened, pixels, said_by, shows, source, to_view
from tests.browser.test_pixels import frames, watched

PHOTO = "#pixels-colour"
SMALL = api.CHANGES[api.BASE]  # 16 x 16 pixels


def captions(page) -> list[str]:
    return page.locator("#pixels-colour-odds figcaption").all_inner_texts()


def test_a_photo_came_about_plane_by_plane_and_its_twins_stand_in_a_table(page):
    opened(page, "/?tab=pixels&model=pixelcnnpp-flowers")
    photo = np.asarray(api.pixels_colour(0))
    page.wait_for_function("() => document.querySelectorAll('#pixels-colour-odds figcaption').length === 3", timeout=PATIENCE)
    assert np.array_equal(pixels(page, PHOTO), photo)
    box = page.locator(f"{PHOTO} img").bounding_box()
    for row, column in ((20, 9), (3, 30)):
        page.mouse.click(box["x"] + (column + 0.5) * box["width"] / 32, box["y"] + (row + 0.5) * box["height"] / 32)
        _, said = api.pixels_colour_at(row, column, 0)
        odds = [said[plane]["probabilities"] for plane in "RGB"]
        asked = {"pixel": 32 * row + column, "waiting": WAITING, "probabilities": odds, "beside": odds}
        around = graphs.run("origin", "pixelcnnpp-flowers", x=photo.transpose(2, 0, 1) / 255, **asked).stages
        shows(page, "#pixels-stages", Image.fromarray(around))
        for plane, words in zip("RGB", captions(page)):
            assert words.startswith(f"{plane}: {said[plane]['drawn']} was drawn")
        assert [said[plane]["drawn"] for plane in "RGB"] == photo[row, column].tolist()
        bits = page.locator("#pixels-view-colour .figures dd").all_inner_texts()
        assert [float(text.split()[0]) for text in bits] == [float(f"{said[plane]['bits']:#.3g}".rstrip(".")) for plane in "RGB"]
    assert page.locator("#pixels-colour-odds polyline.generator").count() == 3  # the other model's odds for the same photo
    # The twins stand in a table, with their figures
    table = page.locator("#pixels-twins table")
    assert table.locator("thead th").all_inner_texts() == list(api.CHANGES)
    cells = table.locator("tbody tr").first.locator("td").all_inner_texts()
    assert all(re.fullmatch(r"\d\.\d{3} . 0\.\d{3}", cell) for cell in cells)


def test_a_photo_streams_in_and_ends_as_the_one_of_its_seed_and_models_of_two_sizes_are_not_set_side_by_side(page):
    opened(page, f"/?tab=pixels&model={SMALL}&against={SMALL}&kind=tulip&seed=8&told=0")
    page.locator("#pixels-colour-odds .empty", has_text="is not written yet").wait_for()
    page.locator("#pixels-colour-progress p", has_text="0 of 256 pixels").wait_for()
    watched(page, PHOTO)
    page.locator("#pixels-colour-start").click()
    page.locator("#pixels-colour-progress p", has_text=re.compile("^256 of 256 pixels")).wait_for()
    whole = np.asarray(api.pixels_colour(4, seed=8, model=SMALL))
    shows_whole = pixels(page, PHOTO)
    assert np.array_equal(shows_whole, whole)
    left = []
    for frame in frames(page):
        left.append(int(((frame == WAITING).all(2) | (frame == NEXT).all(2)).sum()))
        assert np.array_equal(frame.reshape(256, 3)[: 256 - left[-1]], whole.reshape(256, 3)[: 256 - left[-1]])
    assert len(set(left)) >= 3 and left == sorted(left, reverse=True) and left[-1] == 0
    _, said = api.pixels_colour_at(12, 15, 4, seed=8, model=SMALL)
    page.locator("#pixels-colour-odds figcaption", has_text=f"R: {said['R']['drawn']} was drawn").wait_for()  # it is explained at once
    # A model of another size beside it
    page.locator("#pixels-against input").click()
    page.get_by_role("option", name=re.compile(r"^pixelcnnpp-flowers\b(?!-)")).click()
    page.locator("#pixels-colour-odds .empty", has_text="choose two of one kind").wait_for()
    assert len(captions(page)) == 3


def choose(page, model: str) -> None:
    page.locator("#pixels-model input").click()
    page.get_by_role("option", name=model, exact=True).click()


def views(page) -> list[str]:
    return page.locator("#tab-pixels .views label").all_inner_texts()


def open_view(page) -> str:
    return page.locator("#tab-pixels .views label.selected").inner_text()


def asks(page) -> list[int]:
    """A list to which is added what the page asks of the server from now on: the number of the listener."""
    asked = []
    page.on("request", lambda request: asked.append(json.loads(request.post_data)["fn_index"]) if request.method == "POST" else None)
    return asked


def test_a_choice_of_a_model_is_told_once_to_each_listener(page):
    """Gradio's dropdown says `input` twice, and Gradio then asked all listeners again and again."""
    opened(page, "/?tab=pixels&view=field")
    asked = asks(page)
    before = source(page, "#pixels-field")
    choose(page, "row-lstm-mnist (digits)")
    changed(page, "#pixels-field", before)
    page.wait_for_timeout(2000)
    assert 0 < len(asked) == len(set(asked))
    assert said_by(page, Pixels) == Pixels(view="field", model="row-lstm-mnist")


def test_after_quick_keys_the_last_one_is_answered_and_nothing_more_is_asked(page):
    """This slider has three listeners; when one was put off, Gradio asked all of them again, and so on for ever."""
    opened(page, "/?tab=pixels&model=pixelcnnpp-flowers&dot=31,29")
    asked, keys = asks(page), 6
    page.locator("#pixels-told input[type=range]").focus()
    for _ in range(keys):
        page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(50)
    photo, told = np.array(api.pixels_colour(0)), 1024 - keys
    photo.reshape(-1, 3)[told:] = NEXT, *[WAITING] * (keys - 1)
    shows(page, PHOTO, Image.fromarray(photo))
    page.locator("#pixels-colour-progress p", has_text=f"{told} of 1024 pixels").wait_for()
    page.locator("#pixels-colour-odds .empty", has_text="is not written yet").wait_for()
    until, ended = time.monotonic() + PATIENCE / 1000, None
    while ended != len(asked):  # the last answers come late on a busy machine
        assert time.monotonic() < until, "it asks again and again"
        ended = len(asked)
        page.wait_for_timeout(3000)
    assert max(Counter(asked).values()) <= keys
    assert said_by(page, Pixels).told == told


def tiles(page) -> list[tuple[str, str]]:
    items = page.locator("#pixels-likeliest li")
    return list(zip(items.locator("svg").evaluate_all("all => all.map((svg) => svg.ariaLabel)"), items.all_inner_texts()))


def test_one_control_has_all_models_each_shows_what_it_can_do_and_one_every_image_of_two_by_two_pixels(page):
    opened(page, "/?tab=pixels")
    assert views(page) == ["Write a digit", "Finish what you begin", "Surprise it", "What it sees", "Watch it learn"]
    choose(page, f"{SMALL} (in colour, a twin)")
    page.locator("#pixels-view-colour").wait_for()
    assert views(page) == ["Write in colour", "All images of 2 \u00d7 2", "Watch it learn"] and open_view(page) == "Write in colour"
    page.locator("#pixels-colour-progress p", has_text=re.compile("^256 of 256 pixels")).wait_for()
    shows(page, PHOTO, api.pixels_colour(0, model=SMALL))
    page.locator("#tab-pixels .measured b", has_text=SMALL).wait_for()
    now = said_by(page, Pixels)
    assert (now.model, now.view) == (SMALL, "colour")
    to_view(page, "Watch it learn")
    page.locator("#pixels-film img").wait_for()
    choose(page, "pixelcnn-mnist (digits)")
    page.wait_for_function("() => document.querySelectorAll('#tab-pixels .views label').length === 5", timeout=PATIENCE)
    assert open_view(page) == "Watch it learn"  # which both kinds have
    choose(page, "pixelcnnpp-flowers (in colour)")
    page.wait_for_function("() => document.querySelectorAll('#tab-pixels .views label').length === 3", timeout=PATIENCE)
    to_view(page, "All images of 2 \u00d7 2")
    page.locator("#pixels-likeliest li").first.wait_for()
    choose(page, "row-lstm-mnist (digits)")
    page.locator("#pixels-view-write").wait_for()
    assert open_view(page) == "Write a digit"
    shows(page, "#pixels-written", api.pixels_write(api.WRITTEN, model="row-lstm-mnist").convert("RGB"))
    # Every image of 2 x 2 pixels, and what follows from a sub-pixel
    page.locator("#tab-pixels").get_by_role("button", name="All 4,096 images", exact=True).click()
    said = api.pixels_whole()
    page.get_by_text(f"{said['half']} images hold half of it").wait_for()
    assert [percent for _, percent in tiles(page)] == [f"{p:.1%}" for _, p in said["likeliest"]]
    assert page.locator("#pixels-view-whole .figures dd").first.inner_text().strip() == "1"
    buttons = page.locator("#pixels-given button")
    assert buttons.nth(2).inner_text().split() == ["3", "B", f"{said['lit'][2]:.0%}"]
    buttons.nth(2).press("Enter")  # lit
    given = api.pixels_whole("..1.........")
    page.locator("#pixels-likeliest li", has_text=f"{given['likeliest'][0][1]:.1%}").wait_for()
    assert buttons.nth(2).inner_text().split() == ["3", "B", "lit"] and buttons.nth(0).inner_text().split()[-1] == f"{given['lit'][0]:.0%}"
    buttons.nth(9).click()
    buttons.nth(9).click()  # dark
    both = api.pixels_whole("..1......0..")
    page.locator("#pixels-likeliest li", has_text=f"{both['likeliest'][0][1]:.1%}").first.wait_for()
    assert said_by(page, Pixels).given == "..1......0.."
    buttons.nth(9).click()  # free again
    assert buttons.nth(9).inner_text().split()[-1].endswith("%")


def test_an_old_link_opens_the_model_that_it_names(page):
    opened(page, f"/?tab=pixels&view=colour&colour={SMALL}&model=pixelcnn-mnist")
    shows(page, PHOTO, api.pixels_colour(0, model=SMALL))
    assert page.locator("#pixels-model input").input_value() == f"{SMALL} (in colour, a twin)"
    opened(page, f"/?tab=pixels&view=surprise&model={SMALL}")
    page.get_by_text("was not valid and has been corrected: view.").wait_for()
    shows(page, PHOTO, api.pixels_colour(0, model=SMALL))
