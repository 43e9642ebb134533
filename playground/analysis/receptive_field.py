"""What a pixel's distribution can depend on: by gradients of a model, and by the sizes of its kernels (claims C16, C17 and C20)."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from playground.models.autoregressive.base import Autoregressive


@torch.enable_grad()
def gradient_field(model: Autoregressive, x: Tensor, y: Tensor, row: int, column: int) -> Tensor:
    """How much each pixel moves the prediction at one pixel: mean over the images of |d (its last logit - its first) / dx|.

    Args:
        model: of grey images; its weights get no gradients.
        x: images (N, 1, H, W) in [0, 1].
        y: labels (N,).
        row, column: of the pixel that is predicted.

    Returns (H, W), in nats a unit of x; 0 exactly where no path leads through the network.
    """
    x = x.clone().requires_grad_()
    logits = model(x, y)[:, :, row, column]  # (N, levels)
    (gradient,) = torch.autograd.grad((logits[:, -1] - logits[:, 0]).sum(), x)
    return gradient[:, 0].abs().mean(0)


@torch.enable_grad()
def plane_fields(model: Autoregressive, x: Tensor, y: Tensor, row: int, column: int) -> Tensor:
    """How much each sub-pixel moves the expectation of each plane of one pixel: mean over the images of |d E[plane p] / d x_q|.

    Args: as of `gradient_field`, of images (N, planes, H, W).

    Returns (planes p, planes q, H, W); 0 exactly where no path leads through the network, as to a later plane of the pixel itself.
    """
    x = x.clone().requires_grad_()
    p = model.value_logits(x, y)[:, :, :, row, column].softmax(1)  # (N, levels, planes)
    expected = (p * torch.linspace(0, 1, model.levels, device=p.device)[:, None]).sum((0, 1))  # (planes,), each value from 0 to 1
    return torch.stack([torch.autograd.grad(value, x, retain_graph=True)[0].abs().mean(0) for value in expected])


def theoretical_field(model: Autoregressive, row: int, column: int) -> Tensor:
    """The pixels from which a path leads to the prediction at one pixel, by kernel sizes and number of layers: bool (H, W)."""
    needed = torch.zeros(model.size, model.size, dtype=torch.bool)
    needed[row, column] = True
    return model.sees(needed)


def earlier(size: int, row: int, column: int) -> Tensor:
    """The pixels before one in raster order, bool (size, size): all that the chain rule lets it depend on."""
    return (torch.arange(size * size) < row * size + column).view(size, size)


class Order(NamedTuple):
    """The order in which training, where all pixels are known, can compute the features of pixels."""

    formula: str  # the number of sequential steps, for images of side n
    step: Callable[[Tensor, Tensor, int], Tensor]  # (row, column, size) -> the step at which a pixel is computed, from 0


# "pixels" is a plain two-dimensional recurrence, h(i, j) = f(h(i - 1, j), h(i, j - 1)); the others are those of `System.order`
ORDERS = {
    "pixels": Order("n\u00b2", lambda row, column, size: row * size + column),
    "diagonals": Order("2n \u2212 1", lambda row, column, size: row + column),
    "rows": Order("n", lambda row, column, size: row),
    "at once": Order("1", lambda row, column, size: torch.zeros_like(row)),
}


def order(kind: str, size: int) -> Tensor:
    """The step at which each pixel's features can be computed in training, by one of ORDERS: int64 (size, size), from 0."""
    row, column = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    return ORDERS[kind].step(row, column, size)


def steps(kind: str, size: int) -> int:
    """The number of sequential steps of `order`, for images of side `size`."""
    return int(order(kind, size).max()) + 1
