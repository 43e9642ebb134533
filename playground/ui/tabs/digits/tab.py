"""Digits on demand: a conditional GAN writes the requested digit, in as many handwritings as there are seeds."""

from dataclasses import dataclass

import gradio as gr

from playground.ui import training_snapshots
from playground.ui.builder import TabBuilder
from playground.ui.state import choice
from playground.ui.tabs.digits import ask, blend, read, write

VIEWS = ("ask", "blend", "write", "read", "film")


@dataclass(frozen=True)
class Digits(ask.Ask, blend.Blend, write.Write, read.Read):
    view: str = choice("ask", VIEWS)
    frame: int = training_snapshots.frame()


def build() -> TabBuilder:
    with TabBuilder("digits", "Digits: cGAN", Digits) as tab:
        for view in (ask, blend, write, read):
            view.build(tab)
        training_snapshots.view(tab, "model", aspect=1.25)
        tab.seed()
        with gr.Row(elem_classes="form"):
            tab.control("model", gr.Dropdown(label="Model"))
        tab.models("model", "judge")
        why = "The digit is the same, the hand is not: this one's strokes are thin. Slant, width and stroke come from z."
        tab.preset("Another hand", why, digit="3", seed=19)
        why = "Half of one class and half of another. The classifier was trained on no such thing, and is sure of none of the ten."
        tab.preset("Half a 5, half a 2", why, view="blend", a="5", b="2", t=0.5)
        why = (
            "This fails: half way from a 1 to a 0 the classifier reads a digit that is neither. Nothing asked G to be right between two "
            "classes."
        )
        tab.preset("Where it fails: 1 into 0", why, view="blend", a="1", b="0", t=0.5)
        why = "All ten digits have one z: each is read as what was asked for, and the same bold stroke runs through them."
        tab.preset("A number in one hand", why, view="write", number="2718281828")
        question = "Every column of the grid is asked for one digit, in six hands. How many of 100 such digits are what was asked for?"
        tab.claim("C12", question, ask.agreement, seed=7)
    return tab
