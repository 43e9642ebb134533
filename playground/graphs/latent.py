"""Gestures in latent spaces of variational autoencoders."""

import torch
from safetensors.torch import load_file
from torch import Tensor

from playground import catalog
from playground.analysis import nearest_neighbours
from playground.graphs.base import Graph, picture, pictures

NEAREST, KINDS = 10, 3  # training images around a place, and how many of their classes are named
NEIGHBOURS = 20  # of a digit, at most shown beside it


class Decode(Graph):
    """z (latent,) -> digit (28, 28): E[x|z]."""

    name, systems = "decode", ("vae",)

    def examples(self) -> dict[str, Tensor]:
        return {"z": torch.zeros(self.model.latent)}

    def forward(self, z: Tensor) -> dict[str, Tensor]:
        return {"digit": picture(self.model.grey(z[None]))}


class Near(Graph):
    """z (2,) -> classes and counts, (3,) each: which classes the ten training images nearest to z have, most frequent first.

    Of equally frequent ones, that with the nearest image comes first; a count of 0 is no class.
    """

    name, systems = "near", ("vae",)
    CODES = "codes.safetensors"

    def __init__(self, model, entry: catalog.Entry):
        super().__init__(model, entry)
        stored = load_file(entry.folder / self.CODES)
        self.register_buffer("codes", stored["codes"])  # (N, 2)
        self.register_buffer("labels", stored["labels"])  # (N,)

    @classmethod
    def fits(cls, entry: catalog.Entry) -> bool:
        return entry.config.get("latent") == 2 and (entry.folder / cls.CODES).exists()

    def examples(self) -> dict[str, Tensor]:
        return {"z": torch.zeros(2)}

    def stored(self) -> dict[str, tuple[str, str]]:
        return {name: (self.CODES, name) for name in ("codes", "labels")}

    def forward(self, z: Tensor) -> dict[str, Tensor]:
        nearest = (self.codes - z).square().sum(1).topk(NEAREST, largest=False).indices
        classes = torch.arange(10)
        same = self.labels.gather(0, nearest)[:, None] == classes  # (NEAREST, 10), one column a class
        first = NEAREST - same.int().argmax(0)  # the nearer its nearest image, the larger
        counts = same.sum(0)
        order = (100 * counts + 10 * first - classes).topk(KINDS).indices
        return {"classes": order, "counts": counts.gather(0, order)}


class Neighbours(Graph):
    """Memory or imagination: digit (28, 28) uint8 -> the training digits nearest to it in the model's latent space.

    tiles (1 + NEIGHBOURS, 28, 28): the digit as the model rebuilds it, and its neighbours, nearest first; their distances and classes,
    (NEIGHBOURS,) each; nearer: the share of held-out digits that are nearer to theirs (see `analysis/nearest_neighbours.py`).
    """

    name, systems = "neighbours", ("vae",)

    def __init__(self, model, entry: catalog.Entry):
        super().__init__(model, entry)
        for name, value in load_file(entry.folder / nearest_neighbours.FILE).items():
            self.register_buffer(name, value)

    @classmethod
    def fits(cls, entry: catalog.Entry) -> bool:
        return entry.config.get("latent") != 2 and (entry.folder / nearest_neighbours.FILE).exists()

    def examples(self) -> dict[str, Tensor]:
        return {"digit": torch.zeros(28, 28, dtype=torch.uint8)}

    def stored(self) -> dict[str, tuple[str, str]]:
        return {name: (nearest_neighbours.FILE, name) for name in ("codes", "steps", "labels", "unseen")}

    def forward(self, digit: Tensor) -> dict[str, Tensor]:
        z = self.model.encode(digit[None, None] / 255.0)[0]  # (1, latent)
        squares = (self.codes * self.steps - z).square().sum(1)  # (N,)
        near = squares.topk(NEIGHBOURS, largest=False)
        codes = torch.cat([z, self.codes.index_select(0, near.indices) * self.steps])  # (1 + NEIGHBOURS, latent)
        distances = near.values.sqrt()
        grey = ((digit > 0) & (digit < 255)).any()
        unseen = torch.where(grey, self.unseen[0], self.unseen[1])
        return {
            "tiles": pictures(self.model.grey(codes)),
            "distances": distances,
            "classes": self.labels.index_select(0, near.indices).long(),
            "nearer": (unseen < distances[0]).float().mean(),
        }
