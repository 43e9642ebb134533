"""Images from outside to tensors, and back; a file for each kind of image."""

from playground.imaging.canvas import (
    digit_from_canvas,
    doodle_from_canvas,
    labels,
    labels_from_canvas,
    nearest_colours,
    sketch,
    sketch_from_canvas,
)
from playground.imaging.convert import to_image, to_tensor
from playground.imaging.decode import FORMATS, GONE, MAX_BYTES, MAX_PIXELS, ON_DISK, data_url, decode, fitted, no_picture, photo, rules
from playground.imaging.line_drawing import LINE_SIGMAS, lines, trace
from playground.imaging.spreading import spread

__all__ = [
    "FORMATS",
    "GONE",
    "LINE_SIGMAS",
    "MAX_BYTES",
    "MAX_PIXELS",
    "ON_DISK",
    "data_url",
    "decode",
    "digit_from_canvas",
    "doodle_from_canvas",
    "fitted",
    "labels",
    "labels_from_canvas",
    "lines",
    "nearest_colours",
    "no_picture",
    "photo",
    "rules",
    "sketch",
    "sketch_from_canvas",
    "spread",
    "to_image",
    "to_tensor",
    "trace",
]
