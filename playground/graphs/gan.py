"""Samples of generators, and what their discriminators and the digit classifier say of them.

Pictures have the size of the model's images, 28 x 28 and grey of digits; in colour they are (H, W, 3), and `x` is their first plane.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from playground.graphs.base import Graph, picture, pictures, side_by_side
from playground.graphs.latent import interpolate
from playground.graphs.sizes import NAMED, NUMBER, ROWS, SAMPLES, STRIP
from playground.systems import family


def judged(gan, x: Tensor, y: Tensor) -> Tensor:
    """D's probability that images (N, 1, 28, 28) are real and of classes y, labels (N,) or weights (N, classes): (N,)."""
    return gan.discriminator(x, y).sigmoid()


class Ask(Graph):
    """label, a class, and z (latent,) -> digit (28, 28), G(z|y); x (28, 28), the same in [-1, 1]; and real, D(x|y)."""

    name, systems = "ask", ("cgan",)

    def examples(self) -> dict[str, Tensor]:
        return {"label": torch.tensor(1), "z": torch.zeros(self.model.latent)}

    def random(self, generator: torch.Generator) -> dict[str, Tensor]:
        return super().random(generator) | {"label": torch.randint(self.model.classes, (), generator=generator)}

    def forward(self, label: Tensor, z: Tensor) -> dict[str, Tensor]:
        y = label[None]
        x = self.model.generator(z[None], y)
        return {"digit": picture(x), "x": x[0, 0], "real": judged(self.model, x, y)[0]}


class Grid(Graph):
    """z (ROWS, latent) -> grid (28 ROWS, 28 classes): a row is one z, a column one class.

    x (ROWS * 10, 28, 28), the digits in [-1, 1], and their classes, labels (ROWS * 10,), row by row; the class is -1 where the model has
    fewer.  real: how many of the digits D takes for real.
    """

    name, systems = "grid", ("cgan",)

    @classmethod
    def fits(cls, entry) -> bool:
        return entry.config.get("classes", 10) <= 10

    def examples(self) -> dict[str, Tensor]:
        return {"z": torch.zeros(ROWS, self.model.latent)}

    def forward(self, z: Tensor) -> dict[str, Tensor]:
        classes = self.model.classes
        y = torch.arange(classes).repeat(ROWS)
        x = self.model.generator(z.repeat_interleave(classes, 0), y)
        plane, (height, width) = x if x.shape[1] == 1 else x[:, :1], x.shape[2:]  # what the classifier reads is grey
        rows = F.pad(plane.reshape(ROWS, classes, height, width), (0, 0, 0, 0, 0, 10 - classes))
        return {
            "grid": side_by_side(pictures(x), classes),
            "x": rows.reshape(-1, height, width),
            "labels": F.pad(y.view(ROWS, classes), (0, 10 - classes), value=-1).flatten(),
            "real": (judged(self.model, x, y) > 0.5).sum(),
        }


class Blend(Graph):
    """a, b, two classes, t in [0, 1] and z (latent,) -> digit (28, 28), G(z | (1 - t) a + t b); strip (28, 28 STRIP), the same at as many
    even places; x (28, 28), the digit in [-1, 1]; and real, what D says of it.
    """

    name, systems = "blend", ("cgan",)

    def examples(self) -> dict[str, Tensor]:
        return {"a": torch.tensor(0), "b": torch.tensor(1), "t": torch.tensor(0.5), "z": torch.zeros(self.model.latent)}

    def random(self, generator: torch.Generator) -> dict[str, Tensor]:
        ends = {name: torch.randint(self.model.classes, (), generator=generator) for name in ("a", "b")}
        return super().random(generator) | ends | {"t": torch.rand((), generator=generator)}

    def forward(self, a: Tensor, b: Tensor, t: Tensor, z: Tensor) -> dict[str, Tensor]:
        ends = F.one_hot(torch.stack([a, b]), self.model.classes).to(z)  # (2, classes)
        places = torch.cat([t.view(1), torch.linspace(0, 1, STRIP)])[:, None]  # (1 + STRIP, 1)
        y = (1 - places) * ends[0] + places * ends[1]
        x = self.model.generator(z.expand(1 + STRIP, -1), y)
        generated = pictures(x)
        real = judged(self.model, x[:1], y[:1])[0]
        return {"digit": generated[0], "strip": side_by_side(generated[1:], STRIP), "x": x[0, 0], "real": real}


class Number(Graph):
    """digits (NUMBER,), classes, and z (latent,) -> tiles (NUMBER, 28, 28), all made from the same z; x, the same in [-1, 1]; and real
    (NUMBER,), D's probability of each.
    """

    name, systems = "number", ("cgan",)

    def examples(self) -> dict[str, Tensor]:
        return {"digits": torch.zeros(NUMBER, dtype=torch.int64), "z": torch.zeros(self.model.latent)}

    def random(self, generator: torch.Generator) -> dict[str, Tensor]:
        return super().random(generator) | {"digits": torch.randint(self.model.classes, (NUMBER,), generator=generator)}

    def forward(self, digits: Tensor, z: Tensor) -> dict[str, Tensor]:
        x = self.model.generator(z.expand(NUMBER, -1), digits)
        return {"tiles": pictures(x), "x": x[:, 0], "real": judged(self.model, x, digits)}


class Read(Graph):
    """x (28, 28) in [-1, 1] -> classes (10,), the classifier's probability of each; read, the likeliest; and sure, its probability."""

    name, systems = "read", ("digit-classifier",)

    def examples(self) -> dict[str, Tensor]:
        return {"x": torch.zeros(28, 28)}

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        classes = self.model(x[None, None]).softmax(1)[0]
        sure, read = classes.max(0)
        return {"classes": classes, "read": read, "sure": sure}


class ReadNumber(Read):
    """x (NUMBER, 28, 28) in [-1, 1] -> read and sure, (NUMBER,): of each digit the likeliest class, and its probability."""

    name = "read-number"

    def examples(self) -> dict[str, Tensor]:
        return {"x": torch.zeros(NUMBER, 28, 28)}

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        sure, read = self.model(x[:, None]).softmax(1).max(1)
        return {"read": read, "sure": sure}


class ReadGrid(Read):
    """x (ROWS * 10, 28, 28) in [-1, 1] and labels (ROWS * 10,), as `Grid` gives them -> how the classifier reads them.

    as_asked: how many it reads as their label.  Of the first NAMED others: row (the first is 1), asked, read and probability, (NAMED,)
    each.  more: how many others there are besides these; named: how many of the NAMED there are, or NAMED + 1 if there are more.
    """

    name = "read-grid"

    def examples(self) -> dict[str, Tensor]:
        return {"x": torch.zeros(10 * ROWS, 28, 28), "labels": torch.arange(10).repeat(ROWS)}

    def random(self, generator: torch.Generator) -> dict[str, Tensor]:
        return super().random(generator) | {"labels": torch.randint(-1, 10, (10 * ROWS,), generator=generator)}

    def forward(self, x: Tensor, labels: Tensor) -> dict[str, Tensor]:
        sure, read = self.model(x[:, None]).softmax(1).max(1)
        place = torch.arange(len(labels))
        wrong = (read != labels) & (labels >= 0)
        first = torch.where(wrong, len(labels) - place, -place).topk(NAMED).indices
        count = wrong.sum()
        return {
            "as_asked": (read == labels).sum(),
            "row": first // 10 + 1,
            "asked": labels.index_select(0, first),
            "read": read.index_select(0, first),
            "probability": sure.index_select(0, first),
            "more": (count - NAMED).clamp(min=0),
            "named": count.clamp(max=NAMED + 1),
        }


class Way(Graph):
    """a, b (SAMPLES, latent) and t in [0, 1] -> sheet (4 size, 4 size): G's samples at t of the great circles from a to b, four a row; and
    first (size, size), the first of them.
    """

    name, systems = "way", family("generator")

    def examples(self) -> dict[str, Tensor]:
        return {"a": torch.zeros(SAMPLES, self.model.latent), "b": torch.ones(SAMPLES, self.model.latent), "t": torch.tensor(0.5)}

    def random(self, generator: torch.Generator) -> dict[str, Tensor]:
        return super().random(generator) | {"t": torch.rand((), generator=generator)}

    def forward(self, a: Tensor, b: Tensor, t: Tensor) -> dict[str, Tensor]:
        generated = pictures(self.model.generator(interpolate(a, b, t, torch.ones_like(t))))
        return {"sheet": side_by_side(generated, 4), "first": generated[0]}
