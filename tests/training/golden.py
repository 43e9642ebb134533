"""Golden loss curves: 20 steps in float64 on one thread under a fixed seed must come out as they always did.

A refactor that changes nothing proves it here.  After a deliberate change: `python -m tests.training.golden RECIPE` writes the new curve.
"""

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import torch
from torch.nn import functional

from tests import synthetic
from training import engine
from training.recipes import recipe_class

FILE = Path(__file__).parent / "golden.json"
STEPS = 20

FOLDERS = {"classes": synthetic.digit_tree, "pairs": synthetic.pair_folder, "domains": synthetic.world_folders}


def tiny_settings(recipe: str, data_dir: Path, **changes):
    """A recipe's `tiny` settings on synthetic data."""
    cls = recipe_class(recipe)
    if not data_dir.exists():
        FOLDERS[cls.layout](data_dir)
    settings = cls.Settings(**cls.presets["small"])
    return replace(settings, **{"dataset": "folder", "data_dir": data_dir, "precision": "float64", "device": "cpu", **cls.tiny, **changes})


def curve(recipe: str, folder: Path, device: str = "cpu") -> list[dict[str, float]]:
    """The logged scalars of each of the first steps."""
    torch.set_num_threads(1)
    settings = tiny_settings(recipe, folder / "data", device=device)
    trainer = engine.Trainer(recipe_class(recipe)(settings), settings, folder / "work")
    losses, dropout = [], functional.dropout

    def masked(x, p=0.5, training=True, inplace=False):
        """Dropout by a mask from the CPU's generator, drawn in the order of the shape: other devices have other numbers and layouts."""
        return x * dropout(torch.ones(x.shape, dtype=x.dtype), p, training).to(x.device)

    with engine.default_dtype(torch.float64), patch.object(functional, "dropout", masked):
        for _ in range(STEPS):
            losses.append({name: float(value) for name, value in trainer.one_step().items()})
            trainer.step += 1
    return losses


if __name__ == "__main__":
    for name in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as folder:
            golden = json.loads(FILE.read_text()) if FILE.exists() else {}
            golden[name] = curve(name, Path(folder))
            FILE.write_text(json.dumps(golden, indent=1, sort_keys=True) + "\n")
            print(name, golden[name][0], golden[name][-1])
