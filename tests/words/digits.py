"""What the tab "Digits on demand" says."""

import torch

from playground import api, catalog
from playground.drawing.digit_strokes import DIGITS
from playground.ui.tabs.digits.tab import Digits
from tests.words.page import film, film_digits, ink, numbers, read, says, sure, tiles

ASKED = torch.arange(10)  # of the grid's columns


@says(
    "digits",
    "view ask",
    "Ask for a digit, and the generator writes it, in as many hands as there are seeds. In the grid, a row is one hand and a column one "
    "digit.",
    "G(z|y)",
    "a row is one z, a column one class; the first row is this seed's hand",
)
def _(seen):
    digit = int(seen.state.digit)
    asked = tiles(seen.picture("digits-asked"))
    assert read(seen.picture("digits-asked"))[0, digit] > 0.99
    assert asked.equal(tiles(seen.picture("digits-grid"))[digit : digit + 1])  # the first row is this seed's hand
    assert read(seen.picture("digits-grid")).view(-1, 10, 10).diagonal(dim1=1, dim2=2).min() > 0.95
    heavy = (tiles(seen.picture("digits-grid")) > 0).float().mean((1, 2, 3)).view(-1, 10)  # ink of each digit
    others = heavy / heavy.mean(0)  # beside the other hands' digits of its class
    assert others.std(1).mean() < others.std(0).mean()  # within a hand digits are more alike than between hands


@says(
    "digits",
    "view blend",
    "The generator gets a part of one class and a part of another. Drag from A to B, and see where the classifier stops being sure.",
    "G(z | (1 - t) A + t B)",
)
def _(seen):
    strip = read(*seen.pictures("digits-strip"))
    assert strip[0, int(seen.state.a)] > 0.9 and strip[-1, int(seen.state.b)] > 0.9
    assert strip.max(1).values.min() < 0.7  # on the way the classifier is not sure
    assert tiles(seen.picture("digits-blended")).equal(tiles(*seen.pictures("digits-strip"))[5:6])  # t = 1/2


@says(
    "digits",
    "view write",
    "A number in one hand: one z for all of its digits. Type your own, then roll the dice for another hand.",
    "one z for all of them",
)
def _(seen):
    assert read(seen.picture("digits-written")).argmax(1).tolist() == [int(digit) for digit in seen.state.number]
    grid = tiles(api.digits_grid(seen.state.seed, 1))
    assert tiles(seen.picture("digits-written")).equal(grid[[int(digit) for digit in seen.state.number]])  # one z


@says(
    "digits",
    "view read",
    "Your own digit before the classifier that judges the made ones. Draw, and watch how sure it is; a stroke more or less can change its "
    "mind.",
    "your digit, as the classifier sees it",
)
def _(seen):
    assert read(seen.picture("digits-seen"))[0, 7] > 0.9
    strokes = DIGITS["7"], DIGITS["1"]
    likeliest = [max(p, key=p.get) for p in (api.digits_read(drawn)[1] for drawn in strokes)]
    assert likeliest == ["7", "1"]  # which differ by a stroke


@says(
    "digits",
    "view film",
    "What the generator made of the same noise and classes, frame after frame of its last run of training. An earlier run had come this "
    "far: the digits are there, and only their hands change.",
    "the same input all along",
)
def _(seen):
    first, last = film(seen, 0), seen.picture("digits-film")
    assert last.tobytes() != first.tobytes()
    assert sure(film_digits(first)) > 70 and sure(film_digits(last)) > 70
    assert catalog.entry(seen.state.model).training["started_from"]


@says("digits", "Another hand", "The digit is the same, the hand is not: this one's strokes are thin. Slant, width and stroke come from z.")
def _(seen):
    usual, _ = api.digits_ask(int(seen.state.digit), Digits().seed)
    assert read(seen.picture("digits-asked"))[0, int(seen.state.digit)] > 0.99
    assert ink(seen.picture("digits-asked")) < 0.7 * ink(usual)


@says(
    "digits",
    "Half a 5, half a 2",
    "Half of one class and half of another. The classifier was trained on no such thing, and is sure of none of the ten.",
)
def _(seen):
    assert read(seen.picture("digits-blended")).max() < 2 / 3
    ends = read(*seen.pictures("digits-strip"))[[0, -1]]
    assert ends[0, 5] > 0.9 and ends[1, 2] > 0.9


@says(
    "digits",
    "Where it fails: 1 into 0",
    "This fails: half way from a 1 to a 0 the classifier reads a digit that is neither. Nothing asked G to be right between two classes.",
)
def _(seen):
    p = read(seen.picture("digits-blended"))[0]
    assert p[0] + p[1] < 0.2
    ends = read(*seen.pictures("digits-strip"))[[0, -1]]
    assert ends[0, 1] > 0.9 and ends[1, 0] > 0.9


@says(
    "digits",
    "A number in one hand",
    "All ten digits have one z: each is read as what was asked for, and the same bold stroke runs through them.",
)
def _(seen):
    p = read(seen.picture("digits-written"))
    assert p.argmax(1).tolist() == [int(digit) for digit in seen.state.number] and p.max(1).values.min() > 0.95
    grid = api.digits_grid(Digits().seed, 20)
    usual = (tiles(grid) > 0).float().mean((1, 2, 3)).view(20, 10).mean(0)  # of each class, in twenty hands
    written = (tiles(seen.picture("digits-written")) > 0).float().mean((1, 2, 3))
    assert all(ink > usual[int(digit)] for ink, digit in zip(written, seen.state.number))


@says(
    "digits",
    "C12",
    "Every column of the grid is asked for one digit, in six hands. How many of 100 such digits are what was asked for?",
    "More than 95",
    "About 80",
    "About 50",
)
def _(seen):
    right = read(seen.picture("digits-grid")).argmax(1).view(-1, 10) == ASKED
    assert right.float().mean() > 0.97 and len(right) == api.ROWS == 6
    assert numbers(seen.answer)[0] == round(catalog.entry(seen.state.model).metrics["agreement"]["value"], 2) > 97
