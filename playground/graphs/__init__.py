"""The computations behind the page's gestures, as torch modules: server, API and the visitor's browser run the same ones.

A graph belongs to a model.  It has named inputs (float32 or int64 tensors, or uint8 pictures) and named outputs: uint8 pictures, ready to
be painted, and figures.  `run` calls it here; `export.py` writes it beside the model's weights as `<graph>.onnx`, in which the weights are
named and not copied, for the browser.  While a tab's function is recorded (`recording.py`), `run` notes the call instead.

    class Decode(Graph):
        name, systems = "decode", ("vae",)

        def examples(self): return {"z": torch.zeros(self.model.latent)}        # every input, as large as it will be
        def forward(self, z): return {"digit": picture(self.model.grey(z[None]))}

    run("decode", "vae-mnist-2d", z=(0.6, -0.6)).digit                           # (28, 28) uint8

A new graph is a class in a file of this folder, named in `_FILES`, and exported by `python training/extras.py --graphs NAME ...`.
"""

import importlib
import re
from functools import lru_cache
from time import perf_counter
from types import SimpleNamespace

from playground import catalog
from playground.errors import EmptyCanvas, UserError
from playground.graphs import recording

_FILES = ("codes", "drawn", "gan", "latent", "pixels", "sketch", "worlds")  # the modules of this folder that define graphs


def graphs_of(entry: catalog.Entry) -> dict[str, type]:
    """Name -> class of the graphs that a model has."""
    from playground.graphs.base import Graph

    modules = [importlib.import_module(f"playground.graphs.{file}") for file in _FILES]
    classes = [value for module in modules for value in vars(module).values() if isinstance(value, type) and issubclass(value, Graph)]
    return {cls.name: cls for cls in classes if entry.system in getattr(cls, "systems", ()) and cls.fits(entry)}


def run(graph: str, model: str, **inputs) -> SimpleNamespace:
    """The outputs of a model's graph, by name: pictures as uint8 arrays, a single figure as a number, several as a list; and the
    `milliseconds` that it took.

    inputs: each a number, a list of numbers, an array or tensor, an upload (`recording.Photo`) or a canvas's value (`recording.Drawing`).
    Raises UserError if there is no such model or graph, or the upload or drawing can't be used; EmptyCanvas if the graph refuses an empty
    drawing.
    """
    if recording.is_recording():
        return recording.call(graph, model, inputs)
    import torch

    module = load(graph, model)
    given = {name: module.tensor(name, value) for name, value in inputs.items()}
    began = perf_counter()
    with torch.inference_mode():
        found = module(**given)
    milliseconds = 1000 * (perf_counter() - began)
    if module.refuses and found["empty"]:
        raise EmptyCanvas(module.refuses)
    return SimpleNamespace(**{name: _plain(value) for name, value in found.items()}, milliseconds=milliseconds)


def drawn_digit(value) -> SimpleNamespace:
    """The outputs of the graph "fit" for a canvas's value: `digit`, (28, 28) in [-1, 1], fitted like MNIST's digits, and `seen`, a picture.

    Raises EmptyCanvas if nothing is drawn, UserError if the value is damaged.
    """
    return run("fit", "digit-classifier", sheet=recording.Drawing(value))


def files_of(manifest: dict[str, dict]) -> set[str]:
    """The files in a model's folder that the browser reads for the graphs of its manifest."""
    own = {f"{graph}.onnx" for graph, described in manifest.items() if "steps" not in described}
    files = own | {file for described in manifest.values() for file in described["reads"]}
    return {file for file in files if re.fullmatch(r"\w[\w.-]*", file)}  # the manifest of a model of the Hub might name other folders


def load(graph: str, model: str):
    """The module of a model's graph."""
    entry = catalog.entry(model)
    return _load(graph, entry, entry.revision)


@lru_cache(maxsize=256)
def _load(graph: str, entry: catalog.Entry, revision: str):
    found = graphs_of(entry).get(graph)
    if found is None:
        raise UserError(f"{entry.name} has no graph {graph!r}.")
    return found(catalog.load_entry(entry), entry).eval().requires_grad_(False)


def _plain(value):
    """A tensor as a number, a list or an array."""
    if value.dtype.is_floating_point and value.ndim < 3 or value.ndim < 2:
        return value.item() if value.ndim == 0 else value.tolist()
    return value.numpy()
