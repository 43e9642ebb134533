"""What a pixel's distribution can depend on: by gradients of a model, and by the sizes of its kernels (claims C16, C17 and C20)."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from playground.models.autoregressive.base import Autoregressive

Offsets = list[tuple[int, int]]


@torch.enable_grad()
def gradient_field(model: Autoregressive, x: Tensor, y: Tensor, row: int, column: int) -> Tensor:
    """How much each pixel moves the prediction at one pixel: mean over the images of |d (its last logit - its first) / dx|.

    Args:
        model: of grey images; its weights' gradients are left alone.
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
    """How much each sub-pixel moves what is expected of each plane of one pixel: mean over the images of |d E[plane p] / d x_q|.

    Args: as of `gradient_field`, of images (N, planes, H, W).

    Returns (planes p, planes q, H, W); 0 exactly where no path leads through the network, as to a later plane of the pixel itself.
    """
    x = x.clone().requires_grad_()
    p = model.value_logits(x, y)[:, :, :, row, column].softmax(1)  # (N, levels, planes)
    expected = (p * torch.linspace(0, 1, model.levels, device=p.device)[:, None]).sum((0, 1))  # (planes,), each value from 0 to 1
    return torch.stack([torch.autograd.grad(value, x, retain_graph=True)[0].abs().mean(0) for value in expected])


# --- the same set from the kernels alone, walked from the prediction back to the image ---


def _above(reach: int, own: bool) -> Offsets:
    """The rows above, `reach` of them and as many columns to either side; the own row too if `own`."""
    return [(-up, across) for up in range(0 if own else 1, reach + 1) for across in range(-reach, reach + 1)]


def _left(reach: int, own: bool) -> Offsets:
    return [(0, -back) for back in range(0 if own else 1, reach + 1)]


def _seen(needed: Tensor, offsets: Iterable[tuple[int, int]]) -> Tensor:
    """The places that are seen from those `needed`, bool (H, W) each, at these (row, column) offsets."""
    height, width = needed.shape
    rows, columns = needed.nonzero(as_tuple=True)
    seen = torch.zeros_like(needed)
    for down, right in offsets:
        i, j = rows + down, columns + right
        inside = (i >= 0) & (i < height) & (j >= 0) & (j < width)
        seen[i[inside], j[inside]] = True
    return seen


def _closure(needed: Tensor, offsets: Offsets) -> Tensor:
    """All that a recurrence carries there: `_seen` again and again, until nothing is new."""
    while not torch.equal(further := needed | _seen(needed, offsets), needed):
        needed = further
    return needed


def _masked(reach: int, own: bool) -> Offsets:
    """A masked convolution: mask B, or A unless `own`."""
    return _above(reach, own=False) + _left(reach, own)


def _pixelcnn(model: Autoregressive, needed: Tensor) -> Tensor:
    for block in model.layers:
        needed = _seen(needed, _masked(block.masked.row.reach, own=True))
    return needed


def _row_lstm(model: Autoregressive, needed: Tensor) -> Tensor:
    for layer in model.layers:
        reach = layer.input_to_state.reach
        needed = needed | _seen(_closure(needed, [(-1, across) for across in range(-reach, reach + 1)]), _left(reach, own=True))
    return needed


def _diagonal_bilstm(model: Autoregressive, needed: Tensor) -> Tensor:
    for _ in model.layers:
        from_the_right = _closure(_seen(needed, [(-1, 0)]), [(-1, 0), (0, 1)])
        needed = _closure(needed, [(-1, 0), (0, -1)]) | from_the_right
    return needed


_LAYERS: dict[str, Callable[[Autoregressive, Tensor], Tensor]] = {
    "pixelcnn": _pixelcnn,
    "row-lstm": _row_lstm,
    "diagonal-bilstm": _diagonal_bilstm,
}


def theoretical_field(model: Autoregressive, row: int, column: int) -> Tensor:
    """The pixels from which a path leads to the prediction at one pixel, by kernel sizes and number of layers: bool (H, W).

    For a PixelCNN, Gated PixelCNN, Row LSTM or Diagonal BiLSTM of grey images.
    """
    needed = torch.zeros(model.size, model.size, dtype=torch.bool)
    needed[row, column] = True
    if model.system != "gated-pixelcnn":
        return _seen(_LAYERS[model.system](model, needed), _masked(model.first.row.reach, own=False))
    vertical, horizontal = torch.zeros_like(needed), needed
    for layer in reversed(model.layers):  # the horizontal stack is told what the vertical one's convolution sees
        vertical = _seen(vertical | horizontal, _above(layer.vertical_conv.reach, own=True)) | vertical
        horizontal = _seen(horizontal, _left(layer.horizontal_conv.reach, own=True))
    above, left = _above(model.first_vertical.reach, own=False), _left(model.first_horizontal.reach, own=False)
    return _seen(vertical, above) | _seen(horizontal, left)


def earlier(size: int, row: int, column: int) -> Tensor:
    """The pixels before one in raster order, bool (size, size): all that the chain rule lets it depend on."""
    return (torch.arange(size * size) < row * size + column).view(size, size)


def order(system: str, size: int) -> Tensor:
    """The step at which each pixel's features can be computed in training, when all pixels are known: int64 (size, size), from 0.

    A plain two-dimensional recurrence, h(i, j) = f(h(i - 1, j), h(i, j - 1)) pixel by pixel, waits size^2 steps ("pixelrnn"), the Row
    LSTM a step a row, the Diagonal BiLSTM one a diagonal, and a convolution not at all.
    """
    row, column = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    return {"pixelrnn": row * size + column, "row-lstm": row, "diagonal-bilstm": row + column}.get(system, torch.zeros_like(row))


def steps(system: str, size: int) -> int:
    """How many steps of `order` must wait for one another: n^2, 2n - 1, n, 1 for images of side n."""
    return int(order(system, size).max()) + 1
