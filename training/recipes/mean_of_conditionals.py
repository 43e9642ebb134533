"""The mean of several models' conditionals (`playground/models/autoregressive/mean.py`): trained models, put together as they are."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor

from playground import catalog
from playground.errors import UserError
from playground.models.autoregressive.base import Autoregressive
from playground.models.autoregressive.mean import MeanOfConditionals
from playground.models.base import at_least_float32
from training import data
from training.recipes import Metric
from training.recipes.autoregressive import AutoregressiveRecipe, AutoregressiveSettings, histogram


@dataclass(frozen=True)
class MeanSettings(AutoregressiveSettings):
    members: tuple[str, ...] = ("gated-pixelcnn-mnist", "pixelcnn-mnist", "row-lstm-mnist", "diagonal-bilstm-mnist")
    every: int = 10  # its likelihood is measured on every so many-th test digit, since a digit costs as much as with all its members


class MeanOfConditionalsRecipe(AutoregressiveRecipe):
    """The mean of trained models' conditionals, pixel by pixel: no training of its own (an ensemble as in arXiv 1612.01474)."""

    name = "mean-of-conditionals"
    Settings = MeanSettings
    presets = {"small": {}, "paper": {}}  # the paper's ensembles are of classifiers
    tiny = {"members": ("pixelcnn-mnist", "row-lstm-mnist"), "every": 1}
    steps = False

    def __init__(self, settings: MeanSettings):
        super().__init__(settings)
        self.members: list[Any] = [catalog.load(name) for name in settings.members]
        written = {(getattr(member, "size", 0), getattr(member, "planes", 0), getattr(member, "levels", 0)) for member in self.members}
        if written != {(self.size, 1, 2)}:
            raise UserError(f"--members takes names of models that write black and white digits of {self.size} x {self.size} pixels.")

    @property
    def earlier_minutes(self) -> float:
        return sum(catalog.entry(name).training.get("total_minutes", 0) for name in self.settings.members)

    def model(self) -> MeanOfConditionals:
        return MeanOfConditionals.of(self.members)

    def fit(self, model: Autoregressive) -> None:
        """Nothing is left to do: its members are trained."""

    def likelihoods(self, model: Autoregressive) -> Iterator[Metric]:
        """On the data set, and for MNIST on the papers' static file, too; each beside its members on the same digits."""
        s = self.settings
        yield self.likelihood(model, "nats", s.dataset, self.observed("test")[0])
        if s.dataset == "mnist":
            x = data.digits("mnist-static", "test", s.data_dir)[0] / 255
            x = x[torch.randperm(len(x), generator=torch.Generator().manual_seed(0))]  # the file is not in random order
            yield self.likelihood(model, "nats_static", "mnist-static", x)

    def likelihood(self, model: Autoregressive, name: str, dataset: str, x: Tensor) -> Metric:
        """-log p(x) of every so many-th of the test digits x.  Where the members' is known of all of them, so is how much easier than all
        these are: the value is then the members' mean on all, less what the mean of conditionals gains on these."""
        every, members = self.settings.every, self.settings.members
        p = next(model.parameters())
        found = torch.cat([nats(model, part.to(p)).cpu() for part in x[::every].split(25)])  # (n, 1 + members)
        values, n = found.mean(0).tolist(), len(found)
        gain = found[:, 1:].mean(1) - found[:, 0]
        estimator = "minus the mean log p(x) = logsumexp over the labels y of log p(x|y), minus log(number of labels)"
        value, stderr = values[0], found[:, 0].std().item() / n**0.5
        whole = [catalog.entry(member).metrics.get("nats", {}) for member in members]
        if every > 1 and all(metric.get("data") == f"{dataset}, {len(x):,} images" for metric in whole):
            value = sum(metric["value"] for metric in whole) / len(whole) - gain.mean().item()
            stderr = math.hypot(max(metric["stderr"] for metric in whole), gain.std().item() / n**0.5)
            estimator += "; its members' mean on all, less what it saves on these digits (their own difficulty cancels)"
        return Metric(
            name,
            value,
            unit="nats",
            data=f"{dataset}, {n:,} of {len(x):,} images",
            n=n,
            estimator=estimator,
            stderr=stderr,
            binarisation=data.binarisation(dataset),
            bound="exact",
            extra={
                "of_these": dict(zip(("mean", *members), values)),  # -log p(x) of these digits, in nats
                "gain": gain.mean().item(),  # over its members' mean on them
                "gain_stderr": gain.std().item() / n**0.5,
                "histogram": histogram(found[:, 0]),
            },
        )


def nats(model: Autoregressive, x: Tensor) -> Tensor:
    """-log p(x) of digits (N, 1, H, W) by the mean and by each of its members, which are computed once for both: (N, 1 + members)."""
    members, by_class = cast(MeanOfConditionals, model).members, []
    for label in range(model.classes):
        y = torch.full((len(x),), label, device=x.device)
        logs = torch.stack([at_least_float32(member.value_logits(x, y)).log_softmax(1) for member in members])  # (M, N, levels, 1, H, W)
        logs = torch.cat([(logs.logsumexp(0) - math.log(len(logs)))[None], logs])
        values = x.long()[None, :, None].expand(len(logs), -1, 1, -1, -1, -1)
        by_class.append(logs.gather(2, values).flatten(2).sum(2).T)  # (N, 1 + M)
    return math.log(model.classes) - torch.stack(by_class).logsumexp(0)


RECIPE = MeanOfConditionalsRecipe
