"""Densities in the plane for the live game: where real points come from, in the square [-REACH, REACH]^2."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from playground.drawing.palettes import CHALK
from playground.drawing.strokes import render
from playground.errors import UserError
from playground.models.counter import key as counter_key
from playground.models.counter import normals, uniforms

REACH = 1.5
SPREAD = 0.06  # standard deviation about a centre or a line

SIDE = 64  # pixels of a drawing that becomes a density, along each side
PAINTED = "painted"  # the density that the visitor draws


@dataclass(frozen=True)
class Mixture:
    """Normal densities of one standard deviation about centres (K, 2), each as likely as its weight (K,) says."""

    centres: Tensor
    spread: float | Tensor
    weights: Tensor | None = None  # None: all as likely

    def sample(self, count: int, key) -> Tensor:
        """Points (count, 2), a function of `key`; see `models/counter.py`."""
        weights = torch.ones(len(self.centres)) if self.weights is None else self.weights
        which = chosen(weights, uniforms(counter_key(key, 1), count))
        return self.centres[which] + self.spread * normals(counter_key(key, 2), count).to(self.centres.dtype)

    def log_prob(self, x: Tensor) -> Tensor:
        """log p of points (N, 2), in nats: (N,); of a mixture without weights."""
        near = -((x[:, None] - self.centres) ** 2).sum(2) / (2 * self.spread**2)  # (N, K)
        return near.logsumexp(1) - math.log(len(self.centres) * 2 * math.pi * self.spread**2)


def chosen(weights: Tensor, at: Tensor) -> Tensor:
    """Indices (N,), each as likely as its weight in (K,), from uniform numbers (N,): the inverse distribution function, by bisection.

    Exact, and so the same on every processor, while the weights are whole numbers whose sum float32 can hold.
    """
    ends = weights.cumsum(0)
    target, found = at * ends[-1], torch.zeros_like(at, dtype=torch.int64)  # found: ends that are not above the target
    step = 2 ** (len(weights).bit_length() - 1)
    while step:
        further = (found + step).clamp(max=len(weights))
        found = torch.where(ends[further - 1] <= target, further, found)
        step //= 2
    return found.clamp(max=len(weights) - 1)


def _ring() -> Mixture:
    angle = torch.arange(8) * (2 * math.pi / 8)
    return Mixture(torch.stack([angle.cos(), angle.sin()], 1), SPREAD)


def _grid() -> Mixture:
    line = torch.linspace(-1.1, 1.1, 5)
    return Mixture(torch.cartesian_prod(line, line), SPREAD)


def _moons() -> Mixture:
    angle = torch.linspace(0, math.pi, 100)
    upper = torch.stack([angle.cos() - 0.45, angle.sin() - 0.2], 1)
    return Mixture(torch.cat([upper, -upper]) * 0.85, SPREAD)


def _spiral() -> Mixture:
    way = torch.linspace(0.15, 1, 200).sqrt()  # points at even distances along the line
    angle = way * 3.2 * math.pi
    return Mixture(torch.stack([angle.cos(), angle.sin()], 1) * way[:, None] * 1.2, SPREAD)


def _gaussian() -> Mixture:
    return Mixture(torch.tensor([[1.0, 1.0]]), 0.12)


DENSITIES = {"ring": _ring, "grid": _grid, "moons": _moons, "spiral": _spiral, "gaussian": _gaussian}
MODES = ("ring", "grid", "gaussian")  # densities whose centres are modes that can be counted


def pixel_centres() -> Tensor:
    """The middle of each pixel of a drawing of SIDE x SIDE, row after row: (SIDE * SIDE, 2)."""
    line = ((torch.arange(SIDE) + 0.5) * (2 / SIDE) - 1) * REACH
    return torch.stack([line.repeat(SIDE), -line.repeat_interleave(SIDE)], 1)


def density(name: str, drawing: str = "") -> Mixture:
    """The density of that name.  For PAINTED, `drawing` is a canvas's packed strokes, and a pixel's weight is its ink.

    Raises UserError for an unknown name or an empty drawing.
    """
    if name != PAINTED:
        if name not in DENSITIES:
            raise UserError(f"{str(name)[:40]!r} is not a density; there are: {', '.join([*DENSITIES, PAINTED])}.")
        return DENSITIES[name]()
    ink = torch.frombuffer(bytearray(render(drawing, SIDE, CHALK).convert("L").tobytes()), dtype=torch.uint8).float()
    if not ink.any():
        raise UserError("The drawing is empty; draw where the real points should lie.")
    return Mixture(pixel_centres(), REACH / SIDE, ink)
