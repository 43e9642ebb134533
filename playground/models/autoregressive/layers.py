"""Causal convolutions: masked convolutions whose mask is never multiplied, because the masked part is not there.

Only the three planes of one and the same pixel are kept in order by multiplying with a mask.

A k x k filter over the past of a pixel is cut in two, as in "Conditional Image Generation with PixelCNN Decoders"
(arXiv 1606.05328, section 2.2 and figure 2): the rows above, and what stands to the left in the same row.

`forward` computes all positions at once, for training and likelihoods; `step` says how one row, or one pixel, is computed from what came
before it, for sampling (`playground.program.builder`); `sees` which places of its input the places `needed` of its output see, for
receptive fields: bool (H, W) both.
"""

from itertools import product

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from playground.models.autoregressive import sight
from playground.program.builder import BufferView, ProgramBuilder, RingBuffer


class VerticalConv(nn.Conv2d):
    """(N, in, H, W) -> (N, out, H, W): sees `kernel // 2` rows above and `kernel // 2` columns to either side.

    It sees its own row too, unless `strict`, as the first layer of a stack must be: there, the own row holds pixels that
    come later.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, strict: bool = False):
        reach = kernel // 2
        super().__init__(inputs, outputs, (reach if strict else reach + 1, kernel))
        self.strict, self.reach = strict, reach
        self.padding_around = (reach, reach, reach, -1 if strict else 0)  # left, right, top, bottom

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self.padding_around))

    def step(self, builder: ProgramBuilder, x: RingBuffer | BufferView) -> BufferView:
        """A row, from a map whose rows above are known, or x, a row of it."""
        reach = self.reach
        seen = builder.seen(x, reach, reach, reach)
        rows = range(-reach, 0 if self.strict else 1)
        return builder.convolve(seen, rows, range(-reach, reach + 1), self.weight, self.bias)

    def sees(self, needed: Tensor) -> Tensor:
        rows, columns = range(-self.reach, 0 if self.strict else 1), range(-self.reach, self.reach + 1)
        return sight.seen(needed, product(rows, columns))


class Masked:
    """A layer some of whose weights are multiplied by 0, where it has a `mask` of its `weight`'s shape."""

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

    Of its own it sees what `mask` (out, in) leaves, where there is one.
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
        """A pixel, from a map that is known to the left, or x, the pixel of it."""
        seen = builder.seen(x, left=self.reach)
        columns = range(-self.reach, 0 if self.strict else 1)
        return builder.convolve(seen, range(1), columns, self.seen_weight(), self.bias)

    def sees(self, needed: Tensor) -> Tensor:
        return sight.seen(needed, [(0, column) for column in range(-self.reach, 0 if self.strict else 1)])


class MaskedConv(nn.Module):
    """A k x k convolution under mask A or B (arXiv 1601.06759, section 3.4): (N, in, H, W) -> (N, out, H, W).

    A pixel sees the `kernel // 2` rows above and the pixels to the left in its own; under mask B, itself too, as far as
    `own` (out, in) lets a plane see.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, mask: str, own: Tensor | None = None):
        super().__init__()
        self.above = VerticalConv(inputs, outputs, kernel, strict=True)
        self.row = HorizontalConv(inputs, outputs, kernel, strict=mask == "A", bias=False, mask=own)

    def forward(self, x: Tensor) -> Tensor:
        return self.above(x) + self.row(x)

    def band(self, builder: ProgramBuilder) -> RingBuffer:
        """Room for what it sees."""
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
