"""What the tab's controls say."""

import json
from dataclasses import dataclass

from playground import api, catalog
from playground.drawing.digit_strokes import DIGITS
from playground.ui import training_snapshots
from playground.ui.state import choice, flag, number, strokes, whole

VIEWS = ("live", "pair", "search", "film")
DENSITIES = {
    "ring": "Ring of 8",
    "grid": "Grid of 25",
    "moons": "Two moons",
    "spiral": "Spiral",
    "gaussian": "One bell",
    "painted": "Paint your own",
}
LOSSES = {"non-saturating": "non-saturating, -log D(G(z))", "saturating": "saturating, log(1 - D(G(z)))"}
FIELDS = {"d": "D(x)", "best": "p/(p+q), the best D"}
ARROWS = {"none": "none", "used": "of G's loss", "both": "of both losses"}
SPEEDS = {"slow": "slow motion", "normal": "normal", "fast": "fast"}


def _made() -> list[str]:
    return catalog.names("gan") + catalog.names("dcgan")


@dataclass(frozen=True)
class Game:
    view: str = choice("live", VIEWS)
    density: str = choice("ring", list(DENSITIES))
    painted: str = strokes(json.loads(DIGITS["2"])["strokes"])
    loss: str = choice("non-saturating", list(LOSSES))
    d_rate: float = number(0.003, 0, api.FASTEST)
    g_rate: float = number(0.003, 0, api.FASTEST)
    lead: int = whole(0, 0, 500)
    wired: bool = flag(True)
    field: str = choice("d", list(FIELDS))
    arrows: str = choice("used", list(ARROWS))
    speed: str = choice("normal", list(SPEEDS))
    rounds: int = whole(1000, 0, api.ROUNDS)
    left: str = choice("gan-mnist", _made)
    right: str = choice("dcgan-mnist", _made)
    other: int = whole(2, 0, api.SEEDS)
    t: float = number(0.0, 0, 1)
    sought: str = strokes(json.loads(DIGITS["4"])["strokes"])
    within: str = choice("dcgan-mnist", _made)
    model: str = choice("dcgan-mnist", _made)
    frame: int = training_snapshots.frame()
    seed: int = whole(1, 0, api.SEEDS)
