"""Sketch to photo: drawings, label maps and photographs as Pix2Pix takes them, G's pictures of them, and D's verdicts."""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from playground import catalog
from playground.analysis.spectrum import high_frequency_energy
from playground.drawing.facades import FACADES
from playground.drawing.palettes import FACADE_PALETTE
from playground.drawing.pictures import facade_photo
from playground.graphs.base import Graph, image, picture
from playground.graphs.drawn import DrawnExample
from playground.imaging import canvas
from playground.imaging.convert import to_tensor
from playground.models.labels import nearest

TAKEN, SEEN = (0, 114, 178), (213, 94, 0)  # the colours of a patch that D takes for real, and of one that it takes for generated


class Source(Graph):
    """sheet (2 size, 2 size, 3) of a canvas -> x (1, size, size) in [-1, 1], its lines one pixel wide; seen (size, size), the same as a
    picture; and empty ().
    """

    name, systems, refuses, kind, fineness = "source", ("pix2pix",), canvas.NO_LINES, "lines", 2

    @classmethod
    def fits(cls, entry: catalog.Entry) -> bool:
        return entry.config.get("source", "labels") == cls.kind

    def examples(self) -> dict[str, Tensor]:
        side = self.fineness * self.model.size
        return {"sheet": torch.full((side, side, 3), 255, dtype=torch.uint8)}

    def random(self, generator: torch.Generator) -> dict[str, Tensor]:
        sheet = self.examples()["sheet"]
        for _ in range(5):
            top, left, height, width = torch.randint(1, len(sheet) // 4, (4,), generator=generator).tolist()
            sheet[top : top + height, left : left + width] = torch.randint(256, (3,), generator=generator, dtype=torch.uint8)
        return {"sheet": sheet}

    def forward(self, sheet: Tensor) -> dict[str, Tensor]:
        x, empty = canvas.thin_lines(sheet)
        return {"x": x[0], "seen": picture(x), "empty": empty}


class LabelSource(Source):
    """sheet (size, size, 3) of a canvas -> x (3, size, size) in [-1, 1], each pixel in the nearest of the facades' colours; seen (size,
    size, 3), the same as a picture; and empty ().
    """

    refuses, kind, fineness = canvas.NO_LABELS, "labels", 1

    def forward(self, sheet: Tensor) -> dict[str, Tensor]:
        indices = canvas.nearest_colours(image(sheet), FACADE_PALETTE)
        x = canvas.in_colours(indices, FACADE_PALETTE)
        return {"x": x[0], "seen": picture(x), "empty": ~(indices > 0).any()}


class PhotoSource(Source):
    """sheet (size, size, 3), a photograph -> x (3, size, size) in [-1, 1], and seen, the photograph."""

    refuses, kind, fineness = "", "photo", 1

    def forward(self, sheet: Tensor) -> dict[str, Tensor]:
        return {"x": image(sheet)[0], "seen": sheet.clone()}


class InkSource(Source):
    """sheet (4 size, 4 size, 3) of a canvas -> x (1, size, size) in [-1, 1], its ink; hints (4, size, size), its dabs of colour, spread;
    seen (size, size), x as a picture; and empty ().
    """

    refuses, kind, fineness = canvas.NO_INK, "drawing", 4

    def forward(self, sheet: Tensor) -> dict[str, Tensor]:
        x, hints, empty = canvas.doodle(sheet)
        return {"x": x[0], "hints": hints[0], "seen": picture(x), "empty": empty}


class DrawnPhoto(DrawnExample):
    """Of the drawn facades, as photographs."""

    name, systems = "drawn", ("pix2pix",)

    def drawn(self) -> Iterator[Tensor]:
        return (to_tensor(facade_photo(self.model.size, name)) for name in FACADES)

    @classmethod
    def fits(cls, entry: catalog.Entry) -> bool:
        return PhotoSource.fits(entry)


class Generate(Graph):
    """x (1 or 3, size, size) in [-1, 1], colours (n, 3) in 0..255 if the model takes them, and hints (4, size, size) if it takes dabs of
    colour -> y (channels, size, size), which is G(x), and picture (size, size, 3).
    """

    name, systems = "generate", ("pix2pix",)

    def examples(self) -> dict[str, Tensor]:
        side, channels = self.model.size, 1 if self.model.source_kind in ("lines", "drawing") else 3
        given = {"x": torch.zeros(channels, side, side)}
        if self.model.colours:
            given["colours"] = torch.tensor(list(self.model.colours.values())).float()
        if self.model.hints:
            given["hints"] = torch.zeros(4, side, side)
        return given

    def random(self, generator: torch.Generator) -> dict[str, Tensor]:
        found = super().random(generator)
        found["x"] = 2 * torch.randint(2, found["x"].shape, generator=generator) - 1.0
        if "colours" in found:
            found["colours"] = torch.randint(256, found["colours"].shape, generator=generator).float()
        return found

    def source(self, x: Tensor, colours: Tensor | None, hints: Tensor | None) -> Tensor:
        return self.model.source(x[None], None if colours is None else colours[None] / 127.5 - 1, None if hints is None else hints[None])

    def forward(self, x: Tensor, colours: Tensor | None = None, hints: Tensor | None = None) -> dict[str, Tensor]:
        y = self.model.generator(self.source(x, colours, hints))
        return {"y": y[0], "picture": picture(self.model.picture(y))}


class Judge(Generate):
    """x, colours and hints of a source, as for `Generate`, and y (channels, size, size) -> D's verdict on the pair.

    under (size, size, 3): y as a picture under D's verdict, TAKEN where it takes a patch for real, or else SEEN; real (), the mean
    probability that a patch is real.  fine (): the picture's `high_frequency_energy`; for label maps instead shares (classes,), the
    fraction of each label, and most (3,), the three largest.
    """

    name = "judge"

    def examples(self) -> dict[str, Tensor]:
        channels = self.model.generator.last.out_channels if self.model.generator.upsampling == "resize" else 3
        return {**super().examples(), "y": torch.zeros(channels, self.model.size, self.model.size)}

    def forward(self, x: Tensor, y: Tensor, colours: Tensor | None = None, hints: Tensor | None = None) -> dict[str, Tensor]:
        model, y = self.model, y[None]
        real = model.discriminator(self.source(x, colours, hints), y).sigmoid()  # (1, 1, patches, patches)
        generated = model.picture(y)  # (1, 3, size, size)
        verdict = {"under": picture(under(generated, real)), "real": real.mean()}
        if model.palette and model.target_kind == "labels":
            labels = nearest(generated, model.class_colours)
            shares = torch.stack([(labels == place).float().mean() for place in range(len(model.palette))])
            return verdict | {"shares": shares, "most": shares.topk(3).indices}
        return verdict | {"fine": high_frequency_energy(generated)[0]}


def under(picture: Tensor, real: Tensor) -> Tensor:
    """A picture (1, 3, H, W) in [-1, 1] under D's verdict, probabilities (1, 1, patches, patches)."""
    verdict = interpolate(real, picture.shape[2:], mode="bilinear")
    taken, seen = (torch.tensor(colour).view(1, 3, 1, 1) / 127.5 - 1 for colour in (TAKEN, SEEN))
    return 0.45 * picture + 0.55 * (verdict * taken + (1 - verdict) * seen)
