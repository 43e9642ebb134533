"""Randomness as a function of (seed, step, example), which makes resuming and sharding exact without bookkeeping."""

import zlib
from dataclasses import dataclass, field
from functools import lru_cache

import torch
from torch import Tensor


@dataclass
class RandomStreams:
    """The random numbers of one step, by name.

    Each named stream is drawn for the *global* batch from (seed, step, name), and this process keeps its own rows: one
    process with a batch of 2 n sees the same numbers as two processes with n each.  Asking for a name twice in a step
    would give the same numbers twice, so it raises.
    """

    seed: int
    step: int
    total: int  # examples in the global batch
    rows: slice = field(default_factory=lambda: slice(None))  # those of this process (and micro-batch)
    device: torch.device | str = "cpu"
    _used: set = field(default_factory=set)

    def _generator(self, name: str) -> torch.Generator:
        if name in self._used:
            raise ValueError(f"the stream {name!r} was drawn twice in one step")
        self._used.add(name)
        key = zlib.crc32(f"{self.seed}/{self.step}/{name}".encode())
        return torch.Generator().manual_seed((self.seed << 32) + key)

    def uniform(self, name: str, *shape: int) -> Tensor:
        """Uniform in [0, 1), default dtype, (rows, *shape)."""
        return torch.rand(self.total, *shape, generator=self._generator(name))[self.rows].to(self.device)

    def normal(self, name: str, *shape: int) -> Tensor:
        """Standard normal, default dtype, (rows, *shape)."""
        return torch.randn(self.total, *shape, generator=self._generator(name))[self.rows].to(self.device)

    def integers(self, name: str, high: int, *shape: int) -> Tensor:
        """int64 in [0, high), (rows, *shape)."""
        return torch.randint(high, (self.total, *shape), generator=self._generator(name))[self.rows].to(self.device)


@lru_cache(maxsize=2)
def epoch_order(seed: int, epoch: int, count: int) -> Tensor:
    """The order of the examples in an epoch, (count,), int64."""
    return torch.randperm(count, generator=torch.Generator().manual_seed((seed << 20) + epoch))
