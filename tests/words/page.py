"""What the page says of its pictures, and a check of each sentence.

    @says("pixels", "A careful hand", "At temperature 0.7 each coin falls ...")
    def _(seen):
        assert ragged(seen.picture("pixels-written")) < ...

The name is a preset's label, a claim's number, or "view NAME".  A view's check quotes the captions of its pictures after its sentence, and
sees the view as it opens; a claim's check quotes its guesses after its question, and sees that the first of them is right.  The words
stand beside the check, one for one: words that are written anew fail until their check has been read again, and words without a check
fail, too.  A check sees what the page shows in that state, made by the weights that ship: so a retrained model that breaks a sentence
breaks the build.
"""

import base64
import html
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import gradio as gr
import numpy as np
import torch
from PIL import Image

from playground import catalog, snapshots
from playground.ui.builder import GUESSES, VIEWS
from playground.ui.state import options

CHECKS: dict[tuple[str, str], tuple[tuple[str, ...], Callable]] = {}  # (tab, name) -> the sentence, and captions; and their check


class Statement(NamedTuple):
    """A sentence of the page, with the captions that stand beside it, and the state in which they are to be seen."""

    words: tuple[str, ...]
    state: object
    answer: str | Callable[[], str] = ""  # of a claim


def says(tab: str, name: str, *words: str) -> Callable:
    """Decorates the check of a sentence, and of captions: a function of what is `Seen`, which asserts."""

    def register(check: Callable) -> Callable:
        assert (tab, name) not in CHECKS, f"{tab}: {name} has two checks"
        CHECKS[tab, name] = words, check
        return check

    return register


def statements(frame) -> dict[tuple[str, str], Statement]:
    """All that a tab says of what it shows."""
    now = frame.cls()
    said = {
        f"view {name}": Statement((VIEWS[frame.name][name]["words"], *captions(view.column)), _opened(frame, name))
        for name, view in frame.views.items()
    }
    said |= {label: Statement((_text(why),), replace(now, **values)) for label, why, values in frame.presets}
    said |= {name: Statement((question, *GUESSES[name]), replace(now, **values), answer) for name, question, answer, values in frame.claims}
    return {(frame.name, name): statement for name, statement in said.items()}


def _opened(frame, view: str):
    """The state in which a view opens; where its models are other ones than the tab's, with the first of them."""
    now = replace(frame.opening, view=view)
    if now.view == view:
        return now
    return next(other for model in options(frame.spec["model"]) if (other := replace(now, model=model, view=view)).view == view)


def captions(component) -> list[str]:
    """The captions of the pictures in a column, each once."""
    own = re.findall(r"<figcaption>(.+?)</figcaption>", getattr(component, "html_template", None) or "")
    inside = [caption for child in getattr(component, "children", ()) for caption in captions(child)]
    return list(dict.fromkeys([*map(html.unescape, own), *inside]))


def _text(words: str | Callable[[], str]) -> str:
    """A preset's words; of those that are written with figures, the name of the function that writes them."""
    return f"{words.__module__}.{words.__name__}" if callable(words) else words


class Seen:
    """What the page shows in a state."""

    def __init__(self, frame, statement: Statement):
        self.state = statement.state
        self._answer = statement.answer
        self._values = {
            component.elem_id or f"{type(component).__name__} {i}": value
            for i, (component, value) in enumerate(frame.everything(statement.state).items())
            if not isinstance(component, gr.Column)
        }

    @property
    def answer(self) -> str:
        """What a claim answers."""
        return self._answer() if callable(self._answer) else self._answer

    def value(self, elem_id: str):
        return self._values[elem_id]

    def pictures(self, elem_id: str) -> list[Image.Image]:
        """The pictures in an element, in their order."""
        urls = re.findall(r"data:image/\w+;base64,([\w+/=]+)", json.dumps(self._values[elem_id]))
        return [Image.open(io.BytesIO(base64.b64decode(url))).convert("RGB") for url in urls]

    def picture(self, elem_id: str) -> Image.Image:
        (picture,) = self.pictures(elem_id)
        return picture

    def text(self, elem_id: str) -> str:
        """The words in an element."""
        value = self._values[elem_id]
        return plain(value if isinstance(value, str) else value.get("value", ""))

    def figure(self, what: str) -> float:
        """A figure that stands beside the picture, by its name on the page; "12 of 16" gives 12."""
        rows = re.findall(r"<div><dt>(.*?)</dt><dd>(.*?) <span>", " ".join(self._strings()))
        found = [value for name, value in rows if html.unescape(name) == what]
        assert found, f"there is no figure {what!r}; there are {[html.unescape(name) for name, _ in rows]}"
        return float(found[0].replace("\u2212", "-").replace(",", "").partition(" ")[0])

    def _strings(self) -> list[str]:
        values = [value.get("value") if isinstance(value, dict) else value for value in self._values.values()]
        strings = [value for value in values if isinstance(value, str)]
        return [json.loads(value)["numbers"] if value.startswith('{"real":') else value for value in strings]  # the live game's board


def plain(markup: str) -> str:
    """HTML's words."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", markup))).strip()


def numbers(sentence: str) -> list[float]:
    """The numbers in a sentence, in their order."""
    return [
        float(number.replace(",", "").replace("\u2212", "-")) for number in re.findall(r"(?<![\w.])[-\u2212]?\d[\d,]*(?:\.\d+)?", sentence)
    ]


def film(seen, frame: int) -> Image.Image:
    """Another frame of the film that the page shows."""
    field = next(name for name in ("filmed", "model") if hasattr(seen.state, name))
    return snapshots.load(catalog.entry(getattr(seen.state, field)).folder / "film.webp")[frame].convert("RGB")


# --- what there is in a picture ---


def tiles(*pictures: Image.Image) -> torch.Tensor:
    """The digits of grey sheets of 28 x 28 pixels each, row by row, (N, 1, 28, 28) in [-1, 1]."""
    sheets = [np.asarray(picture.convert("L"), np.float32) / 127.5 - 1 for picture in pictures]
    cut = [sheet.reshape(sheet.shape[0] // 28, 28, -1, 28).swapaxes(1, 2).reshape(-1, 1, 28, 28) for sheet in sheets]
    return torch.from_numpy(np.concatenate(cut))


def read(*pictures: Image.Image) -> torch.Tensor:
    """The digit classifier's probability of each class for each digit of the pictures, (N, 10)."""
    with torch.inference_mode():
        return catalog.load("digit-classifier")(tiles(*pictures)).softmax(1)


def sure(*pictures: Image.Image) -> int:
    """Of how many digits the classifier gives one class 90 % or more."""
    return int((read(*pictures).max(1).values >= 0.9).sum())


def ink(*pictures: Image.Image) -> float:
    """The share of pixels that are brighter than middle grey."""
    return (tiles(*pictures) > 0).float().mean().item()


def grey(*pictures: Image.Image) -> float:
    """Of pixels that are not black, the share that are not white, either."""
    x = tiles(*pictures)
    return ((x > -0.8) & (x < 0.8)).sum().item() / max((x > -0.8).sum().item(), 1)


def ragged(*pictures: Image.Image) -> float:
    """How often white and black meet, a white pixel: rough edges and stray pixels make it large."""
    white = (tiles(*pictures) > 0).float()
    return ((white.diff(dim=2).abs().sum() + white.diff(dim=3).abs().sum()) / white.sum()).item()


def sharp(picture: Image.Image) -> float:
    """How much neighbours differ, on average, from 0 to 1."""
    grey = np.asarray(picture.convert("L"), float) / 255
    return float(np.abs(np.diff(grey, axis=1)).mean())


def black(picture: Image.Image) -> float:
    """The share of pixels that are nearly black."""
    return float((np.asarray(picture.convert("L")) < 60).mean())


def film_digits(picture: Image.Image) -> Image.Image:
    """The digits of a frame of a film, which has a line of one or two pixels around each, as a sheet without lines."""
    x = np.asarray(picture.convert("L"))
    rows, columns = (size // 28 for size in x.shape)
    gaps = [(size - 28 * count) // (count + 1) for size, count in zip(x.shape, (rows, columns))]
    cut = [[x[gaps[0] + (28 + gaps[0]) * i :, gaps[1] + (28 + gaps[1]) * j :][:28, :28] for j in range(columns)] for i in range(rows)]
    return Image.fromarray(np.block(cut))


def hsv(picture: Image.Image) -> np.ndarray:
    """Hue in degrees, saturation and value from 0 to 1 of each pixel, (H, W, 3)."""
    return np.asarray(picture.convert("HSV"), float) / 255 * [360, 1, 1]


def coloured(picture: Image.Image, low: float, high: float, pale: float = 0.4) -> np.ndarray:
    """Which pixels are of a hue between two, in degrees, neither dark nor paler than this saturation, (H, W) of bool."""
    h, s, v = np.moveaxis(hsv(picture), 2, 0)
    return (h >= low) & (h <= high) & (s > pale) & (v > 0.4)


def labelled(picture: Image.Image, label: str) -> np.ndarray:
    """Where a label map has a label, (H, W) of bool."""
    from playground.drawing.palettes import FACADE_COLOURS

    return (np.asarray(picture) == FACADE_COLOURS[label]).all(-1)


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two masks."""
    return (a & b).sum() / max((a | b).sum(), 1)
