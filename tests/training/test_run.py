"""The command line: what is asked wrongly ends in one sentence and exit code 2."""

import inspect
import re
import shlex
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from playground.errors import UserError, run_command
from playground.models import model_class
from playground.systems import SYSTEMS
from training import output, run
from training.recipes import recipe_class

ROOT = Path(__file__).resolve().parents[2]


def test_list_names_every_recipe(capsys):
    assert run.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(SYSTEMS)


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_recipe_has_both_presets(name):
    assert list(recipe_class(name).presets) == ["small", "paper"]
    for preset in ("small", "paper"):
        settings = run.parse([name, "--preset", preset, "--seed", "3"])[1]
        assert settings.preset == preset and settings.seed == 3
        for key, value in recipe_class(name).presets[preset].items():
            assert getattr(settings, key) == value


@pytest.mark.parametrize("name", SYSTEMS)
def test_no_default_of_a_model_stands_in_its_recipe_again(name):
    config, settings = model_class(name).Config, recipe_class(name).Settings
    for field in fields(config):
        defined = [cls for cls in settings.__mro__ if field.name in vars(cls).get("__annotations__", {})]
        if defined and not issubclass(config, defined[0]):
            line = re.search(rf"^    {field.name}: .*", inspect.getsource(defined[0]), re.M)[0]
            assert "Config." in line or getattr(settings(), field.name) != getattr(config(), field.name), line


def test_dry_run_trains_nothing(digits_dir, tmp_path, capsys):
    output = tmp_path / "model"
    assert run.main(["vae", "--dataset", "folder", "--data-dir", str(digits_dir), "--output", str(output), "--dry-run"]) == 0
    assert "80 examples" in capsys.readouterr().out
    assert not output.exists() and not (tmp_path / ".runs").exists()


def test_the_recorded_command_names_no_place_of_this_machine():
    arguments = ["vae", "--data-dir", "/secret", "--epochs", "3", "--output=/secret", "--resume", "auto", "--push-to-hub", "a/b"]
    assert run.shareable(arguments) == "python training/run.py vae --epochs 3"
    named = run.shareable(arguments, Path("/secret/my-vae"))
    assert named == "python training/run.py vae --epochs 3 --output pretrained/my-vae"  # typed again, it replaces no other model


@pytest.mark.parametrize(
    "command, name",
    [
        ("vae", "vae-mnist"),
        ("pix2pix", "pix2pix-flowers"),
        ("cyclegan --dataset flowers-yellow-violet", "cyclegan-flowers"),
        ("pixelcnnpp", "pixelcnnpp-flowers"),
        ("cgan --dataset folder --data-dir my-letters3", "cgan-my-letters3"),
        ("cgan --dataset folder --data-dir 'my photos (1)'", "cgan-my-photos-1"),
        ("cgan --dataset folder --data-dir photos/mnist", "cgan-own-mnist"),
        ("vae --dataset mnist-static", "vae-mnist-static"),
        ("digit-classifier --dataset fashion", "digit-classifier-fashion"),
        ("digit-classifier", "digit-classifier"),
    ],
)
def test_a_model_is_named_after_its_recipe_and_data(command, name):
    assert output.usual_name(*run.parse(shlex.split(command))) == name


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["nonsense"], "There is no recipe 'nonsense'"),
        (["vae", "--preset", "huge"], "There is no preset 'huge'; vae has small, paper."),
        (["vae", "--data-dir", "no/such/folder"], "no/such/folder"),
        (["vae", "--epochs", "many"], "--epochs"),
        (["vae", "--no-such-option", "1"], "--no-such-option"),
        (["vae", "--data-dir", ".", "--dataset", "cifar"], "cifar"),
    ],
)
def test_mistakes_end_in_a_sentence_and_exit_code_2(arguments, sentence, capsys):
    try:
        code = run_command(run.main, arguments)
    except SystemExit as exit:  # of the argument parser
        code = exit.code
    assert code == 2
    assert sentence in " ".join(capsys.readouterr().err.split())


def test_a_mistake_in_a_real_shell_shows_no_traceback(tmp_path):
    done = subprocess.run([sys.executable, str(ROOT / "training/run.py"), "nonsense"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("error: There is no recipe 'nonsense'") and "Traceback" not in done.stderr


def test_unknown_recipe_raises_for_the_caller():
    with pytest.raises(UserError, match="vae"):
        recipe_class("../vae")
