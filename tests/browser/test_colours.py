"""Photos written in colour, in a browser: they stream in and end as the API's, and a click on a pixel shows its three planes."""

import re

import numpy as np

from playground import api
from playground.page.writing import NEXT, WAITING
from playground.tabs.colours import _around
from tests.browser.conftest import PATIENCE, opened, pixels, shows
from tests.browser.test_pixels import frames, watched

PHOTO = "#pixels-colour"
SMALL = api.CHANGES[api.BASE]  # 16 x 16 pixels


def captions(page) -> list[str]:
    return page.locator("#pixels-colour-odds figcaption").all_inner_texts()


def test_opens_with_a_photo_whose_pixels_came_about_plane_by_plane(page):
    opened(page, "/?tab=pixels&view=colour")
    photo = np.asarray(api.pixels_colour(0))
    page.wait_for_function("() => document.querySelectorAll('#pixels-colour-odds figcaption').length === 3", timeout=PATIENCE)
    assert np.array_equal(pixels(page, PHOTO), photo)
    box = page.locator(f"{PHOTO} img").bounding_box()
    for row, column in ((20, 9), (3, 30)):
        page.mouse.click(box["x"] + (column + 0.5) * box["width"] / 32, box["y"] + (row + 0.5) * box["height"] / 32)
        strip, said = api.pixels_colour_at(row, column, 0)
        shows(page, "#pixels-stages", _around(strip, row, column))
        for plane, words in zip("RGB", captions(page)):
            assert words.startswith(f"{plane}: {said[plane]['drawn']} was drawn")
        assert [said[plane]["drawn"] for plane in "RGB"] == photo[row, column].tolist()
        bits = page.locator("#pixels-view-colour .figures dd").all_inner_texts()
        assert [float(text.split()[0]) for text in bits] == [float(f"{said[plane]['bits']:#.3g}".rstrip(".")) for plane in "RGB"]
    assert page.locator("#pixels-colour-odds polyline.generator").count() == 3  # the other model's odds for the same photo


def test_a_photo_streams_in_and_ends_as_the_one_of_its_seed(page):
    opened(page, f"/?tab=pixels&view=colour&colour={SMALL}&against={SMALL}&kind=tulip&seed=8&told=0")
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


def test_models_of_two_sizes_are_not_set_side_by_side_and_the_page_says_so(page):
    opened(page, f"/?tab=pixels&view=colour&colour={SMALL}&against=pixelcnnpp-flowers")
    page.locator("#pixels-colour-odds .empty", has_text="choose two of one size").wait_for()
    assert len(captions(page)) == 3


def test_the_twins_stand_in_a_table_with_their_figures(page):
    opened(page, "/?tab=pixels&view=colour")
    table = page.locator("#pixels-twins table")
    assert table.locator("thead th").all_inner_texts() == list(api.CHANGES)
    cells = table.locator("tbody tr").first.locator("td").all_inner_texts()
    assert all(re.fullmatch(r"\d\.\d{3} . 0\.\d{3}", cell) for cell in cells)
