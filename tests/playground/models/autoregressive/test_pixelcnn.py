import pytest
import torch
from torch.nn import functional as F

from playground.models.autoregressive.layers import MaskedConv
from playground.models.autoregressive.pixelcnn import FIRST_KERNEL, PixelCNN, ResidualBlock
from playground.models.base import parameter_count


@pytest.mark.parametrize("kernel", [3, 5, 7])
@pytest.mark.parametrize("mask", ["A", "B"])
def test_a_masked_convolution_is_a_full_one_whose_later_weights_are_zero(mask, kernel):
    conv, x, middle = MaskedConv(3, 4, kernel, mask).double(), torch.randn(2, 3, 6, 7).double(), kernel // 2
    weight = torch.randn(4, 3, kernel, kernel).double()
    with torch.no_grad():
        conv.above.weight.copy_(weight[:, :, :middle])
        conv.row.weight.copy_(weight[:, :, middle, None, : middle + (mask == "B")])
    masked = weight.clone()
    masked[:, :, middle + 1 :] = 0
    masked[:, :, middle, middle + (mask == "B") :] = 0
    torch.testing.assert_close(conv(x), F.conv2d(x, masked, conv.above.bias, padding=middle))


def test_the_residual_block_is_figure_5():
    block, x = ResidualBlock(8, 3, 2), torch.randn(2, 8, 5, 5)
    torch.nn.init.normal_(block.label.weight)
    inside = F.conv2d(F.relu(x), block.narrow.weight, block.narrow.bias)  # 2h -> h
    inside = block.masked(F.relu(inside)) + block.label.weight[1][:, None, None]
    expected = x + F.conv2d(F.relu(inside), block.widen.weight, block.widen.bias)  # h -> 2h
    torch.testing.assert_close(block(x, torch.tensor([1, 1])), expected)


def stack_by_hand(channels: int, head: int, levels: int, size: int) -> int:
    """Parameters of what table 1 has for all: the convolution under mask A, the two 1x1, and a bias for each location."""
    first = channels * (FIRST_KERNEL**2 // 2) + channels
    return first + channels * size**2 + head * (channels + 1) + levels * (head + 1)


def parameters_by_hand(layers: int, channels: int, kernel: int, head: int, levels: int, classes: int, size: int) -> int:
    h = channels // 2
    block = h * (2 * h + 1) + h * (h * (kernel**2 // 2 + 1) + 1) + 2 * h * (h + 1) + h * classes  # 1x1, masked, 1x1, label
    return stack_by_hand(channels, head, levels, size) + layers * block


def test_parameter_counts():
    assert parameter_count(PixelCNN()) == parameters_by_hand(10, 64, 3, 64, 2, 10, 28)
