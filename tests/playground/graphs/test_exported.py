"""The graphs that lie beside the shipped weights are what the code makes of them today."""

import json

import numpy as np
import pytest
import torch

from playground import catalog
from playground.errors import UserError
from playground.graphs import export, graphs_of, kept, load
from playground.sampling.backends.wasm_backend import describe

ALL = [(name, graph, cls) for name in catalog.names() for graph, cls in graphs_of(catalog.entry(name)).items()]
SHIPPED = [(name, graph) for name, graph, cls in ALL if not cls.by_steps]
TIES = 1e-3  # share of a picture of facades in which rounding decides which label is the likeliest
BY_STEPS = sorted({name for name, _, cls in ALL if cls.by_steps})


@pytest.mark.parametrize("name", sorted({name for name, *_ in ALL}))
def test_every_graph_of_a_shipped_model_lies_beside_it_and_no_other(name):
    entry = catalog.entry(name)
    written = {path.stem for path in entry.folder.glob("*.onnx")}
    graphs, anew = graphs_of(entry), f"python training/extras.py --graphs {name}"
    assert set(graphs) == set(entry.graphs), anew
    assert written == {graph for graph, cls in graphs.items() if not cls.by_steps}, anew


@pytest.mark.parametrize("name", BY_STEPS)
def test_the_steps_of_a_shipped_model_are_those_of_the_code(name):
    entry, model = catalog.entry(name), catalog.load(name)
    steps = json.loads((entry.folder / export.STEPS).read_text())
    assert steps == json.loads(json.dumps(describe(model))), f"python training/extras.py --graphs {name}"
    for graph, described in entry.graphs.items():
        if "steps" in described:
            assert described["reads"] == {file: [0, (entry.folder / file).stat().st_size] for file in (export.STEPS, export.WEIGHTS)}
            assert {"steps": True, **export.inputs_and_outputs(load(graph, name)), "reads": described["reads"]}.items() <= described.items()


def test_no_shipped_graph_was_made_of_other_weights():
    assert [name for name in catalog.names() if kept.is_wanting(catalog.entry(name))] == []


@pytest.mark.parametrize("name, graph", SHIPPED)
def test_an_exported_graph_gives_what_its_module_gives(name, graph):
    import onnxruntime

    module, folder = load(graph, name), catalog.entry(name).folder
    session = onnxruntime.InferenceSession(folder / f"{graph}.onnx")
    described = catalog.entry(name).graphs[graph]
    assert described.get("refuses", "") == module.refuses
    generator = torch.Generator().manual_seed(1)
    for _ in range(4):
        inputs = module.random(generator)
        found = session.run(list(described["outputs"]), {key: value.numpy() for key, value in inputs.items()})
        with torch.inference_mode():
            right = module(**inputs)
        assert list(right) == list(described["outputs"])
        for (key, value), other in zip(right.items(), found):
            assert [str(value.dtype).removeprefix("torch."), list(value.shape)] == described["outputs"][key]
            if value.dtype == torch.uint8:
                assert (np.abs(value.numpy().astype(int) - other) > 1).mean() <= TIES * ("facades" in name), key
            else:
                np.testing.assert_allclose(other, value.numpy(), rtol=1e-3, atol=1e-4, err_msg=key)


def test_weights_are_named_and_not_copied():
    for name, graph in SHIPPED:
        folder = catalog.entry(name).folder
        assert (folder / f"{graph}.onnx").stat().st_size < export.LARGEST + 2**16


def test_a_graph_that_the_model_does_not_have_is_named():
    with pytest.raises(UserError, match="has no graph 'walk'"):
        load("walk", "vae-mnist-2d")
