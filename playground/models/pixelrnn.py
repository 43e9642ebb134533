"""PixelRNN: van den Oord, Kalchbrenner and Kavukcuoglu, "Pixel Recurrent Neural Networks", arXiv 1601.06759.

Row LSTM (section 3.1) and Diagonal BiLSTM (3.2), in the residual blocks of figure 5, right, on the `Stack` of table 1.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playground.models.layers import HorizontalConv, Pointwise
from playground.models.pixelcnn import Stack
from playground.models.recurrence import cell, recur


def state_to_state(directions: int, kernel: int, hidden: int) -> nn.Parameter:
    """(directions, kernel, h, 4h), as `recur` wants it."""
    return nn.Parameter(torch.empty(directions, kernel, hidden, 4 * hidden).uniform_(-1, 1) / (kernel * hidden) ** 0.5)


@dataclass
class RowCache:
    label: Tensor  # its bias, (N, 4h, 1, 1)
    left: Tensor  # of the input-to-state convolution
    h: Tensor  # of this row, as far as it is known; before its first pixel, of the row above: (N, h, W)
    c: Tensor
    told: Tensor | None = None  # state-to-state: what the row above says, (N, 4h, W)


class RowLSTMLayer(nn.Module):
    """Input-to-state: k x 1 along the row, mask B.  State-to-state: k x 1 over the row above.  So a row is computed at once.

    Its field above is a triangle: `kernel // 2` columns more to either side a row.
    """

    def __init__(self, channels: int, kernel: int, classes: int):
        super().__init__()
        hidden = channels // 2
        self.input_to_state = HorizontalConv(channels, 4 * hidden, kernel)
        self.state_to_state = state_to_state(1, kernel, hidden)
        self.widen = Pointwise(hidden, channels)
        self.label = nn.Embedding(classes, 4 * hidden)
        nn.init.zeros_(self.label.weight)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        gates = self.input_to_state(x) + self.label(y)[:, :, None, None]  # (N, 4h, H, W)
        height, width = x.shape[2:]
        lines = gates.permute(2, 3, 0, 1)[:, None]  # (H, 1, W, N, 4h)
        h = recur(lines, self.state_to_state, self.input_to_state.reach, [(0, width)] * height)[:, 0]  # (H, W, N, h)
        return x + self.widen(h.permute(2, 3, 0, 1))

    def cache(self, y: Tensor, width: int) -> RowCache:
        label = self.label(y)[:, :, None, None]
        state = label.new_zeros(len(y), self.widen.in_channels, width)
        return RowCache(label, self.input_to_state.cache(label, width), state, state.clone())

    def next_row(self, cache: RowCache) -> None:
        kernel = self.state_to_state[0].permute(2, 1, 0)  # (4h, h, k)
        cache.told = F.conv1d(cache.h, kernel, padding=self.input_to_state.reach) + cache.label[:, :, 0]

    def step(self, x: Tensor, cache: RowCache, column: int) -> Tensor:
        columns = column if x.ndim == 2 else slice(column, column + x.shape[3])
        gates = self.input_to_state.step(x, cache.left, column)
        h, cache.c[:, :, columns] = cell((gates if x.ndim == 2 else gates[:, :, 0]) + cache.told[:, :, columns], cache.c[:, :, columns])
        cache.h[:, :, columns] = h
        return x + self.widen(h if x.ndim == 2 else h[:, :, None])


class RowLSTM(Stack):
    """p(x|y) by LSTMs that go down the image, a row at a time."""

    system = "row-lstm"

    def __init__(
        self,
        layers: int = 3,
        channels: int = 64,  # 2h of figure 5
        kernel: int = 3,
        head: int = 64,  # channels of the last hidden layer
        levels: int = 2,
        classes: int = 10,
        size: int = 28,
        class_names: list[str] | None = None,
        dataset: str = "mnist",
    ):
        lstms = [RowLSTMLayer(channels, kernel, classes) for _ in range(layers)]
        super().__init__(lstms, channels, head, levels=levels, classes=classes, size=size, class_names=class_names, dataset=dataset)


def skew(x: Tensor) -> Tensor:
    """Figure 3: row i moves i places to the right, so that diagonals become columns: (H, W, ...) -> (H, W + H - 1, ...)."""
    height, width = x.shape[:2]
    x = torch.cat([x, x.new_zeros(height, height, *x.shape[2:])], 1).flatten(0, 1)  # rows of W + H; read as rows that are
    return x[: height * (width + height - 1)].unflatten(0, (height, -1))  # one shorter, each begins one place later


def unskew(x: Tensor) -> Tensor:
    """The inverse: (H, W + H - 1, ...) -> (H, W, ...)."""
    height, diagonals = x.shape[:2]
    x = torch.cat([x.flatten(0, 1), x.new_zeros(height, *x.shape[2:])])
    return x.unflatten(0, (height, -1))[:, : diagonals + 1 - height]


@dataclass
class DiagonalCache:
    label: Tensor  # its bias for both directions, (N, 8h)
    x: Tensor  # this row, as far as it is known, (N, C, W)
    h: Tensor  # of either direction, of the row that it did last; (2, N, h, W)
    c: Tensor  # of either direction, of the pixel that it did last, and
    last: Tensor  # the h there, (2, N, h)
    row: int = -1
    told: Tensor | None = None  # what the row above says to the LSTM from the left, (N, 4h, W)


class DiagonalBiLSTMLayer(nn.Module):
    """Two LSTMs, from the left and from the right: h(i, j) from h(i - 1, j) and from h(i, j - 1) or h(i, j + 1).

    Input-to-state: 1x1.  State-to-state: 2x1 on the column before of the skewed map.  The one from the right runs on the mirrored map in
    the same batch, and what it finds moves down by one row, so that no pixel sees a later one (section 3.2).
    """

    def __init__(self, channels: int, classes: int):
        super().__init__()
        hidden = channels // 2
        self.input_to_state = Pointwise(channels, 2 * 4 * hidden)
        self.state_to_state = state_to_state(2, 2, hidden)  # from the pixel above, and from the one beside
        self.widen = Pointwise(hidden, channels)
        self.label = nn.Embedding(classes, 2 * 4 * hidden)
        nn.init.zeros_(self.label.weight)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        image = x.permute(2, 3, 0, 1)  # (H, W, N, C), in which a place's numbers lie together
        height, width = image.shape[:2]
        left, right = (self.input_to_state(image.flatten(0, 2)).view(height, width, len(y), -1) + self.label(y)).chunk(2, dim=3)  # 4h
        lines = skew(torch.stack([left, right.flip(1)], 2)).transpose(0, 1).transpose(1, 2)  # (W + H - 1, 2, H, N, 4h)
        spans = [(max(0, d - width + 1), min(height, d + 1)) for d in range(width + height - 1)]
        h = unskew(recur(lines, self.state_to_state, 1, spans).transpose(1, 2).transpose(0, 1))  # (H, W, 2, N, h)
        left, right = h[:, :, 0], h[:, :, 1].flip(1)
        seen = left + F.pad(right, (0, 0, 0, 0, 0, 0, 1, -1))
        return x + self.widen(seen.flatten(0, 2)).view(*image.shape).permute(2, 3, 0, 1)

    def cache(self, y: Tensor, width: int) -> DiagonalCache:
        label, hidden = self.label(y), self.widen.in_channels
        state = label.new_zeros(2, len(y), hidden, width)
        pixel = label.new_zeros(2, len(y), hidden)
        return DiagonalCache(label, label.new_zeros(len(y), 2 * hidden, width), state, pixel.clone(), pixel)

    def next_row(self, cache: DiagonalCache) -> None:
        above, beside = self.state_to_state[:, 0], self.state_to_state[:, 1]  # (2, h, 4h)
        told = (
            torch.einsum("dnhw,dhg->dngw", cache.h, above) + cache.label.unflatten(1, (2, -1)).transpose(0, 1)[..., None]
        )  # (2, N, 4h, W)
        cache.c.zero_()
        cache.last.zero_()
        cache.told = told[0]
        if cache.row >= 0:  # the LSTM from the right now knows the row that was finished
            gates = self.input_to_state(cache.x[:, :, None])[:, cache.told.shape[1] :, 0] + told[1]  # (N, 4h, W)
            h, c = cache.last[1], cache.c[1]
            for j in reversed(range(gates.shape[2])):
                h, c = cell(torch.addmm(gates[:, :, j], h, beside[1]), c)
                cache.h[1, :, :, j] = h
        cache.row += 1

    def step(self, x: Tensor, cache: DiagonalCache, column: int) -> Tensor:
        if x.ndim == 4:
            return torch.stack([self.step(x[:, :, 0, i], cache, column + i) for i in range(x.shape[3])], 2)[:, :, None]
        cache.x[:, :, column] = x
        half = self.label.embedding_dim // 2
        weight, bias = self.input_to_state.weight[:half, :, 0, 0], self.input_to_state.bias[:half]
        gates = F.linear(x, weight, bias) + cache.told[:, :, column] + cache.last[0] @ self.state_to_state[0, 1]
        h, cache.c[0] = cell(gates, cache.c[0])
        cache.last[0] = cache.h[0, :, :, column] = h
        return x + self.widen(h + cache.h[1, :, :, column])  # from the right: of the row above


class DiagonalBiLSTM(Stack):
    """p(x|y) by pairs of LSTMs that go down the image along its diagonals; each pixel sees all before it."""

    system = "diagonal-bilstm"

    def __init__(
        self,
        layers: int = 3,
        channels: int = 32,  # 2h of figure 5
        head: int = 64,  # channels of the last hidden layer
        levels: int = 2,
        classes: int = 10,
        size: int = 28,
        class_names: list[str] | None = None,
        dataset: str = "mnist",
    ):
        lstms = [DiagonalBiLSTMLayer(channels, classes) for _ in range(layers)]
        super().__init__(lstms, channels, head, levels=levels, classes=classes, size=size, class_names=class_names, dataset=dataset)
