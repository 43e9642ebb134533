"""PixelRNN: van den Oord, Kalchbrenner and Kavukcuoglu, "Pixel Recurrent Neural Networks", arXiv 1601.06759.

Row LSTM (section 3.1) and Diagonal BiLSTM (3.2), in the residual blocks of figure 5, right, on the `Stack` of table 1.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playground.models.autoregressive import sight
from playground.models.autoregressive.base import LabelledConfig
from playground.models.autoregressive.layers import HorizontalConv, Pointwise
from playground.models.autoregressive.lstm import recur
from playground.models.autoregressive.pixelcnn import Stack
from playground.program.builder import LATER_ROW, BufferView, ProgramBuilder, RingBuffer


def state_to_state(directions: int, kernel: int, hidden: int) -> nn.Parameter:
    """(directions, kernel, h, 4h), as `recur` takes it."""
    return nn.Parameter(torch.empty(directions, kernel, hidden, 4 * hidden).uniform_(-1, 1) / (kernel * hidden) ** 0.5)


class RowLSTMLayer(nn.Module):
    """Input-to-state: k x 1 along the row, mask B.  State-to-state: k x 1 over the row above.  So a whole row is computed at once.

    Its receptive field above is a triangle: each row further up adds `kernel // 2` columns on either side.
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

    def row(self, builder: ProgramBuilder) -> tuple[RingBuffer, BufferView, BufferView]:
        reach, hidden = self.input_to_state.reach, self.widen.in_channels
        h = builder.band(hidden, left=reach, right=reach)  # of the row above, and soon of this one
        c = builder.value(hidden, builder.places)
        kernel = self.state_to_state[0].permute(2, 1, 0)[:, :, None]  # (4h, h, 1, k)
        return h, c, builder.convolve(h, range(1), range(-reach, reach + 1), kernel) + builder.label(self.label.weight)

    def step(self, builder: ProgramBuilder, x: BufferView, past: tuple[RingBuffer, BufferView, BufferView]) -> BufferView:
        h, c, above = past
        state = builder.cell(self.input_to_state.step(builder, x) + above.here(), c.here())
        builder.store(state, h)
        return self.widen.step(builder, state) + x

    def sees(self, needed: Tensor) -> Tensor:
        reach = self.input_to_state.reach
        return self.input_to_state.sees(sight.carried(needed, [(-1, across) for across in range(-reach, reach + 1)]))


@dataclass(frozen=True, kw_only=True)
class RowLSTMArchitecture:
    layers: int = 3
    channels: int = 64  # 2h of figure 5
    kernel: int = 3
    head: int = 64  # channels of the last hidden layer


@dataclass(frozen=True, kw_only=True)
class RowLSTMConfig(LabelledConfig, RowLSTMArchitecture):
    pass


class RowLSTM(Stack):
    """p(x|y) by LSTMs that go down the image, a row at a time."""

    system, Config = "row-lstm", RowLSTMConfig

    def layer(self) -> RowLSTMLayer:
        return RowLSTMLayer(self.config.channels, self.config.kernel, self.config.classes)


def skew(x: Tensor) -> Tensor:
    """Skews a map (figure 3): row i moves i places to the right, so that diagonals become columns: (H, W, ...) -> (H, W + H - 1, ...)."""
    height, width = x.shape[:2]
    x = torch.cat([x, x.new_zeros(height, height, *x.shape[2:])], 1).flatten(0, 1)  # rows of length W + H
    return x[: height * (width + height - 1)].unflatten(0, (height, -1))  # read as rows one shorter: each begins one place later


def unskew(x: Tensor) -> Tensor:
    """The inverse: (H, W + H - 1, ...) -> (H, W, ...)."""
    height, diagonals = x.shape[:2]
    x = torch.cat([x.flatten(0, 1), x.new_zeros(height, *x.shape[2:])])
    return x.unflatten(0, (height, -1))[:, : diagonals + 1 - height]


class DiagonalBiLSTMLayer(nn.Module):
    """Two LSTMs, from the left and from the right: h(i, j) from h(i - 1, j) and from h(i, j - 1) or h(i, j + 1).

    Input-to-state: 1x1.  State-to-state: 2x1 on the previous column of the skewed map.  The LSTM from the right runs on the mirrored map
    in the same batch, and its output is shifted down by one row, so that no pixel sees a later one (section 3.2).
    """

    def __init__(self, channels: int, classes: int):
        super().__init__()
        hidden = channels // 2
        self.input_to_state: Any = Pointwise(channels, 2 * 4 * hidden)
        self.state_to_state = state_to_state(2, 2, hidden)  # from the pixel above, and from the one beside
        self.widen = Pointwise(hidden, channels)
        self.label = nn.Embedding(classes, 2 * 4 * hidden)
        nn.init.zeros_(self.label.weight)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        image = x.permute(2, 3, 0, 1)  # (H, W, N, C): the numbers of one place are contiguous
        height, width = image.shape[:2]
        left, right = (self.input_to_state(image.flatten(0, 2)).view(height, width, len(y), -1) + self.label(y)).chunk(2, dim=3)  # 4h
        lines = skew(torch.stack([left, right.flip(1)], 2)).transpose(0, 1).transpose(1, 2)  # (W + H - 1, 2, H, N, 4h)
        spans = [(max(0, d - width + 1), min(height, d + 1)) for d in range(width + height - 1)]
        h = unskew(recur(lines, self.state_to_state, 1, spans).transpose(1, 2).transpose(0, 1))  # (H, W, 2, N, h)
        left, right = h[:, :, 0], h[:, :, 1].flip(1)
        seen = left + F.pad(right, (0, 0, 0, 0, 0, 0, 1, -1))
        return x + self.widen(seen.flatten(0, 2)).view(*image.shape).permute(2, 3, 0, 1)

    def row(self, builder: ProgramBuilder) -> tuple[RingBuffer, RingBuffer, RingBuffer, BufferView, BufferView]:
        hidden, width = self.widen.in_channels, builder.places
        x, left, right = builder.band(2 * hidden), builder.band(hidden, left=1), builder.band(hidden)  # of the row above: x, and both h
        c = builder.value(hidden, 1)
        above = [
            builder.linear(builder.gather(h), builder.weight(weight[0])) + builder.label(label)
            for h, weight, label in zip((left, right), self.state_to_state, self.label.weight.chunk(2, dim=1))
        ]
        with builder.each(LATER_ROW):  # the LSTM from the right can run once a row is finished
            gates = self.inputs(builder, builder.gather(x), 1) + above[1]  # (W, N, 4h)
            builder.clear(c)
            weight, h = builder.weight(self.state_to_state[1, 1]), None
            for column in reversed(range(width)):
                beside = gates.place(column)
                h = builder.cell(builder.linear(h, weight) + beside if h else beside, c)
                builder.store(h, right, column)
        builder.clear(c)
        return x, left, right, c, above[0]

    def inputs(self, builder: ProgramBuilder, x: BufferView, direction: int) -> BufferView:
        """The input-to-state component of the LSTM from the left, 0, or from the right, 1."""
        weight, bias = (p.chunk(2)[direction] for p in (self.input_to_state.weight, self.input_to_state.bias))
        return builder.linear(x, weight.flatten(1), bias)

    def step(
        self, builder: ProgramBuilder, x: BufferView, past: tuple[RingBuffer, RingBuffer, RingBuffer, BufferView, BufferView]
    ) -> BufferView:
        xs, left, right, c, above = past
        builder.store(x, xs)
        gates = self.inputs(builder, x, 0) + above.here()
        h = builder.cell(builder.linear(left.at(0, -1, 1), builder.weight(self.state_to_state[0, 1])) + gates, c)
        builder.store(h, left)
        return self.widen.step(builder, h + right.own) + x  # from the right: of the row above

    def sees(self, needed: Tensor) -> Tensor:
        from_the_right = sight.carried(sight.seen(needed, [(-1, 0)]), [(-1, 0), (0, 1)])
        return sight.carried(needed, [(-1, 0), (0, -1)]) | from_the_right


@dataclass(frozen=True, kw_only=True)
class DiagonalBiLSTMArchitecture:
    layers: int = 3
    channels: int = 32  # 2h of figure 5
    head: int = 64  # channels of the last hidden layer


@dataclass(frozen=True, kw_only=True)
class DiagonalBiLSTMConfig(LabelledConfig, DiagonalBiLSTMArchitecture):
    pass


class DiagonalBiLSTM(Stack):
    """p(x|y) by pairs of LSTMs that go down the image along its diagonals; each pixel sees all pixels before it."""

    system, Config = "diagonal-bilstm", DiagonalBiLSTMConfig

    def layer(self) -> DiagonalBiLSTMLayer:
        return DiagonalBiLSTMLayer(self.config.channels, self.config.classes)
