"""Images that are written pixel by pixel: the writing, by the model's steps, and how it is painted."""

import functools

import torch
from torch import Tensor

from playground import catalog
from playground.graphs.base import Graph, picture
from playground.models.base import Model, uniforms
from playground.sampling import cached

SYSTEMS = ("gated-pixelcnn", "pixelcnn", "row-lstm", "diagonal-bilstm", "pixelcnnpp")
KEPT = 64  # written images of a model


class Write(Graph):
    """label, seed (), temperature () -> x (planes, size, size) in [0, 1]: the image that a model writes of a class."""

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
    """x (planes, size, size), label, seed, pixel (), temperature () -> of each plane of a pixel, counted row by row, how it was drawn:

    probabilities (planes, levels) of its values given all before it, noise (planes,), the uniform number that decided, and drawn (planes,),
    its value.
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
    """x (planes, size, size) in [0, 1], done (), waiting and next (3,) -> page (size, size, 3): its first `done` pixels, the others in the
    colour `waiting`, and the one whose turn it is in `next`; and image (size, size), or (size, size, 3): all of it.
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
