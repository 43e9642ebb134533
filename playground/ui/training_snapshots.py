"""A view that shows a model's training: a slider over the frames of its film.

A tab has it with a field, an option of its field `view`, and a call:

    VIEWS = (..., "film")

    frame: int = film.frame()

    film.view(tab, "model", aspect=1.25)
"""

import html
from dataclasses import fields, replace
from functools import lru_cache
from pathlib import Path

import gradio as gr
from PIL import Image

from playground import catalog, snapshots
from playground.errors import UserError
from playground.ui.builder import TabBuilder, choose_other
from playground.ui.state import options, whole
from playground.ui.values import figures, shown

LAST = snapshots.FRAMES - 1


def frame() -> int:
    """The field that says which frame is shown: 0 before the first step, 23 at the end."""
    return whole(LAST, 0, LAST)


def view(tab: TabBuilder, model: str, *, aspect: float = 1.0, pixelated: bool = True, own_control: bool = False) -> None:
    """The view "film" of the model that the field `model` names; if `own_control`, the field's control is in the view.

    aspect: width over height of the frames. pixelated: shows pixels as squares, for digits.
    """
    default = next(field.default for field in fields(tab.cls) if field.name == model)
    with tab.view("film", "Watch it learn"):
        with tab.controls():
            info = "Early frames lie a step apart, late ones thousands."
            tab.control("frame", gr.Slider(0, LAST, step=1, label="Frame of the film", info=info, elem_id=f"{tab.name}-frame"))
            with gr.Row():
                start = gr.Button("Play", variant="primary", elem_id=f"{tab.name}-film-play")
                pause = gr.Button("Pause")
            if own_control:
                tab.control(model, gr.Dropdown(label="Model", elem_id=f"{tab.name}-film-of"))
            numbers = tab.numbers(("after", "", "steps"))
            words = gr.HTML(apply_default_css=False, elem_classes="hint")
        with tab.outputs():
            picture = tab.picture(
                "generated",
                aspect=aspect,
                pixelated=pixelated,
                value=_first(default),
                caption="the same input all along",
                elem_id=f"{tab.name}-film",
            )

        tab.advance("frame", start, pause, step=1, pause=150)

        if "seed" not in tab.spec:  # otherwise the dice have nothing to draw here

            @tab.randomize
            def roll(state, chance):
                return replace(state, **{model: choose_other(chance, options(tab.spec[model]), getattr(state, model))})

    @tab.on_change(picture, numbers, words, on=("frame", model))
    def watch(state):
        return seen(getattr(state, model), state.frame)


def seen(model: str, frame: int) -> tuple[dict, str, str]:
    """A frame, the steps before it, and a description of the training; `frame` is 0 to 23, whatever the film's length."""
    entry = catalog.entry(model)
    frames = _frames(entry.folder, entry.files)
    try:
        record = entry.training["started_from"] if "film" in entry.training else entry.training  # see `export` in training/engine.py
        total, batch = int(record["steps"]), int(record["settings"]["batch_size"])
    except (KeyError, TypeError, ValueError) as error:  # a model of the Hub may lack some of it
        raise UserError(f"The training.json of {model} doesn't say how many steps its film covers.") from error
    steps, place = snapshots.steps(total, len(frames)), round(frame * (len(frames) - 1) / LAST)
    # A run that was shortened while running has fewer frames than its steps would give it, at unrecorded steps.
    about = "" if len(frames) == len(snapshots.steps(total)) or place in (0, len(frames) - 1) else "about "
    step = steps[place]
    rows = figures(("after", f"{about}{step:,}", f"of {total:,} steps"), ("images seen", f"{about}{step * batch:,}", ""))
    before = record.get("started_from")
    words = (
        f"The last of several runs: it began with the weights that an earlier one had left after {before['steps']:,} steps."
        if before
        else "Frame 0 is the network as it was drawn at random, before its first step."
    )
    return shown(frames[place], f"What {model} made after {about}{step:,} steps.", photo=True), rows, f"<p>{html.escape(words)}</p>"


@lru_cache(maxsize=16)  # about 7 MB each
def _frames(folder: Path, files: tuple) -> tuple[Image.Image, ...]:
    """The frames of a model's film; `files` changes when a film is rewritten."""
    return snapshots.load(folder / "film.webp")


def _first(model: str) -> dict | None:
    """The last frame, with which the view opens; None if there is none yet."""
    try:
        return seen(model, LAST)[0]
    except UserError:
        return None
