"""The benchmarks run; what they measure is asked of them on an idle machine, never of a test."""

from functools import partial

import pytest
import torch

from benchmarks import sampling, training
from playground.models.autoregressive.gated_pixelcnn import GatedPixelCNN
from playground.systems import SYSTEMS


@pytest.mark.parametrize("recipe", SYSTEMS)
def test_every_recipes_rate_can_be_measured(recipe, tmp_path):
    row = training.measure(recipe, 0.01, tmp_path)
    assert row["recipe"] == recipe and row["images_per_second"] > 0 and row["parameters"] > 0


def test_the_cost_of_sampling_can_be_measured(monkeypatch):
    monkeypatch.setitem(sampling.UNTRAINED, "tiny", lambda: GatedPixelCNN(layers=1, channels=4, head=4, size=6))
    monkeypatch.setattr(sampling, "fastest", partial(sampling.fastest, seconds=0))
    monkeypatch.setattr(torch, "compile", lambda model: model)  # which takes a minute
    written = []

    def plain(model, y, noise, temperature, x, known):
        written.append((~known).sum().item() / len(x))
        return sample(model, y, noise, temperature, x, known)

    sample = sampling.reference.sample
    monkeypatch.setattr(sampling.reference, "sample", plain)
    row = sampling.measure("tiny", 2)
    assert set(written) == {sampling.REFERENCE}, "what is scaled to a whole image is the time of so many pixels"
    assert row["forward"] in ("eager", "channels_last", "compiled")
    assert all(0 < row[f"{what}_seconds"] < 60 for what in ("forward", "reference", "cached"))
