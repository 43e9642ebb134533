from dataclasses import replace

import pytest
import torch

from training import engine
from training.random_streams import RandomStreams
from training.recipes.digit_classifier import DigitClassifierRecipe, DigitClassifierSettings, moved


@pytest.fixture
def recipe(digits_dir) -> DigitClassifierRecipe:
    return DigitClassifierRecipe(DigitClassifierSettings(dataset="folder", data_dir=digits_dir, batch_size=8, channels=4))


def test_augmentation_in_the_middle_of_its_range_changes_nothing():
    x = torch.rand(2, 1, 28, 28)
    torch.testing.assert_close(moved(x, torch.full((2, 6), 0.5)), x, atol=1e-5, rtol=0)


def test_augmentation_keeps_a_digit_in_the_picture():
    x = torch.zeros(50, 1, 28, 28)
    x[:, :, 6:22, 6:22] = 1
    ink = moved(x, torch.rand(50, 6)).sum((1, 2, 3)) / 16**2
    assert ((ink > 0.6) & (ink < 1.6)).all()  # the area is scaled by exp(+-0.24) at most, and no corner leaves the picture


def test_half_of_the_examples_are_binarised_and_all_are_in_range(recipe):
    x = recipe.batch(torch.arange(64), RandomStreams(0, 0, 64))["x"]
    assert x.min() >= -1 and x.max() <= 1
    binary = ((x == -1) | (x == 1)).flatten(1).all(1)
    assert 20 <= binary.sum() <= 44  # 32 expected, 4 the standard deviation


def test_an_example_does_not_depend_on_the_rows_beside_it(recipe):
    whole = recipe.batch(torch.arange(8), RandomStreams(3, 5, 8))
    half = recipe.batch(torch.arange(4, 8), RandomStreams(3, 5, 8, slice(4, 8)))
    torch.testing.assert_close(whole["x"][4:], half["x"])


def test_a_small_run_learns_the_classes(digits_dir, tmp_path, device):
    settings = DigitClassifierSettings(
        dataset="folder",
        data_dir=digits_dir,
        batch_size=16,
        channels=4,
        epochs=12,
        learning_rate=1e-2,
        ema=0.9,
        device=device,
        precision="float32",
    )
    recipe = DigitClassifierRecipe(settings)
    trainer = engine.Trainer(recipe, settings, tmp_path)
    trainer.train()
    metrics = list(recipe.metrics(trainer.finished.eval()))
    assert [metric.binarisation for metric in metrics] == ["dynamic, test set fixed by seed 0", "threshold 0.5", None]
    assert metrics[-1].value >= 50  # 10 images; chance is 10 %
    assert recipe.snapshot(trainer.finished).shape == (1, 280, 280)


def test_a_step_of_the_paper_preset(digits_dir, tmp_path, device):
    settings = DigitClassifierSettings(dataset="folder", data_dir=digits_dir, **DigitClassifierRecipe.presets["paper"])
    settings = replace(settings, batch_size=2, device=device, precision="float32")
    trainer = engine.Trainer(DigitClassifierRecipe(settings), settings, tmp_path)
    assert trainer.one_step()["loss"].isfinite()
