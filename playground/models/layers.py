"""Causal convolutions: masked convolutions whose mask is never multiplied, because the masked part is not there.

A k x k filter over the past of a pixel is cut in two, as in "Conditional Image Generation with PixelCNN Decoders"
(arXiv 1606.05328, section 2.2 and figure 2): the rows above, and what stands to the left in the same row.

`forward` computes all positions at once, for training and likelihoods; `step` computes one row, or one pixel, from a cache of what came
before it, for sampling.  Each changes its cache and gives what `forward` gives there.
"""

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

    def __init__(self, inputs: int, outputs: int, kernel: int, strict: bool = False):
        reach = kernel // 2
        super().__init__(inputs, outputs, (1, reach if strict else reach + 1))
        self.strict, self.reach = strict, reach
        self.padding_left = (reach, -1 if strict else 0)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self.padding_left))

    def cache(self, like: Tensor) -> Tensor:
        """The pixels left of the first one, which are zeros: (N, in, reach) for `like` (N, ...)."""
        return like.new_zeros(len(like), self.in_channels, self.reach)

    def step(self, x: Tensor, cache: Tensor) -> Tensor:
        """One pixel, (N, out): from pixel x (N, in) and those to its left; where strict, from those alone, x being the last."""
        pixels = torch.cat([cache, x[:, :, None]], 2)  # (N, in, reach + 1)
        cache.copy_(pixels[:, :, 1:])
        seen = cache if self.strict else pixels
        return F.linear(seen.flatten(1), self.weight.flatten(1), self.bias)


class Pointwise(nn.Conv2d):
    """A 1x1 convolution: (N, in, H, W) -> (N, out, H, W), or for one pixel (N, in) -> (N, out)."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) if x.ndim == 4 else F.linear(x, self.weight.flatten(1), self.bias)
