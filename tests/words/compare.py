"""What the tab "Compare" says."""

import json
import re

from playground import api, catalog
from playground.ui.tabs.compare.figures import RANKED, ranking
from tests.words.page import grey, numbers, read, says, tiles


def sheets(seen) -> dict:
    """A model's name -> its sixteen digits, drawn now where the page draws them on request."""
    return {name: api.compare_samples(name, seen.state.seed) for name in seen.state.models}


@says(
    "compare",
    "view samples",
    "Every model that makes digits: sixteen each, from one seed. Roll the dice, then click a digit: was it learnt by heart?",
)
def _(seen):
    cards = json.loads(seen.value("compare-sheets")["sheets"])["drawn"]
    assert [card["name"] for card in cards] == list(seen.state.models) and all(card["done"] == 1 for card in cards)
    for sheet in seen.pictures("compare-sheets"):
        assert len(tiles(sheet)) == 16 and read(sheet).max(1).values.median() > 0.9
    assert "nearest training digit is" in seen.text("compare-memory")


@says(
    "compare",
    "view figures",
    "The same models by their figures. Choose one to rank them by, and notice that the order changes with it: no figure says it all.",
)
def _(seen):
    orders = {figure: [name for name, _ in ranking(seen.state.models, figure)] for figure in RANKED}
    common = set.intersection(*(set(orders[figure]) for figure in ("nats", "feature_distance", "milliseconds_per_image")))
    assert (
        len({tuple(name for name in orders[figure] if name in common) for figure in ("nats", "feature_distance", "milliseconds_per_image")})
        > 1
    )


@says(
    "compare",
    "view cost",
    "What the figures cost: time of training, time of writing, and how many steps must wait for one another. Compare the steps with the "
    "images a second.",
)
def _(seen):
    rows = [row for row in api.compare_steps() if row["images_per_second"]]
    for row in rows:
        assert f"{row['images_per_second']:.3g} a second" in seen.text("compare-steps")
    assert len({row["steps"] for row in rows}) >= 3


@says(
    "compare",
    "Another sixteen",
    "A pixel model draws each pixel, black or white, strokes astray and all. What is shown of a VAE is the mean of p(x|z), in greys, with "
    "nothing drawn.",
)
def _(seen):
    drawn = sheets(seen)
    pixels = [name for name in drawn if api.compare_figures(name)["density"] == "exact"]
    assert len(pixels) == 5 and seen.state.seed != 1
    assert all(grey(drawn[name]) == 0 for name in pixels) and grey(drawn["vae-mnist"]) > 0.3


@says(
    "compare",
    "A small code blurs",
    "With a code of two numbers the strokes are blurred, and yet nearly all are digits. With many numbers they are sharp, and more of "
    "what is drawn from the prior is no digit: between the codes of training digits there is more room.",
)
def _(seen):
    large, small = seen.pictures("compare-sheets")
    assert [catalog.entry(name).config["latent"] for name in seen.state.models] == [32, 2]
    assert grey(small) > 1.3 * grey(large)
    certain = [(read(picture).max(1).values >= 0.9).sum() for picture in (large, small)]
    assert certain[1] >= 14 and certain[0] < certain[1]


@says("compare", "Which can say p(x)?", "playground.ui.tabs.compare.figures.densities")
def _(seen):
    from playground.ui.tabs.compare.figures import densities
    from playground.ui.tabs.compare.shared import named

    said, table = densities(), seen.text("compare-table")
    for name in seen.state.models:
        row = table.partition(f" {name} ")[2]
        word = {"exactly": "Exactly", "a": "As a bound", "no": "Not at all"}[row.split()[0]]
        assert re.search(rf"\b{word}: ([^:]*; )?{named(name)}( \(|; |\.)", said)


@says("compare", "The four together", "playground.ui.tabs.compare.figures.together")
def _(seen):
    from playground.ui.tabs.compare.figures import together

    mean, *members = (catalog.entry(name).metrics["nats"]["value"] for name in seen.state.models)
    static = catalog.entry(seen.state.models[0]).metrics["nats_static"]
    these, *alone = static["of_these"].values()
    assert len(members) == len(alone) == 4 and mean < min(members) and these < min(alone)
    said = [*numbers(together())]
    assert said == [round(value, 2) for value in (mean, min(members), max(members), static["n"], these, min(alone), max(alone))]
    assert f"{mean:.4g}" in seen.text("compare-table")


@says(
    "compare",
    "C18",
    "A PixelCNN's training waits for one step where a recurrent one waits for 28 or 55. Is it faster here by as much, and is it a little "
    "worse?",
    "Faster than either, but by far less than 28 times",
    "Faster by 28 times and more",
    "Slower than both",
)
def _(seen):
    rows = {row["model"]: row for row in api.compare_steps()}
    cnn, row_lstm, diagonal = (rows[name] for name in ("pixelcnn-mnist", "row-lstm-mnist", "diagonal-bilstm-mnist"))
    assert (cnn["steps"], row_lstm["steps"], diagonal["steps"]) == (1, 28, 55)
    assert 1 < cnn["images_per_second"] / row_lstm["images_per_second"] < 28  # not by as much
    assert 0 < cnn["nats"] - row_lstm["nats"] < 2
    for row in (cnn, row_lstm, diagonal):
        assert f"{row['nats']:.2f} nats" in seen.text("compare-steps")
    assert {round(row["nats"], 2) for row in (cnn, row_lstm, diagonal)} <= set(numbers(seen.answer))
