"""Measures finished weights on the test split: `python training/evaluate.py NAME ... [--data-dir DIR]` writes metrics.json."""

import hashlib
import math
import shlex
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Literal

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # started as a file, from anywhere

import torch  # noqa: E402
import tyro  # noqa: E402
from torchvision.transforms.functional import to_pil_image  # noqa: E402

from playground import catalog  # noqa: E402
from playground.errors import UserError, run_command  # noqa: E402
from playground.models.base import Model  # noqa: E402
from training import data  # noqa: E402
from training.cards import write_card  # noqa: E402
from training.devices import check_device, hardware  # noqa: E402
from training.files import write_json  # noqa: E402
from training.recipes import Metric, Recipe, recipe_class  # noqa: E402


@dataclass(frozen=True)
class Arguments:
    names: tyro.conf.Positional[tuple[str, ...]]  # models of pretrained/, or folders
    data_dir: Path | None = None  # where the data sets are
    device: Literal["cpu", "cuda"] = "cpu"


def finished(folder: Path, data_dir: Path | None = None) -> tuple[Recipe, Model]:
    """The model in `folder`, and its recipe with the settings with which it was trained.

    Raises UserError if the engine did not write the folder, or the data are missing.
    """
    record = catalog.read_json(folder / "training.json")
    if not record:
        raise UserError(f"{folder} is not a trained model: there is no training.json in it.")
    cls = recipe_class(record["recipe"])
    known = {field.name for field in fields(cls.Settings)}
    settings = cls.Settings(**{key: value for key, value in record["settings"].items() if key in known} | {"data_dir": data_dir})
    return cls(settings), catalog.load_entry(catalog.Entry(folder.name, folder))


def computable(recipe: Recipe, model: Model) -> Iterator[Metric]:
    """The recipe's figures; on the user's own images, of which there may be too few, those that can be computed."""
    try:
        for metric in recipe.metrics(model):
            if math.isfinite(metric.value):
                finite = metric.stderr is None or math.isfinite(metric.stderr)
                yield metric if finite else replace(metric, stderr=None)  # a single image has no standard error
            else:
                print(f"{metric.name} is left out: it can't be computed from these {metric.n:,} images.")
    except UserError:
        raise
    except Exception as error:
        if not data.is_own(recipe.settings.dataset):
            raise
        print(f"The figures that would follow can't be computed on these images ({type(error).__name__}: {error}).")


def evaluate(folder: Path, data_dir: Path | None = None, device: str = "cpu") -> list[dict]:
    """Writes `metrics.json` and the card of the model in `folder`, and returns the figures.

    Raises UserError as `finished` does, and if there is no such device, or no test image.
    """
    check_device(device)
    recipe, model = finished(folder, data_dir)
    measured = []
    with torch.inference_mode():
        began = time.monotonic()
        for metric in computable(recipe, model.to(device)):
            seconds, began = time.monotonic() - began, time.monotonic()
            entry = asdict(metric)
            entry.update(entry.pop("extra") or {})
            entry |= {
                "hardware": hardware(torch.device(device)),
                "weights_sha256": hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest(),
                "command": f"python training/evaluate.py {shlex.quote(folder.name)}",
                "seconds": round(seconds, 1),
            }
            print(f"{folder.name:28} {metric.name:18} {metric.value:9.4f} {metric.unit:6} ({seconds:.0f} s)", flush=True)
            measured.append(entry)
        if (sheet := recipe.sheet(model)) is not None:
            to_pil_image((sheet.clamp(-1, 1) + 1) / 2).save(folder / "test.webp", quality=90)
    write_json(folder / "metrics.json", {"metrics": measured})
    write_card(folder)
    return measured


def folders(names: tuple[str, ...]) -> list[Path]:
    """The folders of these models, which are names in pretrained/ or folders.  Raises UserError if none is named."""
    if not names:
        raise UserError(f"Name one or more models: {', '.join(catalog.names())}.")
    return [Path(name) if Path(name, "config.json").exists() else catalog.entry(name).folder for name in names]


def main(arguments: list[str]) -> int:
    options = tyro.cli(Arguments, args=arguments, prog="evaluate.py", description=__doc__)
    for folder in folders(options.names):
        evaluate(folder, options.data_dir, options.device)
    return 0


if __name__ == "__main__":
    sys.exit(run_command(main, sys.argv[1:]))
