"""C19: PixelCNN++ has a mixture of discretised logistics where others have a softmax over 256 values."""

import pytest
import torch

from playground import api, catalog
from playground.models.autoregressive.pixelcnnpp import Mixture, PlaneMixtures, discretized_logistic
from playground.ui.tabs.pixels import colour
from tests.experiments.shipped import measured

UNDONE = {  # what is set otherwise than in the first of the twins, beside the epochs that make their minutes equal
    "256-way softmax": {"likelihood"},
    "planes by masks": {"whole_pixels"},
    "one size": {"stages", "resnets"},  # as many layers, all at the size of the image
    "no skips": {"skips"},
    "no dropout": {"dropout"},
}


@pytest.mark.parametrize("log_scale", [3.0, 0.0, -2.0, -5.0, -7.0, -12.0, -30.0])
def test_c19_a_logistics_probabilities_sum_to_one_over_256_values(log_scale):
    """Whatever its mean, on a value, between two, at the edges and beyond; very narrow ones put all their mass into one bin or two."""
    values = torch.arange(256, dtype=torch.float64)
    for mean in (-1.5, -1.0, -0.5, 0.0, 1 / 255, 0.3, 0.999, 1.0, 7.0):
        nats = discretized_logistic(values, torch.tensor(mean).double(), torch.tensor(log_scale).double())
        assert nats.logsumexp(0).item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("kind", [Mixture, PlaneMixtures])
@torch.no_grad()
def test_c19_the_mixtures_probabilities_sum_to_one_over_256_values(kind, device):
    """For each plane, given random values of the planes before it; the widest parameters make very narrow and very wide components."""
    head = kind(features=6, mixtures=5, planes=3, levels=256).double().to(device)
    x = torch.randint(0, 256, (50, 3), device=device).double() / 255
    for spread in (0.1, 1, 10):
        parameters = spread * torch.randn(50, 10 * 5 if kind is Mixture else 9 * 5, dtype=torch.float64, device=device)
        for plane in range(3):
            total = head.plane_logits(parameters, x, plane).logsumexp(1)
            torch.testing.assert_close(total, torch.zeros_like(total), rtol=0, atol=1e-12)


def test_c19_five_twins_each_with_one_change_undone_trained_for_equal_minutes():
    records = {words: catalog.entry(name).training for words, name in api.CHANGES.items()}
    base = records[api.BASE]
    for words, changed in UNDONE.items():
        record = records[words]
        assert {key for key, value in record["settings"].items() if value != base["settings"][key]} - {"epochs", "output"} == changed
        assert record["total_minutes"] == pytest.approx(base["total_minutes"], rel=0.15)


def test_c19_the_page_says_what_each_change_is_worth():
    """From the figures of the weights that are shipped, whichever way they fall."""
    base, answer, table = measured(api.CHANGES[api.BASE], "bits_per_dim")["value"], colour.changes(), colour.ablations()
    assert f"With {base:.3f} bits" in answer
    for words in UNDONE:
        bits = measured(api.CHANGES[words], "bits_per_dim")["value"]
        assert f"{words} {'costs' if bits > base else 'saves'} {abs(bits - base):.3f}" in answer and f"{bits:.3f}" in table


def test_c19_the_mixture_is_smooth_where_the_softmax_is_a_comb():
    """The odds of both for one photo: by how much neighbouring values differ, as a share of all probability."""

    def ragged(name: str) -> float:
        writer = api.CHANGES[api.BASE]
        _, said = api.pixels_colour_at(8, 8, 0, model=name, writer=writer)
        p = torch.tensor([said[plane]["probabilities"] for plane in "RGB"])[:, 1:-1]  # both ends hold the tails
        return p.diff(n=2).abs().sum().item()

    assert ragged(api.CHANGES[api.BASE]) < ragged(api.CHANGES["256-way softmax"])
