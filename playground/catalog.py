"""The pretrained models by name: those in `pretrained/`, and any on the Hugging Face Hub.

The files beside the weights are read once, and again when a file of the folder has changed.  Folders are checked for changes at most once
in `FRESH` seconds, so that gestures, with up to fifty events a second, do not wait for the disk.
"""

import json
import os
import threading
import time
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from PIL import Image

from playground.errors import UserError
from playground.hub import HUB_ID, download
from playground.systems import SYSTEMS

ROOT = Path(os.environ.get("PLAYGROUND_PRETRAINED", Path(__file__).resolve().parent.parent / "pretrained"))
LOADED_AT_MOST = 64  # models held in memory at once
FRESH = 1.0  # seconds between two checks of the folders
# Models that differ from another in one thing only, trained to show its effect.  Tabs do not offer them; comparisons name them.
ABLATIONS = {name for system in SYSTEMS.values() for name in system.ablations}

_from_hub: dict[str, str | None] = {}  # ids named by `app.py --model`, with their revisions


@dataclass(frozen=True)
class Entry:
    """A pretrained model's folder.  The files beside the weights are read when they are first needed."""

    name: str
    folder: Path
    files: tuple = ()  # (name, size, time) of each of its files; a folder that changes gets a new Entry

    @cached_property
    def config(self) -> dict:
        return settings_in(self.folder)

    @property
    def system(self) -> str:
        return self.config.get("system", "")

    @cached_property
    def training(self) -> dict:
        """`training.json`; empty if there is none."""
        return read_json(self.folder / "training.json")

    @cached_property
    def metrics(self) -> dict[str, dict]:
        """Metric name -> its entry in `metrics.json`; empty if nothing was measured."""
        return {metric["name"]: metric for metric in read_json(self.folder / "metrics.json").get("metrics", [])}

    @cached_property
    def graphs(self) -> dict[str, dict]:
        """Name -> inputs, outputs and files of a graph that was exported for the browser (`graphs/export.py`)."""
        return read_json(self.folder / "graphs.json")

    @cached_property
    def codes(self) -> dict:
        """Name -> tensor, of `codes.safetensors`: statistics or codes of training images; empty if there is none."""
        from safetensors.torch import load_file

        try:
            return load_file(self.folder / "codes.safetensors")
        except FileNotFoundError:
            return {}

    @cached_property
    def opening(self) -> Image.Image | None:
        """The picture of the tab's first state that the model's export drew, or None."""
        try:
            with Image.open(self.folder / "opening.webp") as image:
                image.load()
                return image
        except FileNotFoundError:
            return None

    @cached_property
    def revision(self) -> str:
        """A text that changes when the weights do.  Raises UserError if there are none."""
        for file, size, changed in self.files or _files_in(self.folder):
            if file == "model.safetensors":
                return f"{size:x}-{changed:x}"
        raise UserError(f"The weights of {self.name} are missing: there is no model.safetensors beside its config.json.")


def settings_in(folder: Path) -> dict:
    """The settings that are stored with a folder's weights, or else its config.json.  They may be of different models, if a run was killed
    between writing the two."""
    try:
        with open(folder / "model.safetensors", "rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        return json.loads(header["__metadata__"]["settings"])
    except (OSError, ValueError, KeyError, TypeError, MemoryError, OverflowError):  # older weights, or none; damaged ones raise on loading
        return read_json(folder / "config.json")


def read_json(path: Path) -> dict:
    """The content of a JSON file, or {} if there is none.  Raises UserError for a damaged one."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UserError(f"{path.parent.name}/{path.name} is damaged; restore it, or train the model again.") from error


class _Folders:
    """The folders of ROOT that hold a model, as of the last check."""

    def __init__(self):
        self._lock = threading.Lock()
        self._root: Path | None = None
        self._looked = 0.0
        self._entries: dict[str, Entry] = {}

    def entries(self, anew: bool = False) -> dict[str, Entry]:
        """Name -> entry, sorted by name.  anew: checks the folders even if the last check was a moment ago."""
        with self._lock:
            if anew or self._root != ROOT or time.monotonic() - self._looked > FRESH:
                before = self._entries if self._root == ROOT else {}
                now = {name: Entry(name, ROOT / name, files) for name, files in _files(ROOT).items()}
                self._entries = {name: before[name] if before.get(name) == entry else entry for name, entry in now.items()}
                self._root, self._looked = ROOT, time.monotonic()
            return self._entries


def _files(root: Path) -> dict[str, tuple]:
    """Name -> (name, size, time) of each file, of the folders that hold a model."""
    found = {}
    try:
        folders = sorted((folder.name, folder.path) for folder in os.scandir(root) if not folder.name.startswith(".") and folder.is_dir())
    except FileNotFoundError:
        return {}
    for name, path in folders:
        try:
            files = _files_in(path)
        except FileNotFoundError:  # it is just being replaced
            continue
        if any(file == "config.json" for file, *_ in files):
            found[name] = files
    return found


def _files_in(folder: str | Path) -> tuple[tuple[str, int, int], ...]:
    """(name, size, time) of each file, sorted."""
    stats = [(file.name, file.stat()) for file in os.scandir(folder)]
    return tuple(sorted((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats))


_folders = _Folders()


def entry(name: str, revision: str | None = None) -> Entry:
    """The entry of a local name ("vae-mnist") or of a Hub id ("user/name"), which is downloaded if necessary.

    Raises UserError for an unknown name, and if the Hub can't be reached.
    """
    if HUB_ID.fullmatch(name):
        return _hub_entry(name, download(name, revision or _from_hub.get(name)))
    found = _folders.entries().get(name) or _folders.entries(anew=True).get(name)
    if found is None:
        known = ", ".join(names()) or "none yet"
        raise UserError(f"There is no pretrained model {name[:60]!r} here; there are: {known}.")
    return found


@lru_cache(maxsize=LOADED_AT_MOST)
def _hub_entry(name: str, folder: Path) -> Entry:
    """The entry of a snapshot of the Hub, whose files never change."""
    return Entry(name, folder)


def names(*systems: str) -> list[str]:
    """Names of the pretrained models (of these systems), local ones first; those with a damaged config.json are skipped."""
    found = []
    for name in [*_folders.entries(), *_from_hub]:
        try:
            if not systems or entry(name).system in systems:
                found.append(name)
        except UserError:
            continue
    return found


def refresh() -> None:
    """Checks the folders now: for callers that have just changed one."""
    _folders.entries(anew=True)


def offered(system: str) -> list[str]:
    """Names of the models of a system that tabs offer: all but the ablations."""
    return [name for name in names(system) if name not in ABLATIONS]


def add_from_hub(name: str, revision: str | None = None) -> Entry:
    """Downloads a model of the Hub and adds it to `names()`.  Raises UserError if that fails."""
    if not HUB_ID.fullmatch(name):
        raise UserError(f"{name!r} is not a Hugging Face id, which has the form user/name.")
    found = Entry(name, download(name, revision))
    if not found.system:
        raise UserError(f"{name} is not a model of this playground: its config.json names no system.")
    _from_hub[name] = revision
    return found


def load(name: str, revision: str | None = None):
    """The model `name`, on the CPU, in eval mode, without gradients; a second call returns the same object.

    Args:
        name: a folder of `pretrained/`, or a Hub id "user/name".
        revision: a tag, branch or commit of the Hub's repository.

    Raises UserError if there is no such model, it is damaged, or the Hub can't be reached.
    """
    return load_entry(entry(name, revision))


def load_entry(found: Entry):
    """`load` for a folder anywhere."""
    return _load(found.folder, found.revision)


@lru_cache(maxsize=LOADED_AT_MOST)
def _load(folder: Path, revision: str):
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from playground.models import model_class

    config = settings_in(folder)
    try:
        model = model_class(config.pop("system"))(**config)
    except (KeyError, TypeError) as error:
        raise UserError(f"{folder.name}/config.json doesn't describe a model of this version of the playground ({error}).") from error
    try:
        model.load_state_dict(load_file(folder / "model.safetensors"), strict=True)
    except (SafetensorError, RuntimeError) as error:
        raise UserError(f"The weights of {folder.name} are damaged or belong to another model; restore model.safetensors.") from error
    return model.eval().requires_grad_(False)
