"""Label maps as networks see them: one channel a class, 2 p - 1 where the class has probability p."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional


def class_colours(palette: Mapping[str, Sequence[int]]) -> Tensor:
    """The colours of a palette's classes, 0..255 each, as (classes, 3) in [-1, 1]."""
    return torch.tensor(list(palette.values()), dtype=torch.get_default_dtype()) / 127.5 - 1


def nearest(picture: Tensor, colours: Tensor) -> Tensor:
    """(N, 3, H, W) in [-1, 1] to (N, H, W) int64: which of the colours (classes, 3) is nearest to each pixel.

    Levels and squared distances are whole numbers here, so that a tie goes to the first colour on any processor.
    """
    x, y = (((values.float() + 1) * 127.5).round() for values in (picture, colours.to(picture.device)))
    return torch.stack([(x[:, c, None] - y[:, c, None, None]).square() for c in range(3)]).sum(0).argmin(1)


def one_hot(picture: Tensor, colours: Tensor) -> Tensor:
    """(N, 3, H, W) in [-1, 1] to (N, classes, H, W) of -1 and 1: each pixel is of the class whose colour is nearest."""
    return 2 * functional.one_hot(nearest(picture, colours), len(colours)).permute(0, 3, 1, 2).to(picture) - 1


def probabilities(logits: Tensor) -> Tensor:
    """(N, classes, H, W) to the same, 2 softmax - 1; in float32 at least, since probabilities need more digits than bfloat16 has."""
    return 2 * logits.to(torch.promote_types(logits.dtype, torch.float32)).softmax(1) - 1


def painted(labels: Tensor, colours: Tensor) -> Tensor:
    """(N, classes, H, W) to a picture (N, 3, H, W) in [-1, 1]: each pixel has its likeliest class's colour."""
    return colours[labels.argmax(1)].permute(0, 3, 1, 2)


def label_loss(predicted: Tensor, true: Tensor) -> Tensor:
    """-E log p(class | x), a mean over pixels: the cross-entropy that replaces an L1 loss for label maps with one channel a class.

    predicted, true: (N, classes, H, W) in [-1, 1], 2 p - 1 and the one-hot truth.  p is kept above 1e-4, since human labels are
    sometimes wrong.
    """
    return -((predicted + 1) / 2 * (true + 1) / 2).sum(1).clamp(1e-4).log().mean()
