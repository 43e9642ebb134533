"""Densities in the plane for the live game: where real points come from, in the square [-REACH, REACH]^2."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from playground.drawing.palettes import CHALK
from playground.drawing.strokes import render
from playground.errors import UserError

REACH = 1.5
SPREAD = 0.06  # standard deviation about a centre or a line

PAINTED = "painted"  # the density that the visitor draws


@dataclass(frozen=True)
class Mixture:
    """Normal densities of one standard deviation about centres (K, 2), all as likely."""

    centres: Tensor
    spread: float

    def sample(self, count: int, chance: torch.Generator) -> Tensor:
        which = torch.randint(len(self.centres), (count,), generator=chance)
        return self.centres[which] + self.spread * torch.randn(count, 2, generator=chance, dtype=self.centres.dtype)

    def log_prob(self, x: Tensor) -> Tensor:
        """log p of points (N, 2), in nats: (N,)."""
        near = -((x[:, None] - self.centres) ** 2).sum(2) / (2 * self.spread**2)  # (N, K)
        return near.logsumexp(1) - math.log(len(self.centres) * 2 * math.pi * self.spread**2)


@dataclass(frozen=True)
class Pixels:
    """Points about the inked pixels of a drawing, each as likely as it is dark; centres (K, 2), weights (K,)."""

    centres: Tensor
    weights: Tensor
    spread: float

    def sample(self, count: int, chance: torch.Generator) -> Tensor:
        which = torch.multinomial(self.weights, count, replacement=True, generator=chance)
        return self.centres[which] + self.spread * (torch.rand(count, 2, generator=chance) - 0.5)


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
    way = torch.linspace(0.15, 1, 200).sqrt()  # as many points on each piece of the line
    angle = way * 3.2 * math.pi
    return Mixture(torch.stack([angle.cos(), angle.sin()], 1) * way[:, None] * 1.2, SPREAD)


def _gaussian() -> Mixture:
    return Mixture(torch.tensor([[1.0, 1.0]]), 0.12)


DENSITIES = {"ring": _ring, "grid": _grid, "moons": _moons, "spiral": _spiral, "gaussian": _gaussian}
MODES = ("ring", "grid", "gaussian")  # whose centres are modes that one can count


def density(name: str, drawing: str = "") -> Mixture | Pixels:
    """The density of that name; of PAINTED, `drawing` is a canvas's packed strokes.  Raises UserError for what is neither."""
    if name != PAINTED:
        if name not in DENSITIES:
            raise UserError(f"{str(name)[:40]!r} is no density; there are: {', '.join([*DENSITIES, PAINTED])}.")
        return DENSITIES[name]()
    side = 64
    ink = torch.frombuffer(bytearray(render(drawing, side, CHALK).convert("L").tobytes()), dtype=torch.uint8).view(side, side)
    row, column = ink.nonzero(as_tuple=True)
    if len(row) == 0:
        raise UserError("The drawing is empty; draw where the real points are to lie.")
    cell = 2 * REACH / side
    centres = torch.stack([(column + 0.5) * cell - REACH, REACH - (row + 0.5) * cell], 1)
    return Pixels(centres, ink[row, column].float(), cell)
