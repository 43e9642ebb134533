import pytest
import torch
from safetensors.torch import load_file

from playground.analysis.subspaces import principal_angles
from playground.models.pca import PCA, mean_and_covariance
from training import engine
from training.recipes.autoencoder import AutoencoderRecipe, AutoencoderSettings

FOLDER = {"dataset": "folder", "precision": "float32"}


def test_a_linear_autoencoder_is_trained_to_pcas_subspace_without_steps(digits_dir, tmp_path, device):
    settings = AutoencoderSettings(network="linear", latent=2, data_dir=digits_dir, device=device, **FOLDER)
    recipe = AutoencoderRecipe(settings)
    trainer = engine.Trainer(recipe, settings, tmp_path)
    assert trainer.total == 0
    trainer.train()
    pca = PCA(components=2).double()
    mean, covariance = mean_and_covariance(recipe.images / 127.5 - 1)
    pca.fit(mean, covariance)
    assert principal_angles(trainer.finished.decoder[0].weight.detach().cpu(), pca.axes.T).max() < 1
    codes = trainer.finished.encode(recipe.images.to(device) / 127.5 - 1)
    assert torch.allclose(codes.mean(0), torch.zeros(2, device=device), atol=1e-4)


def test_a_small_run_learns_and_exports_the_spread_of_its_codes(digits_dir, tmp_path, device):
    settings = AutoencoderSettings(latent=2, data_dir=digits_dir, batch_size=16, epochs=60, ema=0.9, device=device, **FOLDER)
    recipe = AutoencoderRecipe(settings)
    trainer = engine.Trainer(recipe, settings, tmp_path)
    before = recipe.validate(trainer.finished)["mse"]
    trainer.train()
    model = trainer.finished.eval()
    assert recipe.validate(model)["mse"] < before / 3
    recipe.export_assets(model, tmp_path)
    extras = load_file(tmp_path / "codes.safetensors")
    codes = model.encode(recipe.images.to(device) / 127.5 - 1).cpu()
    assert torch.allclose(extras["mean"], codes.mean(0), atol=1e-4) and torch.allclose(extras["std"], codes.std(0), rtol=1e-4)
    assert extras["codes"].shape == (80, 2) and torch.equal(extras["labels"], recipe.labels)
    metrics = {metric.name: metric.value for metric in recipe.metrics(model)}
    assert metrics["mse"] == pytest.approx(before / 3, rel=1) and {"probe_accuracy", "two_sample_nn"} <= set(metrics)


def test_the_sixteen_things_need_no_data(tmp_path, device):
    recipe = AutoencoderRecipe(AutoencoderSettings(dataset="things", latent=1, widths=(16,)))
    assert len(recipe) == 16 and recipe.labels.bincount().tolist() == [4, 4, 4, 4]
    assert recipe.snapshot(recipe.model().to(device)).shape[0] == 3
    (metric,) = recipe.metrics(recipe.model().to(device))
    assert metric.name == "mse" and metric.split == "train"
