"""The public functions of the tab "Two worlds", its examples and its opening picture, on a small untrained model."""

import base64
import inspect
import io
import shutil

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image

from playground import api, catalog, previews
from playground.drawing.pictures import EMOJI_DOMAINS, domain_example_names
from playground.errors import UserError
from playground.imaging.examples import domain_example
from playground.models.cyclegan import CycleGAN
from playground.ui.state import parse, query
from playground.ui.tabs.worlds.tab import VIEWS, Worlds, build
from training.export import save_model


@pytest.fixture(autouse=True)
def models(tmp_path_factory, monkeypatch):
    root = tmp_path_factory.mktemp("pretrained")
    facades, flowers = ("photos", "labels"), ("yellow flowers", "violet flowers")
    models = {"cyclegan-facades": facades, "cyclegan-flowers": flowers, "cyclegan-emoji3d": EMOJI_DOMAINS}
    models |= dict.fromkeys(api.CYCLE.values(), facades)
    for seed, (name, worlds) in enumerate(models.items()):
        (root / name).mkdir()
        torch.manual_seed(seed)
        save_model(
            CycleGAN(worlds=worlds, size=32, generator_channels=4, blocks=1, fold=2, discriminator_channels=4, discriminator_layers=3),
            root / name,
        )
    monkeypatch.setattr(catalog, "ROOT", root)
    return root


def data_url(image: Image.Image, kind: str = "png") -> str:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode()}"


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8))


def test_the_worlds_have_names():
    assert api.worlds_names("cyclegan-facades") == ["photos", "labels"]


@pytest.mark.parametrize("direction", ["there", "back"])
def test_the_four_pictures_are_x_its_translation_the_way_back_and_their_difference(direction):
    upload = noise(32, 32)
    x, made, again, difference, said = api.worlds_translate(data_url(upload), direction=direction)
    assert x.size == made.size == again.size == difference.size == (32, 32)
    assert np.array_equal(np.asarray(x), np.asarray(upload))  # of the model's own size: seen as it is
    pixels = [np.asarray(picture).astype(int) for picture in (x, made, again, difference)]
    assert np.array_equal(pixels[3], abs(pixels[0] - pixels[2]))
    gan = catalog.load("cyclegan-facades")
    tensor = torch.from_numpy(pixels[0]).permute(2, 0, 1)[None] / 127.5 - 1
    expected = (gan.G if direction == "there" else gan.F)(tensor)
    assert abs(pixels[1] - (expected[0].permute(1, 2, 0).numpy() + 1) * 127.5).max() <= 0.51
    assert said["cycle_l1"] == pytest.approx(pixels[3].mean() / 127.5, abs=0.01)


@pytest.mark.parametrize("size", [(1, 1), (7, 100), (300, 20), (129, 130)])
@pytest.mark.parametrize("fit", ["crop", "pad"])
def test_uploads_of_any_shape_are_cropped_or_padded(size, fit):
    x = np.asarray(api.worlds_translate(data_url(Image.new("RGB", size, (200, 0, 0))), fit=fit)[0])
    assert x.shape == (32, 32, 3)
    red = (x[..., 0] > 150) & (x[..., 1] < 100)
    if fit == "crop":
        assert red.all()
    else:
        width, height = size
        assert red.mean() == pytest.approx(min(size) / max(size), abs=0.06)
        assert max(size) < 2 * min(size) or (x[0, 0] == 255).all()  # a white bar


@pytest.mark.parametrize("model", ["cyclegan-facades", "cyclegan-flowers"])
@pytest.mark.parametrize("direction", ["there", "back"])
def test_every_drawn_example_is_translated(model, direction):
    names = api.worlds_examples(model)
    assert len(names) == 3
    seen = {np.asarray(api.worlds_translate(name, model, direction)[0]).tobytes() for name in names}
    assert len(seen) == 3


def test_the_drawn_flower_has_the_colour_of_the_world_it_comes_from():
    there, back = (np.asarray(api.worlds_translate("6 petals", "cyclegan-flowers", way)[0]).astype(int) for way in ("there", "back"))
    petal = (22, 10)  # row, column of a petal
    assert there[petal][0] > there[petal][2] + 50 and back[petal][2] > back[petal][1] + 30


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"picture": "/etc/passwd"}, "data URL"),
        ({"picture": "data:image/png;base64,AAAA"}, "not a readable picture"),
        ({"picture": "data:image/png;base64,"}, "empty"),
        ({"picture": 3}, "data URL"),
        ({"direction": "sideways"}, "direction"),
        ({"fit": "stretch"}, "crop"),
        ({"model": "no-such-model"}, "is not a cyclegan model"),
        ({"model": 7}, "not a cyclegan model"),
    ],
)
def test_what_cannot_be_used_ends_in_one_sentence(wrong, said):
    with pytest.raises(UserError, match=said):
        api.worlds_translate(**{"picture": "a town house", **wrong})


def test_the_tab_opens_on_emoji_with_the_picture_that_their_model_was_shipped_with():
    opens = Worlds.opening()
    assert opens.model == "cyclegan-emoji3d" and opens.example in domain_example_names(EMOJI_DOMAINS)
    pictures = api.worlds_translate(opens.example, opens.model, opens.direction, opens.fit)[:4]
    strip = np.asarray(previews.cyclegan(catalog.load(opens.model)))
    assert np.array_equal(strip, np.concatenate([np.asarray(picture) for picture in pictures], axis=1))


@pytest.mark.parametrize("direction", ["there", "back"])
def test_both_models_are_given_the_same_picture_with_the_cycle_term_and_without(direction):
    answer = api.worlds_cycle("ten rectangles", direction)
    first, second = answer[:5], answer[5:]
    for picture, the_same in zip(first[:4], api.worlds_translate("ten rectangles", api.CYCLE["with the cycle term"], direction)):
        assert picture.tobytes() == the_same.tobytes()
    assert first[0].tobytes() == second[0].tobytes() and first[1].tobytes() != second[1].tobytes()
    assert first[4]["cycle_l1"] != second[4]["cycle_l1"]


def test_the_view_of_the_cycle_term_stands_without_its_twin_and_says_so(models):
    from playground.ui.tabs.worlds.cycle import _table, carried

    errors = {direction: [f"{found.cycle_l1:.3f}" for found in carried("a town house", direction)] for direction in ("back", "there")}
    assert "is not here" not in _table(errors) and len(errors["back"]) == 2
    shutil.rmtree(models / api.CYCLE["without it"])
    catalog.refresh()
    alone = {direction: [f"{found.cycle_l1:.3f}" for found in carried("a town house", direction)] for direction in ("back", "there")}
    assert "is not here" in _table(alone) and "without it" not in _table(alone)
    assert alone == {direction: both[:1] for direction, both in errors.items()}


def test_the_public_functions_are_typed_and_documented():
    for function in (api.worlds_names, api.worlds_examples, api.worlds_translate, api.worlds_cycle):
        assert "Args:" in function.__doc__
        assert all(p.annotation is not p.empty for p in inspect.signature(function).parameters.values())


def test_a_facade_photo_to_begin_with_is_made_by_the_model_itself():
    gan = catalog.load("cyclegan-facades")
    photo, labels = (domain_example(gan, "ten rectangles", forward) for forward in (True, False))
    torch.testing.assert_close(photo, gan.F(labels))


@pytest.fixture(scope="module")
def tab():
    with gr.Blocks():
        return build()


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("model", ["cyclegan-facades", "cyclegan-flowers", "cyclegan-emoji3d"])
def test_the_dice_choose_another_example_of_the_open_view_that_a_link_carries(tab, view, model):
    now, directions = Worlds(view=view, model=model), set()
    for seed in range(20):
        rolled = tab.roll(now, seed)
        assert (rolled.example, rolled.carried, rolled.filmed) != (now.example, now.carried, now.filmed)
        assert rolled.model == model and parse(Worlds, query(rolled)) == (rolled, None)
        now = rolled
        directions.add(rolled.direction)
    assert directions == ({"there", "back"} if view == "translate" else {"back"})
