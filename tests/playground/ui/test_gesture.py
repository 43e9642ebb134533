"""From the pointer's event to the picture: no movement of a hand reads the disk, and few files are on its way."""

import builtins
import io
import os
from dataclasses import replace

import gradio as gr
import pytest

import app
from playground import catalog
from playground.ui.tabs.pixels import colour
from playground.ui.tabs.pixels import tab as pixels

MOVED = {"number", "vector", "whole", "strokes", "text"}  # kinds of fields that change while a pointer moves or one types


@pytest.fixture(scope="module", params=app.TABS, ids=lambda tab: tab.__name__.split(".")[-2])
def builder(request):
    with gr.Blocks():
        return request.param.build()


def movements(builder):
    """Each function that answers a movement of a control, with a state in which its view is open."""
    for change in builder.changes:
        if any(builder.spec[name].metadata["kind"] in MOVED for name in change.on):
            now = builder.cls(**({"view": change.view} if change.view else {}))
            if change.view in pixels.COLOUR_VIEWS and builder.name == "pixels":
                now = replace(now, model=colour.USUAL, view=change.view)
            yield change, now


def test_no_movement_of_a_hand_reads_the_disk(builder, monkeypatch):
    moved = list(movements(builder))
    for change, now in moved:  # weights, codes and figures are read once
        builder.answer(change, now, *[None] * len(change.extra))
    read = []
    monkeypatch.setattr(catalog, "FRESH", float("inf"))
    for owner, name in ((builtins, "open"), (io, "open"), (os, "stat"), (os, "scandir"), (os, "listdir")):
        theirs = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda path, *args, theirs=theirs, **keys: read.append(path) or theirs(path, *args, **keys))
    monkeypatch.setattr("safetensors.torch.load_file", lambda path: read.append(path) or pytest.fail(f"{path} was read again"))
    for change, now in moved:
        for seed in (1, 2) if "seed" in builder.spec else (0,):  # of 2, nothing was computed before
            builder.answer(change, replace(now, seed=seed) if seed else now, *[None] * len(change.extra))
            assert not read, f"{builder.name}.{change.call.__name__} read {read[0]}"
