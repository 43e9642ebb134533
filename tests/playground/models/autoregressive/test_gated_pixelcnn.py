import itertools

import torch
from torch.nn import functional as F

from playground.models.autoregressive.gated_pixelcnn import FIRST_KERNEL, GatedPixelCNN, gate
from playground.models.autoregressive.layers import HorizontalConv, VerticalConv
from playground.models.base import parameter_count
from tests.playground.models.autoregressive.test_families import influences, tiny


def test_every_pixel_depends_on_all_earlier_pixels_in_reach_and_on_no_other(device):
    """No later pixel, and no blind spot: the whole past within the kernels' reach, the right-hand side above included."""
    model = tiny(device)
    reach = FIRST_KERNEL // 2 + len(model.layers) * (3 // 2)
    pixels = list(itertools.product((0, 1, 6, 11, 12), (0, 1, 5, 6, 12)))
    for (row, column), found in zip(pixels, influences(model, pixels)):
        expected = torch.zeros(model.size, model.size, dtype=torch.bool)
        expected[row, max(0, column - reach) : column] = True  # to the left
        expected[max(0, row - reach) : row, max(0, column - reach) : column + reach + 1] = True  # above, to both sides
        assert torch.equal(found, expected), (row, column)


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


def test_the_gate_is_equation_2():
    x = torch.randn(2, 6, 3, 3)
    torch.testing.assert_close(gate(x), torch.tanh(x[:, :3]) * torch.sigmoid(x[:, 3:]))


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


def test_dropout_changes_training_and_nothing_else(device):
    model = tiny(device, system="gated-pixelcnn", dropout=0.5)
    x, y = torch.rand(2, 1, 13, 13, device=device, dtype=torch.float64), torch.tensor([0, 1], device=device)
    assert not torch.equal(model.train()(x, y), model(x, y))
    model.eval()
    same = tiny(device, system="gated-pixelcnn")
    same.load_state_dict(model.state_dict())
    assert torch.equal(model(x, y), same(x, y))
