"""A digit that a visitor draws, and the drawn examples of a model."""

from collections.abc import Iterator

import torch
from torch import Tensor

from playground import catalog
from playground.graphs.base import Graph, picture
from playground.imaging import canvas


class Fit(Graph):
    """sheet (140, 140, 3) of a canvas -> digit (28, 28) in [-1, 1], fitted as MNIST's digits are; seen (28, 28), the same as a picture;
    and empty (): see `fitted_digit`.

    It belongs to the digit classifier, and serves all models of digits.
    """

    name, systems, refuses = "fit", ("digit-classifier",), canvas.NO_DIGIT

    def examples(self) -> dict[str, Tensor]:
        return {"sheet": torch.zeros(canvas.SHEET, canvas.SHEET, 3, dtype=torch.uint8)}

    def random(self, generator: torch.Generator) -> dict[str, Tensor]:
        sheet = torch.zeros(canvas.SHEET, canvas.SHEET, 3, dtype=torch.uint8)
        top, left, height, width = torch.randint(1, canvas.SHEET // 2, (4,), generator=generator).tolist()
        sheet[top : top + height, left : left + width] = torch.randint(256, (height, width, 1), generator=generator, dtype=torch.uint8)
        return {"sheet": sheet}

    def forward(self, sheet: Tensor) -> dict[str, Tensor]:
        digit, empty = canvas.fitted_digit(sheet)
        return {"digit": digit, "seen": picture(digit[None, None]), "empty": empty}


class DrawnExample(Graph):
    """example, the index of a picture in `drawn` -> pixels (size, size, 3)."""

    def __init__(self, model, entry: catalog.Entry):
        super().__init__(model, entry)
        with torch.no_grad():
            self.register_buffer("levels", torch.stack([picture(x) for x in self.drawn()]))

    def drawn(self) -> Iterator[Tensor]:
        """The pictures, (1, 3, size, size) in [-1, 1] each."""
        raise NotImplementedError

    def examples(self) -> dict[str, Tensor]:
        return {"example": torch.tensor(1)}

    def forward(self, example: Tensor) -> dict[str, Tensor]:
        return {"pixels": self.levels.index_select(0, example[None])[0]}
