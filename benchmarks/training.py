"""Images a second that every recipe trains here: `python -m benchmarks.training [--json] [--seconds 20]`.

Each recipe runs its `small` preset on synthetic data of its default sizes, one step after another, for the given time.
"""

import argparse
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch

from tests.training.golden import TINY
from training import engine
from training.recipes import RECIPES, recipe_class


def measure(name: str, seconds: float, folder: Path) -> dict:
    """Images a second of one recipe, after one step of warming up."""
    cls = recipe_class(name)
    data = folder / "data"
    TINY[name][1](data)
    settings = replace(cls.Settings(**cls.presets["small"]), dataset="folder", data_dir=data)
    trainer = engine.Trainer(cls(settings), settings, folder / "work")
    trainer.one_step()
    steps, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        trainer.step += 1
        trainer.one_step()
        steps += 1
    rate = steps * settings.batch_size / (time.perf_counter() - began)
    return {
        "recipe": name,
        "images_per_second": round(rate, 1),
        "batch_size": settings.batch_size,
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
    for name in RECIPES:
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
