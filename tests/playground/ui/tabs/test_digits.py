"""The digits_* functions and what the tab shows of them, on tiny untrained models."""

from dataclasses import fields
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
import torch

from playground import api, catalog
from playground.errors import UserError
from playground.graphs.gan import ReadGrid
from playground.graphs.sizes import ROWS
from playground.models.cgan import CGAN
from playground.models.digit_classifier import DigitClassifier
from playground.ui.state import options
from playground.ui.tabs.digits import ask, blend, judges, write
from playground.ui.tabs.digits import tab as digits
from playground.ui.tabs.digits.read import Read
from playground.ui.values import shown
from training.export import save_model


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder with a cgan-mnist and its judge, and a cgan-fashion and a cgan of two classes, which have none."""
    folder = tmp_path_factory.mktemp("pretrained")
    torch.manual_seed(0)
    made = {
        "cgan-mnist": CGAN(latent=4, channels=4),
        "cgan-fashion": CGAN(latent=4, channels=4, dataset="fashion"),
        "cgan-two": CGAN(latent=4, channels=4, classes=2, dataset="my folder"),
        "digit-classifier": DigitClassifier(channels=4),
        "my-classifier": DigitClassifier(channels=4, classes=2, class_names=["odd", "even"]),
    }
    for name, model in made.items():
        (folder / name).mkdir()
        save_model(model, folder / name)
    return folder


@pytest.fixture(autouse=True)
def at_home(models, monkeypatch):
    monkeypatch.setattr(catalog, "ROOT", models)


def pixels(image) -> np.ndarray:
    return np.asarray(image, dtype=int)


def test_the_asked_digit_stands_in_the_first_row_of_the_grid():
    grid = pixels(api.digits_grid(seed=5, rows=2))
    assert grid.shape == (56, 280)
    asked, _ = api.digits_ask(7, seed=5)
    assert abs(pixels(asked) - grid[:28, 7 * 28 : 8 * 28]).max() <= 1


def test_the_grid_is_judged_digit_by_digit():
    judged = api.digits_grid_judged(seed=5, rows=2)
    opinions = [api.digits_ask(digit, seed=5)[1] for digit in range(10)]  # of the first row
    read = [opinion["classifier"].index(max(opinion["classifier"])) for opinion in opinions]
    first = [one for one in judged["misread"] if one["row"] == 1]
    assert [(one["asked"], one["read"]) for one in first] == [(asked, found) for asked, found in enumerate(read) if asked != found]
    assert [one["probability"] for one in first] == pytest.approx([max(opinions[one["asked"]]["classifier"]) for one in first], abs=1e-4)
    assert judged["digits"] == 20 == judged["as_asked"] + len(judged["misread"]) and {one["row"] for one in judged["misread"]} == {1, 2}
    alone = api.digits_grid_judged(seed=5, rows=1)
    assert alone["real"] == sum(opinion["discriminator"] > 0.5 for opinion in opinions)
    assert set(api.digits_grid_judged(model="cgan-fashion")) == {"digits", "real"}


def test_the_words_under_the_grid_name_what_is_misread():
    class Told(torch.nn.Module):
        """Reads a digit as the class that its first pixel says, and is 61 % sure."""

        def forward(self, x):
            return torch.nn.functional.one_hot(x[:, 0, 0, 0].long(), 10) * 2.645

    read = ReadGrid(Told(), None)
    asked = torch.arange(10).repeat(ROWS)

    def said(wrong: list[int]) -> str:
        x = asked[:, None, None].float().repeat(1, 28, 28)
        x[wrong] = 9 - x[wrong]
        found = {name: value.tolist() for name, value in read(x, asked).items()}
        return judges.grid_in_words(60, 31, SimpleNamespace(**found))

    judged = "The discriminator holds 31 of 60 to be real."
    assert said([24]) == f"The digit classifier reads 59 of 60 as asked; the 4 of row 3 as 5 (61%). {judged}"
    wrong = [3, 11, 24, 30, 47, 58]
    all_named = ", ".join(f"the {i % 10} of row {i // 10 + 1} as {9 - i % 10} (61%)" for i in wrong)
    assert said(wrong) == f"The digit classifier reads 54 of 60 as asked; {all_named}. {judged}"
    assert said([*wrong, 59]) == f"The digit classifier reads 53 of 60 as asked; {all_named}, and 1 more otherwise. {judged}"
    assert said([]) == f"The digit classifier reads 60 of 60 as asked. {judged}"
    assert judges.grid_in_words(20, 7) == "The discriminator holds 7 of 20 to be real."


def test_a_number_is_its_digits_side_by_side_from_one_z():
    image, said = api.digits_write("407", seed=3)
    assert image.size == (84, 28) and len(said) == 3
    for i, digit in enumerate((4, 0, 7)):
        assert abs(pixels(api.digits_ask(digit, seed=3)[0]) - pixels(image)[:, 28 * i : 28 * (i + 1)]).max() <= 1


def test_a_blend_begins_at_a_and_ends_at_b():
    for t, digit in ((0.0, 2), (1.0, 9)):
        image, strip, _ = api.digits_blend(2, 9, t, seed=3)
        assert abs(pixels(image) - pixels(api.digits_ask(digit, seed=3)[0])).max() <= 1
    assert strip.size == (11 * 28, 28)
    assert abs(pixels(strip)[:, :28] - pixels(api.digits_ask(2, seed=3)[0])).max() <= 1


def test_the_opinions_are_probabilities():
    _, said = api.digits_ask(1)
    assert 0 <= said["discriminator"] <= 1
    assert sum(said["classifier"]) == pytest.approx(1, abs=1e-5) and len(said["classifier"]) == 10


def test_no_digit_is_read_in_clothes():
    assert set(api.digits_ask(1, model="cgan-fashion")[1]) == {"discriminator"}


def test_another_seed_is_another_hand():
    assert (pixels(api.digits_ask(3, seed=1)[0]) != pixels(api.digits_ask(3, seed=2)[0])).any()


@pytest.mark.parametrize(
    "call",
    [
        lambda: api.digits_ask(10),
        lambda: api.digits_ask(-1),
        lambda: api.digits_ask(True),
        lambda: api.digits_ask(3, seed=-1),
        lambda: api.digits_ask(3, seed=2**31),
        lambda: api.digits_ask(3, model="digit-classifier"),
        lambda: api.digits_ask(3, model="../secrets"),
        lambda: api.digits_grid(rows=10_000),
        lambda: api.digits_grid(rows=0),
        lambda: api.digits_grid_judged(rows=21),
        lambda: api.digits_grid_judged(model="digit-classifier"),
        lambda: api.digits_blend(1, 2, 1.5),
        lambda: api.digits_blend(1, 2, float("nan")),
        lambda: api.digits_blend(1, 20, 0.5),
        lambda: api.digits_write(""),
        lambda: api.digits_write("12a"),
        lambda: api.digits_write("\u0663"),  # an Arabic-Indic three
        lambda: api.digits_write("1" * 25),
        lambda: api.digits_write(31415),
    ],
)
def test_a_wrong_argument_ends_in_one_sentence(call):
    with pytest.raises(UserError, match=r"^[^\n]+\.$"):
        call()


def test_words_and_bars_say_the_same():
    opinion = judges.Opinion(0.431, 3, 0.98, [0.0, 0.02, 0.0, 0.98] + [0.0] * 6)
    assert judges.in_words(opinion) == "The digit classifier reads it as 3 (98%). The discriminator gives it 43% to be real."
    said = judges.judged([("3", opinion)])
    assert 'aria-valuenow="98"' in said and "read as 3" in said and 'aria-valuenow="43"' in said and "width:43.1%" in said
    assert "98%" in judges.distribution(opinion)
    assert "digit classifier" not in judges.in_words(judges.Opinion(0.5))


def test_a_model_of_two_classes_is_asked_for_these():
    with gr.Blocks():
        tab = digits.build()
    digit, a, b = (tab.control_of[name] for name in ("digit", "a", "b"))
    for view, field, picture in (
        ("ask", digit, api.digits_ask(1, model="cgan-two")[0]),
        ("ask", None, api.digits_grid(model="cgan-two")),
        ("blend", a, api.digits_blend(0, 1, 0.5, model="cgan-two")[0]),
        ("blend", b, api.digits_blend(0, 1, 0.5, model="cgan-two")[0]),
        ("write", None, api.digits_write("11", model="cgan-two")[0]),  # of 31415
    ):
        values = tab.everything(digits.Digits(view=view, model="cgan-two", seed=1))
        assert shown(picture, "")["src"] in [value["src"] for value in values.values() if isinstance(value, dict) and "src" in value]
        if field:
            assert values[field]["choices"] == ["0", "1"] and values[field]["value"] == ("0" if field is a else "1")
    assert any("classes 0 to 1; other digits are left out" in str(value) for value in values.values())
    assert digit.preprocess("9") == "9"  # a preset may set what another model has: no error of Gradio's


def test_ten_classes_are_left_as_they_are_and_two_are_kept_to():
    for view, state in ((ask, ask.Ask(digit="9")), (blend, blend.Blend(a="8", b="9")), (write, write.Write(number="2718281828"))):
        assert view.within(state) == state
    assert ask.within(ask.Ask(model="cgan-two", digit="9")).digit == "1"
    assert write.within(write.Write(model="cgan-two", number="2718281828")).number == "11"
    assert blend.within(blend.Blend(model="cgan-two", a="1", b="1")).a == "1"
    assert blend.within(blend.Blend(model="cgan-two", a="3", b="8")) == blend.Blend(model="cgan-two", a="0", b="1")


def test_a_classifier_of_ones_own_reads_with_its_own_names():
    assert options(next(spec for spec in fields(Read) if spec.name == "judge")) == ["digit-classifier", "my-classifier"]
    seen, p = api.digits_read("7", "my-classifier")
    assert seen.size == (28, 28) and list(p) == ["odd", "even"] and sum(p.values()) == pytest.approx(1, abs=1e-3)
    with pytest.raises(UserError, match="not a digit-classifier model"):
        api.digits_read("7", "cgan-mnist")
