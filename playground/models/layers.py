"""Causal convolutions: masked convolutions whose mask is never multiplied, because the masked part is not there.

A k x k filter over the past of a pixel is cut in two, as in "Conditional Image Generation with PixelCNN Decoders"
(arXiv 1606.05328, section 2.2 and figure 2): the rows above, and what stands to the left in the same row.
"""

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
        self.padding_around = (reach, reach, reach, -1 if strict else 0)  # left, right, top, bottom

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self.padding_around))


class HorizontalConv(nn.Conv2d):
    """(N, in, H, W) -> (N, out, H, W): sees `kernel // 2` pixels to the left in the same row, and its own unless `strict`."""

    def __init__(self, inputs: int, outputs: int, kernel: int, strict: bool = False):
        reach = kernel // 2
        super().__init__(inputs, outputs, (1, reach if strict else reach + 1))
        self.padding_left = (reach, -1 if strict else 0)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self.padding_left))
