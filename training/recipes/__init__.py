"""The recipes, one file for each system, all with the same members: read two side by side to see what differs between two papers."""

import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar

import tyro
from torch import Tensor
from torch.optim import Optimizer

from playground.errors import UserError
from playground.models.base import ImageConfig, Model
from playground.systems import SYSTEMS
from training import augmentation, data
from training.metrics import Metric
from training.random_streams import RandomStreams

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Settings:
    """The settings that every recipe has.  A recipe's own `Settings` adds the paper's, with these defaults overridden."""

    preset: Literal["small", "paper"] = "small"  # what the other settings start from
    dataset: str = ImageConfig.dataset  # by name (see training/data.py), "folder" for --data-dir's own images, or hf:user/name
    data_dir: Path | None = None  # where the data set is, or is downloaded to
    output: Path | None = None  # where the trained model goes; by default to a name of pretrained/ that no model has yet
    start: Annotated[Path | None, tyro.conf.arg(name="from")] = None  # start from the weights of this model, a name or a folder
    seed: int = 0
    epochs: float = 10.0
    max_steps: int | None = None  # stop after this many steps, whatever `epochs` says
    batch_size: int = 64  # images a step, over all processes
    accumulate: int = 1  # parts into which a step's batch is divided (gradient accumulation)
    precision: Literal["auto", "bf16", "float32", "float64"] = "auto"
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    compile: bool = False  # compile the networks with torch.compile: a slow start, and faster steps
    channels_last: bool = False
    learning_rate: float = 1e-3
    ema: float = 0.0  # decay of the averaged weights that are exported; 0 exports the last ones
    storage: Literal["float32", "bfloat16"] = "float32"  # of the exported weights
    checkpoint_minutes: float = 5.0
    resume: Literal["auto", "never"] = "never"  # auto: go on from the run's checkpoint, if there is one; with more --epochs for longer
    overwrite: bool = False  # replace the model, or the checkpoint, that is in --output
    tracker: Literal["tensorboard", "trackio"] = "tensorboard"  # where the curves go, on this machine
    push_to_hub: str | None = None  # user/name
    private: bool = False
    dry_run: bool = False  # say what would be done, and do nothing


@dataclass(frozen=True)
class PictureSettings(Settings):
    size: int = ImageConfig.size  # side of the images
    colour: data.Colour = "auto"  # for a folder: as its images are


@dataclass(frozen=True)
class AdversarialSettings(Settings):
    """The settings that the recipes of all GANs have.  Raises UserError for an unknown `augment`."""

    augment: str = ""  # augmentation of D's inputs (arXiv 2006.10738): a comma-separated list of colour, translation and cutout
    r1_weight: float = 0.0  # of the R1 penalty on D, gamma (arXiv 1801.04406)

    def __post_init__(self) -> None:
        augmentation.check(self.augment)


# Bounds of numbers: (minimum, whether the minimum itself is allowed, upper bound, excluded).  Other integers, and those in lists, are at
# least 1; other floats are at least 0.
BOUNDS = {
    "seed": (0, True, 2**31),
    **dict.fromkeys(("history", "jitter", "border"), (0, True, math.inf)),
    **dict.fromkeys(("epochs", "learning_rate", "checkpoint_minutes"), (0, False, math.inf)),
    **dict.fromkeys(("ema", "dropout"), (0, True, 1)),
}


def check_numbers(settings: Settings) -> None:
    """Raises UserError for a number outside its bounds."""
    for field in fields(settings):
        value = getattr(settings, field.name)
        numbers = [v for v in (value if isinstance(value, list | tuple) else [value]) if isinstance(v, int | float) and type(v) is not bool]
        low, reached, high = BOUNDS.get(field.name, (1 if all(isinstance(v, int) for v in numbers) else 0, True, math.inf))
        for number in numbers:
            if not (low <= number if reached else low < number) or not number < high:
                least = f"at least {low}" if reached else f"above {low}"
                most = f" and below {high}" if high < math.inf else "" if math.isfinite(number) else " and finite"
                raise UserError(f"--{field.name.replace('_', '-')} must be {least}{most}, not {number}.")


class Recipe:
    """How one paper's model is trained.  The core is `losses`, which reads like the paper's algorithm.

    Members: `name`, `Settings`, `presets` (settings that differ from the defaults of `Settings`; "small" made the shipped
    weights on two cores, "paper" is the paper's own), `tiny`, `layout`, and the methods below.  `len(recipe)` is the number
    of training examples.
    """

    name: ClassVar[str]
    Settings: ClassVar[type] = Settings
    settings: Any  # one of these `Settings`
    presets: ClassVar[dict[str, dict]]
    tiny: ClassVar[dict]  # overrides of "small" for tests: small networks and batches; `epochs` are those of the golden curve
    layout: ClassVar[Literal["classes", "pairs", "domains"]] = "classes"  # of a folder of one's own images
    steps: bool = True  # whether it trains in steps; if not, `fit` sets the weights at once
    earlier_minutes: float = 0.0  # of the trainings whose weights it takes

    def __init__(self, settings: Any):
        """Loads the training data."""
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    def model(self) -> Model:
        """A new model, with weights drawn from torch's global generator (which the engine seeds)."""
        raise NotImplementedError

    def built(self, cls: type[M], **of_data) -> M:
        """A model with the settings that are fields of its `Config`; arguments are the fields that follow from the data, and come first."""
        chosen = {field.name: getattr(self.settings, field.name) for field in fields(cls.Config) if hasattr(self.settings, field.name)}
        return cls(**{**chosen, **of_data})

    def fit(self, model: Model) -> None:
        """If `steps` is False, sets the weights at once: in closed form, or by its own optimizer."""
        raise NotImplementedError

    def optimizers(self, model: Model) -> dict[str, Optimizer]:
        """Player -> its optimizer, in the order of their moves; a single player if it is not a game."""
        raise NotImplementedError

    def schedule(self, progress: float) -> float:
        """The factor of every learning rate at this progress of the run, in [0, 1)."""
        return 1.0

    def batch(self, indices: Tensor, streams: RandomStreams) -> dict[str, Tensor]:
        """The examples at `indices` (n,), augmented, as `losses` takes them; on the CPU, default dtype."""
        raise NotImplementedError

    def losses(self, model: Model, batch: dict[str, Tensor], streams: RandomStreams) -> Iterator[tuple[str, Tensor, dict[str, Tensor]]]:
        """Yields (player, its loss, scalars to log); after each yield the engine takes a step down that loss."""
        raise NotImplementedError

    def fingerprint(self) -> str:
        """A checksum of the training data: of this object's tensors before training."""
        sums = {name: zlib.crc32(value.contiguous().numpy().data) for name, value in vars(self).items() if isinstance(value, Tensor)}
        return f"{zlib.crc32(repr(sorted(sums.items())).encode()):08x}"

    def state(self) -> dict:
        """The recipe's own state for a checkpoint, besides networks and optimizers: tensors and plain numbers."""
        return {}

    def load_state(self, state: dict) -> None:
        """Restores what `state` returned."""

    def snapshot(self, model: Model) -> Tensor:
        """A frame of the training's film: one picture (C, H, W) in [-1, 1] for a fixed input, at most 400 px wide."""
        raise NotImplementedError

    def validate(self, model: Model) -> dict[str, float]:
        """Figures on held-out training data, logged with the scalars."""
        return {}

    def export_assets(self, model: Model, folder: Path) -> None:
        """Writes the files that the page needs beside the weights, if any."""

    def sheet(self, model: Model) -> Tensor | None:
        """For the card: results for some pictures of the test split, evenly spaced and not selected, (3, H, W) in [-1, 1].

        None if the licence of the data does not allow to show them.  Called by `training/evaluate.py` only.
        """

    def metrics(self, model: Model) -> Iterator[Metric]:
        """The figures on the test split.  Called by `training/evaluate.py` on finished weights only."""
        raise NotImplementedError


class PictureRecipe(Recipe):
    """A recipe with the settings `size` and `colour`."""

    def pictures(self, split: data.Split) -> tuple[Tensor, Tensor]:
        """Images of a split, uint8 (N, planes, size, size), and their classes (N,)."""
        s = self.settings
        return data.pictures(s.dataset, split, s.data_dir, s.size, s.colour)


def multiple_of(number: int, size: int, asked: bool) -> None:
    """Raises UserError if networks that halve images are asked for a size that they can't halve."""
    if asked and (size % number or size < 2 * number):
        raise UserError(f"--size must be a multiple of {number}, such as 28, 32 or 64, not {size}.")


def recipe_class(name: str) -> type[Recipe]:
    """The recipe of this name.  Raises UserError for an unknown one."""
    if name not in SYSTEMS:
        raise UserError(f"There is no recipe {name!r}; the recipes are {', '.join(SYSTEMS)}.")
    return import_module(f"training.recipes.{name.replace('-', '_')}").RECIPE
