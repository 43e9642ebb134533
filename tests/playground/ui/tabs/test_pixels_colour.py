"""The pixels_colour functions, on tiny untrained models."""

import re
from dataclasses import replace

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from playground import api, catalog, graphs, previews
from playground.errors import UserError
from playground.models.autoregressive.gated_pixelcnn import GatedPixelCNN
from playground.models.autoregressive.pixelcnnpp import PixelCNNpp
from playground.ui.components.pixel_picker import WAITING
from playground.ui.state import parse, query
from playground.ui.tabs.pixels import colour, exhaustive
from playground.ui.tabs.pixels import tab as pixels
from training.export import save_model


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pretrained")
    torch.manual_seed(0)
    made = {
        "pixelcnnpp-flowers": PixelCNNpp(features=6, stages=2, mixtures=2, size=8),
        "gated-pixelcnn-flowers": GatedPixelCNN(layers=1, channels=6, head=6, levels=256, classes=5, size=8, planes=3),
        "gated-pixelcnn-mnist": GatedPixelCNN(layers=1, channels=4, head=4),
        "pixelcnnpp-flowers-small": PixelCNNpp(features=6, stages=1, mixtures=2, size=4, class_names=["rose", "tulip"], classes=2),
    }
    for name, model in made.items():
        (folder / name).mkdir()
        save_model(model, folder / name)
    return folder


@pytest.fixture(autouse=True)
def at_home(models, monkeypatch):
    monkeypatch.setattr(catalog, "ROOT", models)


def test_models_of_digits_and_those_in_colour_are_kept_apart():
    assert api.colour_models() == ["gated-pixelcnn-flowers", "pixelcnnpp-flowers", "pixelcnnpp-flowers-small"] and api.digit_models() == [
        "gated-pixelcnn-mnist"
    ]
    with pytest.raises(UserError, match="not a model that writes digits"):
        api.pixels_write(1, model="gated-pixelcnn-flowers")
    with pytest.raises(UserError, match="'gated-pixelcnn-mnist' is not a model of photos; there are: gated-pixelcnn-flowers"):
        api.pixels_colour(1, model="gated-pixelcnn-mnist")


@pytest.mark.parametrize("model", ["pixelcnnpp-flowers", "gated-pixelcnn-flowers"])
def test_the_first_of_several_photos_is_the_one_alone(model):
    one, two = (np.asarray(api.pixels_colour(3, seed=5, count=count, model=model)) for count in (1, 2))
    assert one.shape == (8, 8, 3) and two.shape == (8, 16, 3) and np.array_equal(two[:, :8], one)


@pytest.mark.parametrize("model", ["pixelcnnpp-flowers", "gated-pixelcnn-flowers"])
def test_the_three_planes_of_a_pixel_appear_in_order_each_from_its_distribution(model):
    strip, said = api.pixels_colour_at(4, 5, 2, seed=9, model=model)
    stages = np.asarray(strip).reshape(8, 4, 8, 3).transpose(1, 0, 2, 3)  # (4, row, column, plane)
    whole = np.asarray(api.pixels_colour(2, seed=9, model=model))
    for plane, name in enumerate("RGB"):
        p, drawn = np.array(said[name]["probabilities"]), said[name]["drawn"]
        assert p.shape == (256,) and p.sum() == pytest.approx(1)
        assert p[:drawn].sum() <= said[name]["noise"] + 1e-5 and said[name]["noise"] <= p[: drawn + 1].sum() + 1e-5
        assert whole[4, 5, plane] == drawn
        assert said[name]["bits"] == pytest.approx(-(p * np.log2(p.clip(1e-300))).sum())
    for stage in range(4):
        expected = np.where(np.arange(3) < stage, whole[4, 5], 0)
        assert np.array_equal(stages[stage, 4, 5], expected)
        assert np.array_equal(stages[stage].reshape(64, 3)[: 4 * 8 + 5], whole.reshape(64, 3)[: 4 * 8 + 5])
        assert not stages[stage].reshape(64, 3)[4 * 8 + 6 :].any()


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ({"row": 8}, "`row` must be a whole number from 0 to 7"),
        ({"column": -1}, "`column` must be a whole number"),
        ({"kind": 5}, "`kind` must be a class from 0 to 4"),
        ({"seed": -1}, "A seed must be"),
        ({"temperature": float("nan")}, "A temperature must be a number"),
        ({"model": "../x"}, "not a model of photos"),
        ({"writer": "gated-pixelcnn-mnist"}, "not a model of photos"),
        ({"writer": "pixelcnnpp-flowers-small"}, "writes images of 4 pixels in colour, and pixelcnnpp-flowers reads those of 8 pixels"),
    ],
)
def test_wrong_arguments_are_told_in_one_sentence(arguments, sentence):
    with pytest.raises(UserError, match=sentence):
        api.pixels_colour_at(**{"row": 0, "column": 0, "kind": 0, **arguments})


@pytest.mark.parametrize("model", ["pixelcnnpp-flowers", "gated-pixelcnn-flowers"])
def test_the_opening_picture_is_an_image_of_each_kind(model):
    net = catalog.load(model)
    assert previews.preview(net.system)(net).size == (5 * 8, 8)


def test_a_photo_that_is_paused_goes_on_to_the_same_end():
    whole = np.asarray(api.pixels_colour(2, seed=4))
    *_, (x, done) = api.pages("pixelcnnpp-flowers", 2, 4, 1.0, 30)
    assert done == 30 and x.shape == (1, 3, 8, 8) and not x.flatten(2)[..., 30:].any()
    assert [done for _, done in api.pages("pixelcnnpp-flowers", 2, 4, 1.0, 64, begin=30)] == list(range(31, 65))
    *_, (x, _) = api.pages("pixelcnnpp-flowers", 2, 4, 1.0, 64)
    assert np.array_equal((x[0] * 255).round().permute(1, 2, 0), whole)


def test_the_odds_beside_it_are_of_the_same_photo():
    asked = {"row": 3, "column": 2, "kind": 1, "seed": 6}
    mine, of_it = api.pixels_colour_at(**asked)
    strip, beside = api.pixels_colour_at(**asked, model="gated-pixelcnn-flowers", writer="pixelcnnpp-flowers")
    assert np.array_equal(mine, strip)
    for plane in "RGB":
        assert beside[plane]["drawn"] == of_it[plane]["drawn"] and beside[plane]["probabilities"] != of_it[plane]["probabilities"]


@pytest.mark.parametrize("row, column, top, left", [(0, 0, 0, 0), (15, 15, 7, 7), (8, 3, 4, 0)])
def test_what_lies_around_a_pixel_is_shown_four_times(tmp_path, monkeypatch, row, column, top, left):
    (tmp_path / "wide").mkdir()
    save_model(PixelCNNpp(features=4, stages=1, mixtures=1, size=16), tmp_path / "wide")
    monkeypatch.setattr(catalog, "ROOT", tmp_path)
    strip, _ = api.pixels_colour_at(row, column, 0, model="wide")
    even = torch.full((3, 256), 1 / 256)
    x = torch.from_numpy(np.array(strip)[:, -16:]).permute(2, 0, 1) / 255
    asked = {"pixel": 16 * row + column, "waiting": WAITING, "probabilities": even, "beside": even}
    shown = graphs.run("origin", "wide", x=x, **asked).stages
    assert shown.shape == (9, 39, 3)
    later = np.arange(256).reshape(16, 16, 1) > 16 * row + column
    for stage, known in enumerate(np.hsplit(np.asarray(strip), 4)):
        whole = np.where(later, WAITING, known)
        assert np.array_equal(shown[:, 10 * stage : 10 * stage + 9], whole[top : top + 9, left : left + 9])


def test_the_kinds_are_the_models_own_and_one_that_it_does_not_know_is_told():
    assert colour.kinds() == ["rose", "tulip"]
    with pytest.raises(UserError, match="pixelcnnpp-flowers-small writes no daisy; it knows rose, tulip"):
        colour._label(pixels.Pixels(model="pixelcnnpp-flowers-small"))
    assert colour._label(pixels.Pixels(model="pixelcnnpp-flowers-small", kind="tulip")) == 1


def test_the_model_says_which_views_there_are():
    small = pixels.Pixels(model="pixelcnnpp-flowers-small", view="surprise")
    assert small.view == "colour" and small.views == pixels.COLOUR_VIEWS
    assert replace(small, view="film", model="gated-pixelcnn-mnist").view == "film"
    assert replace(small, model="gated-pixelcnn-mnist") == pixels.Pixels()
    assert parse(pixels.Pixels, query(small)) == (small, None)
    now, unusable = parse(pixels.Pixels, {"model": "pixelcnnpp-flowers", "view": "surprise"})
    assert now.view == "colour" and unusable.endswith("corrected: view.")


@pytest.mark.parametrize(
    "old, model, view",
    [
        ({"view": "colour"}, "pixelcnnpp-flowers", "colour"),
        ({"view": "colour", "colour": "gated-pixelcnn-flowers", "model": "gated-pixelcnn-mnist"}, "gated-pixelcnn-flowers", "colour"),
        ({"view": "complete", "colour": "gated-pixelcnn-flowers"}, "gated-pixelcnn-mnist", "complete"),
        ({"view": "colour", "model": "pixelcnnpp-flowers-small"}, "pixelcnnpp-flowers-small", "colour"),
    ],
)
def test_addresses_from_when_colours_had_a_control_of_their_own_still_open(old, model, view):
    now, unusable = parse(pixels.Pixels, pixels.Pixels.renewed(old))
    assert (now.model, now.view, unusable) == (model, view, None)


def test_the_whole_distribution_of_two_by_two_pixels(models):
    with pytest.raises(UserError, match="has no photos yet to learn from"):
        api.pixels_whole()
    chance = np.random.default_rng(0)
    Image.fromarray(chance.integers(0, 256, (8, 40, 3), dtype=np.uint8)).save(models / "pixelcnnpp-flowers" / "opening.webp", lossless=True)
    catalog.refresh()
    free, given = api.pixels_whole(), api.pixels_whole("..1......0..")
    bits = np.array([[int(digit) for digit in f"{i:012b}"] for i in range(4096)])
    for said in (free, given):
        p = np.array(said["probabilities"])
        assert p.sum() == pytest.approx(1, abs=1e-12) == said["sum"]
        assert said["lit"] == pytest.approx(p @ bits)
        ranked = np.sort(p)[::-1]
        assert [p for _, p in said["likeliest"]] == pytest.approx(ranked[:12]) and p[int(said["likeliest"][0][0], 2)] == ranked[0]
        assert np.prod(said["factors"]) == pytest.approx(ranked[0])
        assert ranked[: said["half"]].sum() >= 0.5 > ranked[: said["half"] - 1].sum()
    fits = (bits[:, 2] == 1) & (bits[:, 9] == 0)
    assert given["given"] == pytest.approx(np.array(free["probabilities"])[fits].sum())
    assert given["probabilities"] == pytest.approx(np.where(fits, free["probabilities"], 0) / given["given"])


@pytest.mark.parametrize("given", ["", "." * 13, "2...........", None, ["."] * 12])
def test_what_is_given_is_twelve_letters(given):
    with pytest.raises(UserError, match="`given` must be 12 characters"):
        api.pixels_whole(given)


def test_two_by_two_pixels_are_drawn_in_their_colours():
    tile = exhaustive._tile("100110000111", 0.25)
    assert "red, yellow, black, white" in tile and "25.0%" in tile
    assert re.findall('x="(.)" y="(.)".*?fill="(.*?)"', tile) == [
        ("0", "0", "#f00"),
        ("1", "0", "#ff0"),
        ("0", "1", "#000"),
        ("1", "1", "#fff"),
    ]


def test_curves_show_what_was_drawn_and_both_models():
    alone = pixels.Pixels(model="pixelcnnpp-flowers", against="pixelcnnpp-flowers", dot=(4.7, 31.0), kind="2", seed=3)
    beside = replace(alone, against="gated-pixelcnn-flowers")
    _, said = api.pixels_colour_at(4, 7, 2, seed=3)
    _, theirs = api.pixels_colour_at(4, 7, 2, seed=3, model="gated-pixelcnn-flowers", writer="pixelcnnpp-flowers")
    for state, lines in ((alone, 3), (beside, 6)):
        *_, odds = colour.explain_photo(state)
        assert "in row 5, column 8, by" in odds and odds.count("<polyline") == lines
        for plane in "RGB":
            mine, other = (np.array(one[plane]["probabilities"]) for one in (said, theirs))
            chart = re.search(f'aria-label="{plane}: {said[plane]["drawn"]} was drawn, {mine.argmax()} was likeliest">(.*?)</svg>', odds)[1]
            for actor, p in (("generated", mine), ("generator", other))[: lines // 3]:
                drawn = re.search(f'class="{actor}" points="(.*?)"', chart)[1].split()
                assert [point.split(",")[0] for point in drawn] == [f"{1 + 98 * i / 255:.2f}" for i in range(256)]
                most = max(mine.max(), other.max()) if lines == 6 else mine.max()
                assert [float(point.split(",")[1]) for point in drawn] == pytest.approx(46 - 42 * p / most, abs=0.011)


def test_a_pixel_that_is_not_written_yet_has_no_odds():
    picture, bits, words = colour.explain_photo(pixels.Pixels(model="pixelcnnpp-flowers", dot=(2.0, 3.0), told=19, kind="2"))
    assert picture == bits == gr.skip() and words == '<p class="empty">The pixel in row 3, column 4 is not written yet.</p>'
    *_, words = colour.explain_photo(pixels.Pixels(model="pixelcnnpp-flowers", dot=(2.0, 3.0), told=20, kind="2"))
    assert "was drawn" in words
