"""The benchmarks run; what they measure is asked of them on an idle machine, never of a test."""

import pytest

from benchmarks import sampling, training
from playground import api
from playground.systems import SYSTEMS


@pytest.mark.parametrize("recipe", SYSTEMS)
def test_every_recipes_rate_can_be_measured(recipe, tmp_path):
    row = training.measure(recipe, 0.01, tmp_path)
    assert row["recipe"] == recipe and row["images_per_second"] > 0 and row["parameters"] > 0


def test_the_cost_of_sampling_can_be_measured(monkeypatch):
    monkeypatch.setattr(sampling, "fastest", lambda call: call() is None or 2.0)
    monkeypatch.setattr(sampling, "forward", lambda model, x, y: (0.5, "eager"))
    row = sampling.measure("pixelcnn-mnist", 2)
    assert "pixelcnn-mnist" in api.digit_models()
    assert row["ratio"] == 4 and row["milliseconds_per_image"] == 1000 and row["plain_seconds"] == 2.0 * 784 / sampling.PLAIN
