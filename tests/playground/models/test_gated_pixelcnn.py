import itertools
import math

import pytest
import torch
from torch.nn import functional as F

from playground.models.autoregressive import nll
from playground.models.base import parameter_count
from playground.models.gated_pixelcnn import FIRST_KERNEL, GatedPixelCNN, gate
from playground.models.layers import HorizontalConv, VerticalConv


def tiny(device: str = "cpu", **changes) -> GatedPixelCNN:
    """A small model in float64 whose weights are all random, the biases that start at zero too."""
    model = GatedPixelCNN(**{"layers": 2, "channels": 4, "head": 4, "size": 13, **changes}).double().to(device)
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.3)
    return model


def influence(model: GatedPixelCNN, row: int, column: int) -> torch.Tensor:
    """Which pixels the logits at one pixel depend on: bool (size, size)."""
    x = torch.rand(1, 1, model.size, model.size, dtype=torch.float64, device=next(model.parameters()).device, requires_grad=True)
    logits = model(x, torch.tensor([3], device=x.device))[0, :, row, column]
    return torch.autograd.grad(logits.square().sum(), x)[0][0, 0].ne(0)


def test_every_pixel_depends_on_all_earlier_pixels_in_reach_and_on_no_other(device):
    """No later pixel, and no blind spot: the whole past within the kernels' reach, the right-hand side above included."""
    model = tiny(device)
    reach = FIRST_KERNEL // 2 + len(model.layers) * (3 // 2)
    for row, column in itertools.product((0, 1, 6, 11, 12), (0, 1, 5, 6, 12)):
        expected = torch.zeros(model.size, model.size, dtype=torch.bool)
        expected[row, max(0, column - reach) : column] = True  # to the left
        expected[max(0, row - reach) : row, max(0, column - reach) : column + reach + 1] = True  # above, to both sides
        assert torch.equal(influence(model, row, column).cpu(), expected), (row, column)


def test_causal_convolutions_are_masked_ones():
    """Each equals a full k x k convolution whose weights are zero below, and to the right, of what it may see."""
    torch.manual_seed(0)
    x = torch.randn(2, 3, 6, 7, dtype=torch.float64)
    for kernel, strict in itertools.product((3, 5), (True, False)):
        reach = kernel // 2
        vertical, horizontal = VerticalConv(3, 4, kernel, strict).double(), HorizontalConv(3, 4, kernel, strict).double()
        for conv, rows, columns in (
            (vertical, slice(0, reach if strict else reach + 1), slice(None)),
            (horizontal, slice(reach, reach + 1), slice(0, reach if strict else reach + 1)),
        ):
            masked = torch.zeros(4, 3, kernel, kernel, dtype=torch.float64)
            masked[:, :, rows, columns] = conv.weight
            torch.testing.assert_close(conv(x), F.conv2d(x, masked, conv.bias, padding=reach))


@pytest.mark.parametrize("levels", [2, 3])
def test_probabilities_of_all_images_sum_to_one(levels, device):
    model = tiny(device, size=2, levels=levels, classes=3)
    values = torch.tensor(list(itertools.product(range(levels), repeat=4)), dtype=torch.float64, device=device)
    x = values.view(-1, 1, 2, 2) / (levels - 1)  # all levels^4 images
    for y in range(3):
        assert model.log_prob(x, torch.full((len(x),), y, device=device)).logsumexp(0).item() == pytest.approx(0, abs=1e-12)
    assert model.log_prob(x).logsumexp(0).item() == pytest.approx(0, abs=1e-12)


def test_the_unconditional_density_is_the_mean_over_labels(device):
    model = tiny(device, size=5, classes=3)
    x = torch.randint(0, 2, (4, 1, 5, 5), device=device).double()
    given = torch.stack([model.log_prob(x, torch.full((4,), y, device=device)) for y in range(3)])
    torch.testing.assert_close(model.log_prob(x), given.exp().mean(0).log())
    assert not torch.allclose(given[0], given[1])  # the label matters


def test_log_prob_is_the_sum_of_each_pixels_log_probability():
    model = tiny(size=4)
    x, y = torch.randint(0, 2, (1, 1, 4, 4)).double(), torch.tensor([7])
    probability = torch.softmax(model(x, y).detach(), dim=1)
    by_hand = sum(math.log(probability[0, int(x[0, 0, i, j]), i, j]) for i in range(4) for j in range(4))
    assert model.log_prob(x, y).item() == pytest.approx(by_hand, rel=1e-12)
    assert nll(model, x, y).item() == pytest.approx(-by_hand, rel=1e-12)
    torch.testing.assert_close(model.pixel_log_prob(x, y).sum((1, 2)), model.log_prob(x, y))


def test_surprise_is_each_pixels_share_of_the_unconditional_density(device):
    model = tiny(device, size=5, classes=3)
    x = torch.randint(0, 2, (2, 1, 5, 5), device=device).double()
    nats, posterior = model.surprise(x)
    torch.testing.assert_close(nats.sum((1, 2)), -model.log_prob(x))
    torch.testing.assert_close(posterior, model.class_log_prob(x).softmax(1))
    # pixel (3, 2) by hand: p(x_1 .. x_i) over p(x_1 .. x_{i-1}), each a mean over the labels
    each = torch.stack([model.pixel_log_prob(x, torch.full((2,), y, device=device)) for y in range(3)]).flatten(2)
    by_hand = each[:, :, : 3 * 5 + 2].sum(2).exp().mean(0).log() - each[:, :, : 3 * 5 + 3].sum(2).exp().mean(0).log()
    torch.testing.assert_close(nats[:, 3, 2], by_hand)


def test_the_gate_is_equation_2():
    x = torch.randn(2, 6, 3, 3)
    torch.testing.assert_close(gate(x), torch.tanh(x[:, :3]) * torch.sigmoid(x[:, 3:]))


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
@pytest.mark.parametrize("kernel", [3, 5])
@torch.no_grad()
def test_pixel_after_pixel_the_logits_are_those_of_a_full_pass(dtype, tolerance, kernel, device):
    model, y = tiny(device, kernel=kernel).to(dtype), torch.tensor([1, 2], device=device)
    x = torch.rand(2, 1, 13, 13, dtype=dtype, device=device)
    whole, cache = model(x, y), model.begin(y)
    for i in range(13):
        model.next_row(cache, x[:, :, i - 1, None] if i else None)
        for j in range(13):
            logits = model.next_pixel(cache, j, x[:, :, i, j - 1] if j else None)
            torch.testing.assert_close(logits, whole[:, :, i, j], rtol=tolerance, atol=tolerance)


def test_an_image_counts_for_itself_in_any_batch(device):
    model = tiny(device)
    x, y = torch.randint(0, 2, (5, 1, 13, 13), device=device).double(), torch.arange(5, device=device)
    torch.testing.assert_close(model.log_prob(x, y)[3:4], model.log_prob(x[3:4], y[3:4]))


def test_the_model_is_rebuilt_from_its_files(tmp_path):
    model = GatedPixelCNN(layers=1, channels=4, head=4, size=6, class_names=["a", "b"], classes=2)
    model.save_pretrained(tmp_path)
    again = GatedPixelCNN.from_pretrained(tmp_path, strict=True)
    x = torch.rand(1, 1, 6, 6).round()
    assert again.class_names == ["a", "b"] and torch.equal(model.log_prob(x), again.log_prob(x))


def parameters_by_hand(layers: int, channels: int, kernel: int, head: int, levels: int, classes: int, size: int) -> int:
    c, reach, first = channels, kernel // 2, FIRST_KERNEL // 2
    layer = 2 * c * (c * (reach + 1) * kernel + 1)  # vertical convolution
    layer += 2 * c * (c * (reach + 1) + 1)  # horizontal convolution
    layer += 2 * c * (2 * c + 1) + c * (c + 1) + 2 * 2 * c * classes  # link, out, two label biases
    start = c * (first * FIRST_KERNEL + 1) + c * (first + 1) + 2 * c * size * size
    return start + layers * layer + head * (c + 1) + levels * (head + 1)


def test_parameter_counts():
    small = GatedPixelCNN()
    assert parameter_count(small) == parameters_by_hand(10, 32, 3, 64, 2, 10, 28)
