"""Gestures in latent spaces of variational autoencoders."""

import math

import torch
from safetensors.torch import load_file
from torch import Tensor

from playground import catalog
from playground.analysis import nearest_neighbours
from playground.graphs.base import OfDigits, picture, pictures, side_by_side
from playground.graphs.sizes import STRIP
from playground.models.base import uniforms

NEAREST, KINDS = 10, 3  # training images around a place, and how many of their classes are named
SHEET = 16  # pictures of a sheet
NEIGHBOURS = 20  # of a digit, at most shown beside it


def ten_digits(model) -> Tensor:
    """The ten drawn digits as a VAE observes them, (10, 1, 28, 28) in [-1, 1]; for binary pixels binarised by seed 1."""
    from playground.drawing.digit_strokes import DIGITS
    from playground.imaging import digit_from_canvas

    digits = torch.cat([digit_from_canvas(drawn) for drawn in DIGITS.values()])
    if model.likelihood_kind == "gaussian":
        return digits
    return (uniforms(1, 1, 1, 28, 28) < (digits + 1) / 2).float() * 2 - 1


def observed(model, x: Tensor) -> Tensor:
    """Levels (..., 28, 28) uint8 as a VAE takes images, in its range; (28, 28) becomes (1, 28, 28)."""
    x = x / 255.0
    x = x if model.likelihood_kind == "bernoulli" else x * 2 - 1
    return x[None] if x.ndim == 2 else x


def interpolate(a: Tensor, b: Tensor, t: Tensor, path: Tensor) -> Tensor:
    """Vectors (N, latent) between a and b, one or N of them (1 or N, latent), at places t in [0, 1], one or N of them: (), or (N, 1).

    path: 0 for the straight line, 1 for the great circle, along which the length is interpolated linearly.  If the great circle is not
    unique, or the vectors are parallel, it is the straight line.
    """
    lengths = [end.norm(dim=1, keepdim=True) for end in (a, b)]
    angle = ((a * b).sum(1, keepdim=True) / (lengths[0] * lengths[1]).clamp(min=1e-12)).clamp(-1, 1).acos()
    straight = (path == 0) | (angle < 1e-3) | (angle > math.pi - 1e-3)
    turned = torch.where(straight, torch.ones_like(angle), angle)  # no sine of 0 below
    direction = (((1 - t) * turned).sin() * a / lengths[0] + (t * turned).sin() * b / lengths[1]) / turned.sin()
    return torch.where(straight, (1 - t) * a + t * b, direction * ((1 - t) * lengths[0] + t * lengths[1]))


def appearances(model, z: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """p(x|z) of z (N, latent) as pictures in [-1, 1], (N, 1, 28, 28) each: its mean, a sample of it, and its standard deviation.

    noise (N, 1, 28, 28) is uniform in [0, 1) for binary pixels, and standard normal for grey ones.
    """
    p = model.likelihood(z)
    if model.likelihood_kind == "bernoulli":  # white is the largest possible standard deviation: 1/2 in [0, 1], or 1 in [-1, 1]
        return p.mean * 2 - 1, (noise < p.mean).float() * 2 - 1, p.stddev * 4 - 1
    return p.mean.clamp(-1, 1), (p.mean + p.stddev * noise).clamp(-1, 1), (p.stddev * 2 - 1).clamp(-1, 1)


class Decode(OfDigits):
    """z (latent,) -> digit (28, 28): E[x|z]."""

    name, systems = "decode", ("vae",)

    def examples(self) -> dict[str, Tensor]:
        return {"z": torch.zeros(self.model.latent)}

    def forward(self, z: Tensor) -> dict[str, Tensor]:
        return {"digit": picture(self.model.grey(z[None]))}


class Drawn(OfDigits):
    """digit, from 0 to 9 -> x (28, 28): that drawn digit as the VAE observes images."""

    name, systems = "drawn", ("vae",)

    def __init__(self, model, entry: catalog.Entry):
        super().__init__(model, entry)
        self.register_buffer("digits", pictures(ten_digits(model)))

    def examples(self) -> dict[str, Tensor]:
        return {"digit": torch.tensor(3)}

    def forward(self, digit: Tensor) -> dict[str, Tensor]:
        return {"x": self.digits.index_select(0, digit[None])[0]}


class Between(OfDigits):
    """a, b (28, 28), as observed, and t in [0, 1] -> what is decoded on the way from the code of a to that of b.

    path: 0 for the straight line, 1 for the great circle.  digit (28, 28): decoded at t; strip (28, 28 STRIP): decoded at STRIP even steps;
    lengths (3,): of z at t, of the code of a, and of the code of b.
    """

    name, systems = "between", ("vae",)

    def examples(self) -> dict[str, Tensor]:
        blank = torch.zeros(28, 28, dtype=torch.uint8)
        return {"a": blank, "b": blank, "t": torch.tensor(0.5), "path": torch.tensor(0)}

    def random(self, generator: torch.Generator) -> dict[str, Tensor]:
        a, b = ten_digits(self.model)[torch.randperm(10, generator=generator)[:2]]
        drawn = {"a": pictures(a[None])[0], "b": pictures(b[None])[0]}
        return drawn | {"t": torch.rand((), generator=generator), "path": torch.randint(2, (), generator=generator)}

    def forward(self, a: Tensor, b: Tensor, t: Tensor, path: Tensor) -> dict[str, Tensor]:
        start, end = self.model.encode(torch.stack([observed(self.model, x) for x in (a, b)]))[0].split(1)  # (1, latent) each
        places = torch.cat([t.view(1), torch.linspace(0, 1, STRIP)])[:, None]
        codes = interpolate(start, end, places, path)  # (1 + STRIP, latent)
        decoded = pictures(self.model.grey(codes))
        return {"digit": decoded[0], "strip": side_by_side(decoded[1:], STRIP), "lengths": torch.cat([codes[:1], start, end]).norm(dim=1)}


class Vary(OfDigits):
    """x (28, 28), as observed, and changes (latent,) of its code -> digit, and the changed z; the most informative dimension comes first.

    The order is that of KL(q(z_i|x) || p(z_i)), averaged over the ten drawn digits.
    """

    name, systems = "vary", ("vae",)

    def __init__(self, model, entry: catalog.Entry):
        super().__init__(model, entry)
        with torch.no_grad():
            mu, log_var = model.encode(observed(model, pictures(ten_digits(model))[:, None]))
        order = (mu.square() + log_var.exp() - log_var - 1).mean(0).argsort(descending=True)
        self.register_buffer("order", order)
        self.register_buffer("back", order.argsort())

    def examples(self) -> dict[str, Tensor]:
        return {"x": torch.zeros(28, 28, dtype=torch.uint8), "changes": torch.zeros(self.model.latent)}

    def forward(self, x: Tensor, changes: Tensor) -> dict[str, Tensor]:
        z = self.model.encode(observed(self.model, x)[None])[0][0]  # (latent,)
        moved = z + changes.index_select(0, self.back)
        return {"digit": picture(self.model.grey(moved[None])), "z": moved.index_select(0, self.order)}


class Samples(OfDigits):
    """z (SHEET, latent) -> sheet (112, 112): sixteen pictures, four a row.

    show: 0 for the means of p(x|z), 1 for samples of it by `noise` (SHEET, 784), 2 for its standard deviations.  The noise is uniform in
    [0, 1) for binary pixels, and standard normal for grey ones.
    """

    name, systems = "samples", ("vae",)

    def examples(self) -> dict[str, Tensor]:
        return {"z": torch.zeros(SHEET, self.model.latent), "noise": torch.zeros(SHEET, 784), "show": torch.tensor(0)}

    def random(self, generator: torch.Generator) -> dict[str, Tensor]:
        return super().random(generator) | {"show": torch.randint(3, (), generator=generator)}

    def forward(self, z: Tensor, noise: Tensor, show: Tensor) -> dict[str, Tensor]:
        shown = appearances(self.model, z, noise.view(SHEET, 1, 28, 28))
        x = torch.where(show == 0, shown[0], torch.where(show == 1, shown[1], shown[2]))
        return {"sheet": side_by_side(pictures(x), 4)}


class Near(OfDigits):
    """z (2,) -> classes and counts, (3,) each: the classes of the ten training images nearest to z, most frequent first.

    Ties go to the class with the nearest image; a count of 0 stands for no class.
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
        return super().fits(entry) and entry.config.get("latent") == 2 and (entry.folder / cls.CODES).exists()

    def examples(self) -> dict[str, Tensor]:
        return {"z": torch.zeros(2)}

    def stored(self) -> dict[str, tuple[str, str]]:
        return {name: (self.CODES, name) for name in ("codes", "labels")}

    def forward(self, z: Tensor) -> dict[str, Tensor]:
        nearest = (self.codes - z).square().sum(1).topk(NEAREST, largest=False).indices
        classes = torch.arange(10)
        same = self.labels.gather(0, nearest)[:, None] == classes  # (NEAREST, 10), one column a class
        first = NEAREST - same.int().argmax(0)  # larger for a class whose nearest image is nearer
        counts = same.sum(0)
        order = (100 * counts + 10 * first - classes).topk(KINDS).indices
        return {"classes": order, "counts": counts.gather(0, order)}


class Neighbours(OfDigits):
    """Nearest neighbours: digit (28, 28) uint8 -> the training digits nearest to it in the model's latent space.

    tiles (1 + NEIGHBOURS, 28, 28): the digit and its neighbours, nearest first, as the model rebuilds them; distances and classes of the
    neighbours, (NEIGHBOURS,) each; nearer: the fraction of held-out digits that are nearer to theirs (`analysis/nearest_neighbours.py`).
    """

    name, systems = "neighbours", ("vae",)

    def __init__(self, model, entry: catalog.Entry):
        super().__init__(model, entry)
        for name, value in load_file(entry.folder / nearest_neighbours.FILE).items():
            self.register_buffer(name, value)

    @classmethod
    def fits(cls, entry: catalog.Entry) -> bool:
        return super().fits(entry) and entry.config.get("latent") != 2 and (entry.folder / nearest_neighbours.FILE).exists()

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
