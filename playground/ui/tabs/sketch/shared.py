"""What the views of the tab have in common: colours, figures, uploads, and the first pictures."""

import json
from dataclasses import replace

from playground import api
from playground.drawing.strokes import canvas_value
from playground.ui.builder import choose_other
from playground.ui.tabs.sketch.state import GROUNDS, PETALS, WithColours
from playground.ui.values import figures, opening_picture, shown


def colours_of(state: WithColours) -> dict[str, str]:
    """The colours of petals and background, for `api.painted`, which handles invalid ones."""
    return {"petals": state.petals, "background": state.background}


def sound_colours(state: WithColours) -> list[str]:
    """The same for functions that take valid colours only; a link may contain anything."""
    given = ((state.petals, api.FLOWER_PETALS), (state.background, api.FLOWER_BACKGROUND))
    return [colour if len(colour) == 7 and colour[0] == "#" and "#" not in colour[1:] else usual for colour, usual in given]


def verdict(result) -> str:
    """The figures of a result of `api.painted`."""
    return figures(("D takes a patch for real with", 100 * result.real, "%"), ("G took", result.milliseconds, "ms"))


def other_drawing(chance, drawn: dict[str, str], now: str) -> str:
    return canvas_value(choose_other(chance, drawn.values(), json.loads(now).get("strokes")))


def first_picture(model: str) -> dict | None:
    """The output for this view's first drawing that the export wrote beside the weights; None if there is none yet."""
    image = opening_picture(model)
    return image and shown(image, "What the model makes of the first drawing.")


def random_colours(state: WithColours, chance) -> WithColours:
    """The state with random colours of petals and background."""
    return replace(state, petals=chance.choice(list(PETALS.values())), background=chance.choice(list(GROUNDS.values())))
