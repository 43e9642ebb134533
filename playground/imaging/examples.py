"""Drawn pictures as tensors: what the page opens with, and what the snapshots of a training show."""

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from playground.drawing.digit_strokes import DIGITS
from playground.drawing.facades import FACADES
from playground.drawing.palettes import FACADE_PALETTE
from playground.drawing.pictures import EMOJI, FLOWER_PETALS, THINGS, facade_photo, flat_emoji, thing, violet_flower, yellow_flower
from playground.drawing.strokes import canvas_value
from playground.imaging.canvas import digit_from_canvas, labels_from_canvas
from playground.imaging.convert import to_tensor

if TYPE_CHECKING:
    from playground.models.cyclegan import CycleGAN

_WAYS = ((1.0, 0, (0, 0)), (0.8, 12, (1, -2)), (0.9, -10, (-2, 1)), (0.7, 4, (2, 2)))  # size, degrees, pixels


def drawn_digits() -> Tensor:
    """The ten drawn digits, fitted as MNIST's digits are, (10, 1, 28, 28) in [-1, 1]."""
    return torch.cat([digit_from_canvas(digit) for digit in DIGITS.values()])


def drawn_pictures(size: int, planes: int) -> Tensor:
    """Inputs for models of images of this size: the ten drawn digits, or else three drawn houses, (N, planes, size, size)."""
    if (size, planes) == (28, 1):
        return drawn_digits()
    houses = [facade_photo(size, name) for name in FACADES]
    return torch.cat([to_tensor(house.convert("L") if planes == 1 else house) for house in houses])


def things() -> Tensor:
    """Four of each of `THINGS`, in their order, larger and smaller, turned and moved, (16, 1, 28, 28) in [-1, 1]."""
    pictures = [np.asarray(thing(kind, *way)) for kind in THINGS for way in _WAYS]
    return torch.from_numpy(np.stack(pictures)[:, None]).float() / 127.5 - 1


def domain_example(model: "CycleGAN", name: str, forward: bool) -> Tensor:
    """A drawn example of the source domain, (1, 3, size, size) in [-1, 1]; `pictures.domain_example_names` has the names.

    Facades are drawn as labels; if the source domain is photos, the model translates the drawing to a photo first, because no photograph of
    the data set is shipped.  Emoji are drawn flat; if the source domain is three-dimensional ones, the model makes that first.  All other
    domains get a drawn flower: violet if the domain's name says so, or else yellow.
    """
    if name in FLOWER_PETALS:
        violet = "violet" in model.worlds[0 if forward else 1]
        return to_tensor((violet_flower if violet else yellow_flower)(model.size, FLOWER_PETALS[name]))
    if name in EMOJI:
        flat = to_tensor(flat_emoji(name, model.size))
        return flat if forward else model.translate(flat.to(next(model.parameters())))[0]
    labels = labels_from_canvas(canvas_value(FACADES[name]), model.size, FACADE_PALETTE)
    photo_is_source = forward == (model.worlds[0] != "labels")
    return model.translate(labels.to(next(model.parameters())), not forward)[0] if photo_is_source else labels
