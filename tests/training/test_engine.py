"""The engine: resuming is exact whatever stopped the run, accumulation changes nothing, and what it writes is whole."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from playground import catalog, snapshots
from playground.errors import UserError
from tests.training.golden import tiny_settings
from training import engine, export, run
from training.random_streams import RandomStreams
from training.recipes import recipe_class

ROOT = Path(__file__).resolve().parents[2]


def trainer(folder: Path, data: Path, device: str, **changes) -> engine.Trainer:
    settings = tiny_settings("vae", data, device=device, **changes)
    return engine.Trainer(recipe_class("vae")(settings), settings, folder)


def weights(model: torch.nn.Module) -> torch.Tensor:
    return torch.cat([value.detach().double().flatten() for value in model.state_dict().values()])


def command(data: Path, output: Path, device: str, steps: int, *more: str) -> list[str]:
    tiny = ["--latent", "2", "--width", "4", "--hidden", "16", "--batch-size", "8", "--precision", "float64", "--device", device]
    run = [sys.executable, str(ROOT / "training/run.py"), "vae", "--dataset", "folder", "--data-dir", str(data)]
    return [*run, "--output", str(output), "--max-steps", str(steps), *tiny, *more]


def child(*arguments) -> subprocess.Popen:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(*arguments, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def wait_for(condition, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()[0][-2000:]
        time.sleep(0.01)


def test_a_killed_run_resumes_to_the_very_same_weights(device, digits_dir, tmp_path, monkeypatch):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    steps, often = 150, ("--checkpoint-minutes", "0.001")
    process = child(command(digits_dir, killed, device, steps, *often))
    checkpoint = tmp_path / ".runs/killed" / engine.CHECKPOINT
    # the second write at the latest is under way: killed at any moment, a whole checkpoint is there
    wait_for(checkpoint.exists, process)
    first = checkpoint.stat().st_mtime_ns
    wait_for(lambda: checkpoint.stat().st_mtime_ns != first, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    stopped_at = engine.load_checkpoint(checkpoint)["step"]
    assert 0 < stopped_at < steps
    assert not killed.exists()

    monkeypatch.chdir(tmp_path)  # another folder makes no difference
    assert run.main(command(digits_dir, killed, device, steps, "--resume", "auto")[2:]) == 0
    assert run.main(command(digits_dir, whole, device, steps)[2:]) == 0
    ours, theirs = load_file(killed / "model.safetensors"), load_file(whole / "model.safetensors")
    assert ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert (killed / "film.webp").read_bytes() == (whole / "film.webp").read_bytes()


def test_ctrl_c_leaves_a_checkpoint_and_says_how_to_go_on(device, digits_dir, tmp_path):
    process = child(command(digits_dir, tmp_path / "model", device, 100_000, "--checkpoint-minutes", "0.001"))
    wait_for((tmp_path / ".runs/model" / engine.CHECKPOINT).exists, process)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 130
    assert "--resume auto" in said and "Traceback" not in said
    assert engine.load_checkpoint(tmp_path / ".runs/model" / engine.CHECKPOINT)["step"] > 0


def test_resuming_under_other_settings_is_refused(device, digits_dir, tmp_path):
    first = trainer(tmp_path, digits_dir, device, max_steps=2)
    first.train()
    with pytest.raises(UserError, match="learning_rate was 0.002, is 0.1"):
        trainer(tmp_path, digits_dir, device, max_steps=2, learning_rate=0.1, resume="auto").train()
    (tmp_path / engine.CHECKPOINT).write_bytes(b"nonsense")
    with pytest.raises(UserError, match="is damaged or no checkpoint"):
        trainer(tmp_path, digits_dir, device, max_steps=2, resume="auto").train()


def test_accumulated_parts_are_one_batch(device, digits_dir, tmp_path):
    whole = trainer(tmp_path / "a", digits_dir, device, max_steps=5)
    parts = trainer(tmp_path / "b", digits_dir, device, max_steps=5, accumulate=4)
    for one in (whole, parts):
        one.train()
    assert (weights(whole.model) - weights(parts.model)).abs().max() < 1e-10
    with pytest.raises(UserError, match="can't be cut into 3 equal parts"):
        trainer(tmp_path, digits_dir, device, accumulate=3)


def test_export_is_whole_and_the_zoo_loads_it(with_graphs, device, digits_dir, tmp_path, monkeypatch):
    done = trainer(tmp_path / ".runs", digits_dir, device, max_steps=30, precision="float32")
    done.train()
    done.export(tmp_path / "vae-mine")
    monkeypatch.setattr(catalog, "ROOT", tmp_path)
    assert catalog.names("vae") == ["vae-mine"] and catalog.names("cgan") == []
    model = catalog.load("vae-mine")
    assert torch.equal(weights(model), weights(done.average))
    assert catalog.load("vae-mine") is model
    record = catalog.entry("vae-mine").training
    assert record["steps"] == 30 and record["images"] == 240 and record["recipe"] == "vae"
    assert sum(record["parameters"].values()) == sum(p.numel() for p in model.parameters())
    assert str(digits_dir) not in json.dumps(record), "paths of a machine stay there"
    assert len(snapshots.load(tmp_path / "vae-mine/film.webp")) == len(snapshots.steps(30)), (
        "equal frames are stored once, and shown for longer"
    )
    graphs = catalog.read_json(tmp_path / "vae-mine/graphs.json")
    assert "decode" in graphs and all((tmp_path / f"vae-mine/{name}.onnx").exists() for name in graphs)
    assert not list(tmp_path.glob(".vae-mine*")), "nothing half-written stays"


def test_start_takes_the_weights_of_a_folder(device, digits_dir, tmp_path):
    first = trainer(tmp_path / ".runs", digits_dir, device, max_steps=1, precision="float32")
    export.save_model(first.model, tmp_path)
    again = trainer(tmp_path / ".runs", digits_dir, device, max_steps=1, precision="float32", seed=5, start=tmp_path)
    assert torch.equal(weights(first.model), weights(again.model))
    with pytest.raises(UserError, match="don't fit"):
        trainer(tmp_path / ".runs", digits_dir, device, latent=3, start=tmp_path)
    with pytest.raises(UserError, match="no weights"):
        trainer(tmp_path / ".runs", digits_dir, device, start=tmp_path / "nowhere")


def test_a_run_in_which_the_filmed_part_stands_still_keeps_the_film_of_the_run_before(device, digits_dir, tmp_path):
    first = trainer(tmp_path / ".runs/first", digits_dir, device, max_steps=20, precision="float32")
    first.train()
    first.export(tmp_path / "vae-mine")
    before = (tmp_path / "vae-mine/film.webp").read_bytes()
    for rate, kept in ((0.0, True), (0.01, False)):
        changes = {"max_steps": 3, "precision": "float32", "learning_rate": rate, "start": tmp_path / "vae-mine"}
        again = trainer(tmp_path / f".runs/{rate}", digits_dir, device, **changes)
        again.train()
        again.export(tmp_path / f"vae-{rate}")
        assert ((tmp_path / f"vae-{rate}/film.webp").read_bytes() == before) is kept
        record = catalog.read_json(tmp_path / f"vae-{rate}/training.json")
        assert ("film" in record) is kept and record["started_from"]["steps"] == 20


def test_every_epoch_visits_every_example_once_in_an_order_of_its_own():
    seen = torch.cat([engine.batch_indices(0, step, 8, 20) for step in range(5)])  # two epochs of 20
    assert seen[:20].sort().values.tolist() == list(range(20)) == seen[20:].sort().values.tolist()
    assert not torch.equal(seen[:20], seen[20:])


def test_processes_and_parts_see_their_rows_of_the_same_numbers():
    whole = RandomStreams(3, 7, 8).normal("z", 5)
    halves = [RandomStreams(3, 7, 8, rows).normal("z", 5) for rows in (slice(0, 4), slice(4, 8))]
    assert torch.equal(whole, torch.cat(halves))
    assert not torch.equal(whole, RandomStreams(3, 8, 8).normal("z", 5))
    streams = RandomStreams(3, 7, 8)
    assert not torch.equal(streams.uniform("a", 1), streams.uniform("b", 1))
    with pytest.raises(ValueError, match="drawn twice"):
        replace(streams, device="cpu").uniform("a", 1)


def test_the_average_follows_the_weights():
    model, average = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)
    torch.nn.init.constant_(model.weight, 1.0), torch.nn.init.constant_(average.weight, 0.0)
    engine.update_average(average, model, 0.9)
    assert average.weight.item() == pytest.approx(0.1)
