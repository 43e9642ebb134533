"""The contracts of `lint-imports` hold, and each of them fails where it is broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LINT = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]


def lint(folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(LINT, cwd=folder, capture_output=True, text=True)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    for name in ("playground", "training"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=lambda at, names: [n for n in names if Path(at, n).is_file() and n[-3:] != ".py"]
        )
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_layers_point_one_way():
    answer = lint(ROOT)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize(
    ("file", "imports", "contract"),
    [
        ("playground/models/vae.py", "playground.sampling.cached", "The layers of playground/ point one way"),
        ("playground/drawing/strokes.py", "playground.ui.state", "The layers of playground/ point one way"),
        ("playground/ui/executor.py", "playground.ui.builder", "The tabs stand on the builder"),
        ("playground/ui/tabs/digits/tab.py", "playground.ui.tabs.latent.codes", "The tabs do not import one another"),
        ("training/data.py", "playground.ui.state", "training/ does without the page"),
        ("playground/previews.py", "training.data", "playground/ does without training/"),
        ("playground/api/latent.py", "gradio", "Only the page knows Gradio"),
        ("playground/models/gan.py", "playground.models.live_gan", "No circle of files"),
    ],
)
def test_a_broken_contract_is_found(copy, file, imports, contract):
    source = (copy / file).read_text(encoding="utf-8")
    (copy / file).write_text(f"{source}\n\ndef later():\n    import {imports}\n", encoding="utf-8")
    answer = lint(copy)
    (copy / file).write_text(source, encoding="utf-8")
    broken = [line for line in answer.stdout.splitlines() if "BROKEN" in line]
    assert answer.returncode == 1 and any(line.startswith(contract) for line in broken), answer.stdout
