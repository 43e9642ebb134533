import itertools
import math

import pytest
import torch

from playground.models.autoregressive.pixelcnnpp import Enlarge, PixelCNNpp, ShiftedConv, discretized_logistic
from playground.models.base import parameter_count

ABLATIONS = {  # each of the paper's changes undone, and the paper's own
    "paper": {},
    "softmax": {"likelihood": "softmax"},
    "planes": {"whole_pixels": False},
    "one-size": {"stages": 1, "resnets": 2},
    "no-skips": {"skips": False},
    "no-dropout": {"dropout": 0.0},
}


def tiny(device: str = "cpu", **changes) -> PixelCNNpp:
    """A small model in float64 whose weights are all random, the biases that start at zero too."""
    model = PixelCNNpp(**{"features": 6, "mixtures": 2, "stages": 2, "levels": 5, "classes": 3, "size": 4, **changes}).double()
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.3)
    return model.to(device).eval()


def photos(count: int, size: int, levels: int = 5, device: str = "cpu") -> torch.Tensor:
    return (torch.randint(0, levels, (count, 3, size, size)) / (levels - 1)).double().to(device)


# --- equation 2 ---


def test_the_discretised_logistic_is_a_difference_of_sigmoids():
    values = torch.arange(256, dtype=torch.float64)
    mean, scale = torch.tensor(0.3, dtype=torch.float64), torch.tensor(0.2, dtype=torch.float64)
    edges = (torch.arange(1, 256, dtype=torch.float64) * 2 - 1) / 255 - 1  # between the bins, on the axis from -1 to 1
    cdf = torch.cat([torch.zeros(1), torch.sigmoid((edges - mean) / scale), torch.ones(1)])
    torch.testing.assert_close(discretized_logistic(values, mean, scale.log()), cdf.diff().log())


def test_its_gradients_stay_finite_where_the_mass_of_a_bin_vanishes():
    log_scale = torch.full((256,), -7.0, requires_grad=True)
    mean = torch.full((256,), -1.0, requires_grad=True)
    nats = discretized_logistic(torch.arange(256.0), mean, log_scale)
    nats.sum().backward()
    assert nats.isfinite().all() and nats.min() < -1000 and mean.grad.isfinite().all() and log_scale.grad.isfinite().all()


# --- layers ---


@pytest.mark.parametrize(
    "make",
    [
        lambda: ShiftedConv(2, 3, (2, 3), right=False),
        lambda: ShiftedConv(2, 3, (2, 3), right=False, up=True),
        lambda: ShiftedConv(2, 3, (1, 3), right=False, up=True),
        lambda: ShiftedConv(2, 3, (2, 3), right=False, stride=2),
        lambda: ShiftedConv(2, 3, (2, 2), right=True),
        lambda: ShiftedConv(2, 3, (2, 1), right=True, left=True),
        lambda: ShiftedConv(2, 3, (2, 2), right=True, stride=2),
    ],
)
def test_shifted_convolutions_see_what_their_stack_may(make):
    """The vertical stack its row and those above, with `up` not its own; the other no column to the right, with `left` not its own."""
    conv, size = make().double(), 6
    x = torch.randn(1, 2, size, size, dtype=torch.float64, requires_grad=True)
    out, stride = conv(x), conv.stride[0]
    assert out.shape == (1, 3, size // stride, size // stride)
    i, j = (2 // stride, 2 // stride) if stride == 2 else (3, 3)
    rows, columns = torch.autograd.grad(out[0, :, i, j].sum(), x)[0].abs().sum((0, 1)).nonzero().T
    row, column = stride * i, stride * j
    assert rows.max() == row - conv.up and rows.min() == row - conv.above
    assert columns.max() == (column - conv.left if conv.around[1] <= 0 else column + 1)
    assert columns.min() == column - conv.before


def test_enlarging_gives_each_input_four_outputs():
    enlarge, x = Enlarge(2, 3).double(), torch.randn(1, 2, 3, 3, dtype=torch.float64, requires_grad=True)
    out = enlarge(x)
    for i, j in itertools.product(range(6), repeat=2):
        (gradient,) = torch.autograd.grad(out[0, :, i, j].sum(), x, retain_graph=True)
        assert gradient.abs().sum((0, 1)).nonzero().tolist() == [[i // 2, j // 2]]


# --- the model ---


@pytest.mark.parametrize("ablation", ABLATIONS)
def test_each_pixel_depends_on_all_earlier_ones_and_on_no_later_one(ablation, device):
    model = tiny(device, size=8, **ABLATIONS[ablation])
    y = torch.tensor([1], device=device)
    x = photos(1, 8, device=device).requires_grad_()
    logits = model.value_logits(x, y)
    for i, j in [(0, 0), (0, 3), (3, 0), (4, 4), (5, 7), (7, 2)]:
        (gradient,) = torch.autograd.grad(logits[0, :, :, i, j].square().sum(), x, retain_graph=True)
        seen = gradient[0].abs().sum(0) > 0
        earlier = torch.arange(64, device=device).view(8, 8) < 8 * i + j
        own = torch.zeros_like(earlier)
        own[i, j] = True
        assert not (seen & ~earlier & ~own).any(), f"({i}, {j}) sees what comes later"
        near = torch.zeros_like(earlier)
        near[max(0, i - 2) : i + 1, max(0, j - 2) : j + 3] = True
        if model.horizontal.skips:
            assert (seen | ~(earlier & near)).all(), f"({i}, {j}) is blind to a neighbour"


def test_without_skips_half_of_the_pixels_are_blind_to_their_left_neighbour(device):
    """Down-sampling hands on no more than what stands at even rows and columns; what lies between, skips alone can bring back."""
    x = photos(1, 8, device=device).requires_grad_()
    for skips in (True, False):
        logits = tiny(device, size=8, skips=skips).value_logits(x, torch.tensor([1], device=device))
        for column, sees in ((4, True), (5, skips)):
            (gradient,) = torch.autograd.grad(logits[0, :, :, 4, column].square().sum(), x, retain_graph=True)
            assert bool(gradient[0, :, 4, column - 1].any()) == sees


@pytest.mark.parametrize("ablation", ABLATIONS)
@torch.no_grad()
def test_the_density_is_that_of_the_logits(ablation, device):
    """A pixel's probability, from its mixture at once, is the product of its three planes', one after another."""
    model, y, x = tiny(device, **ABLATIONS[ablation]), torch.tensor([0, 2], device=device), photos(2, 4, device=device)
    by_plane = model.value_logits(x, y).log_softmax(1).gather(1, (x * 4).round().long()[:, None])
    torch.testing.assert_close(model.pixel_log_prob(x, y), by_plane[:, 0].sum(1))
    torch.testing.assert_close(model.log_prob(x, y), by_plane.sum((1, 2, 3, 4)))
    assert model.bits_per_dim(torch.tensor(48 * math.log(2))).item() == pytest.approx(1)  # of 3 * 4 * 4 sub-pixels


def test_dropout_is_for_training_alone(device):
    model, y, x = tiny(device, dropout=0.5), torch.tensor([0, 2], device=device), photos(2, 4, device=device)
    assert torch.equal(model.log_prob(x, y), model.log_prob(x, y))
    model.train()
    assert not torch.equal(model.log_prob(x, y), model.log_prob(x, y))


def test_the_model_is_rebuilt_from_its_files(tmp_path):
    model = PixelCNNpp(features=6, mixtures=2, stages=2, size=4, whole_pixels=False, class_names=["a", "b"], classes=2).eval()
    model.save_pretrained(tmp_path)
    again = PixelCNNpp.from_pretrained(tmp_path, strict=True)
    x = photos(1, 4, 256).float()
    assert again.class_names == ["a", "b"] and torch.equal(model.log_prob(x), again.eval().log_prob(x))


def parameters_by_hand(f: int, resnets: int, stages: int, mixtures: int, classes: int) -> int:
    down, up = stages * resnets, stages * resnets + stages - 1
    total = f * (4 * 6 + 1) + f * (4 * 3 + 1) + f * (4 * 2 + 1)  # the first layers: 2 x 3, 1 x 3, 2 x 1
    for taps, context_down, context_up in ((6, 0, f), (4, f, 2 * f)):  # the vertical stack's filters are 2 x 3, the other's 2 x 2
        block = (2 * f * f * taps + f) + (4 * f * f * taps + 2 * f) + 2 * f * classes
        total += (down + up) * block
        total += sum(n * (2 * context * f + f) for n, context in ((down, context_down), (up, context_up)) if context)
        total += (stages - 1) * ((f * f * taps + f) + (f * f * 4 + f))  # smaller, larger
    return total + 10 * mixtures * (f + 1)


def test_parameter_counts():
    assert parameter_count(PixelCNNpp()) == parameters_by_hand(32, 1, 3, 5, 5)
