"""View: there and back, by a model trained with the cycle term and by one trained without."""

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path

import gradio as gr

from playground import api, catalog
from playground.drawing.facades import FACADES
from playground.errors import UserError
from playground.graphs.recording import known
from playground.ui.builder import TabBuilder, choose_other
from playground.ui.components.upload import picture_upload
from playground.ui.state import choice
from playground.ui.values import measure, shown, side_by_side


@dataclass(frozen=True)
class Cycle:
    carried: str = choice("a town house", list(FACADES))


def build(tab: TabBuilder) -> None:
    with tab.view("cycle", "Without the way back", Cycle):
        with tab.controls():
            tab.control("carried", gr.Radio(label="A house drawn for this page", elem_id="worlds-carried"))
            upload = picture_upload(label="or a photo of a facade of your own", elem_id="worlds-carried-upload")
            table = gr.HTML(apply_default_css=False, elem_id="worlds-terms")
        with tab.outputs():
            strips = [
                tab.picture("generated", aspect=4, caption=f"{way}, {term}", elem_id=f"worlds-{direction}-{place}")
                for direction, way in (("back", "labels \u2192 photo \u2192 labels"), ("there", "photo \u2192 labels \u2192 photo"))
                for term, place in zip(api.CYCLE, ("with", "without"))
            ]
            gr.HTML(
                "<p>Each row: x, translated, translated back, and the difference of the last from the first.</p>",
                elem_classes="hint",
                apply_default_css=False,
            )

        @tab.randomize
        def roll(state: Cycle, chance) -> Cycle:
            return replace(state, carried=choose_other(chance, FACADES, state.carried))

        @tab.on_change(*strips, table, on=(), extra=[upload], in_browser=True)
        def carry(state: Cycle, path: Path | None):

            pictures, errors = [], {}
            for direction in ("back", "there"):
                both = carried(known(state.carried) if path is None or direction == "back" else path, direction)
                for term, found in zip(api.CYCLE, both):
                    pictures.append(shown(found.strip, f"{state.carried}, {direction} and back, {term}."))
                pictures += [gr.skip()] * (len(api.CYCLE) - len(both))
                errors[direction] = [_percentage(found.cycle_l1) for found in both]
            return *pictures, _table(errors)

        @tab.on_change(*strips, table, upload, on=("carried",), in_browser=True)
        def carry_drawn(state: Cycle):
            return *carry(state, None), None  # and clears the upload


def carried(picture: str | Path, direction: str) -> list:
    """The results of `api.translated` with the model that has the cycle term, and with the one that doesn't, if it was trained."""
    first, second = api.CYCLE.values()
    both = [first, second] if {first, second} <= set(catalog.names("cyclegan")) else [first]
    return [api.translated(picture, model, direction, drawn_by=first) for model in both]


def _table(errors: dict[str, list[str]]) -> str:
    """The cycle errors of this picture, and those of the test set."""
    rows = {"labels and back, here": errors["back"], "photo and back, here": errors["there"]}
    note = "Cycle error: mean |x \u2212 there and back|, in per cent of the range."
    with contextlib.suppress(KeyError, UserError):
        metrics = [catalog.entry(name).metrics for name in api.CYCLE.values()]
        for what, metric in (("labels and back, test set", "cycle_l1_y"), ("photos and back, test set", "cycle_l1_x")):
            rows[what] = [_percentage(of[metric]["value"]) for of in metrics]
        rows["class IoU, test set"] = [f"{of['class_iou']['value']:.3f}" for of in metrics]
        note += " Class IoU: how well photos become their true labels, which neither model saw beside them."
    columns = list(api.CYCLE)[: len(errors["back"])]
    if len(columns) < len(api.CYCLE):
        note += f" {api.CYCLE['without it']}, the model without the term, is not here: train it, and it appears beside the other."
    return side_by_side(columns, rows, note)


def cycle_measured() -> str:
    here = [found.cycle_l1 for found in carried(Cycle().carried, "back")]
    metrics = [catalog.entry(name).metrics for name in api.CYCLE.values()]
    there, back = ([_percentage(of[metric]["value"]) for of in metrics] for metric in ("cycle_l1_x", "cycle_l1_y"))
    iou = [measure(name, "class_iou") for name in api.CYCLE.values()]
    return (
        f"The one with the term, and not all of it: carried there and back, your labels are off by {_percentage(here[0])} of the range, "
        f"without the term by {_percentage(here[-1])}. Its windows come back as windows; without the term they do not. A test photo "
        f"is off by {there[0]} (without: {there[1]}), a test label map by {back[0]} (without: {back[1]}). That it reads better labels "
        f"off test photos holds by little: their class IoU is {iou[0]}, without the term {iou[1]}."
    )


def _percentage(cycle_l1: float) -> str:
    """A cycle error, for pixels in [-1, 1], as a percentage of their range."""
    return f"{50 * cycle_l1:.2g} %"
