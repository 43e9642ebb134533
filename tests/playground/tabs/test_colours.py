"""The pixels_colour functions, on tiny untrained models."""

import numpy as np
import pytest
import torch

from playground import api, openings, zoo
from playground.errors import UserError
from playground.models.gated_pixelcnn import GatedPixelCNN
from playground.models.pixelcnnpp import PixelCNNpp
from playground.page.writing import WAITING
from playground.tabs import colours, pixels
from training.engine import save_model


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pretrained")
    torch.manual_seed(0)
    made = {
        "pixelcnnpp-flowers": PixelCNNpp(6, stages=2, mixtures=2, size=8),
        "gated-pixelcnn-flowers": GatedPixelCNN(1, 6, 3, 6, levels=256, classes=5, size=8, planes=3),
        "gated-pixelcnn-mnist": GatedPixelCNN(layers=1, channels=4, head=4),
        "pixelcnnpp-flowers-small": PixelCNNpp(6, stages=1, mixtures=2, size=4, class_names=["rose", "tulip"], classes=2),
    }
    for name, model in made.items():
        (folder / name).mkdir()
        save_model(model, folder / name)
    return folder


@pytest.fixture(autouse=True)
def at_home(models, monkeypatch):
    monkeypatch.setattr(zoo, "ROOT", models)


def test_models_of_digits_and_those_in_colour_are_kept_apart():
    assert api.colour_models() == ["pixelcnnpp-flowers", "pixelcnnpp-flowers-small", "gated-pixelcnn-flowers"] and api.digit_models() == [
        "gated-pixelcnn-mnist"
    ]
    with pytest.raises(UserError, match="no model that writes digits"):
        api.pixels_write(1, model="gated-pixelcnn-flowers")
    with pytest.raises(UserError, match="'gated-pixelcnn-mnist' is no model in colour; there are: pixelcnnpp-flowers"):
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
        ({"row": 8}, "`row` is a whole number from 0 to 7"),
        ({"column": -1}, "`column` is a whole number"),
        ({"kind": 5}, "`kind` is a class from 0 to 4"),
        ({"seed": -1}, "A seed is"),
        ({"temperature": float("nan")}, "A temperature is a number"),
        ({"model": "../x"}, "no model in colour"),
        ({"writer": "gated-pixelcnn-mnist"}, "no model in colour"),
        ({"writer": "pixelcnnpp-flowers-small"}, "writes images of 4 pixels, and pixelcnnpp-flowers reads those of 8"),
    ],
)
def test_wrong_arguments_are_told_in_one_sentence(arguments, sentence):
    with pytest.raises(UserError, match=sentence):
        api.pixels_colour_at(**{"row": 0, "column": 0, "kind": 0, **arguments})


@pytest.mark.parametrize("model", ["pixelcnnpp-flowers", "gated-pixelcnn-flowers"])
def test_the_opening_picture_is_an_image_of_each_kind(model):
    net = zoo.load(model)
    assert openings.OPENINGS[net.system](net).size == (5 * 8, 8)


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


@pytest.mark.parametrize("row, column, top, left", [(0, 0, 0, 0), (7, 7, 3, 3), (4, 3, 2, 1)])
def test_what_lies_around_a_pixel_is_shown_four_times(monkeypatch, row, column, top, left):
    monkeypatch.setattr(colours, "NEAR", 5)
    strip, _ = api.pixels_colour_at(row, column, 0)
    shown = np.asarray(colours._around(strip, row, column))
    assert shown.shape == (5, 23, 3)
    later = np.arange(64).reshape(8, 8, 1) > 8 * row + column
    for stage, known in enumerate(np.hsplit(np.asarray(strip), 4)):
        whole = np.where(later, WAITING, known)
        assert np.array_equal(shown[:, 6 * stage : 6 * stage + 5], whole[top : top + 5, left : left + 5])


def test_the_kinds_are_the_models_own_and_one_that_it_does_not_know_is_told():
    assert colours.kinds() == ["rose", "tulip"]
    with pytest.raises(UserError, match="pixelcnnpp-flowers-small writes no daisy; it knows rose, tulip"):
        colours._label(pixels.Pixels(colour="pixelcnnpp-flowers-small"))
    assert colours._label(pixels.Pixels(colour="pixelcnnpp-flowers-small", kind="tulip")) == 1


def test_curves_show_what_was_drawn_and_both_models():
    said = {"probabilities": [0.0] * 100 + [0.25, 0.75] + [0.0] * 154, "drawn": 100}
    alone, both = colours._spread("G", said, None), colours._spread("G", said, said)
    assert "G: 100 was drawn, 101 was likeliest" in alone and alone.count("<polyline") == 1 and both.count("<polyline") == 2
