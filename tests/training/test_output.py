"""Nothing of a person's is lost: where a model may go, what is replaced, and what a full disk, a second run or Ctrl-C leave behind."""

import errno
import json
import os
import shutil
import signal
import time

import pytest
import torch
from filelock import FileLock
from safetensors.torch import load_file

from playground import catalog, previews
from playground.errors import UserError, run_command
from playground.models.vae import VAE
from tests import synthetic
from training import engine, export, files, output, run

TINY = "--latent 2 --width 4 --hidden 16 --batch-size 8 --precision float32 --device cpu --ema 0".split()


def train(data, *more, recipe="vae", steps=2) -> int:
    command = [recipe, "--dataset", "folder", "--data-dir", str(data), "--max-steps", str(steps), *(TINY if recipe == "vae" else []), *more]
    return run_command(run.main, [str(part) for part in command])


def everything(folder) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def said(capsys) -> str:
    """The one sentence on stderr."""
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error:")]
    assert len(told) == 1, told
    return told[0]


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A pretrained/ of one's own."""
    monkeypatch.setattr(catalog, "ROOT", tmp_path / "pretrained")
    (tmp_path / "pretrained").mkdir()
    return tmp_path / "pretrained"


# --- what is refused, before any training ---


@pytest.fixture
def untrained(monkeypatch):
    """A run that begins to train fails the test."""
    monkeypatch.setattr(engine.Trainer, "train", lambda self: pytest.fail("it trained"))


def test_a_folder_with_other_files_is_refused(untrained, digits_dir, tmp_path, capsys):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/chapter.tex").write_text("x")
    (tmp_path / "transformer").mkdir()
    (tmp_path / "transformer/config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "transformer/model.safetensors").write_bytes(b"weights of another program")
    for name in ("thesis", "transformer"):
        before = everything(tmp_path / name)
        for more in ((), ("--overwrite",), ("--resume", "auto")):
            assert train(digits_dir, "--output", tmp_path / name, *more) == 2
            assert "holds other files" in said(capsys)
        assert everything(tmp_path / name) == before


@pytest.mark.parametrize("place", [".", "..", "/", "pretrained", "training"])
def test_the_programs_own_folders_are_refused(untrained, digits_dir, capsys, place, monkeypatch):
    monkeypatch.chdir(output.ROOT)
    assert train(digits_dir, "--output", place, "--overwrite") == 2
    assert "--output" in said(capsys)


def test_the_data_and_the_model_do_not_lie_in_one_another(untrained, tmp_path, capsys):
    data = synthetic.digit_tree(tmp_path / "pictures/photos")
    (tmp_path / "link").symlink_to(data)
    (tmp_path / "linked").symlink_to(tmp_path / "link/new")
    before = everything(tmp_path)
    for place in (data, data / "new", data / "0", tmp_path / "pictures", tmp_path / "link", tmp_path / "linked"):
        assert train(data, "--output", place, "--overwrite") == 2
        assert "the data in" in said(capsys)
    assert train(tmp_path / "link", "--output", data) == 2
    assert everything(tmp_path) == before


def test_a_file_and_a_place_without_the_right_to_write_are_refused(untrained, digits_dir, tmp_path, capsys):
    (tmp_path / "file").write_text("x")
    for place in (tmp_path / "file", tmp_path / "file/model", "/proc/model", "/dev/null/model", tmp_path / ("n" * 300)):
        assert train(digits_dir, "--output", place) == 2
        assert "--output" in said(capsys)
    assert (tmp_path / "file").read_text() == "x"


def test_a_model_is_replaced_only_where_that_is_asked(digits_dir, tmp_path, capsys):
    assert train(digits_dir, "--output", tmp_path / "mine") == 0
    (tmp_path / "mine/notes.md").write_text("## What I saw\n")
    (tmp_path / "mine/drafts").mkdir()
    (tmp_path / "mine/drafts/plot.png").write_bytes(b"x")
    before = everything(tmp_path / "mine")
    assert train(digits_dir, "--output", tmp_path / "mine", "--seed", 1) == 2
    assert "--overwrite" in said(capsys) and everything(tmp_path / "mine") == before
    assert train(digits_dir, "--output", tmp_path / "mine", "--seed", 1, "--overwrite") == 0
    after = everything(tmp_path / "mine")
    assert after["model.safetensors"] != before["model.safetensors"] and json.loads(after["training.json"])["settings"]["seed"] == 1
    assert after["notes.md"] == before["notes.md"] and after["drafts/plot.png"] == b"x" and b"What I saw" in after["README.md"]


def test_figures_of_the_weights_before_do_not_stay(digits_dir, tmp_path):
    assert train(digits_dir, "--output", tmp_path / "mine") == 0
    (tmp_path / "mine/metrics.json").write_text('{"metrics": []}')
    assert train(digits_dir, "--output", tmp_path / "mine", "--overwrite") == 0
    assert not (tmp_path / "mine/metrics.json").exists()


def test_without_output_a_run_has_a_name_that_no_model_has(home, tmp_path):
    data = synthetic.digit_tree(tmp_path / "mnist")
    assert train(data) == 0 and train(data) == 0 and train(data, "--seed", 2) == 0
    assert catalog.names("vae") == ["vae-own-mnist", "vae-own-mnist-run2", "vae-own-mnist-run3"]
    shipped = everything(home / "vae-own-mnist")
    assert train(data, "--max-steps", 4, "--resume", "auto", "--seed", 2) == 0, "the last run goes on"
    assert catalog.entry("vae-own-mnist-run3").training["steps"] == 4 and len(catalog.names()) == 3
    assert train(data, "--seed", 5, "--overwrite") == 0
    assert len(catalog.names()) == 3 and everything(home / "vae-own-mnist") != shipped


def test_shipped_models_are_left_alone_without_a_word_from_the_person(untrained):
    for recipe, name in (("vae", "vae-mnist"), ("digit-classifier", "digit-classifier"), ("pix2pix", "pix2pix-flowers")):
        recipe, settings = run.parse([recipe])
        place = output.chosen_output(recipe, settings)
        assert (catalog.ROOT / name / "config.json").exists() and place.name == f"{name}-run2" and not place.exists()
        output.check_output(place, settings)


def test_a_name_that_the_page_would_not_list_is_refused(untrained, home, digits_dir, capsys):
    for name in ("my model", ".hidden", "a'b"):
        assert train(digits_dir, "--output", home / name) == 2
        assert "letters, digits" in said(capsys)


# --- runs that are interrupted ---


def test_a_checkpoint_is_not_replaced_unasked(digits_dir, tmp_path, capsys):
    assert train(digits_dir, "--output", tmp_path / "mine") == 0
    shutil.rmtree(tmp_path / "mine")  # the run's checkpoint is left
    kept = everything(tmp_path / ".runs/mine")["checkpoint.pt"]
    assert train(digits_dir, "--output", tmp_path / "mine") == 2
    told = said(capsys)
    assert "--resume auto" in told and "--overwrite" in told and everything(tmp_path / ".runs/mine")["checkpoint.pt"] == kept
    assert train(digits_dir, "--output", tmp_path / "mine", "--resume", "auto") == 0
    assert (tmp_path / "mine/model.safetensors").exists()


def test_a_run_that_replaces_another_leaves_nothing_of_it_to_resume(digits_dir, tmp_path, monkeypatch):
    assert train(digits_dir, "--output", tmp_path / "mine", "--seed", 1) == 0

    def stop(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(engine.Trainer, "one_step", stop)
    assert train(digits_dir, "--output", tmp_path / "mine", "--overwrite") == 130
    assert engine.load_checkpoint(tmp_path / ".runs/mine/checkpoint.pt")["settings"]["seed"] == "0"


def test_a_run_can_be_made_longer(digits_dir, tmp_path, capsys):
    assert train(digits_dir, "--output", tmp_path / "mine", steps=20) == 0
    assert train(digits_dir, "--output", tmp_path / "mine", "--resume", "auto", steps=60) == 0
    assert "Resuming after step 20 of 60" in capsys.readouterr().out
    record = json.loads((tmp_path / "mine/training.json").read_text())
    assert record["steps"] == 60
    frames = engine.load_checkpoint(tmp_path / ".runs/mine/checkpoint.pt")["frames"]
    assert len(frames) == len(engine.snapshots.steps(60)), "the film has the frames of a run of 60 steps"
    assert train(digits_dir, "--output", tmp_path / "mine", "--resume", "auto", steps=30) == 2
    assert "60 steps already" in said(capsys)


def test_other_images_are_not_resumed_with(tmp_path, capsys):
    data = synthetic.digit_tree(tmp_path / "digits")
    assert train(data, "--output", tmp_path / "mine") == 0
    image = sorted(data.glob("3/*.png"))[0]
    shutil.copy(sorted(data.glob("4/*.png"))[0], image)
    assert train(data, "--output", tmp_path / "mine", "--resume", "auto", steps=4) == 2
    assert "training images" in said(capsys)


def test_a_second_run_to_one_place_is_refused(untrained, digits_dir, tmp_path, capsys):
    (tmp_path / ".runs/mine").mkdir(parents=True)
    with FileLock(tmp_path / ".runs/mine/lock"):
        assert train(digits_dir, "--output", tmp_path / "mine") == 2
    assert "Another run is training to" in said(capsys)


@pytest.fixture
def interruptible():
    """Ctrl-C as in a terminal: a shell starts what it puts in the background with the signal ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_is_answered_at_once_and_the_second_aborts(interruptible, digits_dir, tmp_path, monkeypatch, capsys):
    step, asked = engine.Trainer.one_step, []

    def interrupted(self):
        if self.step == 3:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)
            asked.append(capsys.readouterr().out)
            if self.settings.seed:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.05)
        return step(self)

    monkeypatch.setattr(engine.Trainer, "one_step", interrupted)
    assert train(digits_dir, "--output", tmp_path / "mine", steps=9) == 130
    assert "Stopping after this step" in asked[0]
    assert engine.load_checkpoint(tmp_path / ".runs/mine/checkpoint.pt")["step"] == 4
    assert train(digits_dir, "--output", tmp_path / "other", "--seed", 1, steps=9) == 130
    assert not (tmp_path / ".runs/other/checkpoint.pt").exists() and "Aborted" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_while_the_data_are_read_is_no_traceback(digits_dir, tmp_path, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("training.data.pictures", interrupted)
    assert train(digits_dir, "--output", tmp_path / "mine") == 130
    assert not (tmp_path / "mine").exists()


# --- disks and numbers ---


def test_equal_weights_are_equal_files():
    """So that a run that was killed and went on can be told by its checksum to be the run that was never stopped."""
    model = VAE(latent=2, width=4, hidden=8)
    assert len({export.model_files(model)["model.safetensors"] for _ in range(10)}) == 1


def test_killed_between_weights_and_settings_the_model_is_the_new_one(tmp_path, monkeypatch):
    folder = tmp_path / "mine"
    folder.mkdir()
    export.save_model(VAE(latent=2, width=4, hidden=8), folder)
    replace = os.replace

    def killed(source, target):
        replace(source, target)
        raise SystemExit  # after the weights, which come first

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(SystemExit):
        export.save_model(new := VAE(latent=3, width=4, hidden=8), folder)
    assert json.loads((folder / "config.json").read_text())["latent"] == 2
    entry = catalog.Entry("mine", folder)
    model = catalog.load_entry(entry)
    assert entry.config["latent"] == model.latent == 3
    assert all(a.equal(b) for a, b in zip(model.state_dict().values(), new.state_dict().values()))


def full(*_):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_keeps_the_checkpoint_before_and_leaves_nothing_half_written(digits_dir, tmp_path, monkeypatch, capsys):
    assert train(digits_dir, "--output", tmp_path / "mine") == 0
    before = everything(tmp_path / "mine"), engine.load_checkpoint(tmp_path / ".runs/mine/checkpoint.pt")["step"]
    monkeypatch.setattr(os, "fsync", full)
    assert train(digits_dir, "--output", tmp_path / "mine", "--resume", "auto", steps=4) == 2
    told = capsys.readouterr()
    assert "that of step 2 stays" in told.out + told.err and "No space left" in told.err and "--resume auto" in told.err
    assert "Traceback" not in told.err
    assert before == (everything(tmp_path / "mine"), engine.load_checkpoint(tmp_path / ".runs/mine/checkpoint.pt")["step"])
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith(".tmp")]


def test_a_model_that_has_no_room_in_its_place_is_kept_elsewhere(digits_dir, tmp_path, monkeypatch, capsys):
    fsync, elsewhere = os.fsync, tmp_path / "other disk"
    elsewhere.mkdir()
    monkeypatch.setattr(run.tempfile, "tempdir", str(elsewhere))
    monkeypatch.setattr(os, "fsync", lambda number: fsync(number) if str(elsewhere) in os.readlink(f"/proc/self/fd/{number}") else full())
    assert train(digits_dir, "--output", tmp_path / "mine") == 2
    told = said(capsys)
    (kept,) = elsewhere.glob("mine-*")
    assert f"it is in {kept} instead" in told and load_file(kept / "model.safetensors") and output.is_model(kept)


def test_several_files_are_written_all_or_none(tmp_path, monkeypatch):
    files.write_files(tmp_path, {"a": b"1", "b": b"1"})
    calls = []
    monkeypatch.setattr(os, "fsync", lambda _: calls.append(1) if not calls else full())
    with pytest.raises(OSError):
        files.write_files(tmp_path, {"a": b"2", "b": b"2"})
    assert everything(tmp_path) == {"a": b"1", "b": b"1"}


def test_weights_that_are_no_numbers_never_replace_good_ones(digits_dir, tmp_path, monkeypatch, capsys):
    step = engine.Trainer.one_step

    def overflow(self):
        scalars = step(self)
        if self.step == 3:
            next(self.model.parameters()).data.fill_(float("nan"))
        return scalars

    monkeypatch.setattr(engine.Trainer, "one_step", overflow)
    assert train(digits_dir, "--output", tmp_path / "mine", "--checkpoint-minutes", 1e-9, steps=9) == 2
    assert "no longer finite" in said(capsys) and not (tmp_path / "mine").exists()
    state = engine.load_checkpoint(tmp_path / ".runs/mine/checkpoint.pt")
    assert state["step"] == 3 and all(value.isfinite().all() for value in state["model"].values())


def test_no_picture_is_worth_a_trained_model(digits_dir, tmp_path, monkeypatch, capsys):
    def broken(_):
        raise IndexError("class 6 of 2")

    monkeypatch.setattr(previews, "vae", broken)
    assert train(digits_dir, "--output", tmp_path / "mine") == 0
    told = capsys.readouterr()
    assert "warning: opening.webp could not be made (IndexError: class 6 of 2)" in told.out + told.err
    assert load_file(tmp_path / "mine/model.safetensors") and not (tmp_path / "mine/opening.webp").exists()


def test_a_models_files_can_be_read_by_other_users(digits_dir, tmp_path):
    assert train(digits_dir, "--output", tmp_path / "mine") == 0
    umask = os.umask(0)
    os.umask(umask)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "mine").iterdir()} == {0o666 & ~umask}


def test_from_takes_a_models_name(digits_dir, home):
    assert train(digits_dir, "--output", home / "first") == 0
    assert train(digits_dir, "--output", home / "second", "--from", "first") == 0
    assert catalog.entry("second").training["command"].endswith("--from first --output pretrained/second")
    with pytest.raises(UserError, match="no model"):
        export.load_weights(torch.nn.Linear(1, 1), output.Path("nowhere"))


def test_curves_of_two_runs_lie_apart_and_a_tracker_that_is_not_there_is_told(digits_dir, tmp_path, capsys, monkeypatch):
    for seed in (0, 1):
        assert train(digits_dir, "--output", tmp_path / "mine", "--overwrite", "--seed", seed) == 0
        assert f"tensorboard --logdir {tmp_path / '.runs/mine'}" in capsys.readouterr().out
    assert len({path.parent for path in (tmp_path / ".runs/mine").rglob("events.*")}) == 2
    monkeypatch.setattr(engine.importlib.util, "find_spec", lambda name: None)
    assert train(digits_dir, "--output", tmp_path / "mine", "--overwrite", "--tracker", "trackio") == 2
    assert "pip install trackio" in said(capsys)
