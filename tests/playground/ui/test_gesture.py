"""From the pointer's event to the picture: no movement of a hand reads the disk, and few files are on its way."""

import asyncio
import builtins
import io
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest

import playground
from playground import catalog
from playground.ui import state
from playground.ui.executor import listener
from playground.ui.page import TABS
from playground.ui.tabs.latent import tab as latent
from playground.ui.tabs.pixels import colour
from playground.ui.tabs.pixels import tab as pixels

MOVED = {"number", "vector", "whole", "strokes", "text"}  # kinds of fields that change while a pointer moves or one types


@pytest.fixture(scope="module", params=TABS, ids=lambda tab: tab.__name__.split(".")[-2])
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
        change.answer(now, *[None] * len(change.extra))
    read = []
    monkeypatch.setattr(catalog, "FRESH", float("inf"))
    for owner, name in ((builtins, "open"), (io, "open"), (os, "stat"), (os, "scandir"), (os, "listdir")):
        theirs = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda path, *args, theirs=theirs, **keys: read.append(path) or theirs(path, *args, **keys))
    monkeypatch.setattr("safetensors.torch.load_file", lambda path: read.append(path) or pytest.fail(f"{path} was read again"))
    for change, now in moved:
        for seed in (1, 2) if "seed" in builder.spec else (0,):  # of 2, nothing was computed before
            change.answer(replace(now, seed=seed) if seed else now, *[None] * len(change.extra))
            assert not read, f"{builder.name}.{change.call.__name__} read {read[0]}"


def test_few_files_hand_a_gesture_on_from_the_event_to_the_picture():
    """Which files are being run when the decoder is called, and when its picture is painted: each has handed the gesture on to the next.

    `controls.js`, where it begins, and `executor.py`, which gives it to a thread, are two more.
    """
    with gr.Blocks():
        tab = latent.build()
    walk = next(change for change in tab.changes if change.call.__name__ == "walk")
    reads = tab.reads(walk.view, walk.on)
    root, on_the_way = Path(playground.__file__).parent, {"ui/components/controls.js", "ui/executor.py"}

    def note(frame, event, _):
        if event == "call" and (frame.f_code.co_name == "shown" or frame.f_code.co_filename == str(root / "models" / "vae.py")):
            while frame is not None:
                if root in (path := Path(frame.f_code.co_filename)).parents:
                    on_the_way.add(path.relative_to(root).as_posix())
                frame = frame.f_back

    def answer(*values):
        sys.setprofile(note)  # in the executor's thread
        try:
            return walk.answer(tab.parse(values, reads))
        finally:
            sys.setprofile(None)

    walk.answer(tab.cls())  # loads the model
    values = [state.component_value(tab.spec[name], tab.spec[name].default) for name in reads]
    listen = listener(answer, "walk", None)
    with ThreadPoolExecutor(1) as thread:  # Playwright's browser, where the session has one open, has a loop in this thread
        thread.submit(asyncio.run, listen(gr.Request(session_hash="visitor"), *values)).result()
    assert {"ui/tabs/latent/map_view.py", "models/vae.py", "ui/values.py"} < on_the_way and len(on_the_way) <= 8, sorted(on_the_way)
