"""The fields that several views of the tab have, and the models to choose from."""

from dataclasses import dataclass

from playground import api, catalog
from playground.systems import family
from playground.ui.state import whole


@dataclass(frozen=True)
class WithSeed:
    seed: int = whole(1, 0, api.SEEDS)


def gans() -> list[str]:
    return [name for system in family("generator") for name in catalog.offered(system)]
