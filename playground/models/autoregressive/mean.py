"""The mean of several models' conditionals, pixel by pixel: an ensemble that is itself an autoregressive model.

p(x_i | x_1 .. x_{i-1}, y) = 1/M sum_m p_m(x_i | x_1 .. x_{i-1}, y) is a distribution of the next pixel, so the product of these is an exact
density.  By Jensen's inequality its nats are at most the mean of the members' nats, pixel by pixel.  A "deep ensemble" (arXiv 1612.01474)
takes the same mean of classifiers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import torch
from torch import Tensor, nn

from playground.errors import UserError
from playground.models import model_class
from playground.models.autoregressive.base import Autoregressive, ColourConfig
from playground.models.base import at_least_float32
from playground.program.builder import PIXEL, PLANE, BufferView, ProgramBuilder


@dataclass(frozen=True, kw_only=True)
class MeanConfig(ColourConfig):
    members: list[dict] = field(default_factory=list)  # the settings of each, with the name of its system


class MeanOfConditionals(Autoregressive):
    """The mean of `members`.  Raises UserError unless there are some, and they take the same images and labels."""

    system, Config = "mean-of-conditionals", MeanConfig
    members: Any  # Autoregressive, in an nn.ModuleList

    def __init__(self, **settings):
        super().__init__(**settings)
        self.members = nn.ModuleList(model_class(member["system"])(**member) for member in self.config.members)
        kinds = {(member.levels, member.classes, member.size, member.planes) for member in self.members}
        if kinds != {(self.levels, self.classes, self.size, self.planes)}:
            raise UserError(f"A mean needs models of the same images and labels; got {len(self.members)} of {len(kinds)} kinds.")

    @classmethod
    def of(cls, members: Sequence[Autoregressive]) -> Self:
        """The mean of these models, with copies of their weights.  Raises UserError unless they take the same images and labels."""
        common = {key: getattr(members[0], key) for key in ("levels", "classes", "size", "planes", "dataset")}
        mean = cls(members=[member.settings for member in members], class_names=members[0].config.class_names, **common)
        mean = mean.to(next(members[0].parameters()))
        for copy, member in zip(mean.members, members):
            copy.load_state_dict(member.state_dict())
        return mean

    def value_logits(self, x: Tensor, y: Tensor) -> Tensor:
        """log of the mean of the members' probabilities of every value: (N, levels, planes, size, size)."""
        logs = [at_least_float32(member.value_logits(x, y)).log_softmax(1) for member in self.members]
        return torch.stack(logs).logsumexp(0) - math.log(len(logs))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.value_logits(x, y).transpose(1, 2).flatten(1, 2)

    def steps(self, builder: ProgramBuilder) -> BufferView:
        """The members' steps side by side, on one image.  Raises ValueError if a member's output is no softmax."""
        logits = []
        for member in self.members:
            logits.append(member.steps(builder))
            if builder.mixtures:
                raise ValueError("The fast sampler takes the mean of softmaxes, and not of mixtures of logistics.")
        with builder.each(PLANE if self.planes > 1 else PIXEL):
            return builder.softmax(builder.log_mean(logits))

    def sees(self, needed: Tensor) -> Tensor:
        return torch.stack([member.sees(needed) for member in self.members]).any(0)
