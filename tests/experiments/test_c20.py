"""C20: colours are drawn in order: G sees R, B sees R and G."""

import itertools
from functools import partial

import pytest
import torch

from playground import api
from playground.analysis import exhaustive
from playground.analysis.receptive_field import plane_fields
from playground.models.autoregressive.gated_pixelcnn import GatedPixelCNN
from playground.ui.tabs.pixels import colour
from playground.ui.tabs.pixels import exhaustive as view
from tests.playground.models.autoregressive.test_pixelcnnpp import photos, tiny

R, G, B = range(3)


def gated(device: str, **changes) -> GatedPixelCNN:
    options = {"layers": 2, "channels": 6, "head": 9, "levels": 5, "classes": 3, "size": 4, "planes": 3, **changes}
    model = GatedPixelCNN(**options).double()
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.3)
    return model.to(device)


MODELS = {"gated-pixelcnn": gated, "pixelcnnpp": tiny, "pixelcnnpp-planes": partial(tiny, whole_pixels=False)}


@pytest.mark.parametrize("name", MODELS)
def test_c20_colours_are_drawn_in_order(name, device):
    """At one pixel p(R) has no gradient with respect to R, G and B, p(G) none to G and B, p(B) none to B; and G does see R, B sees both."""
    model, x = MODELS[name](device), photos(1, 4, device=device).requires_grad_()
    p = model.value_logits(x, torch.tensor([1], device=device)).log_softmax(1)[0]  # (levels, 3, 4, 4)
    for i, j in itertools.product((0, 1, 3), repeat=2):
        for plane in (R, G, B):
            (gradient,) = torch.autograd.grad(p[:, plane, i, j].square().sum(), x, retain_graph=True)
            seen = [bool(gradient[0, c, i, j] != 0) for c in (R, G, B)]
            assert seen == [c < plane for c in (R, G, B)], f"{'RGB'[plane]} at ({i}, {j}) sees {seen}"


@pytest.mark.parametrize("name", MODELS)
@torch.no_grad()
def test_c20_a_2x2_models_probabilities_sum_to_one(name, device):
    """All 2^12 colour images of 2 x 2 pixels with two levels, for each class."""
    model = MODELS[name](device, size=2, levels=2)
    by_class = model.class_log_prob(exhaustive.images().double().to(device))  # (4096, 3)
    assert by_class.logsumexp(0).tolist() == pytest.approx([0, 0, 0], abs=1e-10)


def test_c20_the_factors_of_the_pages_2x2_model_are_the_networks_own_odds():
    """Summed over all images that go on from a beginning, the whole distribution gives each sub-pixel the odds that the network gave."""
    x = (torch.rand(500, 3, 2, 2) < torch.tensor([0.2, 0.5, 0.8]).view(3, 1, 1)).float()
    model = exhaustive.fitted(x)
    p = exhaustive.distribution(model)
    assert p.sum().item() == pytest.approx(1, abs=1e-12)
    assert p @ exhaustive.bits().double() == pytest.approx(x.mean(0).permute(1, 2, 0).flatten().double(), abs=0.05)  # it has learnt
    own = model.value_logits(exhaustive.images().double(), torch.zeros(4096, dtype=torch.long)).softmax(1)[
        :, 1
    ]  # p(lit | before), (4096, 3, 2, 2)
    for k, lit in enumerate(own.permute(2, 3, 1, 0).flatten(0, 2)):
        begun = p.view(2**k, 2, -1).sum(2)  # (beginnings, dark or lit)
        torch.testing.assert_close(lit.view(2**k, -1), (begun[:, 1:] / begun.sum(1, keepdim=True)).expand(-1, 2 ** (12 - k)))


def test_c20_the_page_says_what_all_images_sum_to_and_how_few_hold_half():
    said = api.pixels_whole()
    assert said["sum"] == pytest.approx(1, abs=1e-12) and said["half"] < said["apart"] / 100
    assert "All 4,096 sum to 1: " in view.summed() and f"{said['half']} images hold half of it" in view.summed()


def test_c20_the_page_says_how_much_the_order_gives_away():
    """Of the shipped model, at the pixel that the view opens with."""
    _, said = api.pixels_colour_at(*colour.DOT, 0)
    red, green, blue = (said[plane]["bits"] for plane in "RGB")
    assert f"takes {red:.1f} bits here. G is told R: {green:.1f} bits. B is told both: {blue:.1f}." in colour.planes()
    assert "what is expected of R moves by 0, exactly" in colour.planes()


@pytest.mark.parametrize("name", MODELS)
def test_c20_the_receptive_field_of_a_plane_ends_with_the_planes_before_it(name, device):
    """Of every pixel's three planes: no gradient from later pixels, nor from its own plane and those after it; some from those before."""
    model, x, moved = MODELS[name](device), photos(1, 4, device=device), torch.zeros(3, 3, dtype=torch.bool)
    for i, j in itertools.product((0, 2, 3), repeat=2):
        fields = plane_fields(model, x, torch.tensor([1], device=device), i, j).cpu()  # (3, 3, 4, 4)
        later = torch.arange(16).view(4, 4) > 4 * i + j
        assert not fields[:, :, later].any()
        moved |= fields[:, :, i, j] != 0  # not at every pixel: a mixture may have all its mass at an edge
    assert moved.tolist() == [[q < p for q in (R, G, B)] for p in (R, G, B)]


def test_c20_the_page_shows_the_order_by_gradients_of_the_shipped_models():
    for name in ("pixelcnnpp-flowers", "gated-pixelcnn-flowers"):
        _, said = api.pixels_colour_field(16, 16, 0, model=name)
        for place, plane in enumerate("RGB"):
            assert [said[plane][other] == 0 for other in "RGB"] == [q >= place for q in range(3)]
            assert 0 < said[plane]["reached"] <= 16 * 32 + 16
