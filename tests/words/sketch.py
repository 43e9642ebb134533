"""What the tab "Sketch to photo" says."""

import json

import numpy as np
from PIL import ImageColor
from scipy import ndimage

from playground import api, catalog, imaging
from playground.drawing.doodles import DABBED, DOODLES
from playground.drawing.facades import FACADES
from playground.drawing.flowers import FLOWERS
from playground.drawing.palettes import DABS, FACADE_COLOURS, FACADE_PALETTE, INK
from playground.drawing.strokes import canvas_value, render, unpack
from playground.ui.values import shown
from tests.words.page import coloured, film, hsv, labelled, numbers, overlap, says

YELLOW, GREEN, VIOLET, PINK = (30, 62), (65, 170), (240, 310), (300, 350)  # degrees of hue


def middle(picture, radius: float) -> np.ndarray:
    """Which pixels lie so near to the middle, in shares of the side."""
    side = picture.height
    y, x = np.mgrid[:side, :side] / side - 0.5
    return np.hypot(x, y) < radius


def petals(mask: np.ndarray, radius: float) -> int:
    """How many times a circle around the middle of a mask enters it."""
    (y, x), side = ndimage.center_of_mass(mask), len(mask)
    angles = np.linspace(0, 2 * np.pi, 720, endpoint=False)
    on = mask[
        (y + radius * side * np.sin(angles)).round().astype(int) % side, (x + radius * side * np.cos(angles)).round().astype(int) % side
    ]
    return int((on & ~np.roll(on, 1)).sum())


def strokes(drawing: str) -> list:
    """The strokes of a canvas's value, or of packed ones."""
    return unpack(json.loads(drawing)["strokes"] if drawing.startswith("{") else drawing)


@says(
    "sketch",
    "view flowers",
    "Draw a flower: the photograph grows while your pen is still down. Choose the colours of petals and ground, since lines do not say "
    "them.",
    "G(x), a photograph that nobody took",
)
def _(seen):
    photo = seen.picture("sketch-photo")
    yellow = coloured(photo, *YELLOW)
    assert yellow[middle(photo, 0.25)].mean() > 0.8 and yellow[~middle(photo, 0.48)].mean() < 0.1
    assert seen.figure("G took") < 1000  # it keeps up with a pen


@says(
    "sketch",
    "view facades",
    "Paint a house in ten rectangles, and the generator makes a photograph of it. Add a door or a window, and see what it becomes.",
    "G(x), a house that nobody built",
)
def _(seen):
    assert len(strokes(FACADES["ten rectangles"])) == 10
    labels = np.asarray(render(FACADES["a town house"], 128, FACADE_PALETTE, crisp=True))
    photo = np.asarray(seen.picture("sketch-house").convert("L"), float)
    wall, holes = ((labels == FACADE_COLOURS[name]).all(-1) for name in ("facade", "window"))
    assert photo[wall].std() > 5 and abs(photo[wall].mean() - photo[holes].mean()) > 5


@says(
    "sketch",
    "view photos",
    "The other way round: from a photograph of a facade to its labels. Choose a house or give one of your own, and check the windows "
    "first.",
    "x, as the generator sees it",
    "G(x), its labels",
)
def _(seen):
    drawn = render(FACADES["a town house"], 128, FACADE_PALETTE, crisp=True)
    found = seen.picture("sketch-labels").resize((128, 128), 0)
    assert overlap(labelled(drawn, "window"), labelled(found, "window")) > 0.4
    assert {tuple(colour) for colour in np.asarray(found).reshape(-1, 3)} <= set(FACADE_COLOURS.values())
    assert len({tuple(colour) for colour in np.asarray(seen.picture("sketch-seen")).reshape(-1, 3)}) > 500


@says(
    "sketch",
    "view terms",
    "Three generators that differ only in their loss draw the same flower. L1 alone blurs, the GAN's loss alone drifts, both together do "
    "neither so much.",
    "L1 only",
    "GAN only",
    "both",
)
def _(seen):
    photos = {term: np.asarray(seen.picture(f"sketch-{term}").convert("L"), float) for term in ("l1", "gan", "both")}
    rough = {term: np.abs(photo - ndimage.gaussian_filter(photo, 1.5)).mean() for term, photo in photos.items()}
    assert rough["l1"] < 0.5 * rough["both"]
    metrics = {term: catalog.entry(name).metrics for term, name in api.TERMS.items()}
    assert metrics["GAN only"]["l1"]["value"] > 1.2 * metrics["both"]["l1"]["value"]
    border = ~middle(seen.picture("sketch-gan"), 0.4)
    yellow = {term: coloured(seen.picture(f"sketch-{term}"), *YELLOW)[border].mean() for term in ("gan", "both")}
    assert yellow["gan"] > 3 * yellow["both"]  # G alone puts the petals' colour where no petal is


@says(
    "sketch",
    "view pairs",
    "One picture under D's verdict, beside its own lines and beside another flower's. Blue is where D believes the pair, vermilion where "
    "it sees through it.",
    "D's verdict beside its own source",
    "D's verdict beside another's",
    "its own source",
    "the other source",
)
def _(seen):
    right, wrong = seen.figure("the right pair"), seen.figure("the wrong pair")
    assert right > 5 * wrong  # D believes the right pair, and says so in blue
    bluer = np.asarray(seen.picture("sketch-right"), int)[..., 2] - np.asarray(seen.picture("sketch-wrong"), int)[..., 2]
    assert bluer.mean() > 10
    own, other = (np.asarray(seen.picture(f"sketch-{which}-source").convert("L")) for which in ("own", "other"))
    assert (own != other).any() and (own == 0).sum() > 100


@says(
    "sketch",
    "view film",
    "What the generator made of the same lines, from its first step of training to its last. Drag the slider, and see petals appear.",
    "the same input all along",
)
def _(seen):
    first, last = film(seen, 0), seen.picture("sketch-film")
    assert last.tobytes() != first.tobytes() and seen.figure("after") > 0
    photos = [np.asarray(frame.convert("L"), float)[frame.height // 2 :] for frame in (first, last)]
    assert photos[1].std() > 3 * photos[0].std()  # petals before a ground, out of grey


@says("sketch", "A sunflower", "Two rings and eighteen petals; the grain between the rings is G's own idea.")
def _(seen):
    drawn = strokes(seen.state.sketch)
    assert len(drawn) == 2 + 18
    photo = np.asarray(seen.picture("sketch-photo").convert("L"), float)
    rough = np.abs(photo - ndimage.gaussian_filter(photo, 2))
    lines = np.asarray(render(FLOWERS["sunflower"], 128, INK).convert("L")) < 200
    disc = middle(seen.picture("sketch-photo"), 0.16) & ~ndimage.binary_dilation(lines, iterations=2)
    assert disc.sum() > 100 and rough[disc].mean() > 1.0


@says("sketch", "A violet pansy", "The lines say where petals end; that they are violet, you say.")
def _(seen):
    violet = coloured(seen.picture("sketch-photo"), *VIOLET).mean()
    usual, _ = api.sketch_photograph(seen.state.sketch, seen.state.model)
    assert violet > 0.15 > 0.02 > coloured(usual, *VIOLET).mean()


@says("sketch", "Five petals with a mouse", "Five uneven loops are enough. G has seen lines of every detail, so it copes with few of them.")
def _(seen):
    pink = coloured(seen.picture("sketch-photo"), *PINK)
    pink = ndimage.binary_opening(pink | (hsv(seen.picture("sketch-photo"))[..., 2] > 0.8), iterations=2)
    assert len(strokes(seen.state.sketch)) <= 6
    assert petals(pink, 0.26) == 5


@says(
    "sketch",
    "A cat, and why it fails",
    "G knows seventeen kinds of flowers and nothing else: the face is filled with the petals' yellow, and around it are leaves.",
)
def _(seen):
    photo = seen.picture("sketch-photo")
    face = middle(photo, 0.15)
    assert coloured(photo, *YELLOW)[face].mean() > 0.8
    h, s, v = np.moveaxis(hsv(photo), 2, 0)
    border = ~middle(photo, 0.48)
    assert ((h > GREEN[0]) & (h < GREEN[1]) | (v < 0.35))[border].mean() > 0.9


def areas(name: str) -> dict[str, np.ndarray]:
    """Of a drawn emoji with dabs: colour -> the pixels that its dabs spread over, less two along their edges, (128, 128)."""
    hints = imaging.doodle_from_canvas(canvas_value(DABBED[name]), 128)[1][0].numpy()
    asked = (hints[:3].transpose(1, 2, 0) + 1) * 127.5
    found = {colour: (hints[3] > 0) & (abs(asked - ImageColor.getrgb(colour)).max(-1) < 30) for _, colour in DABS[2:]}
    inner = {colour: ndimage.binary_erosion(where, iterations=2) for colour, where in found.items()}
    return {colour: where for colour, where in inner.items() if where.sum() > 20}


@says(
    "sketch",
    "view emoji",
    "Draw in ink, then dab a colour where you want it: one dab fills an area that lines close in. Where there is none, the generator "
    "chooses.",
    "G(x), an emoji that nobody designed",
)
def _(seen):
    made = np.asarray(seen.picture("sketch-emoji"), float)
    for colour, where in areas("a cat").items():
        assert abs(made[where] - ImageColor.getrgb(colour)).mean() < 40
    ink = np.asarray(render(DOODLES["a cat"], 128, INK).convert("L"))
    assert made[ink < 20].mean() < 40
    assert made[:6].mean() > 240 and made[-6:].mean() > 240  # paper stays paper
    mug = np.asarray(api.sketch_emoji("a mug")[0], float)[40:95, 34:78]  # within its lines, where no dab is
    assert mug.mean() < 235


@says("sketch", "A fish in three colours", "Three dabs, three areas: each takes the colour of its dab, as far as the lines.")
def _(seen):
    made, found = np.asarray(seen.picture("sketch-emoji"), float), areas("a fish")
    assert len(found) == 3
    for colour, where in found.items():
        off = {other: abs(made[where] - ImageColor.getrgb(other)).mean() for other in found}
        assert off[colour] == min(off.values()) < 40


@says(
    "sketch",
    "A house without a dab",
    "Lines don't say what colour a wall has. Where nobody says it, G hedges: one wall is several colours at once.",
)
def _(seen):
    wall = areas("a house")["#fcea2b"]
    dabbed, _ = api.sketch_emoji(canvas_value(DABBED["a house"]))
    spreads = [np.asarray(picture, float)[wall].std(0).max() for picture in (seen.picture("sketch-emoji"), dabbed)]
    assert wall.sum() > 300 and spreads[0] > 2 * spreads[1]


@says("sketch", "Ten rectangles", "One for the wall, eight windows, one door.")
def _(seen):
    names = list(FACADE_COLOURS)
    kinds = [names[stroke.colour] for stroke in strokes(seen.state.facade)]
    assert sorted(kinds) == ["door", "facade"] + ["window"] * 8
    labels = np.asarray(render(FACADES["ten rectangles"], 128, FACADE_PALETTE, crisp=True))
    photo = np.asarray(seen.picture("sketch-house").convert("L"), float)
    wall, holes = ((labels == FACADE_COLOURS[name]).all(-1) for name in ("facade", "window"))
    assert photo[wall].mean() > photo[holes].mean() + 5


@says(
    "sketch",
    "A wall of doors fails",
    "Twenty doors come out as twenty windows: in the training set such rows are always windows, and D never judged a wall of doors. "
    "The model that reads labels off photos finds hardly a door here, either.",
)
def _(seen):
    assert sum(list(FACADE_COLOURS)[stroke.colour] == "door" for stroke in strokes(seen.state.facade)) == 20
    _, said = api.sketch_labels(shown(seen.picture("sketch-house"), "")["src"])
    assert said["shares"]["door"] < 0.05 < 0.15 < said["shares"]["window"]


@says(
    "sketch",
    "Read a house",
    "The other way round: most of the windows and the balcony of this house, drawn for the page, are found. It fails below: the two shops "
    "are taken for doors and windows.",
)
def _(seen):
    drawn = render(FACADES["a town house"], 128, FACADE_PALETTE, crisp=True)
    found = seen.picture("sketch-labels").resize((128, 128), 0)
    for label, least in (("window", 0.4), ("balcony", 0.4)):
        assert overlap(labelled(drawn, label), labelled(found, label)) > least
    shops = labelled(drawn, "shop")
    assert labelled(found, "shop")[shops].mean() < 0.25
    assert (labelled(found, "door") | labelled(found, "window"))[shops].mean() > 0.6


@says(
    "sketch",
    "The wrong lines win",
    "D gives this picture more beside a crocus than beside its own sunflower. It met made pictures beside their own lines only, as fakes: "
    "so it has no reason to hold the wrong lines against this one.",
)
def _(seen):
    assert (seen.state.own, seen.state.other) == ("sunflower", "crocus")
    assert seen.figure("the wrong pair") > 5 * seen.figure("the right pair")
    blue = [(np.asarray(seen.picture(f"sketch-{pair}"), float)[..., 2]).mean() for pair in ("right", "wrong")]
    assert blue[1] > blue[0] + 20


@says(
    "sketch",
    "C13",
    "Three generators see your lines: one is only held near the truth (L1), one only has to convince D, one both. Which one blurs?",
    "The one with L1 alone",
    "The one with the GAN's loss alone",
    "The one with both",
)
def _(seen):
    rough = {}
    for term in ("l1", "gan", "both"):
        photo = np.asarray(seen.picture(f"sketch-{term}").convert("L"), float)
        rough[term] = np.abs(photo - ndimage.gaussian_filter(photo, 1.5)).mean()
    assert rough["l1"] < 0.5 * rough["both"] and rough["both"] < rough["gan"]
    metrics = {term: catalog.entry(name).metrics for term, name in api.TERMS.items()}
    fine = {term: of["high_frequency_energy"]["value"] for term, of in metrics.items()}
    assert fine["L1 only"] < 0.6 * fine["both"] and metrics["GAN only"]["l1"]["value"] > 1.2 * metrics["both"]["l1"]["value"]
    assert f"{fine['L1 only']:.4g}" in seen.answer and f"{fine['both']:.4g}" in seen.answer


@says(
    "sketch",
    "C14",
    "One picture, beside the lines it was made of, and beside another flower's lines. Does D notice? D looks at patches only.",
    "Yes, its own lines get more",
    "No, patches are too small for that",
)
def _(seen):
    right, wrong = seen.figure("the right pair"), seen.figure("the wrong pair")
    assert right > 5 * wrong
    assert numbers(seen.answer)[:2] == [round(right, 1), round(wrong, 1)]
    blue = [(np.asarray(seen.picture(f"sketch-{pair}"), float)[..., 2]).mean() for pair in ("right", "wrong")]
    assert blue[0] > blue[1] + 10
