"""The pretrained models by name: those in `pretrained/`, and any on the Hugging Face Hub."""

import json
import os
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from PIL import Image

from playground.errors import UserError
from playground.hub import HUB_ID, download

ROOT = Path(os.environ.get("PLAYGROUND_PRETRAINED", Path(__file__).resolve().parent.parent / "pretrained"))
LOADED_AT_MOST = 64  # models held in memory at once
# Models that differ from others in one thing only, and were trained to show what it does: where they are compared, they are named.
TWINS = {
    *("pix2pix-flowers-l1", "pix2pix-flowers-gan", "pix2pix-flowers-both", "cyclegan-facades-short", "cyclegan-facades-nocycle"),
    *(f"pixelcnnpp-flowers-{twin}" for twin in ("small", "softmax", "planes", "one-size", "no-skips", "no-dropout")),
    "gated-pixelcnn-mnist-once",
}

_from_hub: dict[str, str | None] = {}  # ids named by `app.py --model`, with their revisions


@dataclass(frozen=True)
class Entry:
    """A pretrained model's folder: what stands beside the weights."""

    name: str
    folder: Path

    @cached_property
    def config(self) -> dict:
        return read_json(self.folder / "config.json")

    @property
    def system(self) -> str:
        return self.config.get("system", "")

    @cached_property
    def training(self) -> dict:
        """`training.json`, empty where there is none."""
        return read_json(self.folder / "training.json")

    @cached_property
    def metrics(self) -> dict[str, dict]:
        """Metric name -> its entry in `metrics.json`, empty where it was not measured."""
        return {metric["name"]: metric for metric in read_json(self.folder / "metrics.json").get("metrics", [])}

    @property
    def opening(self) -> Image.Image | None:
        """The picture that the model's export drew of its tab's first state, None where there is none yet."""
        try:
            with Image.open(self.folder / "opening.webp") as image:
                image.load()
                return image
        except FileNotFoundError:
            return None

    @cached_property
    def revision(self) -> str:
        """Changes when the weights do."""
        status = (self.folder / "model.safetensors").stat()
        return f"{status.st_size:x}-{status.st_mtime_ns:x}"


def read_json(path: Path) -> dict:
    """The content of a JSON file, {} where there is none.  Raises UserError for a damaged one."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UserError(f"{path.parent.name}/{path.name} is damaged; restore it, or train the model again.") from error


def entry(name: str, revision: str | None = None) -> Entry:
    """The folder of a local name ("vae-mnist") or of a Hub id ("user/name"), downloaded where needed.

    Raises UserError for a name that is not there, and where the Hub can't be reached.
    """
    if HUB_ID.fullmatch(name):
        return Entry(name, download(name, revision or _from_hub.get(name)))
    if not re.fullmatch(r"[\w.-]+", name) or name.startswith(".") or not (ROOT / name / "config.json").exists():
        known = ", ".join(names()) or "none yet"
        raise UserError(f"There is no pretrained model {name[:60]!r} here; there are: {known}.")
    return Entry(name, ROOT / name)


def names(*systems: str) -> list[str]:
    """Names of the pretrained models (of these systems), local ones first; a damaged config.json is passed over."""
    found = []
    folders = (path.parent.name for path in sorted(ROOT.glob("*/config.json")) if not path.parent.name.startswith("."))
    for name in [*folders, *_from_hub]:
        try:
            if not systems or entry(name).system in systems:
                found.append(name)
        except UserError:
            continue
    return found


def offered(system: str) -> list[str]:
    """`names` of the models that a tab offers to work with: all but the twins of an experiment."""
    return [name for name in names(system) if name not in TWINS]


def add_from_hub(name: str, revision: str | None = None) -> Entry:
    """Downloads a model of the Hub and adds it to `names()`.  Raises UserError where that fails."""
    if not HUB_ID.fullmatch(name):
        raise UserError(f"{name!r} is no Hugging Face id; it has the form user/name.")
    found = Entry(name, download(name, revision))
    if not found.system:
        raise UserError(f"{name} is no model of this playground: its config.json names no system.")
    _from_hub[name] = revision
    return found


def load(name: str, revision: str | None = None):
    """The model `name`, on the CPU, in eval mode, without gradients; a second call returns the same object.

    Args:
        name: a folder of `pretrained/`, or a Hub id "user/name".
        revision: a tag, branch or commit of the Hub's repository.

    Raises UserError where the model is not there, damaged, or the Hub can't be reached.
    """
    return load_entry(entry(name, revision))


def load_entry(found: Entry):
    """`load` for a folder anywhere."""
    if not (found.folder / "model.safetensors").exists():
        raise UserError(f"The weights of {found.name} are missing: there is no model.safetensors beside its config.json.")
    return _load(found.folder, found.revision)


@lru_cache(maxsize=LOADED_AT_MOST)
def _load(folder: Path, revision: str):
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    from playground.models import model_class

    config = read_json(folder / "config.json")
    try:
        model = model_class(config.pop("system"))(**config)
    except (KeyError, TypeError) as error:
        raise UserError(f"{folder.name}/config.json doesn't describe a model of this version of the playground ({error}).") from error
    try:
        model.load_state_dict(load_file(folder / "model.safetensors"), strict=True)
    except (SafetensorError, RuntimeError) as error:
        raise UserError(f"The weights of {folder.name} are damaged or belong to another model; restore model.safetensors.") from error
    return model.eval().requires_grad_(False)
