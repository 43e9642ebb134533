"""What the page says of its pictures, and a check of each sentence.

    @says("pixels", "A careful hand", "At temperature 0.7 each coin falls ...")
    def _(seen):
        assert ragged(seen.picture("pixels-written")) < ...

The name is a preset's label, a claim's number, "opening" for the tab's own sentence, or "view NAME".  The sentence stands beside the check
word for word: one that is written anew fails until its check has been read again, and a sentence without a check fails, too.  A check sees
what the page shows in that state, made by the weights that ship: so a retrained model that breaks a sentence breaks the build.
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

from playground import catalog

CHECKS: dict[tuple[str, str], tuple[str, Callable]] = {}  # (tab, name) -> the sentence and its check


class Statement(NamedTuple):
    """A sentence of the page, and the state in which it is to be seen."""

    sentence: str
    state: object
    answer: str | Callable[[], str] = ""  # of a claim


def says(tab: str, name: str, sentence: str) -> Callable:
    """Decorates the check of a sentence: a function of what is `Seen`, which asserts."""

    def register(check: Callable) -> Callable:
        assert (tab, name) not in CHECKS, f"{tab}: {name} has two checks"
        CHECKS[tab, name] = sentence, check
        return check

    return register


def statements(frame) -> dict[tuple[str, str], Statement]:
    """All that a tab says of what it shows."""
    now = frame.cls()
    said = {"opening": Statement(frame.sentence, now)}
    said |= {label: Statement(_text(why), replace(now, **values)) for label, why, values in frame.presets}
    said |= {name: Statement(question, replace(now, **values), answer) for name, question, answer, values in frame.claims}
    return {(frame.name, name): statement for name, statement in said.items()}


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
