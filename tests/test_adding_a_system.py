"""CONTRIBUTING.md's account of adding a system is true: followed word for word in a copy of the code, it ends with a model in its tab."""

import json
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parent.parent
REPORT = """
import json
from playground import api, catalog, load
from playground.ui.tabs.game.shared import gans
api.game_samples(model="linear-gan-mine")  # as the tab calls it
told = {"catalogue": catalog.names(), "tab": gans(), "config": catalog.entry("linear-gan-mine").config}
print(json.dumps(told | {"samples": load("linear-gan-mine").sample(3).shape}))
"""


def test_contributings_account_of_adding_a_system_is_true(tmp_path, digits_dir):
    for package in ("playground", "training"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "onnxruntime", "kernels-*"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    account = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Adding a system")[2]
    blocks = re.findall(r"^   `([\w./]+)`\n\n   ```python\n(.*?)   ```$", account, re.M | re.S)
    assert len(blocks) == 3
    for name, block in blocks:
        path, code = tmp_path / name, textwrap.dedent(block)
        if path.exists():  # the registry, to which an entry is added
            code = path.read_text(encoding="utf-8").replace("\n}\n", f"\n{textwrap.indent(code, '    ')}}}\n", 1)
        path.write_text(code, encoding="utf-8")
    (tmp_path / "digits").symlink_to(digits_dir)
    command = re.search(r"^python (.*linear-gan.*)$", account, re.M)[1].split()
    trained = subprocess.run([sys.executable, *command, "--device", "cpu"], cwd=tmp_path, capture_output=True, text=True)
    assert trained.returncode == 0 and "warning" not in trained.stdout, trained.stdout + trained.stderr
    assert {"model.safetensors", "opening.webp", "way.onnx"} <= {path.name for path in (tmp_path / "pretrained/linear-gan-mine").iterdir()}
    told = json.loads(subprocess.run([sys.executable, "-c", REPORT], cwd=tmp_path, check=True, capture_output=True, text=True).stdout)
    assert told["catalogue"] == told["tab"] == ["linear-gan-mine"] and told["samples"] == [3, 1, 28, 28]
    assert told["config"] == {"system": "linear-gan", "latent": 16, "dataset": "folder", "size": 28, "planes": 1}
