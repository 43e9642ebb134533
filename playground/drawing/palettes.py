"""Colours that mean something: of canvases, of the actors of the page, of ten classes, and of the labels of facades."""

from collections.abc import Sequence

Palette = Sequence[tuple[str, str]]  # (name, "#rrggbb") of each colour; the first is the paper, and the eraser paints with it
INK: Palette = (("paper", "#ffffff"), ("ink", "#000000"))  # of a sketch
CHALK: Palette = (("paper", "#000000"), ("ink", "#ffffff"))  # of a digit, as MNIST has it
DABS: Palette = (  # of a drawing in ink with dabs of colour: OpenMoji's colours
    *INK,
    *(("red", "#ea5a47"), ("orange", "#f1b31c"), ("yellow", "#fcea2b"), ("light green", "#b1cc33"), ("green", "#5c9e31")),
    *(("light blue", "#92d3f5"), ("blue", "#1e50a0"), ("violet", "#8967aa"), ("pink", "#ffa7c0"), ("skin", "#fadcbc")),
    *(("brown", "#a57939"), ("dark brown", "#6a462f"), ("light grey", "#d0cfce"), ("grey", "#9b9b9a")),
)

# Okabe and Ito's palette; page.css has the same values as variables, with a lighter or darker shade where contrast asks for it.
REAL, GENERATED, GENERATOR, DISCRIMINATOR, VISITOR = "#0072B2", "#D55E00", "#E69F00", "#009E73", "#CC79A7"

# Ten classes, told apart by people with any colour vision, on black: Paul Tol's light scheme, white and two darker hues.
CLASSES = ("#88CCEE", "#EE8866", "#EEDD88", "#FFAABB", "#44BB99", "#BBCC33", "#6F9BD8", "#FFFFFF", "#B07AD9", "#E0472F")

# The label colours of the CMP facades, as they stand in its pictures
FACADE_COLOURS = {
    "background": (0, 0, 222), "facade": (0, 48, 254), "window": (0, 128, 254), "door": (2, 207, 255),
    "cornice": (33, 254, 226), "sill": (113, 254, 144), "balcony": (192, 255, 64), "blind": (254, 240, 2),
    "deco": (255, 159, 1), "molding": (254, 80, 1), "pillar": (252, 1, 2), "shop": (174, 0, 1),
}  # fmt: skip
FACADE_PALETTE: Palette = tuple((name, "#{:02x}{:02x}{:02x}".format(*colour)) for name, colour in FACADE_COLOURS.items())
