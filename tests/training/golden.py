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

# recipe -> settings that make it small, and the kind of data it wants; `epochs` where the preset's, and so the schedule, has changed since
TINY = {
    "autoencoder": ({"latent": 2, "widths": (16,), "batch_size": 8}, synthetic.digit_tree),
    "vae": ({"latent": 2, "width": 4, "hidden": 16, "batch_size": 8}, synthetic.digit_tree),
    "digit-classifier": ({"batch_size": 8}, synthetic.digit_tree),
    "gan": ({"batch_size": 8, "generator_widths": [32, 32], "discriminator_widths": [16, 16]}, synthetic.digit_tree),
    "dcgan": ({"batch_size": 8, "widths": [16, 8, 4]}, synthetic.digit_tree),
    "cgan": ({"batch_size": 8}, synthetic.digit_tree),
    "pixelcnnpp": ({"batch_size": 4, "features": 6, "mixtures": 2, "stages": 2, "size": 8}, synthetic.digit_tree),
    "gated-pixelcnn": ({"epochs": 1.2, "batch_size": 8, "layers": 2, "channels": 8, "head": 8}, synthetic.digit_tree),
    "pixelcnn": ({"epochs": 7, "batch_size": 8, "layers": 2, "channels": 8, "head": 8}, synthetic.digit_tree),
    "row-lstm": ({"epochs": 4, "batch_size": 8, "layers": 2, "channels": 8, "head": 8}, synthetic.digit_tree),
    "diagonal-bilstm": ({"epochs": 4, "batch_size": 8, "layers": 2, "channels": 8, "head": 8}, synthetic.digit_tree),
    "pix2pix": (
        {"batch_size": 2, "size": 32, "jitter": 4, "widths": [8, 16, 16], "discriminator_widths": [8, 16], "label_maps": "none"},
        synthetic.pair_folder,
    ),
    "cyclegan": (
        {
            "batch_size": 2,
            "size": 32,
            "jitter": 4,
            "generator_channels": 4,
            "blocks": 1,
            "discriminator_channels": 4,
            "discriminator_layers": 3,
        },
        synthetic.world_folders,
    ),
}


def tiny_settings(recipe: str, data_dir: Path, **changes):
    """The small settings of a recipe on synthetic data."""
    cls, (tiny, make) = recipe_class(recipe), TINY[recipe]
    if not data_dir.exists():
        make(data_dir)
    settings = cls.Settings(**cls.presets["small"])
    return replace(settings, **{"dataset": "folder", "data_dir": data_dir, "precision": "float64", "device": "cpu", **tiny, **changes})


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
