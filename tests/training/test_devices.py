"""Where a run computes, and networks that are compiled."""

from dataclasses import replace

import pytest
import torch

from playground.errors import UserError
from playground.systems import SYSTEMS
from tests.training.golden import tiny_settings
from training import devices, engine, run
from training.recipes import recipe_class


def test_a_gpu_of_apples_is_taken_where_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match="no Apple GPU"):
        devices.check_device("mps")
    assert devices.resolve_device("auto") == "cpu"
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    devices.check_device("mps")
    assert devices.resolve_device("auto") == "mps" and devices.resolve_precision("auto", "mps") == "float32"
    assert devices.hardware(torch.device("mps")).startswith("Apple GPU")
    with pytest.raises(UserError, match="have no float64"):
        devices.check_device("auto", "float64")


def test_more_processes_than_gpus_are_refused_unless_on_the_cpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "4")
    with pytest.raises(UserError, match="4 processes were started, but this machine has 2 GPUs: start 2, or add --device cpu"):
        devices.check_device("auto")
    devices.check_device("cpu")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    devices.check_device("auto")


@pytest.mark.parametrize("recipe", [name for name in SYSTEMS if recipe_class(name).steps])
def test_compiled_networks_learn_the_same(recipe, tmp_path, monkeypatch):
    compiled = []

    def backend(graph, _):
        compiled.append(graph)
        return graph.forward

    monkeypatch.setitem(devices.COMPILER, "cpu", {"backend": backend})
    torch.compiler.reset()
    trainers = []
    for on in (False, True):
        settings = replace(tiny_settings(recipe, tmp_path / "data", max_steps=3), compile=on)
        trainers.append(trainer := engine.Trainer(recipe_class(recipe)(settings), settings, tmp_path / str(on)))
        with devices.default_dtype(trainer.dtype):
            for trainer.step in range(2):
                trainer.one_step()
    plain, fast = (trainer.finished.state_dict() for trainer in trainers)
    assert compiled and plain.keys() == fast.keys()
    for name, value in plain.items():
        torch.testing.assert_close(fast[name], value, rtol=1e-9, atol=1e-12)
    with devices.default_dtype(torch.float64):
        assert trainers[1].recipe.snapshot(trainers[1].finished.eval()).isfinite().all()


def test_what_is_fitted_at_once_refuses_to_be_compiled(digits_dir, tmp_path):
    given = ["--dataset", "folder", "--data-dir", str(digits_dir), "--output", str(tmp_path / "mine"), "--compile", "--dry-run"]
    for recipe in (["pca", "--components", "8"], ["autoencoder", "--network", "linear"]):
        with pytest.raises(UserError, match=f"--compile makes nothing faster here: {recipe[0]} is fitted"):
            run.main([*recipe, *given])
