"""What the tab "Pixel by pixel" says."""

import numpy as np
from scipy import ndimage

from playground import api, catalog
from playground.drawing.digit_strokes import DIGITS
from playground.ui.components.pixel_picker import NEXT, WAITING
from playground.ui.tabs.pixels import colour as colours
from playground.ui.tabs.pixels import exhaustive
from playground.ui.tabs.pixels.digit import GIVEN_INK, GIVEN_PAPER
from playground.ui.tabs.pixels.field import BLIND
from tests.words.page import CHECKS, coloured, film, ink, numbers, ragged, read, says


def completions(seen) -> list:
    """The eight completions as grey pictures: what was given is as white as what was written."""
    from PIL import Image

    sheet = np.asarray(seen.picture("pixels-sheet").convert("L"))
    white = Image.fromarray(((sheet > 100) * 255).astype(np.uint8))
    return [white.crop((28 * column, 28 * row, 28 * column + 28, 28 * row + 28)) for row in range(2) for column in range(4)]


def begun(seen) -> int:
    """Which of the drawn digits the rows given are of."""
    return next(int(digit) for digit, drawn in DIGITS.items() if drawn == seen.state.begun)


def written_by_others(seen, **changes):
    """Eight images of the same digit as the page's, of which the page shows the first."""
    asked = {"temperature": seen.state.temperature, "model": seen.state.model} | changes
    return api.pixels_write(int(seen.state.digit), seen.state.seed, count=8, **asked)


def field(seen, elem_id: str) -> dict[str, np.ndarray]:
    """Which pixels of a map of a receptive field are never seen, and which come later."""
    picture = np.asarray(seen.picture(elem_id))
    return {name: (picture == colour).all(-1) for name, colour in (("never", BLIND), ("later", WAITING))}


@says(
    "pixels",
    "view write",
    "One pixel after another, each a coin whose odds depend on all pixels before it. Press Write and watch; then click a pixel to see its "
    "odds.",
)
def _(seen):
    assert read(seen.picture("pixels-written"))[0, int(seen.state.digit)] > 0.99
    assert set(np.unique(seen.picture("pixels-written"))) == {0, 255}  # a coin has two sides
    assert "p(pixel | all before it)" in seen.text("pixels-odds")


@says(
    "pixels",
    "view complete",
    "You give the purple rows, and the model writes the others, eight times. Draw, or move the rows, and see how many digits still fit.",
    "purple: the rows given; white: what the model wrote",
)
def _(seen):
    sheet = np.asarray(seen.picture("pixels-sheet"))
    inks = {tuple(colour) for colour in sheet[: seen.state.last].reshape(-1, 3)}
    assert inks == {GIVEN_INK, GIVEN_PAPER}
    assert {tuple(colour) for colour in sheet[seen.state.last : 28].reshape(-1, 3)} == {(0, 0, 0), (255, 255, 255)}
    assert (read(*completions(seen)).argmax(1) == 7).sum() >= 6


@says(
    "pixels",
    "view surprise",
    "How many nats your digit costs, and which of its pixels the model did not expect. Draw something odd, and find it among 10,000 test "
    "digits.",
    "x, as the model sees it",
    "surprise, black 0 bits, white 8 or more",
)
def _(seen):
    bits = np.array(api.pixels_surprise(seen.state.mine, seen.state.seed, seen.state.model)[2]["bits"])
    bright = np.asarray(seen.picture("pixels-heat").convert("L"), float)
    assert bright[bits < 0.05].max() < 12 and np.argmax(bright) == np.argmax(bits)
    assert set(np.unique(seen.picture("pixels-seen"))) == {0, 255}
    assert "of the 10,000 test digits" in seen.text("pixels-histogram")
    assert abs(bits.sum() * np.log(2) - seen.figure("surprise, -log p(x)")) < 0.1


@says(
    "pixels",
    "view field",
    "Which earlier pixels move the odds of the one you choose, for two models. Click a pixel, and look for the dark blue: what the model "
    "never sees.",
    "the model",
    "the one beside it",
    "a plain recurrence, pixel by pixel, Row LSTM, row by row, Diagonal BiLSTM, by diagonals, PixelCNN, all at once",
)
def _(seen):
    row, column = map(int, seen.state.spot)
    for elem_id, name in (("pixels-field", seen.state.model), ("pixels-field-beside", seen.state.beside)):
        said = api.pixels_field(row, column, name)[1]
        seen_by = field(seen, elem_id)
        assert seen_by["never"].sum() == said["earlier"] - said["possible"] > 0
        assert seen_by["later"].sum() == 28 * 28 - said["earlier"] - 1
    done = np.asarray(seen.picture("pixels-order"))
    shares = [(done[:, 29 * i : 29 * i + 28] == NEXT).all(-1).mean() for i in range(4)]
    assert shares[0] < shares[2] < shares[1] < shares[3] == 1


@says(
    "pixels",
    "view colour",
    "A photo written plane by plane: red, then green given red, then blue given both. Press Write, then click a pixel to see the three "
    "come in order.",
    "around the pixel: before it, R, R, then G, then B",
    "what moves R, G and B of the pixel: the brighter, the more; grey: later",
)
def _(seen):
    stages = np.asarray(seen.picture("pixels-stages"))
    middle = stages[colours.NEAR // 2, colours.NEAR // 2 :: colours.NEAR + 1]  # the pixel, four times
    assert [(colour > 0).sum() for colour in middle] == [0, 1, 2, 3]
    fields = np.asarray(seen.picture("pixels-colour-fields"))
    later = (fields == WAITING).all(-1)
    row, column = map(int, seen.state.dot)
    assert later[:, :32].sum() == 32 * 32 - (row * 32 + column) - 1 and not later[:row].any()


@says(
    "pixels",
    "view whole",
    "A model of four pixels, small enough to be seen whole: all of its 4,096 images, and the odds of each. Fix a sub-pixel, and see which "
    "images remain.",
)
def _(seen):
    said = api.pixels_whole(seen.state.given, seen.state.model)
    assert len(said["probabilities"]) == 4096 and seen.figure("sum of all 4,096") == 1
    assert seen.text("pixels-likeliest").startswith(f"{said['likeliest'][0][1]:.1%}")


@says(
    "pixels",
    "view film",
    "What the model wrote with the same noise, from its first step of training to its last. Drag the slider, and see specks become "
    "strokes.",
    "the same input all along",
)
def _(seen):
    first, last = film(seen, 0), seen.picture("pixels-film")
    specks = [ndimage.label(np.asarray(picture.convert("L")) > 200)[1] for picture in (first, last)]
    assert specks[0] > 3 * specks[1]


@says(
    "pixels", "A careful hand", "At temperature 0.7 each coin falls on its likelier side more often: the strokes have fewer ragged edges."
)
def _(seen):
    assert seen.state.temperature == 0.7
    assert read(seen.picture("pixels-written"))[0, int(seen.state.digit)] > 0.99
    careful, usual = written_by_others(seen), written_by_others(seen, temperature=1.0)
    assert ragged(careful) < 0.93 * ragged(usual)
    assert (read(careful).argmax(1) == int(seen.state.digit)).all()


@says(
    "pixels",
    "Too careful",
    "This fails: at 0.3 each coin falls on its likelier side. Until a stroke has begun that side is black, so none begins, and the "
    "canvas stays empty. Each choice is the likeliest one, and the digit is lost.",
)
def _(seen):
    assert seen.state.temperature == 0.3
    assert ink(seen.picture("pixels-written")) == 0


@says("pixels", "Too hot", "This fails: above 1 the odds are flattened, a stray pixel falls, and all later ones believe it.")
def _(seen):
    assert seen.state.temperature > 1
    assert ragged(seen.picture("pixels-written")) > 1.5 * ragged(written_by_others(seen, temperature=1.0))
    assert read(seen.picture("pixels-written")).max() < 0.9


@says(
    "pixels",
    "Eight ways on",
    "The arch that begins a 0 also begins a 2, a 3 and an 8: each completion draws its class from p(y | the rows given).",
)
def _(seen):
    meant = [int(label) for label in numbers(seen.text("pixels-complete-said"))]
    assert set(meant) == {0, 2, 3, 8}
    p = read(*completions(seen))
    assert p.argmax(1).tolist() == meant
    assert p.max(1).values.min() > 0.9


@says(
    "pixels",
    "It can't look ahead",
    "This fails: the model looks back only. Rows above yours are written as if yours were not there: hardly any of these is a 6.",
)
def _(seen):
    assert (read(*completions(seen)).argmax(1) == begun(seen)).sum() <= 2


@says(
    "pixels",
    "Look ahead by trying",
    f"The same rows, but of {api.TRIES} tries those are kept that your rows continue best: now each is a 6.",
)
def _(seen):
    assert begun(seen) == 6 and (read(*completions(seen))[:, 6] > 0.9).all()


@says(
    "pixels",
    "The blind spot",
    "Dark blue in the first picture: PixelCNN never sees these pixels, above and to the right, however many layers it has. The two "
    "stacks of the gated one see all of them but the last column, which is too far away for the layers that it has.",
)
def _(seen):
    plain, gated = field(seen, "pixels-field")["never"], field(seen, "pixels-field-beside")["never"]
    row, column = map(int, seen.state.spot)
    assert plain.sum() > 50 and not plain[row:].any() and not plain[:, : column + 1].any()
    rows, columns = np.nonzero(plain)  # beyond a slanted line: as far to the right as upwards, or farther
    assert (columns - column >= row - rows).all()
    assert gated.any() and not gated[:, :-1].any()


@says(
    "pixels",
    "No digit at all",
    "A spiral is no digit, and costs many nats more than any test digit. The model did not expect the bright pixels.",
)
def _(seen):
    histogram = catalog.entry(seen.state.model).metrics["nats"]["histogram"]
    assert seen.figure("surprise, -log p(x)") > histogram["edges"][-1] + 50
    bits = np.array(api.pixels_surprise(seen.state.mine, seen.state.seed, seen.state.model)[2]["bits"])
    bright = np.asarray(seen.picture("pixels-heat").convert("L"))
    assert bits[bright > 200].min() > 3 and bits[bright < 50].max() < 3


@says(
    "pixels",
    "The colours of a sunflower",
    "More of it is yellow than under any other class: the class shows in the colours. This fails, too: nothing here has petals. So small a "
    "model knows what is near, and loses the whole.",
)
def _(seen):
    yellow = lambda picture: coloured(picture, 35, 70).mean()  # noqa: E731
    kinds = list(colours.KINDS)
    photos = [api.pixels_colour(kind, seen.state.seed, model=seen.state.model) for kind in range(len(kinds))]
    (mine,) = seen.pictures("pixels-colour")
    assert mine.tobytes() == photos[kinds.index(seen.state.kind)].tobytes()
    others = [photo for kind, photo in zip(kinds, photos) if kind != seen.state.kind]
    assert yellow(mine) > 0.2 and yellow(mine) > 2 * max(map(yellow, others))
    sheet = np.asarray(api.pixels_colour(kinds.index(seen.state.kind), seen.state.seed, count=8, model=seen.state.model), float)
    flowers = sheet.reshape(32, 8, 32, 3).swapaxes(0, 1) / 255  # (8, 32, 32, 3)
    heart = flowers[:, 10:22, 10:22].mean((1, 2))
    border = np.concatenate([flowers[:, :4].reshape(8, -1, 3), flowers[:, -4:].reshape(8, -1, 3)], 1).mean(1)
    assert np.linalg.norm(heart - border, axis=1).mean() < 0.35  # a flower stands out from its ground


@says(
    "pixels",
    "A comb of 256 teeth",
    "One of 256 numbers, each on its own: the odds of the softmax are a comb. A mixture of logistics is smooth by construction.",
)
def _(seen):
    row, column, kind, *rest = colours._asked(seen.state)
    _, comb = api.pixels_colour_at(row, column, kind, *rest, seen.state.model)
    _, smooth = api.pixels_colour_at(row, column, kind, *rest, seen.state.against, seen.state.model)
    for plane in "RGB":
        turns = [np.sign(np.diff(said[plane]["probabilities"])) for said in (comb, smooth)]
        up_and_down = [np.abs(np.diff(sign)).sum() / 2 for sign in turns]
        assert up_and_down[0] > 60 > 30 > up_and_down[1]


@says("pixels", "All 4,096 images", "playground.ui.tabs.pixels.exhaustive.summed")
def _(seen):
    assert f"{seen.figure('half of it is held by'):.0f} images hold half of it" in exhaustive.summed()
    assert seen.figure("sum of all 4,096") == 1


@says(
    "pixels",
    "From blue back to red",
    "B of the first pixel is drawn after its R and G; yet to know that it is lit moves both: all images are summed.",
)
def _(seen):
    free, given = (api.pixels_whole(given, seen.state.model)["lit"] for given in ("." * 12, seen.state.given))
    assert given[2] > 0.999 and all(given[plane] > free[plane] + 0.1 for plane in (0, 1))


@says(
    "pixels",
    "C16",
    "A plain 2-D recurrence computes 784 pixels one after the other. How many steps do a Row LSTM and a Diagonal BiLSTM need?",
    "28 and 55",
    "784 and 784",
    "1 and 1",
)
def _(seen):
    done = np.asarray(seen.picture("pixels-order"))
    panels = [(done[:, 29 * i : 29 * i + 28] == NEXT).all(-1).mean() for i in range(4)]
    assert panels[1] == panels[3] == 1 and panels[0] < 0.05 and 0.4 < panels[2] < 0.6  # after 28 of 784, 28, 55 and 1 steps
    assert "28 rows, and 55 diagonals" in seen.answer
    never = {elem_id: field(seen, elem_id)["never"].sum() for elem_id in ("pixels-field", "pixels-field-beside")}
    reached = [seen.figure(seen.state.model), seen.figure(seen.state.beside)]
    assert never["pixels-field"] > 50 and never["pixels-field-beside"] == 1
    assert f"it reaches {reached[0]:.0f} of" in seen.answer and f"BiLSTM reaches {reached[1]:.0f}: all but the last" in seen.answer


@says(
    "pixels",
    "C17",
    "PixelCNN's masked filters look up and to the left, layer after layer. Which earlier pixels will it never see?",
    "Some above it, to its right",
    "Those far to its left",
    "None, if there are enough layers",
)
def _(seen):
    CHECKS["pixels", "The blind spot"][1](seen)
    plain, gated = (int(field(seen, elem_id)["never"].sum()) for elem_id in ("pixels-field", "pixels-field-beside"))
    assert f"(dark blue): {plain} of " in seen.answer and f"misses {gated}, the last column" in seen.answer


@says(
    "pixels",
    "C19",
    "PixelCNN++ changed five things. Undo one at a time and train for equal minutes: which change is worth most?",
    "The mixture in place of the softmax",
    "The skips",
    "Dropout",
)
def _(seen):
    bits = {words: catalog.entry(name).metrics["bits_per_dim"]["value"] for words, name in api.CHANGES.items()}
    worst = max(bits, key=bits.get)
    assert seen.state.model == api.CHANGES[api.BASE] and seen.state.against == api.CHANGES[worst]
    assert f"undoing one change each: {worst} costs {bits[worst] - bits[api.BASE]:.3f}" in seen.answer
    assert seen.value("pixels-told") == {"value": 256, "maximum": 256, "__type__": "update"}  # as many as the photo has
    assert "256 of 256" in seen.text("pixels-colour-progress")


@says(
    "pixels",
    "C20",
    "R is drawn first, then G, then B. Which of the three is hardest to guess?",
    "R, the first",
    "B, the last",
    "All three alike",
)
def _(seen):
    red, green, blue = (seen.figure(what) for what in colours.GIVEN_BEFORE)
    assert red > max(green, blue) + 0.3
    assert numbers(seen.answer)[:3] == [round(red, 1), round(green, 1), round(blue, 1)]
    stages = np.asarray(seen.picture("pixels-stages"))
    middle = stages[colours.NEAR // 2 + 0, colours.NEAR // 2 :: colours.NEAR + 1]  # the pixel, four times
    assert [(colour > 0).sum() for colour in middle] == [0, 1, 2, 3]
