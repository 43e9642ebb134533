"""The pixels_colour functions, on tiny untrained models."""

import numpy as np
import pytest
import torch

from playground import api, openings, zoo
from playground.errors import UserError
from playground.models.gated_pixelcnn import GatedPixelCNN
from playground.models.pixelcnnpp import PixelCNNpp
from training.engine import save_model


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pretrained")
    torch.manual_seed(0)
    made = {
        "pixelcnnpp-flowers": PixelCNNpp(6, stages=2, mixtures=2, size=8),
        "gated-pixelcnn-flowers": GatedPixelCNN(1, 6, 3, 6, levels=256, classes=5, size=8, planes=3),
        "gated-pixelcnn-mnist": GatedPixelCNN(layers=1, channels=4, head=4),
    }
    for name, model in made.items():
        (folder / name).mkdir()
        save_model(model, folder / name)
    return folder


@pytest.fixture(autouse=True)
def at_home(models, monkeypatch):
    monkeypatch.setattr(zoo, "ROOT", models)


def test_models_of_digits_and_those_in_colour_are_kept_apart():
    assert api.colour_models() == ["pixelcnnpp-flowers", "gated-pixelcnn-flowers"] and api.digit_models() == ["gated-pixelcnn-mnist"]
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
    ],
)
def test_wrong_arguments_are_told_in_one_sentence(arguments, sentence):
    with pytest.raises(UserError, match=sentence):
        api.pixels_colour_at(**{"row": 0, "column": 0, "kind": 0, **arguments})


@pytest.mark.parametrize("model", ["pixelcnnpp-flowers", "gated-pixelcnn-flowers"])
def test_the_opening_picture_is_an_image_of_each_kind(model):
    net = zoo.load(model)
    assert openings.OPENINGS[net.system](net).size == (5 * 8, 8)
