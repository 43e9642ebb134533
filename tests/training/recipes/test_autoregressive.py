"""What the recipes of all autoregressive families share."""

import math
from dataclasses import replace

import pytest
import torch

from playground.models.base import parameter_count
from tests.playground.models.autoregressive import test_gated_pixelcnn, test_pixelcnn, test_pixelrnn
from tests.playground.models.autoregressive.test_families import FAMILIES, tiny
from training import engine
from training.random_streams import RandomStreams
from training.recipes import recipe_class
from training.recipes.autoregressive import AutoregressiveRecipe, binarised


def recipe(digits_dir, system: str = "gated-pixelcnn", **changes) -> AutoregressiveRecipe:
    cls = recipe_class(system)
    small = {"layers": 2, "channels": 8, "head": 8}
    return cls(cls.Settings(dataset="folder", data_dir=digits_dir, **{**small, **changes}))


def test_pixels_are_white_as_often_as_they_are_bright():
    grey = torch.tensor([0, 51, 128, 255], dtype=torch.uint8).expand(100_000, 4)
    x = binarised(grey, torch.rand(100_000, 4))
    assert set(x.unique().tolist()) == {0.0, 1.0} and x.dtype == torch.float32
    assert x.mean(0).tolist() == pytest.approx([0, 0.2, 128 / 255, 1], abs=0.01)


def test_batches_are_binarised_anew_each_step_and_the_same_in_parts(digits_dir):
    made = recipe(digits_dir)
    indices = torch.arange(8)
    first, second = (made.batch(indices, RandomStreams(0, step, 8))["x"] for step in (0, 1))
    assert not torch.equal(first, second)
    assert torch.equal(first, made.batch(indices, RandomStreams(0, 0, 8))["x"])
    assert torch.equal(first[4:], made.batch(indices[4:], RandomStreams(0, 0, 8, slice(4, 8)))["x"])


def test_digits_binarised_once_stay_as_they_are(digits_dir):
    made, indices = recipe(digits_dir, binarise_once=True), torch.arange(8)
    first, second = (made.batch(indices, RandomStreams(0, step, 8))["x"] for step in (0, 1))
    assert torch.equal(first, second) and set(first.unique().tolist()) == {0.0, 1.0}
    grey = recipe(digits_dir).images[indices]
    assert first[grey == 0].max() == 0 and first[grey == 255].min() == 1


def test_the_loss_is_the_batchs_mean_negative_log_likelihood(digits_dir, device):
    made, model = recipe(digits_dir), tiny(device, size=28)
    batch = {key: value.to(device) for key, value in made.batch(torch.arange(3), RandomStreams(0, 0, 3)).items()}
    batch["x"] = batch["x"].double()
    ((player, loss, scalars),) = made.losses(model, batch, RandomStreams(0, 0, 3))
    assert player == "model"
    assert loss.item() == pytest.approx(-model.log_prob(batch["x"], batch["y"]).mean().item(), rel=1e-12)
    # a model that knows nothing pays log 2 a pixel
    for p in model.parameters():
        torch.nn.init.zeros_(p)
    ((_, loss, _),) = made.losses(model, batch, RandomStreams(0, 0, 3))
    assert loss.item() == pytest.approx(784 * math.log(2), rel=1e-12)


@pytest.mark.parametrize(
    ("system", "parameters"),
    [
        ("gated-pixelcnn", test_gated_pixelcnn.parameters_by_hand(20, 384, 5, 384, 2, 10, 28)),
        ("pixelcnn", test_pixelcnn.parameters_by_hand(15, 256, 3, 1024, 2, 10, 28)),
        ("row-lstm", test_pixelrnn.row_lstm_by_hand(12, 256, 3, 1024, 2, 10, 28)),
        ("diagonal-bilstm", test_pixelrnn.diagonal_bilstm_by_hand(7, 32, 64, 2, 10, 28)),
    ],
)
def test_the_paper_preset_has_its_sizes_and_takes_a_step(system, parameters, digits_dir, tmp_path, device):
    cls = recipe_class(system)
    paper = cls.Settings(dataset="folder", data_dir=digits_dir, device=device, **cls.presets["paper"])
    made = cls(paper)
    with torch.device("meta"):  # up to 122 million parameters, counted and not made
        assert parameter_count(made.model()) == parameters
    small = replace(paper, layers=2, channels=4, head=4, batch_size=2, max_steps=1)
    trainer = engine.Trainer(cls(small), small, tmp_path)
    assert isinstance(trainer.optimizers["model"], torch.optim.RMSprop)
    assert math.isfinite(trainer.one_step()["loss"])


@pytest.mark.parametrize("system", FAMILIES)
def test_a_tiny_run_learns_and_its_film_shows_five_digits(system, digits_dir, tmp_path, device):
    made = recipe(digits_dir, system, device=device, max_steps=30, batch_size=8, learning_rate=1e-2, epochs=100)
    trainer = engine.Trainer(made, made.settings, tmp_path)
    before = trainer.recipe.validate(trainer.finished)["nats_given_label"]
    for trainer.step in range(30):
        trainer.one_step()
    assert trainer.recipe.validate(trainer.finished)["nats_given_label"] < 0.5 * before
    film = trainer.recipe.snapshot(trainer.finished)
    assert film.shape == (3, 30, 5 * 29 + 1) and film.min() == -1 and film.max() == 1


def test_the_figures_are_those_of_log_prob_and_of_binarised_samples(digits_dir, monkeypatch, device):
    monkeypatch.setattr("training.metrics.SAMPLES", 20)
    monkeypatch.setattr("training.metrics.AT_A_TIME", 2)
    made, model = recipe(digits_dir), tiny(device, size=28).float()
    nats, given, *of_samples = made.metrics(model)
    x, y = (part.to(device) for part in made.observed("test"))
    assert (nats.name, given.name, nats.n) == ("nats", "nats_given_label", len(x))
    assert nats.value == pytest.approx(-model.log_prob(x).mean().item(), rel=1e-5)
    assert given.value == pytest.approx(-model.log_prob(x, y).mean().item(), rel=1e-5)
    assert sum(nats.extra["histogram"]["counts"]) == len(x) and len(nats.extra["histogram"]["edges"]) == 61
    assert {metric.name for metric in of_samples} == {"milliseconds_per_image", "two_sample_nn", "high_frequency_energy"}
    assert all(metric.binarisation == nats.binarisation for metric in of_samples)
    assert set(made.generate(model, y[:2], seed=3).unique().tolist()) == {-1, 1}
