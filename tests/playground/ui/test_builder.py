"""What the builder says of a model under its tab, and what its functions are told."""

import contextlib
import json
from dataclasses import replace

import gradio as gr
import pytest

from playground import catalog
from playground.errors import EmptyCanvas
from playground.ui.page import TABS
from playground.ui.tabs.pixels import colour
from playground.ui.tabs.pixels import tab as pixels
from playground.ui.values import measured


def test_the_split_and_the_binarisation_stand_before_the_figures_that_they_hold_for(tmp_path, monkeypatch):
    of = {"unit": "nats", "bound": None, "published": None, "split": "test", "binarisation": "dynamic, test set fixed by seed 0"}
    metrics = [
        {**of, "name": "elbo", "value": 82.5, "bound": "upper"},
        {**of, "name": "mse", "value": 0.5, "binarisation": None},
        {**of, "name": "kl", "value": 25.0},
        {**of, "name": "accuracy", "value": 99.0, "split": "train", "binarisation": "threshold 0.5"},
    ]
    (tmp_path / "vae").mkdir()
    (tmp_path / "vae" / "config.json").write_text('{"system": "vae"}')
    (tmp_path / "vae" / "metrics.json").write_text(json.dumps({"metrics": metrics}))
    monkeypatch.setattr(catalog, "ROOT", tmp_path)
    assert measured("vae") == (
        "<p><b>vae</b> &middot; test split, dynamic binarisation: \u2212log p(x) by the ELBO \u2264 82.5 nats &middot; "
        "KL(q(z|x) || p(z)) 25 nats &middot; test split: squared error 0.5 nats &middot; "
        "train split, threshold 0.5 binarisation: accuracy 99 nats</p>"
    )


class OfAnotherView:
    """Stands for the value of a field whose control is in another view: reading it in any way fails."""

    def __init__(self, name: str):
        object.__setattr__(self, "name", name)

    def _read(self, *args):
        raise AssertionError(f"a view read {self.name!r}, a field of another view's control, whose value it does not get")

    __getattr__ = __int__ = __float__ = __index__ = __bool__ = __str__ = __format__ = __iter__ = __len__ = __eq__ = __hash__ = _read


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.__name__.split(".")[-2])
def test_a_views_functions_read_their_own_fields_alone(tab):
    with gr.Blocks():
        builder = tab.build()
    calls = [(change.call, change) for change in builder.changes]
    for stream in builder.streams:
        calls.append((lambda *values, call=stream.call: next(call(*values), None), stream))
    for call, listener in calls:
        now = builder.cls(**({"view": listener.view} if listener.view else {}))
        if listener.view in pixels.COLOUR_VIEWS and tab is pixels:
            now = replace(now, model=colour.USUAL, view=listener.view)
        for name in set(builder.spec) - set(builder.reads(listener.view, listener.on)):
            object.__setattr__(now, name, OfAnotherView(name))
        with contextlib.suppress(EmptyCanvas):
            call(listener.part(now), *[None] * len(listener.extra))


def test_no_function_of_the_browser_shares_its_name_in_a_tab():
    """By which the browser knows it: where two share one, the page gets no description of any."""
    from app import demo

    for tab in demo.builders:
        names = [change.call.__name__ for change in tab.changes]
        here = {change.call.__name__ for change in tab.changes if change.in_browser is True or change.rest}
        assert [name for name in here if names.count(name) > 1] == []


MODELS_ON_SCREEN = [
    ("latent", "map", ["plane"]),
    ("latent", "rebuild", ["model"]),
    ("latent", "fashion", ["model", "beside"]),
    ("latent", "axes", []),
    ("pixels", "write", ["model"]),  # a slider that moves by itself
    ("latent", "own", ["through"]),
    ("latent", "bounds", ["within"]),
    ("pixels", "colour", ["model", "against"]),
    ("pixels", "field", ["model", "beside"]),
    ("sketch", "pairs", ["judge"]),
    ("worlds", "film", ["filmed"]),
    ("game", "search", ["within"]),  # a stream
]


@pytest.mark.parametrize("tab, view, models", MODELS_ON_SCREEN)
def test_the_last_band_names_the_models_of_the_open_view_alone(tab, view, models):
    from app import demo

    (built,) = (builder for builder in demo.builders if builder.name == tab)
    assert built.models_in(view) == models
