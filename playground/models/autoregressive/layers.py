"""Causal convolutions.  They are masked convolutions without a mask: a filter has no weights for pixels that it must not see.

Weights are multiplied by a mask for one purpose only: to keep the three planes of the same pixel in order.

A k x k filter over the past of a pixel is split in two, as in "Conditional Image Generation with PixelCNN Decoders"
(arXiv 1606.05328, section 2.2 and figure 2): the rows above, and the pixels to the left in the same row.

`forward` computes all positions at once, for training and likelihoods.  `step` records how one row or one pixel is computed from those
before it, for sampling (`playground.program.builder`).  `sees` gives receptive fields: the positions of the input that the positions
`needed` of the output see, bool (H, W) both.
"""

from itertools import product

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playground.models.autoregressive import sight
from playground.program.builder import BufferView, ProgramBuilder, RingBuffer


class VerticalConv(nn.Conv2d):
    """(N, in, H, W) -> (N, out, H, W): sees `kernel // 2` rows above and `kernel // 2` columns to either side.

    It sees its own row too, unless it is `strict`.  The first layer of a stack must be: in its input, that row holds later pixels.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, strict: bool = False):
        reach = kernel // 2
        super().__init__(inputs, outputs, (reach if strict else reach + 1, kernel))
        self.strict, self.reach = strict, reach
        self.padding_around = (reach, reach, reach, -1 if strict else 0)  # left, right, top, bottom

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self.padding_around))

    def step(self, builder: ProgramBuilder, x: RingBuffer | BufferView) -> BufferView:
        """One row of the output.  x: the map, whose rows above are known, or its current row."""
        reach = self.reach
        seen = builder.seen(x, reach, reach, reach)
        rows = range(-reach, 0 if self.strict else 1)
        return builder.convolve(seen, rows, range(-reach, reach + 1), self.weight, self.bias)

    def sees(self, needed: Tensor) -> Tensor:
        rows, columns = range(-self.reach, 0 if self.strict else 1), range(-self.reach, self.reach + 1)
        return sight.seen(needed, product(rows, columns))


class Masked:
    """A layer whose `weight` is multiplied by a `mask` of 0 and 1 of the same shape, if it has one."""

    weight: Tensor
    mask: Tensor | None

    def seen_weight(self) -> Tensor:
        return self.weight if self.mask is None else self.weight * self.mask


def planes_of(features: int, planes: int) -> Tensor:
    """The plane (0: R, 1: G, 2: B) to which each of `features` feature maps belongs: equal groups in this order, (features,)."""
    return torch.arange(features) * planes // features


def plane_mask(seen_by: Tensor, seen: Tensor, strict: bool = False) -> Tensor:
    """The channel masks of "Pixel Recurrent Neural Networks" (arXiv 1601.06759, section 3.4 and figure 4), for weights at a pixel itself.

    G sees R, B sees R and G; each plane's features see their own plane's too (mask B) unless `strict` (mask A), as in the first layer.

    Args:
        seen_by, seen: planes of the outputs (out,) and of the inputs (in,), as `planes_of` gives them.

    Returns 1 where the weight stays and 0 where not, (out, in).
    """
    allowed = seen_by[:, None] > seen if strict else seen_by[:, None] >= seen
    return allowed.to(torch.get_default_dtype())


class HorizontalConv(Masked, nn.Conv2d):
    """(N, in, H, W) -> (N, out, H, W): sees `kernel // 2` pixels to the left in the same row, and its own unless `strict`.

    `mask` (out, in), if given, masks the weights at the pixel itself.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, strict: bool = False, bias: bool = True, mask: Tensor | None = None):
        reach = kernel // 2
        super().__init__(inputs, outputs, (1, reach if strict else reach + 1), bias=bias)
        self.strict, self.reach = strict, reach
        self.padding_left = (reach, -1 if strict else 0)
        if mask is not None:
            mask = torch.cat([torch.ones(outputs, inputs, reach), mask[:, :, None]], 2)[:, :, None]  # (out, in, 1, reach + 1)
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(F.pad(x, self.padding_left), self.seen_weight(), self.bias)

    def step(self, builder: ProgramBuilder, x: RingBuffer | BufferView) -> BufferView:
        """One pixel of the output.  x: the map, which is known to the left, or its current pixel."""
        seen = builder.seen(x, left=self.reach)
        columns = range(-self.reach, 0 if self.strict else 1)
        return builder.convolve(seen, range(1), columns, self.seen_weight(), self.bias)

    def sees(self, needed: Tensor) -> Tensor:
        return sight.seen(needed, [(0, column) for column in range(-self.reach, 0 if self.strict else 1)])


class MaskedConv(nn.Module):
    """A k x k convolution under mask A or B (arXiv 1601.06759, section 3.4): (N, in, H, W) -> (N, out, H, W).

    A pixel sees the `kernel // 2` rows above and the pixels to the left in its own row; under mask B also itself, through the mask `own`
    (out, in) of its planes.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, mask: str, own: Tensor | None = None):
        super().__init__()
        self.above = VerticalConv(inputs, outputs, kernel, strict=True)
        self.row = HorizontalConv(inputs, outputs, kernel, strict=mask == "A", bias=False, mask=own)

    def forward(self, x: Tensor) -> Tensor:
        return self.above(x) + self.row(x)

    def band(self, builder: ProgramBuilder) -> RingBuffer:
        """A ring buffer for the rows that it sees."""
        reach = self.row.reach
        return builder.band(self.above.in_channels, reach, reach, reach)

    def sees(self, needed: Tensor) -> Tensor:
        return self.above.sees(needed) | self.row.sees(needed)


class Pointwise(Masked, nn.Conv2d):
    """A 1x1 convolution: (N, in, H, W) -> (N, out, H, W), or (N, in) -> (N, out); `mask` (out, in) as of `plane_mask`."""

    def __init__(self, inputs: int, outputs: int, mask: Tensor | None = None, bias: bool = True):
        super().__init__(inputs, outputs, 1, bias=bias)
        self.register_buffer("mask", mask if mask is None else mask[:, :, None, None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        weight = self.seen_weight()
        return F.conv2d(x, weight, self.bias) if x.ndim == 4 else F.linear(x, weight.flatten(1), self.bias)

    def step(self, builder: ProgramBuilder, x: BufferView) -> BufferView:
        return builder.linear(x, self.seen_weight().flatten(1), self.bias)
