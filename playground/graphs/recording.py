"""Records a tab's function once, so that the browser can do the same: the graphs that it calls, and the words around their outputs.

`record` calls the function with symbolic values (`Named`): the fields of the state, and the outputs of the graphs that it calls.  They can
be put into text (`f"{name:.2f}"`), added, multiplied and compared, indexed, passed to other graphs, and used to `choose` between two or
more answers.  If ordinary Python asks for the value of a field with few options (`if state.show == "mean"`, a model's name, the length of a
text), the function is recorded once for each option.  Anything else (a branch on a figure) raises NotRecordable.

The record is JSON; `playground/browser/answers.js` reads it:

    {"field": "plane", "options": {"vae-mnist-2d": <record>, ...}}                     where a field had to be known,
    {"field": "number", "length": true, "options": {"0": <record>, ...}}               or the length of a text,
    {"extra": 0, "options": {"given": <record>, "none": <record>}}                     where another argument may be missing, or
    {"calls": [{"graph": "decode", "model": "vae-mnist-2d", "inputs": {"z": <value>}}, ...], "answer": <value>}

A call may have "refuses": the sentence to show instead of the answer if its output `empty` is true.

A value is a JSON value in which an object with the key "$" is an expression; see `_expression`.
"""

import re
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, fields
from pathlib import Path
from types import SimpleNamespace

from playground import catalog
from playground.drawing.palettes import CHALK, Palette
from playground.errors import UserError

_MARK = "\ue000{}\ue001"  # a placeholder in a text for the symbolic value with this number
_MARKED = re.compile(_MARK.format(r"(\d+)"))
_recording: ContextVar["_Recording | None"] = ContextVar("recording", default=None)


class NotRecordable(Exception):
    """The function uses a symbolic value in a way that can't be recorded, or there is no graph for it."""


class _AskedFor(Exception):
    """The function needs the value of a field."""

    def __init__(self, field: str):
        self.field = field


class _Recording:
    def __init__(self):
        self.calls: list[dict] = []
        self.texts: list[dict] = []  # the expression of each placeholder


class Named:
    """A symbolic value.  shape: of an array or a text; () of a single value, and of a text until its length is known.  field: the name of
    the state's field, if it is one with few options."""

    def __init__(self, expression: dict, shape: Sequence[int] = (), field: str | None = None, picture: bool = False, text: bool = False):
        self.expression, self.shape, self.field, self.picture, self.text = expression, tuple(shape), field, picture, text

    def known(self):
        """Asks for the value itself."""
        if self.field is None:
            expression = self.expression
            raise NotRecordable(f"The value of {expression} is not known before the hand moves; `choose` by it, or let a graph decide.")
        raise _AskedFor(self.field)

    def __format__(self, spec: str) -> str:
        if self.shape and not (self.picture or self.text):
            raise NotRecordable(f"{self.expression} is a list; put its items into the text.")
        recording = _recording.get()
        how = {"$": "picture", "value": self.expression} if self.picture else {"$": "format", "value": self.expression, "spec": spec}
        recording.texts.append(how)
        return _MARK.format(len(recording.texts) - 1)

    def __str__(self) -> str:
        return format(self, "")

    def __len__(self) -> int:
        return self.shape[0] if self.shape else self.known()

    def __getitem__(self, i: int | slice):
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(len(self)))]
        if not isinstance(i, int) or not -len(self) <= i < len(self):
            raise IndexError(i)
        return Named({"$": "item", "of": self.expression, "at": i % len(self)}, self.shape[1:], picture=self.picture)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def _with(self, other, sign: str, turned: bool = False) -> "Named":
        a, b = _expression(self), _expression(other)
        shape = self.shape or getattr(other, "shape", ())  # an array and a number are combined item by item
        return Named({"$": sign, "a": b, "b": a} if turned else {"$": sign, "a": a, "b": b}, shape)

    def __add__(self, other):
        return self._with(other, "+")

    def __radd__(self, other):
        return self._with(other, "+", True)

    def __sub__(self, other):
        return self._with(other, "-")

    def __rsub__(self, other):
        return self._with(other, "-", True)

    def __mul__(self, other):
        return self._with(other, "*")

    def __rmul__(self, other):
        return self._with(other, "*", True)

    def __truediv__(self, other):
        return self._with(other, "/")

    def __rtruediv__(self, other):
        return self._with(other, "/", True)

    def __pow__(self, other):
        return self._with(other, "**")

    def __floordiv__(self, other):
        return self._with(other, "//")

    def __lt__(self, other):
        return self._with(other, "<")

    def __gt__(self, other):
        return self._with(other, ">")

    def __neg__(self):
        return 0 - self

    def __eq__(self, other):
        return self.known()

    def __hash__(self):
        return self.known()

    def __bool__(self):
        return self.known()

    __int__ = __float__ = __index__ = __fspath__ = known


@dataclass(frozen=True)
class Drawing:
    """A canvas's drawing as a graph's input (size, size, 3), see `imaging.canvas.drawing`; `browser/drawing.js` does the same.

    source: the canvas's value, symbolic while recording.
    """

    source: "str | Named"
    palette: Palette = CHALK
    crisp: bool = False


@dataclass(frozen=True)
class Photo:
    """An upload as a graph's input (size, size, 3); `browser/photo.js` does the same.  source: a file or a data URL, symbolic while
    recording; fit: see `imaging.fitted`."""

    source: "str | Path | Named"
    fit: "str | Named" = "crop"


def is_recording() -> bool:
    """Whether a function is being recorded, and not called for its answer."""
    return _recording.get() is not None


def known(value):
    """The plain value, for ordinary Python; while recording, each option of the field in turn."""
    return value.known() if isinstance(value, Named) else value


def choose(index, options: Sequence):
    """The option at an index, or one of two by a condition: `choose(count > 0, ("none", f"{count}"))`."""
    if isinstance(index, Named):
        chosen = Named({"$": "choose", "at": _expression(index), "of": [_expression(option) for option in options]})
        return str(chosen) if all(isinstance(option, str) for option in options) else chosen
    return options[int(index)]


def position(value, options: Sequence) -> "int | Named":
    """The index of a choice among its options, for a graph."""
    if isinstance(value, Named):
        return Named({"$": "position", "of": value.expression, "in": list(options)})
    return list(options).index(value)


def beside(pictures: Sequence):
    """Pictures of one height as one, from left to right."""
    if isinstance(pictures, list):
        return Named({"$": "beside", "of": [_expression(one) for one in pictures]}, (1, 1), picture=True)
    return pictures.swapaxes(0, 1).reshape(pictures.shape[1], -1, *pictures.shape[3:])


def points(shares, left: float, right: float, bottom: float, top: float) -> str:
    """The points of an SVG polyline: evenly spaced from `left` to `right`, with each share in [0, 1] placed between `bottom` and `top`."""
    if isinstance(shares, Named):
        return str(Named({"$": "points", "of": shares.expression, "x": [left, right], "y": [bottom, top]}, text=True))
    between = lambda low, high, t: low + (high - low) * t  # noqa: E731
    last = len(shares) - 1
    return " ".join(f"{between(left, right, i / last):.2f},{between(bottom, top, share):.2f}" for i, share in enumerate(shares))


def colours(texts: Sequence, usual: Sequence[str]):
    """Texts "#rrggbb" as levels (N, 3), for a graph; an invalid one is replaced by the usual one in its place."""
    if any(isinstance(text, Named) for text in texts):
        return Named({"$": "colours", "of": [_expression(text) for text in texts], "usual": list(usual)}, (len(texts), 3))
    sound = [text if re.fullmatch("#[0-9a-fA-F]{6}", text) else other for text, other in zip(texts, usual)]
    return [[int(text[i : i + 2], 16) for i in (1, 3, 5)] for text in sound]


def noise(kind: str, seed, count: int, length: int, first: int = 0):
    """`models.base.normals` or `uniforms`, (count, length), for a graph; the browser draws the same (`browser/noise.js`)."""
    if isinstance(seed, Named):
        drawn = {"$": "noise", "kind": kind, "seed": seed.expression, "count": count, "length": length, "first": first}
        return Named(drawn, (count, length))
    from playground.models import base

    return getattr(base, kind)(seed, count, length, first=first)


def call(graph: str, model, inputs: dict) -> SimpleNamespace:
    """Records a graph's call; its outputs are symbolic.  Raises NotRecordable if the model has no such graph for the browser."""
    from playground.graphs import kept

    recording = _recording.get()
    if isinstance(model, Named):
        model.known()
    described = kept.manifest(catalog.entry(model)).get(graph)
    if described is None:
        raise NotRecordable(f"{model} has no {graph}.onnx; python training/extras.py --graphs {model} writes it.")
    called = {"graph": graph, "model": model, "inputs": {name: _expression(value) for name, value in inputs.items()}}
    recording.calls.append(called | ({"refuses": described["refuses"]} if "refuses" in described else {}))
    place = len(recording.calls) - 1
    outputs = {**described["outputs"], "milliseconds": ["float32", []]}
    return SimpleNamespace(
        **{
            name: Named({"$": "output", "call": place, "name": name}, shape, picture=dtype == "uint8" and len(shape) > 1)
            for name, (dtype, shape) in outputs.items()
        }
    )


def record(function: Callable, cls: type, options: Callable[[object], Sequence[str]], extra: int = 0, given: tuple = ()) -> dict:
    """The record of `function(state, *extra)`, as JSON (see the module).  Raises NotRecordable if it can't be recorded.

    cls: the dataclass of the state, with fields as in `ui/state.py`.  options: those of a field that is a choice.  extra: the number of
    arguments after the state, of which `given` are decided: each is symbolic, or None.
    """
    if len(given) == extra:
        return _record(function, cls, options, list(given), {})
    found = {}
    for option, value in (("given", Named({"$": "extra", "at": len(given)})), ("none", None)):
        try:
            found[option] = record(function, cls, options, extra, (*given, value))
        except NotRecordable as error:
            found[option] = {"not": str(error)}
    return {"extra": len(given), "options": found}


def _record(function: Callable, cls: type, options: Callable, extra: list, known: dict) -> dict:
    state = object.__new__(cls)
    for spec in fields(cls):
        object.__setattr__(state, spec.name, _field(spec, known))
    recording = _Recording()
    before = _recording.set(recording)
    try:
        answer = function(state, *extra)
        return {"calls": recording.calls, "answer": _expression(answer)}
    except _AskedFor as asked:
        spec = next(spec for spec in fields(cls) if spec.name == asked.field)
        found, kind = {}, spec.metadata["kind"]
        by_length = kind == "text"
        for option in range(spec.metadata["longest"] + 1) if by_length else (False, True) if kind == "flag" else options(spec):
            try:
                found[option] = _record(function, cls, options, extra, {**known, asked.field: option})
            except NotRecordable as error:
                found[option] = {"not": str(error)}
        return {"field": asked.field, "options": found} | ({"length": True} if by_length else {})
    except (TypeError, ValueError, KeyError, AttributeError, UserError) as error:
        raise NotRecordable(f"{function.__name__}: {error}") from error  # it needs a value that is not known yet
    finally:
        _recording.reset(before)


def _field(spec, known: dict):
    """The value of a field: plain if it is known, or else symbolic, with the length of a text if that is known."""
    kind, expression = spec.metadata["kind"], {"$": "field", "name": spec.name}
    match kind, spec.name in known:
        case "text", True:
            return Named(expression, (known[spec.name],), text=True)
        case _, True:
            return known[spec.name]
        case "vector", _:
            return Named(expression, (spec.metadata["length"],))
    return Named(expression, field=spec.name if kind in ("choice", "flag", "text") else None, text=kind == "text")


def _expression(value):
    """A value as JSON; it may be or contain symbolic values and placeholders."""
    if isinstance(value, Named):
        return value.expression
    if isinstance(value, Drawing):
        return {"$": "drawing", "of": _expression(value.source), "palette": [colour for _, colour in value.palette], "crisp": value.crisp}
    if isinstance(value, Photo):
        return {"$": "photo", "of": _expression(value.source), "fit": _expression(value.fit)}
    if isinstance(value, str):
        parts = _MARKED.split(value)
        texts = _recording.get().texts
        parts = [texts[int(part)] if i % 2 else part for i, part in enumerate(parts) if i % 2 or part]
        return parts[0] if len(parts) == 1 and isinstance(parts[0], dict) else {"$": "text", "of": parts} if len(parts) > 1 else value
    if isinstance(value, dict):
        return {key: _expression(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_expression(item) for item in value]
    return value
