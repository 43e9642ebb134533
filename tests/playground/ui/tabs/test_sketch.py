"""The sketch tab's public functions, on small untrained models."""

import base64
import io
import json
import shutil
from dataclasses import replace
from inspect import signature

import gradio as gr
import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from safetensors.torch import save_file

from playground import api, catalog
from playground.analysis.spectrum import high_frequency_energy
from playground.drawing.doodles import DABBED, DOODLES
from playground.drawing.facades import FACADES
from playground.drawing.flowers import FLOWERS
from playground.drawing.palettes import DABS, FACADE_COLOURS, INK
from playground.drawing.strokes import Stroke, canvas_value, render
from playground.errors import EmptyCanvas, UserError
from playground.models.pix2pix import Pix2Pix
from playground.ui.state import parse, query
from playground.ui.tabs.sketch.tab import VIEWS, Sketch, build

PALETTE = {name: list(colour) for name, colour in FACADE_COLOURS.items()}
FLOWER = {"source": "lines", "colours": {"petals": [236, 178, 24], "background": [58, 82, 38]}}
MODELS = {
    **dict.fromkeys(["pix2pix-flowers", *api.TERMS.values()], FLOWER),
    "pix2pix-openmoji": {"source": "drawing", "hints": True},
    "pix2pix-facades": {"source": "labels", "palette": PALETTE, "one_hot": True},
    "pix2pix-facades-labels": {"source": "photo", "target": "labels", "palette": PALETTE, "one_hot": True},
}


@pytest.fixture(autouse=True)
def models(tmp_path_factory, monkeypatch):
    root = tmp_path_factory.mktemp("pretrained")
    for seed, (name, settings) in enumerate(MODELS.items(), 1):
        torch.manual_seed(seed)
        model = Pix2Pix(size=64, widths=[8, 8], discriminator_widths=[4, 4], upsampling="resize", norm="group", dropout=0.0, **settings)
        (root / name).mkdir()
        (root / name / "config.json").write_text(json.dumps(model.settings))
        save_file({key: value.contiguous() for key, value in model.state_dict().items()}, root / name / "model.safetensors")
    monkeypatch.setattr(catalog, "ROOT", root)


def url(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "png")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def test_a_drawn_flower_by_name_by_strokes_and_as_a_picture():
    by_name, said = api.sketch_photograph("daisy")
    by_strokes, _ = api.sketch_photograph(canvas_value(FLOWERS["daisy"]))
    by_picture, _ = api.sketch_photograph(url(render(FLOWERS["daisy"], 128, INK)))
    assert by_name.size == (64, 64) and by_name.mode == "RGB"
    assert by_name.tobytes() == by_strokes.tobytes()
    assert abs(np.asarray(by_name, dtype=float) - np.asarray(by_picture, dtype=float)).mean() < 8
    assert 0 < said["real"] < 1 and said["milliseconds"] > 0


def test_a_line_more_and_another_colour_change_the_photograph():
    first = api.sketch_photograph(canvas_value([Stroke(((50, 50), (400, 400)))]))[0]
    more = api.sketch_photograph(canvas_value([Stroke(((50, 50), (400, 400))), Stroke(((400, 50), (50, 400)))]))[0]
    violet = api.sketch_photograph(canvas_value([Stroke(((50, 50), (400, 400)))]), petals="#8c5abe")[0]
    assert len({first.tobytes(), more.tobytes(), violet.tobytes()}) == 3


def test_the_verdict_lies_over_the_picture_in_two_colours():
    plain, said = api.sketch_facade("a town house")
    over, same = api.sketch_facade("a town house", patches=True)
    assert said["real"] == same["real"]
    layer = (np.asarray(over, dtype=float) - 0.45 * np.asarray(plain)) / 0.55
    blue, vermilion = np.array([0, 114, 178]), np.array([213, 94, 0])
    share = ((layer - vermilion) @ (blue - vermilion)) / ((blue - vermilion) @ (blue - vermilion))
    assert abs(share.mean() - said["real"]) < 0.01
    np.testing.assert_allclose(layer, share[..., None] * blue + (1 - share[..., None]) * vermilion, atol=3)


def test_labels_are_read_off_and_add_up():
    labels, said = api.sketch_labels("a long facade")
    assert set(said["shares"]) == set(FACADE_COLOURS) and sum(said["shares"].values()) == pytest.approx(1, abs=1e-3)
    assert {tuple(colour) for colour in np.asarray(labels).reshape(-1, 3).tolist()} <= set(FACADE_COLOURS.values())
    wide = Image.new("RGB", (200, 50), "green")
    assert api.sketch_labels(url(wide))[0].size == api.sketch_labels(url(wide), fit="pad")[0].size == (64, 64)


def test_lines_of_a_photo_and_the_strokes_that_draw_them():
    photo = Image.new("RGB", (300, 200), "green")
    ImageDraw.Draw(photo).ellipse((100, 50, 200, 150), fill="yellow")
    lines, strokes = api.sketch_lines(url(photo))
    assert lines.size == (128, 128) and 150 < (np.asarray(lines) == 0).sum() < 260
    assert api.sketch_photograph(canvas_value(strokes))[0].size == (64, 64)


def test_an_emoji_by_name_by_strokes_and_as_a_picture_and_a_dab_of_colour_counts():
    by_name, said = api.sketch_emoji("a mug")
    by_strokes, _ = api.sketch_emoji(canvas_value(DOODLES["a mug"]))
    by_picture, _ = api.sketch_emoji(url(render(DOODLES["a mug"], 256, DABS)))
    dabbed, _ = api.sketch_emoji(canvas_value(DABBED["a mug"]))
    assert by_name.size == (64, 64) and by_name.tobytes() == by_strokes.tobytes() != dabbed.tobytes()
    assert abs(np.asarray(by_name, dtype=float) - np.asarray(by_picture, dtype=float)).mean() < 1
    assert 0 < said["real"] < 1


def test_three_generators_draw_the_same_sketch_each_in_its_way():
    *photos, l1, gan, both = api.sketch_terms("daisy", petals="#8c5abe", patches=True)
    for photo, said, model in zip(photos, (l1, gan, both), api.TERMS.values()):
        alone, the_same = api.sketch_photograph("daisy", model, "#8c5abe", patches=True)
        assert photo.tobytes() == alone.tobytes()
        assert {**said, "milliseconds": 0} == {**the_same, "milliseconds": 0}
    assert len({photo.tobytes() for photo in photos}) == 3


def test_the_fine_detail_that_is_told_is_the_pictures():
    photo, said = api.sketch_photograph("daisy")
    x = torch.from_numpy(np.asarray(photo) / 127.5 - 1).permute(2, 0, 1)[None].float()
    assert said["high_frequency_energy"] == pytest.approx(100 * high_frequency_energy(x).item(), rel=0.1)  # rounded to 256 levels
    assert "high_frequency_energy" not in api.sketch_labels("a town house")[1]


def test_a_picture_is_judged_beside_its_own_source_and_beside_anothers():
    for own, other, model in (
        ("daisy", "tulip", "pix2pix-flowers"),
        ("a cat", "a mug", "pix2pix-openmoji"),
        ("ten rectangles", "a long facade", "pix2pix-facades"),
        ("a town house", "ten rectangles", "pix2pix-facades-labels"),
    ):
        x, wrong, under_right, under_wrong, said = api.sketch_pair(own, other, model)
        again = api.sketch_pair(own, own, model)
        assert under_right.tobytes() == again[2].tobytes() == again[3].tobytes() != under_wrong.tobytes()
        assert x.tobytes() == again[1].tobytes() != wrong.tobytes()
        assert said["right"] == again[4]["wrong"] != said["wrong"] and 0 < said["wrong"] < 1
    assert api.sketch_pair("daisy", "tulip")[4]["right"] == api.sketch_photograph("daisy")[1]["real"]


def test_twins_are_not_offered_where_a_visitor_draws_and_a_model_of_ones_own_is(models):
    shutil.copytree(catalog.ROOT / "pix2pix-flowers", catalog.ROOT / "my-model")
    assert catalog.offered("pix2pix") == ["my-model", "pix2pix-facades", "pix2pix-facades-labels", "pix2pix-flowers", "pix2pix-openmoji"]
    assert set(api.TERMS.values()) < set(catalog.names("pix2pix"))


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: api.sketch_photograph("", "pix2pix-flowers"), "empty"),
        (lambda: api.sketch_photograph(7), "data URL"),
        (lambda: api.sketch_photograph("/etc/passwd"), "JSON"),
        (lambda: api.sketch_photograph("daisy", "pix2pix-facades"), "of labels"),
        (lambda: api.sketch_photograph("daisy", "nothing"), "not a pix2pix model"),
        (lambda: api.sketch_photograph("daisy", petals="red"), "#rrggbb"),
        (lambda: api.sketch_photograph("daisy", background=None), "#rrggbb"),
        (lambda: api.sketch_terms(7), "data URL"),
        (lambda: api.sketch_terms("daisy", "red"), "#rrggbb"),
        (lambda: api.sketch_pair("daisy", None), "data URL"),
        (lambda: api.sketch_pair("daisy", "tulip", "nothing"), "not a pix2pix model"),
        (lambda: api.sketch_pair("daisy", "tulip", petals="#12"), "#rrggbb"),
        (lambda: api.sketch_facade("data:image/png;base64,AAAA"), "not a readable picture"),
        (lambda: api.sketch_facade(canvas_value(FLOWERS["daisy"].replace("AB", "AZ"))), "."),
        (lambda: api.sketch_labels("/etc/passwd"), "data URL"),
        (lambda: api.sketch_labels("a town house", fit="squeeze"), "crop"),
        (lambda: api.sketch_lines("a town house"), "data URL"),
        (lambda: api.sketch_lines(url(Image.new("RGB", (9, 9))), detail=float("nan")), "number from 1.2"),
        (lambda: api.sketch_lines(url(Image.new("RGB", (9, 9))), size=10_000), "from 64 to 256"),
    ],
)
def test_wrong_arguments_end_in_one_sentence(call, says):
    with pytest.raises(UserError, match=says) as error:
        call()
    assert str(error.value).count(". ") == 0


def test_an_empty_canvas_is_told_apart():
    for strokes in ("", canvas_value("")):
        with pytest.raises(EmptyCanvas):
            api.sketch_photograph(strokes)
        with pytest.raises(EmptyCanvas):
            api.sketch_facade(strokes)


def test_defaults_are_what_the_docstrings_name():
    assert signature(api.sketch_photograph).parameters["petals"].default == api.FLOWER_PETALS
    for names, function in (
        (FLOWERS, api.sketch_photograph),
        (DOODLES, api.sketch_emoji),
        (FACADES, api.sketch_facade),
        (FACADES, api.sketch_labels),
    ):
        assert all(f'"{name}"' in function.__doc__ for name in names)


@pytest.fixture(scope="module")
def tab():
    with gr.Blocks():
        return build()


@pytest.mark.parametrize("view", VIEWS)
def test_the_dice_choose_another_example_of_the_open_view_that_a_link_carries(tab, view):
    now = Sketch(view=view)
    for seed in range(20):
        rolled = tab.roll(now, seed)
        assert replace(rolled, petals=now.petals, background=now.background) != now
        assert parse(Sketch, query(rolled)) == (rolled, None)
        now = rolled


def test_the_dice_choose_houses_for_a_judge_of_houses(tab):
    rolled = tab.roll(Sketch(view="pairs", judge="pix2pix-facades"), 0)
    assert {rolled.own, rolled.other} < set(FACADES)
