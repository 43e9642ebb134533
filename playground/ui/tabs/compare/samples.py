"""View: sixteen digits of each model from one seed, and the training digits nearest to a chosen one."""

import json
import string
import time
from dataclasses import dataclass

import gradio as gr

from playground import api
from playground.ui import nearest_neighbours
from playground.ui.builder import TabBuilder
from playground.ui.components import controls
from playground.ui.state import text, whole
from playground.ui.tabs.compare.shared import WithModels, named, plain_models
from playground.ui.values import shown, sign

PAUSE = 0.15  # seconds at least between two updates of the sheets, each of which sends them all
LETTERS = string.ascii_letters + string.digits + "-_./,"


@dataclass(frozen=True)
class Samples(WithModels):
    chosen: str = text(f"{next(iter(plain_models()), '')},0", 200, LETTERS)
    seed: int = whole(1, 0, api.SEEDS)


def build(tab: TabBuilder) -> None:
    with tab.view("samples", "Side by side", Samples):
        with tab.wide():
            with gr.Row(elem_classes="drawing"):
                start = gr.Button("Draw", elem_classes="quiet", elem_id="compare-start")
                stop = gr.Button("Stop", elem_classes="quiet", elem_id="compare-stop")
            sheets = tab.control("chosen", controls.sheets(start="compare-start", sheets=_sheets(Samples()), elem_id="compare-sheets"))
            near = nearest_neighbours.panel(elem_id="compare-memory")

    @tab.on_change(sheets, on=("models", "seed"))
    def sheets_of(state: Samples):
        """The sheets generated before; the page then requests the missing ones by itself."""
        return gr.update(sheets=_sheets(state, ask=True))

    @tab.on_change(near, on=("chosen", "models", "seed"))
    def nearest(state: Samples):
        name, _, index = state.chosen.rpartition(",")
        if name not in state.models or not index.isdigit() or int(index) >= api.SIXTEEN:
            return '<p class="empty">Click a digit.</p>'
        sheet = api.drawn(name, state.seed)
        if sheet is None:
            return '<p class="empty">This digit is not drawn yet.</p>'
        return nearest_neighbours.of(api.digit_of(sheet, int(index)), name)

    @tab.stream(start, stop, sheets, near)
    def draw(state: Samples):
        """Model by model; at the end the chosen digit's neighbours, too."""
        shown_at = 0.0
        for name in state.models:
            for sheet, done in api.drawing(name, state.seed):
                if done == 1 or time.monotonic() - shown_at > PAUSE:
                    yield gr.update(sheets=_sheets(state, {name: (sheet, done)})), gr.skip()
                    shown_at = time.monotonic()
        time.sleep(PAUSE)
        yield gr.update(sheets=_sheets(state)), nearest(state)


def _sheets(state: Samples, now: dict | None = None, ask: bool = False) -> str:
    """The value of the sheets; `now`: a model's sheet as far as it is drawn, and its progress; `ask`: whether to request missing ones."""
    cards = []
    for name in state.models:
        sheet, done = (now or {}).get(name) or ((whole := api.drawn(name, state.seed)), float(whole is not None))
        title = named(name)
        words = f"Sixteen digits by {title}" if done == 1 else f"{title}: {done:.0%} drawn"
        src = shown(sheet, "")["src"] if sheet else ""
        cards.append(
            {"name": name, "title": title, "src": src, "alt": f"{words}; arrow keys choose one.", "caption": _caption(name), "done": done}
        )
    return json.dumps({"drawn": cards, "wanted": ask and any(card["done"] < 1 for card in cards)})


def _caption(name: str) -> str:
    """A model's negative log-likelihood, in a few words."""
    row = api.compare_figures(name)
    if row["density"] == "none":
        return "can't say p(x)"
    return nats_in_words(row["nats"]) if row["nats"] else "not measured yet"


def nats_in_words(metric: dict) -> str:
    return f"{sign(metric)}{metric['value']:.2f} nats, {'a bound' if sign(metric) else 'exact'}"
