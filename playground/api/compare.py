"""All models that make digits, side by side; and the training digits nearest to a generated one."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from PIL import Image

from playground import catalog, graphs
from playground.api.recent import Recent
from playground.api.signature import gives
from playground.api.validation import checked_seed, tiles, whole
from playground.errors import UserError
from playground.systems import SYSTEMS, family

SIXTEEN, ACROSS = 16, 4  # digits in a sheet, and in a row of it
SHEET = "samples.webp"  # beside the weights: the sheet of seed 1, with which the tab opens
NEIGHBOURS_VAE = "vae-mnist"  # the model in whose latent space neighbours are searched
NEIGHBOURS = 5
SHEETS_KEPT = 256

_sheets = Recent(SHEETS_KEPT)  # (model, revision, seed) -> its sheet, whole


SPEEDS = "speeds.json"  # beside the models: the output of `python -m benchmarks.training --json` on the machine on which it was last run

# --- the public functions ---


@gives("models")
def compare_models() -> list[str]:
    """The names of the models that make digits: those that were trained on MNIST, and can make a new image from noise."""
    return [name for name in catalog.names(*SYSTEMS) if makes_digits(catalog.entry(name).config)]


@gives("samples")
def compare_samples(model: str, seed: int = 1) -> Image.Image:
    """Sixteen digits from one model.  Models with classes draw these too: under one seed all ask for the same sixteen.

    Args:
        model: one of `compare_models()`.
        seed: of the noise, from 0 to 2147483647.

    Returns a grey picture of 112 x 112 pixels, four digits a row: a VAE's are the means of p(x|z), a GAN's what G makes, an
    autoregressive model's are drawn pixel by pixel, 0 or 255 each.
    """
    *_, (sheet, _) = drawing(model, checked_seed(seed))
    return sheet


@gives("figures")
def compare_figures(model: str) -> dict:
    """What is known of a model that makes digits, from the files beside its weights; None where it was not measured.

    Args:
        model: one of `compare_models()`.

    Returns "system"; "density", whether it can say p(x): "exact", as a "bound" or "none"; "nats" (-log p(x), unconditional), "agreement",
    "class_share_gap", "nn_error", "two_sample_nn", "feature_distance" and "milliseconds_per_image", each with its "value", "stderr",
    "unit", "data", "split", "n", "binarisation", "estimator", "bound", "published" and "hardware"; and of its training "parameters", their
    number, "minutes", "images_per_second", "precision" and "hardware".
    """
    entry = _entry(model)
    metrics = {name: _metric(entry, name) for name in METRICS}
    nats = next((found for name in DENSITIES if (found := _metric(entry, name))), None)
    training = entry.training
    parameters = training.get("parameters")
    return {
        "system": entry.system,
        "density": SYSTEMS[entry.system].density,
        "nats": nats,
        **metrics,
        "parameters": sum(parameters.values()) if parameters else None,
        "minutes": training.get("total_minutes"),
        "images_per_second": training.get("images_per_second"),
        "precision": training.get("precision"),
        "hardware": training.get("hardware"),
    }


@gives("steps")
def compare_steps(size: int = 28) -> list[dict]:
    """How long the training of autoregressive models must wait: sequential steps an image, beside how fast their recipes train here.

    Args:
        size: n, the side of the images, from 1 to 256.

    Returns for a plain recurrence, and for each such model that makes digits: "system"; "formula", and "steps", its value: how many steps
    must wait for one another while all pixels are known; "model"; "images_per_second", "precision" and "hardware" of its recipe, all
    measured in one run of `python -m benchmarks.training`; "parameters"; and "nats", -log p(x) on the test split.  The last six are None
    for the plain recurrence, which nobody trains.
    """
    from playground.analysis.receptive_field import ORDERS, steps

    whole("`size`", size, 1, 256)
    models = [(name, catalog.entry(name).system) for name in compare_models() if name not in catalog.ABLATIONS]
    rows = [("pixelrnn", "pixels", None, {})]
    rows += [(system, order, name, compare_figures(name)) for name, system in models if (order := SYSTEMS[system].order)]
    speeds = {row["recipe"]: row for row in catalog.read_json(catalog.ROOT / SPEEDS)}
    return [
        {"system": system, "formula": ORDERS[order].formula, "steps": steps(order, size), "model": name}
        | {key: speeds.get(system, {}).get(key) for key in ("images_per_second", "precision", "hardware")}
        | {"parameters": figures.get("parameters"), "nats": figures["nats"]["value"] if figures.get("nats") else None}
        for system, order, name, figures in rows
    ]


@gives("neighbours", "figures")
def compare_neighbours(model: str = "cgan-mnist", seed: int = 1, index: int = 0, count: int = NEIGHBOURS) -> tuple[Image.Image, dict]:
    """Memory or imagination: the training digits nearest to a made one, by the Euclidean distance of their codes in a VAE's latent space.

    Args:
        model: one of `compare_models()`; the digit is one of those of `compare_samples(model, seed)`.
        seed: as there.
        index: which digit, from 0 to 15, row by row.
        count: so many neighbours, from 1 to 20.

    Returns a grey picture of 28 x 28 pixels each, side by side: the digit, the VAE's reconstruction of it, and its reconstructions of the
    neighbours, nearest first (no picture of the data set is kept); and figures: "distances" of the neighbours, where the prior's standard
    deviation is 1; their "classes"; and "nearer", the share of real digits that the VAE
    never saw (binarised, if the digit is) that are nearer to their nearest training digit.  A digit that was learnt by heart is near 0.
    """
    index, count = whole("`index`", index, 0, SIXTEEN - 1), whole("`count`", count, 1, 20)
    return neighbours(digit_of(compare_samples(model, seed), index), count)


# --- further functions for the page ---

METRICS = ("agreement", "class_share_gap", "nn_error", "two_sample_nn", "feature_distance", "milliseconds_per_image")
DENSITIES = ("nats", "iw_bound", "elbo")  # the first that was measured is the model's -log p(x)
_SAID = ("name", "value", "stderr", "unit", "data", "split", "n", "binarisation", "estimator", "bound", "published", "hardware")


def generated_digits(net, seed: int, count: int) -> Iterator[tuple]:
    """The images (count, 1, 28, 28) in [-1, 1] of `Model.sample`, and the fraction that is done; pixel by pixel, what there is so far."""
    from playground.models.base import asked_classes, uniforms
    from playground.sampling.cached import write

    if net.system not in family("autoregressive"):
        yield net.sample(count, seed=seed), 1.0
        return
    for x, done in write(net, asked_classes(count, None, net.classes, seed), uniforms(seed, count, 1, net.size, net.size)):
        if done % net.size == 0:
            yield x * 2 - 1, done / net.size**2


def drawing(model: str, seed: int) -> Iterator[tuple[Image.Image, float]]:
    """A sheet while it is made: what there is of it, and the fraction that is done.  A cached sheet comes at once."""
    entry = _entry(model)
    key = (model, entry.revision, seed)
    if (sheet := _sheets.get(key)) is not None:
        yield sheet, 1.0
        return
    for x, done in generated_digits(catalog.load(model), seed, SIXTEEN):
        sheet = tiles(x, ACROSS)
        yield sheet, done
    _sheets.keep(key, sheet)


def drawn(model: str, seed: int) -> Image.Image | None:
    """The sheet, if it is cached, or was made at export (that of seed 1)."""
    entry = _entry(model)
    if seed == 1 and (sheet := _exported_sheet(entry.folder, entry.files)):
        return sheet
    return _sheets.get((model, entry.revision, seed))


@lru_cache(maxsize=64)
def _exported_sheet(folder: Path, files: tuple) -> Image.Image | None:
    """The sheet that the export drew; `files` changes when it is drawn again."""
    return Image.open(folder / SHEET).convert("L") if (folder / SHEET).exists() else None


def draw_sheet(net, seed: int = 1) -> Image.Image:
    """The sheet of a model; takes a model instead of its name."""
    *_, (x, _) = generated_digits(net, seed, SIXTEEN)
    return tiles(x, ACROSS)


def digit_of(sheet: Image.Image, index: int):
    """One digit of a sheet, (1, 1, 28, 28) in [-1, 1]."""
    from playground.imaging import to_tensor

    row, column = divmod(index, ACROSS)
    return to_tensor(sheet.crop((28 * column, 28 * row, 28 * column + 28, 28 * row + 28)))


def neighbours(x, count: int = NEIGHBOURS) -> tuple[Image.Image, dict]:
    """What `compare_neighbours` returns, for a digit (1, 1, 28, 28) in [-1, 1]."""
    import numpy as np

    from playground.imaging import to_image

    digit = np.asarray(to_image(x))
    found = graphs.run("neighbours", NEIGHBOURS_VAE, digit=digit)
    figures = {
        "distances": [round(value, 3) for value in found.distances[:count]],
        "classes": found.classes[:count],
        "nearer": round(found.nearer, 2),
    }
    return Image.fromarray(np.concatenate([digit, *found.tiles[: 1 + count]], 1)), figures


def makes_digits(config: dict) -> bool:
    """Whether a model with these settings makes MNIST's digits from noise."""
    system = SYSTEMS.get(config.get("system", ""))
    return bool(system and system.density) and config.get("dataset") == "mnist" and config.get("size", 28) == 28


def _entry(model: str) -> catalog.Entry:
    if model not in (known := compare_models()):  # and never an id of the Hub that the server was not started with
        raise UserError(f"{str(model)[:60]!r} makes no digits here; these models do: {', '.join(known) or 'none yet'}.")
    return catalog.entry(model)


def _metric(entry: catalog.Entry, name: str) -> dict | None:
    found = entry.metrics.get(name)
    if not found or not isinstance(found.get("value"), int | float):  # a model of the Hub may lack it
        return None
    return {key: found.get(key) for key in _SAID}
