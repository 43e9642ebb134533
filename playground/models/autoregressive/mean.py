"""The mean of several models' conditionals: an autoregressive model without weights of its own.

p(x_i | x_1 .. x_{i-1}, y) = 1/M sum_m p_m(x_i | x_1 .. x_{i-1}, y) is a distribution of the next pixel, so their product is an exact
density.  By Jensen's inequality its nats are at most the mean of the members' nats, pixel by pixel.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from playground.errors import UserError
from playground.models.autoregressive.base import Autoregressive, ColourConfig
from playground.models.base import at_least_float32


class MeanOfConditionals(Autoregressive):
    """The mean of `members`.  Raises UserError unless they take the same images and labels."""

    system, Config = "mean-of-conditionals", ColourConfig
    members: Any  # Autoregressive, in an nn.ModuleList

    def __init__(self, members: Sequence[Autoregressive]):
        kinds = {(member.levels, member.classes, member.size, member.planes) for member in members}
        if len(kinds) != 1:
            raise UserError(f"A mean needs one or more models of the same images and labels; got {len(members)} of {len(kinds)} kinds.")
        first = members[0]
        super().__init__(levels=first.levels, classes=first.classes, size=first.size, planes=first.planes, dataset=first.dataset)
        self.members = nn.ModuleList(members)

    def value_logits(self, x: Tensor, y: Tensor) -> Tensor:
        """log of the mean of the members' probabilities of every value: (N, levels, planes, size, size)."""
        logs = [at_least_float32(member.value_logits(x, y)).log_softmax(1) for member in self.members]
        return torch.stack(logs).logsumexp(0) - math.log(len(logs))
