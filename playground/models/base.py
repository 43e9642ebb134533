"""What every model shares: settings that are saved with the weights, and noise that is a function of seed and image number."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from playground.errors import UserError


@dataclass(frozen=True, kw_only=True)
class ImageConfig:
    """Settings that describe the images."""

    dataset: str = "mnist"  # what the page says the model was trained on
    size: int = 28  # side in pixels
    planes: int = 1  # 1: grey, 3: RGB


@dataclass(frozen=True, kw_only=True)
class ClassConfig:
    """Settings that describe the classes of the images."""

    classes: int = 10
    class_names: list[str] | None = None  # for the page; the numbers by default

    @property
    def names(self) -> list[str]:
        return self.class_names or [str(label) for label in range(self.classes)]


class Model(nn.Module, PyTorchModelHubMixin):
    """A model that `config.json` and `model.safetensors` rebuild exactly.

    Subclasses set `system` (the name of the paper's system) and `Config`, a dataclass of JSON values.  Its fields are the keyword arguments
    of the class; with `system` they are the keys of config.json.  Those that a person chooses (the others follow from the data) stand in a
    dataclass of their own, from which the `Settings` of the recipe inherit, too.
    """

    system: ClassVar[str]
    Config: ClassVar[type]
    config: Any  # a Config

    def __init__(self, **settings):
        """Raises TypeError for an argument that is not a field of `Config`."""
        super().__init__()
        if settings.pop("system", self.system) != self.system:
            raise TypeError(f"{type(self).__name__} is a {self.system} model")
        self.config = self.Config(**settings)

    def sample(self, n: int, y: int | Sequence[int] | Tensor | None = None, seed: int = 0) -> Tensor:
        """New images on the CPU, (n, C, H, W) in [-1, 1]; image i depends on the seed and i, and not on n.

        Args:
            y: for a conditional model, one class for all images, or one for each; by default classes are drawn uniformly, by the seed.

        Raises UserError if the system makes no images from noise, and for a class that does not exist.
        """
        raise UserError(f"A {self.system} model makes no images from noise alone; it can encode and decode, or translate a picture.")

    def _save_pretrained(self, save_directory: Path) -> None:
        """Files as `playground.load` takes them (called by `save_pretrained` and `push_to_hub`)."""
        super()._save_pretrained(save_directory)
        (save_directory / "config.json").write_text(json.dumps(self.settings, indent=2))

    @property
    def settings(self) -> dict:
        """What config.json holds: the arguments that rebuild this model, and the name of its system."""
        return {"system": self.system, **asdict(self.config)}


def at_least_float32(x: Tensor) -> Tensor:
    """x, or x in float32 where autocast left bfloat16: losses and densities are never computed in less."""
    return x.float() if x.dtype == torch.bfloat16 else x


def parameter_count(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def _generator(seed: int, index: int) -> torch.Generator:
    # An odd multiplier keeps (seed, index) pairs apart; the generator itself scrambles nearby seeds (MT19937 init).
    return torch.Generator().manual_seed((seed * 1_000_003 + index) % 2**63)


def uniforms(seed: int, count: int, *shape: int, first: int = 0) -> Tensor:
    """Uniform noise in [0, 1) of shape (count, *shape); row i depends on (seed, first + i) alone."""
    return torch.stack([torch.rand(shape, generator=_generator(seed, first + i)) for i in range(count)])


def normals(seed: int, count: int, *shape: int, first: int = 0) -> Tensor:
    """Standard normal noise of shape (count, *shape); row i depends on (seed, first + i) alone."""
    return torch.stack([torch.randn(shape, generator=_generator(seed, first + i)) for i in range(count)])


def asked_classes(n: int, y: int | Sequence[int] | Tensor | None, classes: int, seed: int) -> Tensor:
    """The classes of n images, int64 (n,), as `Model.sample` takes them.  Raises UserError for a class that does not exist."""
    if y is None:  # drawn from the second plane of noise; the first is for the pixels
        return (uniforms(seed, n, 2, 28, 28)[:, 1, 0, 0] * classes).long()
    asked = torch.as_tensor(y).long().expand(n) if torch.as_tensor(y).ndim == 0 else torch.as_tensor(y).long()
    if asked.shape != (n,) or not ((asked >= 0) & (asked < classes)).all():
        raise UserError(f"y is a class from 0 to {classes - 1}, or one for each of the {n} images.")
    return asked
