"""Images a second that every recipe trains here: `python -m benchmarks.training [--json] [--seconds 20]`.

Each recipe runs its `small` preset on synthetic data of its default sizes, one step after another, for the given time.  One that sets its
weights at once does so again and again.
"""

import argparse
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch

from playground.systems import SYSTEMS
from tests.training.golden import FOLDERS
from training import engine
from training.recipes import recipe_class


def measure(name: str, seconds: float, folder: Path) -> dict:
    """Images a second of one recipe, after one step of warming up."""
    cls = recipe_class(name)
    data = folder / "data"
    FOLDERS[cls.layout](data)
    settings = replace(cls.Settings(**cls.presets["small"]), dataset="folder", data_dir=data)
    recipe = cls(settings)
    trainer = engine.Trainer(recipe, settings, folder / "work")
    batch = settings.batch_size if recipe.steps else len(recipe)
    move = trainer.one_step if recipe.steps else lambda: recipe.fit(trainer.model)
    move()
    steps, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        trainer.step += 1
        move()
        steps += 1
    return {
        "recipe": name,
        "images_per_second": round(steps * batch / (time.perf_counter() - began), 1),
        "batch_size": batch,
        "parameters": sum(p.numel() for p in trainer.model.parameters()),
        "precision": trainer.precision,
        "hardware": engine.hardware(trainer.device),
        "torch": torch.__version__,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=20, help="for each recipe")
    options = parser.parse_args()
    rows = []
    for name in SYSTEMS:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(measure(name, options.seconds, Path(folder)))
        if not options.json:
            print(
                "{recipe:18} {images_per_second:9.1f} images/s  batch {batch_size:<4} {precision}  {hardware}".format(**rows[-1]),
                flush=True,
            )
    if options.json:
        print(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
