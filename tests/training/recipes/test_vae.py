import pytest
import torch

from playground.models.base import normals
from training.recipes.vae import VAERecipe, VAESettings


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_what_stands_for_samples_is_the_mean_of_the_decoder_as_a_grey_image(digits_dir, likelihood, device):
    tiny = {"latent": 2, "width": 4, "hidden": 16, "likelihood": likelihood}
    recipe = VAERecipe(VAESettings(dataset="folder", data_dir=digits_dir, **tiny))
    model = recipe.model().to(device).eval()
    with torch.no_grad():
        x, decoded = recipe.means(model, 5), model.decode(normals(3, 5, 2).to(device)).cpu()
    assert x.shape == (5, 1, 28, 28) and x.abs().max() <= 1
    torch.testing.assert_close(x, decoded * 2 - 1 if likelihood == "bernoulli" else decoded.clamp(-1, 1))


def test_the_common_figures_are_among_its_own(digits_dir, monkeypatch, device):
    monkeypatch.setattr("training.metrics.SAMPLES", 20)
    tiny = {"latent": 2, "width": 4, "hidden": 16, "likelihood": "gaussian"}
    recipe = VAERecipe(VAESettings(dataset="folder", data_dir=digits_dir, **tiny))
    with torch.inference_mode():
        found = {metric.name for metric in recipe.metrics(recipe.model().to(device).eval())}
    assert found >= {"elbo", "mse", "milliseconds_per_image", "two_sample_nn", "high_frequency_energy"}
