"""View: the digit classifier that judges the other views, or one that was trained here, reads a drawn digit."""

import json
from dataclasses import dataclass

import gradio as gr

from playground import catalog, graphs
from playground.drawing.digit_strokes import DIGITS
from playground.graphs.recording import choose, known
from playground.ui.builder import TabBuilder
from playground.ui.digit_picker import digit_canvas, on_digit_change
from playground.ui.state import choice, strokes
from playground.ui.values import bar, shown


@dataclass(frozen=True)
class Read:
    drawn: str = strokes(json.loads(DIGITS["7"])["strokes"])
    judge: str = choice("digit-classifier", lambda: catalog.names("digit-classifier"))


def build(tab: TabBuilder) -> None:
    with tab.view("read", "Read a digit", Read):
        with tab.controls():
            drawn, picker = digit_canvas(tab, "drawn", elem_id="digits-canvas", picker_id="digits-hands")
            tab.control("judge", gr.Dropdown(label="Classifier"))
        with tab.outputs():
            seen = tab.picture("visitor", pixelated=True, caption="your digit, as the classifier sees it", elem_id="digits-seen")
            verdict = gr.HTML(elem_id="digits-read", apply_default_css=False)

    @on_digit_change(tab, "drawn", drawn, picker, seen, verdict, on=("judge",), hint=verdict, in_browser=True)
    def read(state: Read):
        digit = graphs.drawn_digit(state.drawn)
        found = graphs.run("read", state.judge, x=digit.digit)
        config = catalog.entry(known(state.judge)).config
        names = config.get("class_names") or [str(label) for label in range(config["classes"])]
        bars = "".join(f"<li>{bar(name, share, 'visitor')}</li>" for name, share in zip(names, found.classes))
        alt = f"A digit that is read as {choose(found.read, names)} ({found.sure:.0%})."
        columns = 5 if max(map(len, names)) == 1 else 2  # two rows for digits, visible beside the canvas
        return shown(digit.seen, alt), f'<ol class="judged" style="--count:{columns}">{bars}</ol>'
