"""Random crops and flips; and two remedies for a discriminator that has few pictures, off by default: differentiable augmentation, and the
R1 penalty.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from playground.errors import UserError
from training.random_streams import RandomStreams


def mirrored(pictures: Tensor, chance: Tensor) -> Tensor:
    """Random flips: pictures (n, C, H, W), mirrored where `chance`, (n, 1, 1, 1) and uniform in [0, 1), is below a half."""
    return torch.where(chance < 0.5, pictures.flip(3), pictures)


def cropped_and_mirrored(images: Iterable[Tensor], size: int, corners: Tensor, chance: Tensor) -> Tensor:
    """Random crops and flips: levels (C, H, W) of each image, cropped at its corner (top, left), as (n, C, size, size) in [-1, 1].

    corners: int64 (n, 2); chance: as for `mirrored`, (n,).
    """
    cut = torch.stack([image[:, top : top + size, left : left + size] for image, (top, left) in zip(images, corners.tolist())])
    return mirrored(cut, chance[:, None, None, None]).to(torch.get_default_dtype()) / 127.5 - 1


POLICIES = ("colour", "translation", "cutout")


def check(policy: str) -> None:
    """Raises UserError for a policy that isn't a list of `POLICIES` with commas, or empty."""
    if unknown := set(filter(None, policy.split(","))) - set(POLICIES):
        raise UserError(f"--augment takes a comma-separated list of {', '.join(POLICIES)}; {sorted(unknown)[0]!r} is not one of them.")


class Augmentation:
    """DiffAugment (arXiv 2006.10738): one random T for each picture, applied to both the real and the generated ones that D sees.

    The discriminator descends its loss on T(y) and T(G(x)), the generator its own on T(G(x)), with gradients through T.  With an
    empty policy T is the identity and nothing is drawn.
    """

    def __init__(self, policy: str, streams: RandomStreams, name: str):
        self.parts = set(filter(None, policy.split(",")))
        self.chance: Any = streams.uniform(f"augment {name}", 7) if self.parts else None  # (N, 7)

    def __call__(self, pictures: Tensor) -> Tensor:
        """T of pictures (N, 1 or 3, H, W) in [-1, 1]."""
        return self.placed(self.coloured(pictures))

    def coloured(self, pictures: Tensor) -> Tensor:
        """Brightness in [-0.5, 0.5] added, saturation times [0, 2], contrast times [0.5, 1.5], as in the authors' code."""
        if "colour" not in self.parts:
            return pictures
        brightness, saturation, contrast = (part[:, None, None, None] for part in self.chance[:, :3].to(pictures).unbind(1))
        pictures = pictures + brightness - 0.5
        grey = pictures.mean(1, keepdim=True)
        pictures = grey + 2 * saturation * (pictures - grey)
        middle = pictures.mean((1, 2, 3), keepdim=True)
        return middle + (0.5 + contrast) * (pictures - middle)

    def placed(self, planes: Tensor) -> Tensor:
        """Planes (N, C, H, W), shifted by at most an eighth of the side with zero padding, and with a square of half the side cut out."""
        n, _, height, width = planes.shape
        if "translation" in self.parts:
            rows, row_inside = self._moved(height, 3)
            columns, column_inside = self._moved(width, 4)
            inside = (row_inside[:, :, None] & column_inside[:, None]).to(planes)[:, None]  # (N, 1, H, W)
            batch = torch.arange(n)[:, None, None]
            planes = planes.permute(0, 2, 3, 1)[batch, rows[:, :, None], columns[:, None]].permute(0, 3, 1, 2) * inside
        if "cutout" in self.parts:
            hole = self._hole(height, 5)[:, :, None] & self._hole(width, 6)[:, None]  # (N, H, W)
            planes = planes * (~hole).to(planes)[:, None]
        return planes

    def _moved(self, side: int, which: int) -> tuple[Tensor, Tensor]:
        """The source of each row (or column), clamped, and whether it lies inside: (N, side) each."""
        most = round(side / 8)
        shift = (self.chance[:, which, None] * (2 * most + 1)).long() - most
        source = torch.arange(side, device=shift.device) - shift
        return source.clamp(0, side - 1), (source >= 0) & (source < side)

    def _hole(self, side: int, which: int) -> Tensor:
        """Which rows (or columns) the cut-out square covers: (N, side), bool."""
        half = side // 4
        centre = (self.chance[:, which, None] * (side + 1)).long()
        place = torch.arange(side, device=centre.device)
        return (place >= centre - half) & (place < centre + half)


def r1_penalty(weight: float, scores: Tensor, pictures: Tensor) -> Tensor | float:
    """weight * E |grad D(y)|^2 / 2 over real pictures (arXiv 1801.04406, equation 9); not computed if the weight is 0.

    scores: of a discriminator for `pictures` (N, ...), which must require gradients; scores of patches are summed.
    """
    if not weight:
        return 0.0
    (gradient,) = torch.autograd.grad(scores.sum(), pictures, create_graph=True)
    return weight * gradient.float().square().flatten(1).sum(1).mean() / 2
