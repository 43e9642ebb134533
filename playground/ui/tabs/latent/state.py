"""The fields that several views of the tab have, and what they choose among."""

import json
from dataclasses import dataclass

from playground import api, catalog
from playground.drawing.digit_strokes import DIGITS
from playground.ui.state import choice, strokes, whole

DIGIT_NAMES = list(DIGITS)
SIZES = [str(size) for size in api.SIZES]


@dataclass(frozen=True)
class WithModel:
    model: str = choice("vae-mnist", lambda: vaes(flat=False))


@dataclass(frozen=True)
class WithSeed:
    seed: int = whole(1, 0, api.SEEDS)


@dataclass(frozen=True)
class WithMine:
    mine: str = strokes(json.loads(DIGITS["3"])["strokes"])


def vaes(flat: bool) -> list[str]:
    """VAEs of digits with two latent dimensions; or those with more, except those that are there for comparison with autoencoders."""
    kinds = {name: config for name in catalog.names("vae") if api.sees_digits(config := catalog.entry(name).config)}
    if flat:
        return [name for name, config in kinds.items() if config.get("latent") == 2]
    return [name for name, config in kinds.items() if config.get("latent") != 2 and config.get("network") != "deep"]
