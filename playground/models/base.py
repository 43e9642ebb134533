"""What every model shares: its settings travel with its weights, and its noise is numbered."""

from typing import ClassVar

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn


class Model(nn.Module, PyTorchModelHubMixin):
    """A model that `config.json` and `model.safetensors` rebuild exactly.

    Subclasses set `system` (the name of the paper's system) and take JSON values only in `__init__`; the arguments of that
    call are the model's settings.
    """

    system: ClassVar[str]

    @property
    def settings(self) -> dict:
        """The arguments that rebuild this model, and the name of its system."""
        return {"system": self.system, **self._hub_mixin_config}


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
