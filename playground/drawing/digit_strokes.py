"""Ten digits in our own handwriting, as strokes of the canvas, for a visitor to start from.  No picture of a data set is shipped."""

from math import cos, pi, sin

from playground.drawing.strokes import Stroke, canvas_value, catmull_rom

WIDTH = 40  # of the pen, in grid units of 1/512

# Points that the pen passes through, on the canvas's grid of 512 x 512; one list for each stroke
_PATHS = {
    "0": [[(270, 96), (196, 130), (158, 240), (176, 362), (246, 418), (322, 380), (356, 268), (334, 146), (262, 96)]],
    "1": [[(214, 160), (276, 100), (272, 206), (262, 320), (254, 420)]],
    "2": [[(168, 176), (206, 112), (282, 98), (332, 148), (316, 222), (250, 302), (168, 396), (254, 392), (356, 404)]],
    "3": [[(178, 124), (262, 96), (330, 130), (316, 200), (244, 240), (328, 272), (346, 346), (282, 412), (174, 400)]],
    "4": [[(206, 100), (182, 190), (166, 268), (260, 270), (362, 256)], [(322, 118), (310, 250), (300, 420)]],
    "5": [[(344, 106), (262, 108), (200, 112), (188, 220), (270, 216), (336, 262), (334, 350), (266, 412), (168, 394)]],
    "6": [[(316, 98), (236, 156), (184, 262), (186, 370), (252, 420), (324, 386), (326, 306), (262, 272), (190, 328)]],
    "7": [[(160, 124), (252, 116), (352, 112), (308, 220), (262, 322), (232, 424)]],
    "8": [
        [
            (330, 142),
            (264, 98),
            (196, 138),
            (212, 208),
            (284, 262),
            (330, 336),
            (286, 412),
            (212, 406),
            (182, 342),
            (236, 272),
            (306, 214),
            (330, 142),
        ]
    ],
    "9": [[(330, 168), (262, 108), (190, 152), (196, 228), (266, 250), (330, 186), (328, 156), (320, 280), (294, 424)]],
}


def _smooth(points: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """A smooth line through the points."""
    return tuple((round(x), round(y)) for x, y in catmull_rom(points, 6))


# Three turns from the middle outwards: no digit looks like this
_TURNS = 60
_SPIRAL = [(256 + (20 + 2.5 * k) * cos(pi * k / 10), 256 + (20 + 2.5 * k) * sin(pi * k / 10)) for k in range(_TURNS + 1)]
SPIRAL = canvas_value([Stroke(tuple((round(x), round(y)) for x, y in _SPIRAL), width=WIDTH // 2)])

# "3" -> the canvas's value
DIGITS = {digit: canvas_value([Stroke(_smooth(path), width=WIDTH) for path in paths]) for digit, paths in _PATHS.items()}
