"""PCA is a recipe without steps: what is exported is the closed form."""

import torch

from playground import catalog
from playground.models.pca import mean_and_covariance
from training import data, evaluate, run


def test_a_run_fits_exports_and_is_measured(digits_dir, tmp_path, monkeypatch, device):
    folder = tmp_path / "pca-mine"
    command = ["pca", "--dataset", "folder", "--data-dir", str(digits_dir), "--components", "5", "--output", str(folder)]
    assert run.main([*command, "--device", device]) == 0
    model = catalog.load_entry(catalog.Entry("pca-mine", folder))
    images, _ = data.digits("folder", "train", digits_dir)
    variances = torch.linalg.eigvalsh(mean_and_covariance(images / 127.5 - 1)[1]).flip(0)[:5]
    assert torch.allclose(model.variances.double(), variances, rtol=1e-5)
    record = catalog.Entry("pca-mine", folder).training
    assert record["steps"] == 0 and record["training_examples"] == len(images)
    assert "all 80 images at once" in (folder / "README.md").read_text()

    measured = {metric["name"]: metric for metric in evaluate.evaluate(folder, digits_dir, device)}
    errors = measured["mse"]["by_dimensions"]
    assert errors["1"] > errors["2"] > errors["4"] > errors["5"] == measured["mse"]["value"] > 0
    assert measured["probe_accuracy"]["value"] >= 50  # of ten images; chance is 10 %
