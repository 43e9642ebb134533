"""C20: colours are drawn in order: G sees R, B sees R and G."""

import itertools

import pytest
import torch

from playground.models.gated_pixelcnn import GatedPixelCNN
from tests.playground.models.test_pixelcnnpp import photos, tiny

R, G, B = range(3)


def gated(**changes) -> GatedPixelCNN:
    options = {"layers": 2, "channels": 6, "head": 9, "levels": 5, "classes": 3, "size": 4, "planes": 3, **changes}
    model = GatedPixelCNN(**options).double()
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.3)
    return model


MODELS = {"gated-pixelcnn": gated, "pixelcnnpp": tiny, "pixelcnnpp-planes": lambda **changes: tiny(whole_pixels=False, **changes)}


@pytest.mark.parametrize("name", MODELS)
def test_c20_colours_are_drawn_in_order(name):
    """At one pixel p(R) has no gradient with respect to R, G and B, p(G) none to G and B, p(B) none to B; and G does see R, B sees both."""
    model, x = MODELS[name](), photos(1, 4).requires_grad_()
    p = model.value_logits(x, torch.tensor([1])).log_softmax(1)[0]  # (levels, 3, 4, 4)
    for i, j in itertools.product((0, 1, 3), repeat=2):
        for plane in (R, G, B):
            (gradient,) = torch.autograd.grad(p[:, plane, i, j].square().sum(), x, retain_graph=True)
            seen = [bool(gradient[0, c, i, j] != 0) for c in (R, G, B)]
            assert seen == [c < plane for c in (R, G, B)], f"{'RGB'[plane]} at ({i}, {j}) sees {seen}"


@pytest.mark.parametrize("name", MODELS)
@torch.no_grad()
def test_c20_a_2x2_models_probabilities_sum_to_one(name):
    """All 2^12 colour images of 2 x 2 pixels with two levels, for each class."""
    model = MODELS[name](size=2, levels=2)
    x = torch.tensor(list(itertools.product((0.0, 1.0), repeat=12)), dtype=torch.float64).view(-1, 3, 2, 2)
    by_class = model.class_log_prob(x)  # (4096, 3)
    torch.testing.assert_close(by_class.logsumexp(0), torch.zeros(3, dtype=torch.float64), rtol=0, atol=1e-10)
