"""Exports graphs as ONNX files beside a model's weights, which they reference and do not copy.

The initializers of a graph are external data in ONNX's sense: a file (`model.safetensors`), an offset and a length.  This works because a
safetensors file stores each tensor contiguously.  So any ONNX runtime opens `pretrained/vae-mnist-2d/decode.onnx` in its folder.  The graph
casts weights that are stored as bfloat16 to float32.
"""

import json
import logging
import os
import shutil
import struct
import sys
import tempfile
import warnings
from pathlib import Path

import torch

from playground import catalog
from playground.errors import UserError
from playground.graphs import graphs_of, kept
from playground.graphs.base import Graph
from playground.sampling.backends import wasm_backend

OPSET = 18
LARGEST = 2**18  # bytes of constants that a graph may hold besides the weights
WEIGHTS, MANIFEST = "model.safetensors", kept.MANIFEST
STEPS = "steps.json"  # the recorded program of an autoregressive model, for steps.js


def graph_files(entry: catalog.Entry, failed: list[str] | None = None) -> dict[str, bytes]:
    """File name -> content, of every graph of a model and of their manifest; empty if it has none.

    failed: a list to which a sentence is added for each graph that can't be exported; without it, the error is raised.

    The manifest has for each graph its inputs and outputs, name -> [dtype, shape]; "reads", file -> [first byte, last byte + 1]; and "of",
    a digest of the weights.  A graph that is computed by the model's recorded steps has "steps" instead of a file; the steps are a file.
    Raises UserError if the model can't be loaded, or the packages that write ONNX are missing.
    """
    files, manifest = {}, {}
    for name, cls in graphs_of(entry).items():
        try:
            graph = cls(catalog.load_entry(entry), entry).eval().requires_grad_(False)
            if cls.by_steps:
                files[STEPS] = (json.dumps(wasm_backend.describe(graph.model), separators=(",", ":")) + "\n").encode()
                reads = {file: [0, size] for file, size in ((STEPS, len(files[STEPS])), (WEIGHTS, (entry.folder / WEIGHTS).stat().st_size))}
                described = {"steps": True, **inputs_and_outputs(graph), "reads": reads}
            else:
                files[f"{name}.onnx"], described = _exported(graph, entry)
            manifest[name] = {**described, "of": kept.digest(entry)}
        except Exception as error:
            if failed is None:
                raise
            failed.append(f"its graph {name!r} can't be exported ({type(error).__name__}: {str(error).partition(chr(10))[0]}).")
    if manifest:
        files[MANIFEST] = (json.dumps(manifest, indent=1) + "\n").encode()
    return files


def _exported(graph: Graph, entry: catalog.Entry) -> tuple[bytes, dict]:
    """An ONNX file's bytes, and the graph's line in the manifest."""
    try:
        import onnx_ir as ir
    except ImportError as error:
        raise UserError("Writing graphs for the browser needs onnx and onnxscript: pip install -r requirements.txt.") from error
    examples = {name: value.clone() for name, value in graph.examples().items()}  # the exporter takes one tensor twice for one input
    described = inputs_and_outputs(graph)
    logging.getLogger("onnx_ir").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own internals
        program = torch.onnx.export(
            graph,
            kwargs=examples,
            dynamo=True,
            opset_version=OPSET,
            input_names=list(examples),
            output_names=list(described["outputs"]),
            optimize=False,
            verbose=False,
        )
        model, stored = program.model, _stored(graph, entry)
        for name, value in model.graph.initializers.items():
            if name in stored:
                value.const_value = None  # hidden from the optimizer, which would fold batch norms into the weights before them
        program.optimize()
    reads = _name_weights(model, {name: _place(entry.folder, *at) for name, at in stored.items()}, ir)
    for node in ir.traversal.RecursiveGraphIterator(model.graph):
        node.metadata_props.clear()  # its source lines in Python
    model.metadata_props.clear()
    model.producer_version = None
    return ir.to_proto(model).SerializeToString(), {**described, "reads": reads}


def inputs_and_outputs(graph: Graph) -> dict[str, dict[str, list]]:
    """The "inputs" and "outputs" of a graph in the manifest, and the sentence with which it "refuses"."""
    examples = graph.examples()
    with torch.inference_mode():
        outputs = graph(**examples)
    described = lambda value: [str(value.dtype).removeprefix("torch."), list(value.shape)]  # noqa: E731
    return {
        "inputs": {name: described(value) for name, value in examples.items()},
        "outputs": {name: described(value) for name, value in outputs.items()},
        **({"refuses": graph.refuses} if graph.refuses else {}),
    }


def _stored(graph: Graph, entry: catalog.Entry) -> dict[str, tuple[str, str]]:
    """Initializer -> (file, tensor), of all initializers that are stored in a safetensors file."""
    with torch.no_grad():
        names = [f"model.{name}" for name in graph.model.state_dict()]
    return {name: (WEIGHTS, name.removeprefix("model.")) for name in names} | graph.stored()


def _place(folder: Path, file: str, tensor: str) -> tuple[str, int, int, str]:
    """The position of a tensor: file, offset, length, and its dtype as safetensors names it."""
    with open(folder / file, "rb") as opened:
        (length,) = struct.unpack("<Q", opened.read(8))
        header = json.loads(opened.read(length))
    first, last = header[tensor]["data_offsets"]
    return file, 8 + length + first, last - first, header[tensor]["dtype"]


def _name_weights(model, places: dict, ir) -> dict[str, list[int]]:
    """Replaces the initializers in `places` by external data; returns file -> [first byte, last byte + 1] of the parts that are read."""
    reads: dict[str, list[int]] = {}
    held = 0
    for name, value in list(model.graph.initializers.items()):
        if name not in places:
            held += value.const_value.nbytes
            continue
        file, offset, length, dtype = places[name]
        low, high = reads.get(file, (offset, offset + length))
        reads[file] = [min(low, offset), max(high, offset + length)]
        stored = ir.DataType.BFLOAT16 if dtype == "BF16" else value.dtype
        tensor = ir.ExternalTensor(file, offset, length, stored, name=name, shape=value.shape, base_dir="")
        if stored == value.dtype:
            value.const_value = tensor
            continue
        rounded = ir.Value(name=f"{name}.stored", type=ir.TensorType(stored), shape=value.shape, const_value=tensor)
        cast = ir.node("Cast", [rounded], {"to": value.dtype})
        model.graph.initializers.pop(name)
        value.const_value = None
        model.graph.initializers.add(rounded)
        cast.outputs[0].name = f"{name}.float"
        cast.outputs[0].type, cast.outputs[0].shape = ir.TensorType(value.dtype), value.shape
        ir.convenience.replace_all_uses_with(value, cast.outputs[0])
        model.graph.insert_before(model.graph[0], cast)
    if held > LARGEST:
        raise UserError(f"A graph would hold {held} bytes of constants; name them in `Graph.stored`, or compute them from fewer numbers.")
    return reads


def main(name: str, folder: str, out: str) -> None:
    """Writes the graphs of the model in a folder to OUT, and a sentence for each that can't be exported to stdout."""
    failed: list[str] = []
    files = {MANIFEST: b"{}\n"} | graph_files(catalog.Entry(name, Path(folder)), failed)
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    staged = tempfile.mkdtemp(dir=Path(out).parent)
    for file, content in files.items():
        (Path(staged) / file).write_bytes(content)
    try:
        os.rename(staged, out)  # all of them at once
    except OSError:  # another process has made them meanwhile
        shutil.rmtree(staged)
    print("\n".join(failed))


if __name__ == "__main__":
    main(*sys.argv[1:])
