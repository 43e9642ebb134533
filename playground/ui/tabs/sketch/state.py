"""The fields that several views of the tab have."""

from dataclasses import dataclass

from playground import api, catalog
from playground.ui.state import flag, text

HEX = "#0123456789abcdefABCDEF"
PETALS = {
    "white": "#f2f0ee",
    "yellow": "#ecb218",
    "orange": "#e07818",
    "red": "#c8202c",
    "pink": "#e884b0",
    "violet": "#8c5abe",
    "blue": "#4a62c8",
}
GROUNDS = {"leaves": "#3a5226", "meadow": "#6c8c34", "shade": "#161c14", "earth": "#5a4632", "sky": "#9ab4d0", "mist": "#b4b8b0"}


@dataclass(frozen=True)
class WithPatches:
    patches: bool = flag(False)


@dataclass(frozen=True)
class WithColours:
    petals: str = text(api.FLOWER_PETALS, 7, HEX)
    background: str = text(api.FLOWER_BACKGROUND, 7, HEX)


def models_of(source: str) -> list[str]:
    """Pix2Pix models that take lines, labels or photos; reads their settings only, not their weights."""
    return [name for name in catalog.offered("pix2pix") if catalog.entry(name).config.get("source", "labels") == source]
