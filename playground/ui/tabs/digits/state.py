"""The fields that all views of the tab have, and the classes that a model knows."""

from dataclasses import dataclass

import gradio as gr

from playground import api, catalog
from playground.graphs.recording import known
from playground.ui.state import choice, whole

CLASSES = [str(digit) for digit in range(10)]


@dataclass(frozen=True)
class Shared:
    model: str = choice("cgan-mnist", lambda: catalog.names("cgan"))
    seed: int = whole(api.HAND, 0, api.SEEDS)


def classes_of(model: str) -> list[str]:
    """The classes that can be requested of this model: one trained on a user's folder may have fewer than ten."""
    return CLASSES[: catalog.entry(known(model)).config.get("classes", len(CLASSES))]


def knows_all(model: str) -> bool:
    return len(classes_of(model)) == len(CLASSES)


def offered(field: str, given, state) -> dict:
    """The options of a radio for its model, and its value only where the view changed it: setting it again would undo the next click."""
    pulled = {"value": getattr(state, field)} if state is not given and getattr(state, field) != getattr(given, field) else {}
    return gr.update(choices=classes_of(state.model), **pulled)
