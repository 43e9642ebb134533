"""The fields that several views of the tab have, and the models among which one chooses."""

from dataclasses import dataclass

from playground import api, catalog
from playground.ui.state import whole


@dataclass(frozen=True)
class WithSeed:
    seed: int = whole(1, 0, api.SEEDS)


def gans() -> list[str]:
    return catalog.names("gan") + catalog.names("dcgan")
