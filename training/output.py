"""Where a run may write: it never removes a file that the engine did not write, and replaces a model only if that was asked for."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from filelock import FileLock, Timeout

from playground import catalog
from playground.errors import UserError
from training import data, hub_data
from training.checkpoint import CHECKPOINT, load_checkpoint
from training.recipes import Settings

ROOT = Path(__file__).resolve().parent.parent

# --- names ---


def usual_name(recipe: str, settings: Settings) -> str:
    """<recipe>-<data set>: the first word of the data set's name (pix2pix-flowers is trained on flowers17), or the name of one's folder."""
    if recipe == "digit-classifier" and settings.dataset == "mnist":
        return recipe  # the judge of the digits' figures
    if hub_data.is_hub(settings.dataset):
        return f"{recipe}-{hub_data.parsed(settings.dataset).id.replace('/', '-')}"
    if settings.dataset == "folder" and settings.data_dir:
        own = re.sub(r"[^\w.-]+", "-", settings.data_dir.resolve().name).strip("-.") or "images"
        return f"{recipe}-{'own-' * (own in data.NAMES)}{own}"
    return f"{recipe}-{re.findall(r'mnist-static|[a-z]*', settings.dataset)[0]}"


def chosen_output(recipe: str, settings: Settings) -> Path:
    """The folder for a run's model: --output, or a name in pretrained/ that no model has yet.

    With --resume auto it is the last of these names whose run can be continued, with --overwrite the first.
    """
    if settings.output:
        return resolved(settings.output)
    usual = resolved(catalog.ROOT / usual_name(recipe, settings))
    if settings.overwrite:
        return usual
    free = going_on = None
    for number in count(1):
        output = usual if number == 1 else usual.with_name(f"{usual.name}-run{number}")
        checkpoint = has_checkpoint(output)
        if checkpoint and (not output.exists() or is_of_run(output)):
            going_on = output
        if not output.exists():
            free = free or output
            if not checkpoint:
                return going_on if settings.resume == "auto" and going_on else free
    raise AssertionError("there is always another number")


def resolved(path: Path) -> Path:
    try:
        return path.expanduser().resolve()
    except (OSError, RuntimeError) as error:  # e.g. a loop of links
        raise UserError(f"--output {path} can't be used as a path ({error}); choose another folder.") from error


def called(folder: Path) -> str:
    """The model in `folder` as a command names it: by its name if it is in pretrained/, or else by its path."""
    return folder.name if folder.parent == resolved(catalog.ROOT) else str(folder)


def work_folder(output: Path) -> Path:
    """The folder of the checkpoint and the TensorBoard files of the run to `output`."""
    return output.parent / ".runs" / output.name


def has_checkpoint(output: Path) -> bool:
    return (work_folder(output) / CHECKPOINT).exists()


def is_of_run(output: Path) -> bool:
    """Whether the model in `output` is of the run whose checkpoint is there, so that continuing it replaces no other run's model."""
    try:
        record, state = catalog.read_json(output / "training.json"), load_checkpoint(work_folder(output) / CHECKPOINT)
    except UserError:  # damaged: it belongs to no run
        return False
    return "run" in record and record["run"] == state.get("run")


def is_model(folder: Path) -> bool:
    """Whether a folder holds a model that the engine wrote."""
    try:
        return "system" in catalog.read_json(folder / "config.json") and (folder / "model.safetensors").exists()
    except (UserError, TypeError):
        return False


# --- what is refused before training ---


def check_output(output: Path, settings: Settings) -> None:
    """Raises UserError, before training, if a model can't or must not be written to `output`."""
    try:
        _check_place(output, settings)
        _check_taken(output, settings)
        for folder in (output, work_folder(output)):
            _check_writable(folder)
    except OSError as error:
        raise UserError(f"Nothing can be written to {output} ({error.strerror or error}); choose another --output.") from error


def _check_place(output: Path, settings: Settings) -> None:
    if output == ROOT or output in ROOT.parents or output == resolved(catalog.ROOT):
        raise UserError(f"--output {output} holds this program, or all its models; choose a new folder, such as pretrained/my-model.")
    images = resolved(settings.data_dir or data.ROOT)
    inside = images in output.parents and (settings.dataset == "folder" or not (images == ROOT or images in ROOT.parents))
    if output == images or output in images.parents or inside:
        raise UserError(f"Of --output {output} and the data in {images}, one is inside the other; choose a folder beside the data.")
    if output.parent == resolved(catalog.ROOT) and not re.fullmatch(r"[\w-][\w.-]*", output.name):
        raise UserError(f"A model's name in pretrained/ may have only letters, digits, '-', '_' and '.'; {output.name!r} has others.")
    if output.exists() and not output.is_dir():
        raise UserError(f"--output {output} is a file; choose a new folder, such as pretrained/my-model.")


def _check_taken(output: Path, settings: Settings) -> None:
    checkpoint, again = has_checkpoint(output), settings.resume == "auto"
    there = {path.name for path in output.iterdir()} if output.exists() else set()
    if there and not is_model(output) and not (checkpoint and there == {"model.safetensors"}):  # left by a run that was killed in export
        raise UserError(f"--output {output} holds other files ({_some(there)}); choose a new or an empty folder.")
    if settings.overwrite:
        return
    if is_model(output) and not (again and checkpoint and is_of_run(output)):
        go_on = "; --resume auto continues its run" if checkpoint and is_of_run(output) else ""
        raise UserError(f"There is a model in {output} already: choose another --output, or --overwrite to replace it{go_on}.")
    if checkpoint and not again:
        raise UserError(f"A run to {output} left a checkpoint: --resume auto continues it, --overwrite replaces it.")


def _some(names: set[str], most: int = 3) -> str:
    shown = sorted(names)[:most]
    return ", ".join(shown) + (f" and {len(names) - most} more" if len(names) > most else "")


def _check_writable(folder: Path) -> None:
    """Writes an anonymous temporary file into the nearest folder that exists."""
    while not folder.exists():
        folder = folder.parent
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"?")


@contextmanager
def locked(output: Path) -> Iterator[None]:
    """Locks `output` against other runs.  Raises UserError if another run has locked it."""
    work = work_folder(output)
    try:
        work.mkdir(parents=True, exist_ok=True)
        lock = FileLock(work / "lock")
        lock.acquire(timeout=0)
    except Timeout as error:
        raise UserError(f"Another run is training to {output}: wait until it has ended, or choose another --output.") from error
    except OSError as error:
        raise UserError(f"Nothing can be written to {work} ({error.strerror or error}); choose another --output.") from error
    try:
        yield
    finally:
        lock.release()
