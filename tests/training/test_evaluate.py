"""Every recipe's figures, on a folder of a person's own images: few, small, and of no data set that is known by name."""

import math

import pytest
import torch

from playground.errors import UserError
from playground.systems import SYSTEMS
from tests.training.golden import tiny_settings
from training import engine, evaluate, metrics
from training.recipes import autoregressive, cgan, recipe_class, vae


@pytest.mark.parametrize("recipe", SYSTEMS)
def test_what_was_trained_on_ones_own_images_is_measured_on_those_left_out(recipe, tmp_path, device, monkeypatch):
    for module in (metrics, autoregressive, cgan):
        monkeypatch.setattr(module, "SAMPLES", 20)
    monkeypatch.setattr(metrics, "AT_A_TIME", 4)
    monkeypatch.setattr(cgan, "FITTED", 5)
    monkeypatch.setattr(vae, "IW_SAMPLES", 20)
    settings = tiny_settings(recipe, tmp_path / "data", max_steps=1, precision="float32", device=device)
    trainer = engine.Trainer(recipe_class(recipe)(settings), settings, tmp_path / "work")
    trainer.train()
    trainer.export(tmp_path / "model")
    found = evaluate.evaluate(tmp_path / "model", tmp_path / "data", device)
    assert found and all(math.isfinite(metric["value"]) and metric["n"] and metric["data"] for metric in found)
    assert not any(metric["published"] for metric in found), "what was published is of other images"
    assert "| `" in (tmp_path / "model" / "README.md").read_text()


def test_a_gpu_that_is_not_there_is_told_in_one_sentence(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match="no CUDA device"):
        evaluate.main(["digit-classifier", "--device", "cuda"])
