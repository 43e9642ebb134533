import pytest
import torch
from torch.nn import functional as F

from playground.models.autoregressive.lstm import cell, recur
from playground.models.autoregressive.pixelcnn import FIRST_KERNEL
from playground.models.autoregressive.pixelrnn import DiagonalBiLSTM, DiagonalBiLSTMLayer, RowLSTM, RowLSTMLayer, skew, unskew
from playground.models.base import parameter_count
from tests.playground.models.autoregressive.test_families import influences, raster, tiny
from tests.playground.models.autoregressive.test_pixelcnn import stack_by_hand

WHOLE = [(0, 4)] * 5
DIAGONALS = [(0, 1), (0, 2), (1, 3), (2, 4), (3, 4)]  # some places of a line are not there


def by_autograd(gates, weight, before, spans):
    """`recur` as the equations have it, one place at a time."""
    (lines, s, width, n, _), (k, h) = gates.shape, weight.shape[1:3]
    state = {}
    for line, (first, end) in enumerate(spans):
        for j in range(first, end):
            total = gates[line, :, j]  # (S, N, 4h)
            for t in range(k):
                if (line - 1, j - before + t) in state:
                    total = total + state[line - 1, j - before + t][0] @ weight[:, t]
            c = state[line - 1, j][1] if (line - 1, j) in state else gates.new_zeros(s, n, h)
            state[line, j] = [v.transpose(1, 2) for v in cell(total.transpose(1, 2), c.transpose(1, 2))]
    zero = gates.new_zeros(s, n, h)
    return torch.stack([torch.stack([state.get((line, j), [zero])[0] for j in range(width)], 1) for line in range(lines)])


@pytest.mark.parametrize("spans", [WHOLE, DIAGONALS])
@pytest.mark.parametrize(("kernel", "before"), [(3, 1), (2, 1), (5, 2)])
def test_the_recurrence_and_its_gradients_are_those_of_the_equations(kernel, before, spans, device):
    gates = torch.randn(5, 2, 4, 3, 8, dtype=torch.float64, device=device, requires_grad=True)
    weight = torch.randn(2, kernel, 2, 8, dtype=torch.float64, device=device, requires_grad=True)
    mine, theirs = recur(gates, weight, before, spans), by_autograd(gates, weight, before, spans)
    torch.testing.assert_close(mine, theirs)
    pull = torch.randn_like(mine)
    for a, b in zip(torch.autograd.grad(mine, [gates, weight], pull), torch.autograd.grad(theirs, [gates, weight], pull)):
        torch.testing.assert_close(a, b)


def test_the_cell_is_that_of_an_lstm():
    """torch's own, whose gates stand in another order."""
    lstm, x, h, c = torch.nn.LSTMCell(3, 4), torch.randn(2, 3), torch.randn(2, 4), torch.randn(2, 4)
    i, f, g, o = (F.linear(x, lstm.weight_ih, lstm.bias_ih) + F.linear(h, lstm.weight_hh, lstm.bias_hh)).chunk(4, 1)
    for mine, theirs in zip(cell(torch.cat([o, f, i, g], 1), c), lstm(x, (h, c))):
        torch.testing.assert_close(mine, theirs)


def test_the_cells_sum_is_float32_under_autocast(device):
    gates, weight = torch.randn(5, 1, 4, 3, 8, device=device), torch.randn(1, 3, 2, 8, device=device)
    with torch.autocast(device, torch.bfloat16):
        assert torch.equal(recur(gates, weight, 1, WHOLE), recur(gates.clone(), weight, 1, WHOLE))
        under = recur(gates, weight, 1, WHOLE)
    assert under.dtype == torch.float32 and torch.equal(under, recur(gates, weight, 1, WHOLE))


@pytest.mark.parametrize(("height", "width"), [(4, 6), (6, 4), (5, 5), (1, 3)])
def test_skewed_diagonals_are_columns(height, width):
    x = torch.randn(height, width, 2, 3)
    skewed = skew(x)
    assert skewed.shape == (height, width + height - 1, 2, 3)
    for i, j in torch.cartesian_prod(torch.arange(height), torch.arange(width)).tolist():
        assert torch.equal(skewed[i, i + j], x[i, j])
    assert torch.equal(unskew(skewed), x)


def seen_by_row_lstm(size: int, layers: int, kernel: int, i: int, j: int) -> torch.Tensor:
    """The triangle: from the first convolution's window, a row up for `kernel // 2` columns; a layer for as many to the left."""
    reach, first, seen = kernel // 2, FIRST_KERNEL // 2, torch.zeros(size, size, dtype=torch.bool)
    for up in range(i + 1):  # features of row i - up are seen in these columns
        left, right = j - reach * (up + layers), j + reach * up
        for column in range(max(0, left), min(size, right + 1)):
            seen[max(0, i - up - first) : i - up, max(0, column - first) : column + first + 1] = True
            seen[i - up, max(0, column - first) : column] = True
    return seen


@pytest.mark.parametrize(("layers", "kernel"), [(1, 3), (2, 3), (1, 5)])
def test_a_row_lstm_sees_a_triangle(layers, kernel, device):
    pixels = [(0, 5), (5, 0), (9, 6), (13, 13), (9, 2)]
    found = influences(tiny(device, "row-lstm", size=14, layers=layers, kernel=kernel), pixels)
    for seen, (i, j) in zip(found, pixels):
        assert torch.equal(seen, seen_by_row_lstm(14, layers, kernel, i, j)), (i, j)
    assert not found[-1, 8, 10:].any()  # the right-hand side of the row above is lost


@pytest.mark.parametrize("layers", [1, 2])
def test_a_diagonal_bilstm_sees_all_before_but_the_last_pixel_of_the_row_above(layers, device):
    """Mask A hides that pixel from its own row's features, and the step down of the map from the right does so from later ones.

    Only features within the first convolution's reach of it, in the next row, see it: pixels at and right of these do.
    """
    size = 8
    found = influences(tiny(device, "diagonal-bilstm", size=size, layers=layers), raster(size)).flatten(1)
    for (i, j), seen in zip(raster(size), found):
        missed = (~seen[: i * size + j]).nonzero()[:, 0].tolist()
        assert missed == ([i * size - 1] if i and j < size - 1 - FIRST_KERNEL // 2 else []), (i, j)


def row_lstm_by_hand(layers: int, channels: int, kernel: int, head: int, levels: int, classes: int, size: int) -> int:
    h = channels // 2
    layer = 4 * h * (2 * h * (kernel // 2 + 1) + 1) + kernel * h * 4 * h + 2 * h * (h + 1) + 4 * h * classes
    return stack_by_hand(channels, head, levels, size) + layers * layer


def diagonal_bilstm_by_hand(layers: int, channels: int, head: int, levels: int, classes: int, size: int) -> int:
    h = channels // 2
    direction = 4 * h * (2 * h + 1) + 2 * h * 4 * h + 4 * h * classes
    return stack_by_hand(channels, head, levels, size) + layers * (2 * direction + 2 * h * (h + 1))


def test_parameter_counts():
    assert parameter_count(RowLSTM()) == row_lstm_by_hand(3, 64, 3, 64, 2, 10, 28)
    assert parameter_count(DiagonalBiLSTM()) == diagonal_bilstm_by_hand(3, 32, 64, 2, 10, 28)


@pytest.mark.parametrize("layer", [RowLSTMLayer(8, 3, 2), DiagonalBiLSTMLayer(8, 2)])
def test_a_layer_is_residual(layer):
    torch.nn.init.zeros_(layer.widen.weight)
    torch.nn.init.zeros_(layer.widen.bias)
    x = torch.randn(2, 8, 5, 5)
    assert torch.equal(layer(x, torch.tensor([0, 1])), x)
