"""What the browser is told of a model's steps: where every weight stands in its file; and steps.wasm is what its source gives."""

import itertools

import pytest
import torch

from playground import catalog
from playground.browser import build
from playground.sampling import cached
from playground.sampling.backends.wasm_backend import copies, describe

MODELS = catalog.names("gated-pixelcnn", "pixelcnn", "row-lstm", "diagonal-bilstm", "pixelcnnpp", "mean-of-conditionals")


def copied(found: list, source: torch.Tensor, size: int) -> torch.Tensor:
    out = torch.zeros(size)
    for to, start, loops in found:
        for steps in itertools.product(*(range(times) for times, _, _ in loops)):
            out[to + sum(k * loop[1] for k, loop in zip(steps, loops))] = source[start + sum(k * loop[2] for k, loop in zip(steps, loops))]
    return out


@pytest.mark.parametrize(
    "numbers", [[], [0, 0], [3], [1, 2, 3, 4], [4, 3, 0, 2, 1], [1, 4, 2, 5, 3, 6], [1, 0, 2, 0, 7, 0, 8, 0], [2, 2, 2, 9]]
)
def test_copies_give_what_was_numbered(numbers):
    source = torch.arange(1.0, 10)
    expected = torch.cat([torch.zeros(1), source])[torch.tensor(numbers, dtype=torch.long)]
    assert torch.equal(copied(copies(torch.tensor(numbers).double(), 9), source, len(numbers)), expected)


@pytest.mark.parametrize("name", MODELS)
def test_the_weights_of_shipped_models_are_copied_from_their_tensors(name):
    model = catalog.load(name)
    said, program, state = describe(model), cached.program(model), model.state_dict()
    source = torch.cat([state[tensor].flatten() for tensor, _ in said["tensors"]])
    assert torch.equal(copied(said["weights"]["copies"], source, said["weights"]["size"]), program.weights)
    for label, (at, biases) in zip(said["labels"], program.labels, strict=True):
        assert label["at"] == at
        assert torch.equal(copied(label["copies"], source, biases.numel()).view_as(biases), biases)


def test_what_is_computed_from_weights_can_not_be_copied():
    with pytest.raises(ValueError, match="copied from its file"):
        copies(torch.tensor([1.5]), 9)


def test_the_committed_module_is_what_its_source_gives(tmp_path):
    build.build(tmp_path / "steps.wasm")
    assert (tmp_path / "steps.wasm").read_bytes() == (build.HERE / "steps.wasm").read_bytes()
