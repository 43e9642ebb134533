from dataclasses import replace

import pytest
import torch

from playground.models.base import normals
from training import engine
from training.random_streams import RandomStreams
from training.recipes.cgan import CGANRecipe, CGANSettings


@pytest.fixture
def settings(digits_dir, device) -> CGANSettings:
    return CGANSettings(dataset="folder", data_dir=digits_dir, batch_size=8, channels=4, latent=4, device=device, precision="float32")


def test_the_discriminator_moves_first_and_the_generator_leaves_it_no_gradient(settings, device):
    recipe = CGANRecipe(settings)
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


def test_the_generator_plays_against_the_new_discriminator(settings, device):
    recipe = CGANRecipe(settings)
    model = recipe.model().to(device)
    losses = []
    for change in (False, True):
        moves = engine.player_losses(recipe, model, torch.arange(8), RandomStreams(0, 0, 8, device=device))
        next(moves)
        if change:
            with torch.no_grad():
                for p in model.discriminator.parameters():
                    p.add_(0.5)
        losses.append(next(moves)[1].item())
    assert abs(losses[0] - losses[1]) > 1e-3


def test_an_image_is_made_of_each_asked_class(settings, device):
    recipe = CGANRecipe(settings)
    model, y = recipe.model().to(device).eval(), torch.tensor([3, 0, 3])
    x = recipe.generate(model, y, seed=0)
    assert x.shape == (3, 1, 28, 28)
    with torch.no_grad():
        torch.testing.assert_close(x, model.generator(normals(0, 3, model.latent).to(device), y.to(device)).cpu())


def test_a_film_frame_is_a_row_for_each_z_and_a_column_for_each_class(settings, device):
    recipe = CGANRecipe(settings)
    with torch.no_grad():
        assert recipe.snapshot(recipe.model().to(device).eval()).shape == (3, 8 * 29 + 1, 10 * 29 + 1)


def test_a_step_of_the_paper_preset_and_its_momentum(settings, tmp_path):
    paper = replace(settings, **{**CGANRecipe.presets["paper"], "batch_size": 8})
    trainer = engine.Trainer(CGANRecipe(paper), paper, tmp_path)
    scalars = trainer.one_step()
    assert all(value.isfinite() for value in scalars.values())
    assert {type(optimizer) for optimizer in trainer.optimizers.values()} == {torch.optim.SGD}


def test_figures_of_a_folder_of_ones_own(settings, monkeypatch, device):
    monkeypatch.setattr("training.recipes.cgan.FITTED", 3)
    monkeypatch.setattr("training.metrics.SAMPLES", 30)
    recipe = CGANRecipe(settings)
    found = {metric.name: metric for metric in recipe.metrics(recipe.model().to(device).eval())}
    assert set(found) == {"nn_error", "milliseconds_per_image", "two_sample_nn", "high_frequency_energy"}
    assert 0 <= found["nn_error"].value <= 100
    assert "30 made" in found["nn_error"].estimator
