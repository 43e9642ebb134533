"""Writes a trained model's folder: the weights first, then files that can be made again from them."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import load_file, save
from torchvision.transforms.functional import to_pil_image

from playground import catalog, snapshots
from playground.errors import UserError
from playground.graphs.export import graph_files
from playground.models.base import Model
from training.cards import write_card
from training.files import json_bytes, write_files
from training.recipes import Recipe

DERIVED = (
    "metrics.json",
    "film.webp",
    "opening.webp",
    "samples.webp",
    "test.webp",
    "codes.safetensors",
    "graphs.json",
)  # files that describe the weights beside them


def model_files(model: Model, dtype: torch.dtype = torch.float32) -> dict[str, bytes]:
    """model.safetensors, its floating-point weights stored as `dtype`, and config.json."""
    state = {
        name: (value.to(dtype) if value.is_floating_point() else value).contiguous().cpu() for name, value in model.state_dict().items()
    }
    metadata = {"format": "pt", "settings": json.dumps(model.settings)}  # for `catalog.settings_in`
    return {"model.safetensors": _in_order(save(state, metadata=metadata)), "config.json": json_bytes(model.settings)}


def _in_order(file: bytes) -> bytes:
    """A safetensors file with its metadata sorted, since safetensors writes them in no fixed order: equal weights give equal files."""
    end = 8 + int.from_bytes(file[:8], "little")
    header = json.loads(file[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    return file[:8] + json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode().ljust(end - 8) + file[end:]


def save_model(model: Model, folder: Path, dtype: torch.dtype = torch.float32) -> None:
    """Writes `model_files` to an existing folder.  Raises OSError if the disk is full."""
    write_files(folder, model_files(model, dtype))


def load_weights(model: Model, start: Path) -> None:
    """Loads into `model` the weights of a folder, or of a model by name (see `catalog.entry`).  Raises UserError if they don't fit."""
    path = start_folder(start) / "model.safetensors"
    if not path.exists():
        raise UserError(f"There are no weights in {start}; --from takes a model's name or folder, such as vae-mnist.")
    try:
        model.load_state_dict(load_file(path))
    except Exception as error:
        raise UserError(f"The weights in {start} don't fit this model; start from a model trained with the same sizes.") from error


def start_folder(start: Path) -> Path:
    """The folder that --from names: a path, or a model of pretrained/ or of the Hub."""
    if start.is_dir():
        return start
    try:
        return catalog.entry(str(start)).folder
    except UserError as error:
        raise UserError(f"There are no weights in {start}, and it names no model ({error})") from error


def export(
    recipe: Recipe, model: Model, frames: list[torch.Tensor], record: dict, folder: Path, earlier_snapshots: Path | None = None
) -> None:
    """Writes a model to `folder`: weights, settings and record together, and then film, pictures and card, as far as they can be made.

    Files in the folder that the engine did not write stay, and so does a card that a person has edited.

    Args:
        model: on any device, in float32 and eval mode.
        frames: of the film, uint8 (3, H, W).
        record: the content of `training.json`.
        earlier_snapshots: a film that is kept as this run's, because nothing that it shows was trained in it.

    Raises:
        OSError: the weights can't be written (a full disk, no permission); the previous files stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    storage = getattr(torch, recipe.settings.storage)
    shown = earlier_snapshots.read_bytes() if earlier_snapshots else None  # it may be in this very folder
    write_files(folder, model_files(model, storage) | {"training.json": json_bytes(record)})
    for name in DERIVED:
        (folder / name).unlink(missing_ok=True)

    def write_snapshots() -> None:
        with tempfile.TemporaryDirectory() as staged:
            snapshots.save([to_pil_image(frame) for frame in frames], Path(staged) / "film.webp")
            write_files(folder, {"film.webp": (Path(staged) / "film.webp").read_bytes()})

    write_snapshots = (lambda: write_files(folder, {"film.webp": shown})) if shown else write_snapshots
    failed = attempt({"film.webp": write_snapshots}) + write_assets(recipe, model.cpu(), folder)
    failed += attempt({"README.md": lambda: write_card(folder)})
    for sentence in failed:
        print(f"warning: {sentence} The weights are whole.")


def write_assets(recipe: Recipe, model: Model, folder: Path) -> list[str]:
    """Writes the assets that the page needs beside the weights: the recipe's own files, the tab's opening picture, a sheet of generated
    digits, and graphs for the browser.

    Returns a sentence with the reason for each that could not be made.
    """
    from playground import api
    from playground.previews import preview

    def of_recipe() -> None:
        with tempfile.TemporaryDirectory() as staged:
            recipe.export_assets(model, Path(staged))
            write_files(folder, {path.name: path.read_bytes() for path in sorted(Path(staged).iterdir())})

    def picture(name: str, draw: Callable[[Model], Image.Image]) -> None:
        with tempfile.TemporaryDirectory() as staged:
            draw(model).save(Path(staged) / name, lossless=True, exact=True)
            write_files(folder, {name: (Path(staged) / name).read_bytes()})

    parts: dict[str, Callable[[], object]] = {"codes.safetensors": of_recipe}
    if draw := preview(model.system):
        parts["opening.webp"] = lambda: picture("opening.webp", draw)
    if api.makes_digits(model.settings):
        parts[api.SHEET] = lambda: picture(api.SHEET, api.draw_sheet)
    parts["graphs.json"] = lambda: write_graphs(folder)
    return attempt(parts)


def write_graphs(folder: Path) -> None:
    """Writes the graphs that the visitor's browser computes with the model in `folder`."""
    write_files(folder, graph_files(catalog.Entry(folder.name, folder)))


def attempt(parts: dict[str, Callable[[], object]]) -> list[str]:
    """Calls each part, and returns a sentence for each that failed: a missing picture must not cost a trained model."""
    failed = []
    for name, part in parts.items():
        try:
            part()
        except Exception as error:
            failed.append(f"{name} could not be made ({type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}).")
    return failed
