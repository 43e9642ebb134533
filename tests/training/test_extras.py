"""What stands beside finished weights is made anew without training, and the weights are left as they are."""

import json

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file

from playground import api
from playground.models.vae import VAE
from training import extras
from training.export import save_model


def test_extras_are_made_for_finished_weights(digits_dir, tmp_path):
    torch.manual_seed(0)
    model = VAE(latent=2, width=4, hidden=16).eval().requires_grad_(False)
    save_model(model, tmp_path)
    (tmp_path / "training.json").write_text(json.dumps({"recipe": "vae", "settings": {"dataset": "folder", "latent": 2}}))
    before = (tmp_path / "model.safetensors").read_bytes()
    assert extras.main([str(tmp_path), "--data-dir", str(digits_dir)]) == 0
    assert load_file(tmp_path / "codes.safetensors")["codes"].shape == (80, 2)
    assert Image.open(tmp_path / "opening.webp").size == (588, 588)
    assert np.array_equal(np.asarray(Image.open(tmp_path / api.SHEET).convert("L")), np.asarray(api.draw_sheet(model)))
    assert (tmp_path / "model.safetensors").read_bytes() == before
