"""States with which the page once said what they do not show: a blurred or another digit, or an empty canvas."""

from playground.drawing.digit_strokes import DIGITS, WIDTH
from playground.drawing.strokes import Stroke, canvas_value

CROSS = canvas_value([Stroke(line, width=WIDTH) for line in (((110, 110), (400, 400)), ((400, 110), (110, 400)), ((90, 256), (420, 256)))])
SQUARE = canvas_value([Stroke(((130, 130), (382, 130), (382, 382), (130, 382), (130, 130)), width=WIDTH)])

# The tab, the name of what it says, and the fields that had other values
BEFORE = [
    ("latent", "Where 4 turns into 9", {"t": 0.55}),
    ("latent", "One number for all digits", {"mine": DIGITS["5"]}),
    ("latent", "C3", {"mine": DIGITS["4"]}),
    ("latent", "C4", {"line": 0.5}),
    ("latent", "C7", {"pulled": DIGITS["3"]}),
    ("game", "C11", {"seed": 4}),
    ("game", "What is no digit", {"sought": SQUARE}),
    ("digits", "view ask", {"seed": 1}),
    ("digits", "A number in one hand", {"seed": 1}),
    ("sketch", "Read a house", {"house": "a long facade"}),
    ("pixels", "A careful hand", {"temperature": 0.3}),
    ("pixels", "Eight ways on", {"begun": DIGITS["7"], "last": 13}),
    ("pixels", "It can't look ahead", {"begun": DIGITS["8"], "first": 15, "wanted": "8"}),
    ("pixels", "Look ahead by trying", {"begun": DIGITS["8"], "first": 15, "wanted": "8"}),
    ("pixels", "The blind spot", {"spot": (12.0, 9.0)}),
    ("pixels", "No digit at all", {"mine": CROSS}),
    ("pixels", "The colours of a sunflower", {"seed": 1}),
]
