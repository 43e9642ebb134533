"""View: the digit classifier that judges the other views, or one that was trained here, reads a drawn digit."""

import json
from dataclasses import dataclass

import gradio as gr

from playground import api, catalog
from playground.drawing.digit_strokes import DIGITS
from playground.ui.builder import TabBuilder
from playground.ui.digit_picker import digit_canvas, on_digit_change
from playground.ui.state import choice, strokes
from playground.ui.values import bar, shown


@dataclass(frozen=True)
class Read:
    drawn: str = strokes(json.loads(DIGITS["7"])["strokes"])
    judge: str = choice("digit-classifier", lambda: catalog.names("digit-classifier"))


def build(tab: TabBuilder) -> None:
    with tab.view("read", "Be read", Read):
        with tab.controls():
            drawn, hands = digit_canvas(tab, "drawn", elem_id="digits-canvas", hands_id="digits-hands")
            tab.control("judge", gr.Dropdown(label="Classifier"))
        with tab.outputs():
            seen = tab.picture("visitor", pixelated=True, caption="your digit, as the classifier sees it", elem_id="digits-seen")
            said = gr.HTML(elem_id="digits-read", apply_default_css=False)

    @on_digit_change(tab, "drawn", drawn, hands, seen, said, on=("judge",), hint=said)
    def read(state: Read):
        x, p = api.digits_read(state.drawn, state.judge)
        bars = "".join(f"<li>{bar(name, share, 'visitor')}</li>" for name, share in p.items())
        likeliest = max(p, key=p.get)
        return shown(x, f"A digit that is read as {likeliest} ({p[likeliest]:.0%})."), f'<ol class="judged" style="--count:2">{bars}</ol>'
