"""Pixel by pixel: models write digits step by step, complete drawings, and show what surprised them; and photos, in colour."""

from collections.abc import Mapping
from dataclasses import dataclass

import gradio as gr

from playground import api, catalog
from playground.drawing.digit_strokes import DIGITS, SPIRAL
from playground.ui import training_snapshots
from playground.ui.builder import TabBuilder
from playground.ui.state import choice
from playground.ui.tabs.pixels import colour, complete, exhaustive, field, surprise, write
from playground.ui.tabs.pixels.state import kind_of, models

DIGIT_VIEWS = ("write", "complete", "surprise", "field", "film")  # what a model of digits can do,
COLOUR_VIEWS = ("colour", "whole", "film")  # and one in colour
SIX_FROM_BELOW = {"begun": DIGITS["6"], "first": 16, "last": 28}  # its lower part, which doesn't fit tops of other classes
SUNFLOWER = 33  # the seed of a mostly yellow photo


@dataclass(frozen=True)
class Pixels(write.Write, complete.Complete, surprise.Surprise, field.Field, colour.Colour, exhaustive.Exhaustive):
    view: str = choice("write", (*DIGIT_VIEWS, *COLOUR_VIEWS))
    frame: int = training_snapshots.frame()

    def __post_init__(self):
        if self.view not in self.views:
            object.__setattr__(self, "view", self.views[0])

    @property
    def views(self) -> tuple[str, ...]:
        if self.model in api.colour_models():
            return COLOUR_VIEWS
        untrained = catalog.entry(self.model).training.get("steps") == 0  # put together of others: no film shows it learning
        return tuple(view for view in DIGIT_VIEWS if view != "film" or not untrained)

    @staticmethod
    def renewed(query: Mapping) -> Mapping:
        """Models in colour once had their own field, "colour"."""
        if query.get("view") == "colour" and query.get("model") not in api.colour_models():
            return {**query, "model": query.get("colour", colour.USUAL)}
        return query


def build() -> TabBuilder:
    with TabBuilder("pixels", "Pixels: PixelCNN", Pixels) as tab:
        offered = [(f"{name} ({kind_of(name)})", name) for name in models()]
        tab.control("model", gr.Dropdown(offered, label="Model", elem_id="pixels-model"))
        for view in (write, complete, surprise, field, colour, exhaustive):
            view.build(tab)
        training_snapshots.view(tab, "model", aspect=5)
        info = "1 is the model itself; less is more careful."
        tab.control("temperature", gr.Slider(0.1, 2, step=0.05, label="Temperature", info=info, elem_classes="temperature"))
        tab.seed()
        tab.models("model", "beside", "against")
        _presets(tab)
        _claims(tab)
    return tab


def _presets(tab: TabBuilder) -> None:
    why = "At temperature 0.7 each coin falls on its likelier side more often: the strokes have fewer ragged edges."
    tab.preset("A careful hand", why, digit="3", temperature=0.7)
    why = (
        "This fails: at 0.3 each coin falls on its likelier side. Until a stroke has begun that side is black, so none begins, and the "
        "canvas stays empty. Each choice is the likeliest one, and the digit is lost."
    )
    tab.preset("Too careful", why, digit="3", temperature=0.3)
    why = "This fails: above 1 the odds are flattened, a stray pixel falls, and all later ones believe it."
    tab.preset("Too hot", why, digit="3", temperature=1.6)
    why = "The arch that begins a 0 also begins a 2, a 3 and an 8: each completion draws its class from p(y | the rows given)."
    tab.preset("Eight ways on", why, view="complete", begun=DIGITS["0"], last=10)
    why = "This fails: the model looks back only. Rows above yours are written as if yours were not there: hardly any of these is a 6."
    tab.preset("It can't look ahead", why, view="complete", **SIX_FROM_BELOW)
    why = f"The same rows, but of {api.TRIES} tries those are kept that your rows continue best: now each is a 6."
    tab.preset("Look ahead by trying", why, view="complete", **SIX_FROM_BELOW, ahead=True)
    why = (
        "Dark blue in the first picture: PixelCNN never sees these pixels, above and to the right, however many layers it has. The two "
        "stacks of the gated one see all of them but the last column, which is too far away for the layers that it has."
    )
    tab.preset("The blind spot", why, view="field", **field.BLIND_SPOT)
    why = "A spiral is no digit, and costs many nats more than any test digit. The model did not expect the bright pixels."
    tab.preset("No digit at all", why, view="surprise", mine=SPIRAL)
    why = (
        "More of it is yellow than under any other class: the class shows in the colours. This fails, too: nothing here has petals. "
        "So small a model knows what is near, and loses the whole."
    )
    tab.preset("The colours of a sunflower", why, model=colour.USUAL, kind="sunflower", seed=SUNFLOWER)
    why = "One of 256 numbers, each on its own: the odds of the softmax are a comb. A mixture of logistics is smooth by construction."
    twin = {"model": api.CHANGES["256-way softmax"], "against": api.CHANGES[api.BASE], "dot": (8.0, 8.0)}
    tab.preset("A comb of 256 teeth", why, **twin)
    tab.preset("All 4,096 images", exhaustive.summed, view="whole", model=colour.USUAL)
    why = "B of the first pixel is drawn after its R and G; yet to know that it is lit moves both: all images are summed."
    tab.preset("From blue back to red", why, view="whole", model=colour.USUAL, given="..1".ljust(len(exhaustive.GIVEN), "."))


def _claims(tab: TabBuilder) -> None:
    question = "A plain 2-D recurrence computes 784 pixels one after the other. How many steps do a Row LSTM and a Diagonal BiLSTM need?"
    tab.claim("C16", question, field.steps_in_words, view="field", model="row-lstm-mnist", beside="diagonal-bilstm-mnist", tick=28)
    question = "PixelCNN's masked filters look up and to the left, layer after layer. Which earlier pixels will it never see?"
    tab.claim("C17", question, field.blind_spot, view="field", **field.BLIND_SPOT)
    question = "PixelCNN++ changed five things. Undo one at a time and train for equal minutes: which change is worth most?"
    twin = {"model": api.CHANGES[api.BASE], "against": api.CHANGES["256-way softmax"], "dot": (8.0, 8.0)}
    tab.claim("C19", question, colour.changes, **twin)
    question = "R is drawn first, then G, then B. Which of the three is hardest to guess?"
    tab.claim("C20", question, colour.planes, model=colour.USUAL)
