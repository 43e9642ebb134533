"""Causal convolutions: masked convolutions whose mask is never multiplied, because the masked part is not there.

A k x k filter over the past of a pixel is cut in two, as in "Conditional Image Generation with PixelCNN Decoders"
(arXiv 1606.05328, section 2.2 and figure 2): the rows above, and what stands to the left in the same row.

`forward` computes all positions at once, for training and likelihoods; `step` computes one row, or one pixel, from a cache of what came
before it, for sampling.  Each changes its cache and gives what `forward` gives there.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


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

    def cache(self, like: Tensor, width: int) -> Tensor:
        """The rows above the first one, which are zeros: (N, in, reach, W) for `like` (N, ...)."""
        return like.new_zeros(len(like), self.in_channels, self.reach, width)

    def step(self, x: Tensor, cache: Tensor) -> Tensor:
        """One row, (N, out, 1, W): from row x (N, in, 1, W) and those above; where strict, from those above alone, x being the last."""
        rows = torch.cat([cache, x], 2)  # (N, in, reach + 1, W)
        cache.copy_(rows[:, :, 1:])
        return super().forward(F.pad(cache if self.strict else rows, (self.reach, self.reach)))


class HorizontalConv(nn.Conv2d):
    """(N, in, H, W) -> (N, out, H, W): sees `kernel // 2` pixels to the left in the same row, and its own unless `strict`."""

    def __init__(self, inputs: int, outputs: int, kernel: int, strict: bool = False, bias: bool = True):
        reach = kernel // 2
        super().__init__(inputs, outputs, (1, reach if strict else reach + 1), bias=bias)
        self.strict, self.reach = strict, reach
        self.padding_left = (reach, -1 if strict else 0)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self.padding_left))

    def cache(self, like: Tensor, width: int) -> Tensor:
        """A row and the zeros to its left: (N, in, reach + W) for `like` (N, ...).  It serves one row after another."""
        return like.new_zeros(len(like), self.in_channels, self.reach + width)

    def step(self, x: Tensor, cache: Tensor, column: int) -> Tensor:
        """One pixel, (N, out), from x (N, in), or w pixels from `column` on, (N, out, 1, w), from x (N, in, 1, w).

        Where strict, x is what stands one column to the left of them.
        """
        first = self.reach + column - self.strict
        if x.ndim == 2:
            cache[:, :, first] = x
            return F.linear(cache[:, :, column : first + 1].flatten(1), self.weight.flatten(1), self.bias)
        end = first + x.shape[3]
        cache[:, :, first:end] = x[:, :, 0]
        return super().forward(cache[:, :, None, column:end])


@dataclass
class Past:
    """What a `MaskedConv` has seen."""

    above: Tensor  # rows above
    row: Tensor  # this row, as far as it is known
    told: Tensor  # what the rows above say, (N, out, 1, W)


class MaskedConv(nn.Module):
    """A k x k convolution under mask A or B (arXiv 1601.06759, section 3.4): (N, in, H, W) -> (N, out, H, W).

    A pixel sees the `kernel // 2` rows above and the pixels to the left in its own; under mask B, itself too.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, mask: str):
        super().__init__()
        self.above = VerticalConv(inputs, outputs, kernel, strict=True)
        self.row = HorizontalConv(inputs, outputs, kernel, strict=mask == "A", bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.above(x) + self.row(x)

    def cache(self, like: Tensor, width: int) -> Past:
        return Past(self.above.cache(like, width), self.row.cache(like, width), like)

    def next_row(self, past: Past, finished: Tensor | None = None) -> None:
        """Moves to the next row; under mask A, `finished` (N, in, 1, W) is the one above it, which `step` has not seen whole."""
        row = past.row[:, :, None, self.row.reach :] if finished is None else finished
        past.told = self.above.step(row, past.above)

    def step(self, x: Tensor, past: Past, column: int) -> Tensor:
        """Pixels from `column` on; see `HorizontalConv.step`."""
        told = past.told[:, :, 0, column] if x.ndim == 2 else past.told[:, :, :, column : column + x.shape[3]]
        return told + self.row.step(x, past.row, column)


class Pointwise(nn.Conv2d):
    """A 1x1 convolution: (N, in, H, W) -> (N, out, H, W), or for one pixel (N, in) -> (N, out)."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) if x.ndim == 4 else F.linear(x, self.weight.flatten(1), self.bias)
