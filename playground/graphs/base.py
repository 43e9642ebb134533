"""The base class of the graphs; see the package."""

from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from playground import catalog
from playground.graphs.recording import Drawing, Photo
from playground.imaging.canvas import drawing
from playground.imaging.decode import fitted
from playground.models.base import Model


class Graph(nn.Module):
    """A gesture's computation with a model: named tensors in, named tensors out, without a batch."""

    name: ClassVar[str]  # of its file, `<name>.onnx`
    systems: ClassVar[tuple[str, ...]]  # whose models have it
    by_steps: ClassVar[bool] = False  # the browser runs the model's recorded steps, by the function of this name in pixels.js
    refuses: ClassVar[str] = ""  # the sentence that is shown instead of the outputs if its output `empty` is true

    def __init__(self, model: Model, entry: catalog.Entry):
        """entry: the model's folder, for graphs that read other files in it into buffers; see `stored`."""
        super().__init__()
        self.model = model

    @classmethod
    def fits(cls, entry: catalog.Entry) -> bool:
        """Whether this model of one of `systems` has the graph."""
        return True

    def examples(self) -> dict[str, Tensor]:
        """An example of each input; the export fixes its shape and dtype."""
        raise NotImplementedError

    def random(self, generator: torch.Generator) -> dict[str, Tensor]:
        """Random inputs for tests: standard normal numbers, random pictures; whole numbers as in the example."""
        found = self.examples()
        for name, value in found.items():
            if value.dtype == torch.uint8:
                found[name] = torch.randint(256, value.shape, generator=generator, dtype=torch.uint8)
            elif value.is_floating_point():
                found[name] = torch.randn(value.shape, generator=generator)
        return found

    def stored(self) -> dict[str, tuple[str, str]]:
        """Buffer -> (file in the model's folder, tensor in it) of buffers that are read from a safetensors file and not copied.

        The model's own parameters need not be named.
        """
        return {}

    def tensor(self, name: str, value) -> Tensor:
        """The input `name` from a number or its text, a list of these, an array, a tensor, an upload or a drawing."""
        example = self.examples()[name]
        if isinstance(value, str):
            value = float(value)
        elif isinstance(value, list | tuple) and value and isinstance(value[0], str):
            value = [float(one) for one in value]
        elif isinstance(value, Drawing):
            value = np.array(drawing(value.source, len(example), value.palette, value.crisp))
        elif isinstance(value, Photo):
            value = np.array(fitted(value.source, len(example), value.fit))
        elif isinstance(value, np.ndarray):
            value = value.copy()  # a picture's array may be read only
        return torch.as_tensor(value, dtype=example.dtype).reshape(example.shape)


class OfDigits(Graph):
    """A graph of models of 28 x 28 grey pixels, for which a visitor draws digits."""

    @classmethod
    def fits(cls, entry: catalog.Entry) -> bool:
        return (entry.config.get("size", 28), entry.config.get("planes", 1)) == (28, 1)


def pictures(x: Tensor) -> Tensor:
    """Images (N, C, H, W) in [-1, 1], up to rounding, as levels: (N, H, W) uint8 if they are grey, (N, H, W, 3) if RGB."""
    levels = ((x + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)  # as `imaging.to_image` has it
    return levels[:, 0] if levels.shape[1] == 1 else levels.permute(0, 2, 3, 1)


def picture(x: Tensor) -> Tensor:
    """One image (1, C, H, W), likewise: (H, W), or (H, W, 3)."""
    return pictures(x)[0]


def side_by_side(levels: Tensor, columns: int) -> Tensor:
    """Tiles pictures (N, H, W) or (N, H, W, 3), N a multiple of `columns`, as one: (N / columns * H, columns * W), or with 3 planes."""
    _, height, width, *planes = levels.shape
    rows = levels.view(-1, columns, height, width, *planes).permute(0, 2, 1, 3, *[4] * len(planes))
    return rows.reshape(-1, columns * width, *planes)


def image(levels: Tensor) -> Tensor:
    """Levels (H, W), or (H, W, 3), uint8 as an image (1, C, H, W) in [-1, 1]."""
    planes = levels[None] if levels.ndim == 2 else levels.permute(2, 0, 1)
    return planes[None] / 127.5 - 1
