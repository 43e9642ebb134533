"""Memory or imagination: which training digits lie nearest to a picture, in the latent space of a VAE.

A VAE's folder holds the codes of the digits that it was trained on, and no pictures: a neighbour is shown as the decoder reconstructs it.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from playground import catalog
from playground.errors import UserError
from playground.models.vae import VAE

FILE = "codes.safetensors"


class TrainingCodes(NamedTuple):
    """The codes of the training digits, and how near unseen digits come to them."""

    codes: Tensor  # (N, latent), means of q(z|x)
    labels: Tensor  # (N,) int64
    unseen: Tensor  # (2, 101), percentiles of the distance from held-out digits to the nearest of `codes`: grey ones, binarised ones


def save(folder: Path, codes: Tensor, labels: Tensor, unseen: Sequence[Tensor]) -> None:
    """Writes what `load` reads.

    Args:
        codes: of training digits, (N, latent).  They are stored as int8 with a step for each dimension; the rounding error, at most half a
            step, is far below the distance between any two digits.
        labels: of the training digits, (N,).
        unseen: codes of held-out digits, (M, latent): grey ones, and the same binarised.
    """
    steps = codes.abs().amax(0).clamp(min=1e-12) / 127  # (latent,)
    rounded = (codes / steps).round()
    ranks = torch.linspace(0, 1, 101, dtype=codes.dtype, device=codes.device)
    percentiles = [torch.cat([distances(rounded * steps, z).amin(1) for z in part.split(500)]).quantile(ranks) for part in unseen]
    stored = {"codes": rounded.to(torch.int8), "steps": steps, "labels": labels.to(torch.uint8), "unseen": torch.stack(percentiles)}
    save_file({name: value.contiguous() for name, value in stored.items()}, folder / FILE)


def load(entry: catalog.Entry) -> TrainingCodes:
    """The codes beside a VAE's weights.  Raises UserError where there are none."""
    try:
        return _load(entry.folder / FILE, entry.revision)
    except (FileNotFoundError, KeyError) as error:
        raise UserError(f"The codes of training digits are missing: python training/extras.py {entry.name} makes them.") from error


@lru_cache(maxsize=2)
def _load(path: Path, revision: str) -> TrainingCodes:
    stored = load_file(path)
    return TrainingCodes(stored["codes"] * stored["steps"], stored["labels"].long(), stored["unseen"])


def encode(vae: VAE, x: Tensor) -> Tensor:
    """The mean of q(z|x), (N, latent), of digits (N, 1, 28, 28) in [-1, 1], grey or binarised.

    Grey levels are encoded as they are, so that a digit that was learnt by heart has distance 0.
    """
    return torch.cat([vae.encode((part + 1) / 2)[0] for part in x.split(1000)])


def distances(codes: Tensor, z: Tensor) -> Tensor:
    """Euclidean distances from each z (M, latent) to each of codes (N, latent): (M, N).  The prior's standard deviation is 1."""
    return torch.cdist(z, codes, compute_mode="donot_use_mm_for_euclid_dist")  # by products, a digit's distance to itself would not be 0


def nearest(training: TrainingCodes, z: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The training digits nearest to one code z (latent,), nearest first: their indices and distances, (count,) each."""
    found = distances(training.codes, z[None])[0].topk(count, largest=False)
    return found.indices, found.values


def share_nearer(training: TrainingCodes, distance: float, x: Tensor) -> float:
    """The fraction of held-out digits that are nearer than this to their nearest training digit; of binarised ones, if x is binarised."""
    binarised = bool((x.abs() == 1).all())
    return (training.unseen[int(binarised)] < distance).float().mean().item()
