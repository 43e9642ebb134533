"""The fields that all views of the tab have, and the models to choose from."""

from dataclasses import dataclass

from playground import api, catalog
from playground.ui.state import choice, number, whole

GIVEN_BEFORE = ("R", "G, given R", "B, given R and G")  # the planes that each plane is conditioned on


@dataclass(frozen=True)
class Shared:
    model: str = choice("gated-pixelcnn-mnist", lambda: models())
    temperature: float = number(1.0, 0.1, 2)
    seed: int = whole(1, 0, api.SEEDS)


def models() -> list[str]:
    return [
        name for models in (api.digit_models(), api.colour_models()) for name in sorted(models, key=lambda name: name in catalog.ABLATIONS)
    ]


def kind_of(model: str) -> str:
    of_photos = model in api.colour_models() and ("in colour" if api.in_colour(model) else "photos")
    members = catalog.entry(model).config.get("members")
    together = f", {len(members)} models together" if members else ""
    return (of_photos or "digits") + together + (", a twin" if model in catalog.ABLATIONS else "")
