"""The GAN's and the DCGAN's recipes: one game between two kinds of networks."""

from dataclasses import replace

import pytest
import torch

from playground.models.base import normals
from training import engine
from training.random_streams import RandomStreams
from training.recipes import recipe_class

TINY = {
    "gan": {"generator_widths": [8], "discriminator_widths": [8], "pieces": 2},
    "dcgan": {"widths": [8, 4, 2]},
}


@pytest.fixture(params=list(TINY))
def recipe(request, digits_dir, device):
    cls = recipe_class(request.param)
    tiny = {"dataset": "folder", "data_dir": digits_dir, "batch_size": 8, "latent": 4, "device": device, "precision": "float32"}
    return cls(cls.Settings(**tiny, **TINY[request.param]))


def test_it_learns_from_so_many_images_alone(recipe):
    few = type(recipe)(replace(recipe.settings, examples=3))
    assert len(few) == 3 and torch.equal(few.images, recipe.images[:3]) and torch.equal(few.labels, recipe.labels[:3])
    assert torch.equal(few.pictures("test")[0], recipe.pictures("test")[0])  # and is measured on all


def test_the_discriminator_moves_first_and_the_generator_leaves_it_no_gradient(recipe, device):
    model = recipe.model().to(device)
    moves = engine.player_losses(recipe, model, torch.arange(8), RandomStreams(0, 0, 8, device=device))
    player, loss, _ = next(moves)
    loss.backward()
    assert player == "discriminator"
    assert all(p.grad is None for p in model.generator.parameters())
    assert all(p.grad is not None for p in model.discriminator.parameters())
    model.zero_grad()
    player, loss, _ = next(moves)
    loss.backward()
    assert player == "generator"
    assert all(p.grad is not None for p in model.generator.parameters())
    assert all(p.grad is None and p.requires_grad for p in model.discriminator.parameters())
    assert next(moves, None) is None


def test_samples_are_those_of_the_numbered_noise_in_any_batch(recipe, device):
    model = recipe.model().to(device).eval()
    x = recipe.generate(model, 5, seed=3)
    assert x.shape == (5, 1, 28, 28)
    with torch.no_grad():
        torch.testing.assert_close(x[2:4], model.generator(normals(3, 2, model.latent, first=2).to(device)).cpu())


def test_a_film_frame_is_eight_rows_of_eight_samples(recipe, device):
    assert recipe.snapshot(recipe.model().to(device).eval()).shape == (3, 8 * 30 + 1 - 8, 8 * 30 + 1 - 8)


def test_figures_of_a_folder_of_ones_own(recipe, monkeypatch, device):
    monkeypatch.setattr("training.metrics.SAMPLES", 30)
    found = {metric.name for metric in recipe.metrics(recipe.model().to(device).eval())}
    assert found == {"milliseconds_per_image", "two_sample_nn", "high_frequency_energy"}


def test_the_discriminators_gap_is_between_what_it_learnt_from_and_others(recipe, monkeypatch, device):
    monkeypatch.setattr("training.metrics.SAMPLES", 30)
    few, model = type(recipe)(replace(recipe.settings, examples=3)), recipe.model().to(device).eval()
    gap = {metric.name: metric for metric in few.metrics(model)}["discriminator_gap"]
    with torch.no_grad():
        learnt, others = (
            model.discriminator(few.scaled(x).to(device)).sigmoid().mean() for x in (recipe.images[:3], recipe.pictures("test")[0])
        )
    assert gap.value == pytest.approx(100 * (learnt - others).item(), abs=1e-3)


def test_a_step_of_the_paper_preset(recipe, tmp_path):
    """With the optimizer, the dropout and the size of the images of the paper, but narrower."""
    narrow = {"gan": {}, "dcgan": {"widths": [16, 8, 8, 4]}}[recipe.name]
    paper = replace(recipe.settings, **{**recipe.presets["paper"], "batch_size": 8, **narrow})
    trainer = engine.Trainer(type(recipe)(paper), paper, tmp_path)
    assert all(value.isfinite() for value in trainer.one_step().values())
    model = trainer.finished.eval()
    assert model.size == {"gan": 28, "dcgan": 64}[recipe.name]
    assert trainer.recipe.generate(model, 2, seed=0).shape == trainer.recipe.images[:2].shape  # measured at the size of the images
