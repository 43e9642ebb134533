"""Two worlds: CycleGAN translates a picture into the other domain and back."""

from collections.abc import Iterator
from typing import ClassVar

import torch
from torch import Tensor

from playground.drawing.pictures import domain_example_names
from playground.graphs.base import Graph, image, picture
from playground.graphs.drawn import DrawnExample
from playground.imaging.examples import domain_example


class There(Graph):
    """pixels (size, size, 3), a picture of X -> G's translation, F's way back, each (size, size, 3), and figures.

    x: the picture as the networks see it; made: G(x); again: F(G(x)); difference: |x - F(G(x))|; strip (size, 4 size, 3): these four
    side by side.  cycle_l1: mean |x - F(G(x))| for pixels in [-1, 1]; score, source_score: the mean scores that the discriminators give
    G(x) and x, near 1 for what looks real.
    """

    name, systems = "there", ("cyclegan",)
    from_x: ClassVar[bool] = True  # G: X -> Y comes first

    def examples(self) -> dict[str, Tensor]:
        return {"pixels": torch.zeros(self.model.size, self.model.size, 3, dtype=torch.uint8)}

    def forward(self, pixels: Tensor) -> dict[str, Tensor]:
        gan, x = self.model, image(pixels)
        if not self.from_x:
            x = gan.picture(gan.y(x))  # a label map has the palette's colours only
        translated, again = gan.translate(x, self.from_x)
        seen = [picture(each) for each in (x, translated, again)]
        seen.append((seen[0].int() - seen[2].int()).abs().to(torch.uint8))
        return {
            **dict(zip(("x", "made", "again", "difference"), seen)),
            "strip": torch.cat(seen, 1),
            "cycle_l1": (again - x).abs().mean(),
            "score": gan.scores(translated, of_x=not self.from_x).mean(),
            "source_score": gan.scores(x, of_x=self.from_x).mean(),
        }


class Back(There):
    """pixels (size, size, 3), a picture of Y -> the same as `There` with F and G exchanged."""

    name, from_x = "back", False


class DrawnThere(DrawnExample):
    """Of the drawn pictures of X."""

    name, systems = "drawn-there", ("cyclegan",)
    from_x: ClassVar[bool] = True

    def drawn(self) -> Iterator[Tensor]:
        return (domain_example(self.model, name, self.from_x) for name in domain_example_names(self.model.worlds))


class DrawnBack(DrawnThere):
    """Of the drawn pictures of Y."""

    name, from_x = "drawn-back", False
