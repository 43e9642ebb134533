"""Images that are generated pixel by pixel, by the model's recorded steps, and how they are shown."""

import functools
import math

import torch
from torch import Tensor
from torch.nn import functional as F

from playground import catalog
from playground.graphs.base import Graph, picture
from playground.graphs.sizes import NEAR
from playground.models.autoregressive.base import Autoregressive, surprises
from playground.models.base import Model, uniforms
from playground.sampling import cached
from playground.sampling.inpainting import effective, log_weights, resample
from playground.sampling.reference import draw
from playground.systems import family

SYSTEMS = family("autoregressive")
COMPLETIONS = 8  # of a begun digit
KEPT = 64  # written images of a model


class Write(Graph):
    """label, seed (), temperature () -> x (planes, size, size) in [0, 1]: an image of a class, pixel by pixel."""

    name, systems, by_steps = "write", SYSTEMS, True

    def __init__(self, model: Model, entry: catalog.Entry):
        super().__init__(model, entry)
        self.written = functools.lru_cache(KEPT)(self._written)

    def examples(self) -> dict[str, Tensor]:
        return {"label": torch.tensor(0), "seed": torch.tensor(1), "temperature": torch.tensor(1.0)}

    def forward(self, label: Tensor, seed: Tensor, temperature: Tensor) -> dict[str, Tensor]:
        return {"x": self.written(int(label), int(seed), float(temperature))}

    def _written(self, label: int, seed: int, temperature: float) -> Tensor:
        noise = uniforms(seed, 1, self.model.planes, self.model.size, self.model.size)
        return cached.sample(self.model, torch.tensor([label]), noise, temperature)[0]


class Odds(Graph):
    """x (planes, size, size), label, seed, pixel (), temperature () -> how each plane of a pixel was drawn (pixels are counted row by row).

    probabilities (planes, levels) of its values given everything before it; noise (planes,), the uniform number that decided; and drawn
    (planes,), its value.
    """

    name, systems, by_steps = "odds", SYSTEMS, True

    def examples(self) -> dict[str, Tensor]:
        x = torch.zeros(self.model.planes, self.model.size, self.model.size)
        return {"x": x, "label": torch.tensor(0), "seed": torch.tensor(1), "temperature": torch.tensor(1.0), "pixel": torch.tensor(0)}

    def forward(self, x: Tensor, label: Tensor, seed: Tensor, temperature: Tensor, pixel: Tensor) -> dict[str, Tensor]:
        i, j = divmod(int(pixel), self.model.size)
        logits = self.model.value_logits(x[None], label[None])[0, :, :, i, j].T.double()
        return {
            "probabilities": torch.softmax(logits / temperature, 1).float(),
            "noise": uniforms(int(seed), 1, *x.shape)[0, :, i, j],
            "drawn": (x[:, i, j] * (self.model.levels - 1)).round().long(),
        }


class Page(Graph):
    """x (planes, size, size) in [0, 1], done (), waiting and next (3,) -> page (size, size, 3): the first `done` pixels of x, the next one
    in the colour `next`, and the others in `waiting`; and image (size, size), or (size, size, 3): all of x.
    """

    name, systems = "page", SYSTEMS

    def examples(self) -> dict[str, Tensor]:
        x = torch.zeros(self.model.planes, self.model.size, self.model.size)
        return {"x": x, "done": torch.tensor(0), "waiting": torch.zeros(3), "next": torch.zeros(3)}

    def forward(self, x: Tensor, done: Tensor, waiting: Tensor, next: Tensor) -> dict[str, Tensor]:
        levels = (x * 255).round().expand(3, -1, -1).permute(1, 2, 0)  # (size, size, 3)
        place = torch.arange(self.model.size**2).view(self.model.size, self.model.size, 1)
        page = torch.where(place < done, levels, torch.where(place == done, next, waiting))
        return {"page": page.to(torch.uint8), "image": picture(2 * x[None] - 1)}


class Origin(Graph):
    """x (planes, size, size) in [0, 1], pixel (), waiting (3,), probabilities and beside (planes, levels) of two models -> how a pixel of
    x, counted row by row, was generated, plane after plane.

    stages (near, (planes + 1) * (near + 1) - 1, 3): the pixels around it, before it was drawn and after each of its planes, separated by
    black lines, with later pixels in the colour `waiting`; bits, likeliest (planes,): entropy and mode of `probabilities`; curve, other
    (planes, levels): both distributions, divided by the larger of their maxima in a plane.
    """

    name, systems = "origin", SYSTEMS

    @classmethod
    def fits(cls, entry: catalog.Entry) -> bool:
        return not Binarise.fits(entry)

    def examples(self) -> dict[str, Tensor]:
        model, even = self.model, torch.full((self.model.planes, self.model.levels), 1 / self.model.levels)
        x = torch.zeros(model.planes, model.size, model.size)
        return {"x": x, "pixel": torch.tensor(0), "waiting": torch.zeros(3), "probabilities": even, "beside": even}

    def random(self, generator: torch.Generator) -> dict[str, Tensor]:
        found, planes = super().random(generator), self.model.planes
        x = torch.rand(planes, self.model.size, self.model.size, generator=generator)
        pixel = torch.randint(self.model.size**2, (), generator=generator)
        odds = {name: found[name].softmax(1) for name in ("probabilities", "beside")}
        return {"x": x, "pixel": pixel, "waiting": 255 * torch.rand(3, generator=generator), **odds}

    def forward(self, x: Tensor, pixel: Tensor, waiting: Tensor, probabilities: Tensor, beside: Tensor) -> dict[str, Tensor]:
        planes, size, near = self.model.planes, self.model.size, min(NEAR, self.model.size)
        place, plane = torch.arange(size**2).view(1, 1, size, size), torch.arange(planes).view(planes, 1, 1)
        stage = torch.arange(planes + 1).view(-1, 1, 1, 1)
        stages = torch.where((place < pixel) | (plane < stage), (x * 255).round(), 0).expand(-1, 3, -1, -1)
        stages = torch.where(place > pixel, waiting.view(3, 1, 1), stages)  # (planes + 1, 3, size, size)
        first = lambda at: (at - near // 2).clamp(0, size - near) + torch.arange(near)  # noqa: E731
        around = stages.index_select(2, first(pixel // size)).index_select(3, first(pixel % size))
        strip = F.pad(around, (0, 1)).permute(2, 0, 3, 1).reshape(near, -1, 3)[:, :-1]
        most = torch.maximum(probabilities, beside).amax(1, keepdim=True)
        return {
            "stages": strip.to(torch.uint8),
            "bits": entropy(probabilities),
            "likeliest": probabilities.argmax(1),
            "curve": probabilities / most,
            "other": beside / most,
        }


def entropy(probabilities: Tensor) -> Tensor:
    """(..., levels) -> (...), in bits."""
    return -(probabilities * probabilities.clamp(min=1e-30).log2()).sum(-1)


class Binarise(Graph):
    """digit (size, size) in [-1, 1], seed () -> x (1, size, size) in {0, 1}: each pixel is white with its brightness as probability."""

    name, systems, by_steps = "binarise", SYSTEMS, True

    @classmethod
    def fits(cls, entry: catalog.Entry) -> bool:
        return (entry.config.get("planes", 1), entry.config.get("size", 28), entry.config.get("levels", 2)) == (1, 28, 2)

    def examples(self) -> dict[str, Tensor]:
        return {"digit": torch.zeros(self.model.size, self.model.size), "seed": torch.tensor(1)}

    def forward(self, digit: Tensor, seed: Tensor) -> dict[str, Tensor]:
        return {"x": (uniforms(int(seed), 1, *digit.shape) < (digit + 1) / 2).float()}


class Complete(Binarise):
    """x (1, size, size), first, last, label, seed, tries (), temperature () -> images (COMPLETIONS, size, size), labels (COMPLETIONS,) and
    worth (), 0 without tries: see `complete`.
    """

    name, by_steps = "complete", True

    def examples(self) -> dict[str, Tensor]:
        whole = {name: torch.tensor(value) for name, value in {"first": 0, "last": 14, "label": -1, "seed": 1, "tries": 0}.items()}
        return {"x": torch.zeros(1, self.model.size, self.model.size), **whole, "temperature": torch.tensor(1.0)}

    def forward(self, x: Tensor, first: Tensor, last: Tensor, label: Tensor, seed: Tensor, tries: Tensor, temperature: Tensor) -> dict:
        asked = (int(first), int(last), int(label), int(seed), float(temperature), COMPLETIONS, int(tries))
        images, labels, worth = complete(self.model, x[None], *asked)
        return {"images": images[:, 0], "labels": labels, "worth": torch.tensor(worth or 0.0)}


class Sheet(Binarise):
    """images (COMPLETIONS, size, size) in {0, 1}, first, last (), ink, paper (3,) -> sheet (2 size, 4 size, 3): the images in two rows,
    their given pixel rows, first to last (the last excluded), in the colours `ink` and `paper`.
    """

    name, by_steps = "sheet", False

    def examples(self) -> dict[str, Tensor]:
        images = torch.zeros(COMPLETIONS, self.model.size, self.model.size)
        return {"images": images, "first": torch.tensor(0), "last": torch.tensor(14), "ink": torch.zeros(3), "paper": torch.zeros(3)}

    def forward(self, images: Tensor, first: Tensor, last: Tensor, ink: Tensor, paper: Tensor) -> dict[str, Tensor]:
        size = self.model.size
        row = torch.arange(size).view(1, size, 1, 1)
        x = images[..., None]  # (COMPLETIONS, size, size, 1)
        coloured = torch.where((row >= first) & (row < last), torch.where(x > 0.5, ink, paper), 255 * x.expand(-1, -1, -1, 3))
        sheet = coloured.view(2, COMPLETIONS // 2, size, size, 3).permute(0, 2, 1, 3, 4)
        return {"sheet": sheet.reshape(2 * size, COMPLETIONS // 2 * size, 3).to(torch.uint8)}


class Score(Binarise):
    """x (1, size, size) -> nats (classes, size, size): -log p(x_i | all before it, y) of each class."""

    name, by_steps = "score", True

    def examples(self) -> dict[str, Tensor]:
        return {"x": torch.zeros(1, self.model.size, self.model.size)}

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        labels = torch.arange(self.model.classes)
        return {"nats": -self.model.pixel_log_prob(x.expand(len(labels), 1, -1, -1), labels)}


class Surprise(Binarise):
    """x (1, size, size), nats (classes, size, size) of `Score`, colours (stops, 3) -> how much an image surprises the model, unlabelled.

    seen (size, size): x as a picture; heat (size, size, 3): a heat map of each pixel's surprise, in a scale of colours from 0 to 8 bits;
    total (), in nats, and bits_per_pixel (); row, column (): of the largest surprise; kind, share (): the likeliest class, and p(y|x).
    """

    name, by_steps = "surprise", False

    def examples(self) -> dict[str, Tensor]:
        size = self.model.size
        return {"x": torch.zeros(1, size, size), "nats": torch.ones(self.model.classes, size, size), "colours": torch.zeros(6, 3)}

    def random(self, generator: torch.Generator) -> dict[str, Tensor]:
        nats = torch.rand(self.model.classes, self.model.size, self.model.size, generator=generator)
        return {**super().random(generator), "nats": nats, "colours": 255 * torch.rand(6, 3, generator=generator)}

    def forward(self, x: Tensor, nats: Tensor, colours: Tensor) -> dict[str, Tensor]:
        surprise, posterior = surprises(-nats[:, None])  # (1, size, size), (1, classes)
        bits = surprise[0] / math.log(2)
        most, (share, kind) = bits.flatten().argmax(), posterior[0].max(0)
        at = (bits / 8).clamp(0, 1) * (len(colours) - 1)  # (size, size)
        weights = (1 - (at[..., None] - torch.arange(len(colours))).abs()).clamp(min=0)  # (size, size, stops)
        heat = (weights @ colours).round().to(torch.uint8)
        return {
            "seen": picture(2 * x[None] - 1),
            "heat": heat,
            "total": surprise.sum(),
            "bits_per_pixel": bits.mean(),
            "row": most // self.model.size,
            "column": most % self.model.size,
            "kind": kind,
            "share": share,
        }


def complete(
    net: Autoregressive, x: Tensor, first: int, last: int, label: int, seed: int, temperature: float, count: int, tries: int = 0
) -> tuple[Tensor, Tensor, float | None]:
    """Keeps the rows `first` to `last` (the last excluded) of x (1, 1, H, W) and lets a model write the others, `count` times.

    label: the class to write, or -1: then each image's class is drawn from p(y | kept rows) if these begin at the top, or else uniformly.

    Returns images (count, 1, H, W), their classes (count,), and None.  With `tries` and rows to write above the kept ones, the images are
    drawn from so many proposals in proportion to the likelihood of the kept rows, and the last result is the effective number of proposals.
    """
    tries = tries if tries and 0 < first < last else count
    noise = uniforms(seed, tries, 2, net.size, net.size)  # the second plane's first number chooses the class
    if label < 0:
        rows = last if first == 0 else 0
        with torch.inference_mode():
            labels = torch.arange(net.classes)
            evidence = net.pixel_log_prob(x.expand(net.classes, -1, -1, -1), labels)[:, :rows].sum((1, 2))  # log p(rows|y)
        y = draw(evidence.expand(tries, -1), noise[:, 1, 0, 0])
    else:
        y = torch.full((tries,), label)
    known = torch.zeros(tries, 1, net.size, net.size, dtype=torch.bool)
    known[:, :, first:last] = True
    images = cached.sample(net, y, noise[:, :1], temperature, x.expand(tries, -1, -1, -1), known)
    if tries == count:
        return images, y, None
    weights = log_weights(net, images, y, known)
    chosen = resample(weights, uniforms(seed, count, 1, first=tries)[:, 0])
    return images[chosen], y[chosen], effective(weights)
