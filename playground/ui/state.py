"""One dataclass per tab holds the values of all its controls; the page's address encodes that state and can be parsed back to it.

    @dataclass(frozen=True)
    class Latent:
        model: str = choice("vae-mnist", lambda: catalog.names("vae"))
        seed: int = whole(1, 0, SEEDS)
        x: float = number(0.0, -4.0, 4.0)
        digit: str = strokes()

A class may have `views`, the names of the views that a state offers; `opening()`, the state in which the tab opens where an address says
nothing, in place of all defaults; and `renewed(query)`, which translates an old address to today's fields.

`?tab=latent&seed=7&x=1.5` opens the same picture again.  Addresses are untrusted: `parse` keeps valid values, clamps numbers to their
range, and says in one sentence what it could not use.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, fields
from urllib.parse import quote, urlencode

SEEDS = 2**31 - 1  # the largest seed
LONGEST = 2000  # characters of packed strokes that an address may have

Options = Iterable[str] | Callable[[], Iterable[str]]


def choice(default: str, options: Options) -> str:
    """A field that is one of `options` (a collection, or a function that returns one)."""
    return field(default=default, metadata={"kind": "choice", "options": options})


def several(default: tuple[str, ...], options: Options) -> tuple[str, ...]:
    """A field that is a subset of `options`, in their order; "a,b" in an address."""
    return field(default=default, metadata={"kind": "several", "options": options})


def whole(default: int, low: int, high: int) -> int:
    """A field that is a whole number in [low, high]."""
    return field(default=default, metadata={"kind": "whole", "low": low, "high": high})


def number(default: float, low: float, high: float) -> float:
    """A field that is a number in [low, high]; the address keeps four significant digits."""
    return field(default=default, metadata={"kind": "number", "low": low, "high": high})


def flag(default: bool) -> bool:
    """A field that is yes or no."""
    return field(default=default, metadata={"kind": "flag"})


def text(default: str, longest: int, allowed: str) -> str:
    """A field of at most `longest` characters, each of them in `allowed`."""
    return field(default=default, metadata={"kind": "text", "longest": longest, "allowed": allowed})


def strokes(packed: str = "") -> str:
    """A field that is a canvas's value: JSON with "strokes" (packed, at most LONGEST characters; this part goes into the address) and
    "png" (a data URL, once the browser's canvas has drawn them)."""
    return field(default=json.dumps({"strokes": packed}), metadata={"kind": "strokes"})


def vector(default: tuple[float, ...], low: float, high: float) -> tuple[float, ...]:
    """A field that is a tuple of numbers in [low, high], of the length of `default`; "1,-0.5" in an address and in its component."""
    return field(default=default, metadata={"kind": "vector", "low": low, "high": high, "length": len(default)})


def options(spec) -> list[str]:
    """The present options of a field made by `choice` or `several`."""
    given = spec.metadata["options"]
    return list(given() if callable(given) else given)


def component_value(spec, value):
    """The component's value that represents `value` of the field `spec`."""
    match spec.metadata["kind"]:
        case "vector":
            return ",".join(f"{number:.4g}" for number in value)
        case "several":
            return list(value)
        case "strokes":  # the canvas paints them itself
            return json.dumps({"strokes": json.loads(value).get("strokes", "")})
    return value


def _read(field, value):
    """One field's value, clamped to its bounds.  Raises ValueError, KeyError, TypeError or OverflowError if it can't be used at all."""
    spec = field.metadata
    match spec["kind"]:
        case "choice":
            if value not in options(field):
                raise ValueError(value)
            return value
        case "several":
            return tuple(option for option in options(field) if option in _names(value))
        case "whole" | "number":
            read = int(value) if spec["kind"] == "whole" else float(value)
            if not math.isfinite(read):
                raise ValueError(value)
            return min(max(read, spec["low"]), spec["high"])
        case "flag":
            return {"1": True, "0": False, True: True, False: False}[value]
        case "text":
            return "".join(c for c in value if c in spec["allowed"])[: spec["longest"]]
        case "vector":
            numbers = [float(part) for part in value.split(",")]
            if len(numbers) != spec["length"] or not all(map(math.isfinite, numbers)):
                raise ValueError(value)
            return tuple(min(max(number, spec["low"]), spec["high"]) for number in numbers)
        case "strokes":
            if value.startswith("{"):  # a canvas's own value; imaging.py checks its picture where it is used
                if not isinstance(json.loads(value).get("strokes", ""), str):
                    raise ValueError(value)
                return value
            if len(value) > LONGEST or not value.isascii() or not value.isprintable():
                raise ValueError(value)
            return json.dumps({"strokes": value})


def _names(value: str | Iterable[str]) -> list[str]:
    """Names as a list: from a component's value, or from an address, "a,b"."""
    return [name for name in value.split(",") if name] if isinstance(value, str) else list(value)


def parse(cls, query: Mapping):
    """The state that `query` describes, and None or one sentence on its unusable parts (the rest is used).

    cls: the tab's dataclass.  query: field name -> text of an address, or the value of a component; other names are ignored.
    """
    values, wrong = {}, []
    for spec in fields(cls):
        given = query.get(spec.name)
        if given is None:
            continue
        try:
            values[spec.name] = _read(spec, given)
            if not _same(spec.metadata["kind"], given, values[spec.name]):
                wrong.append(spec.name)
        except (ValueError, KeyError, TypeError, OverflowError, AttributeError, RecursionError):
            wrong.append(spec.name)
    parsed = cls(**values)
    wrong += [name for name, value in values.items() if name not in wrong and getattr(parsed, name) != value]  # contradicts another
    return parsed, f"Part of this link was not valid and has been corrected: {', '.join(wrong)}." if wrong else None


def _same(kind: str, given, kept) -> bool:
    """Whether a value was kept as given, not clamped."""
    match kind:
        case "whole" | "number":
            return float(given) == kept
        case "vector":
            return tuple(float(part) for part in given.split(",")) == kept
        case "text":
            return given == kept
        case "several":
            return set(_names(given)) == set(kept)
    return True


def part(state, cls: type | None):
    """The fields of the dataclass `cls`, with the values of the larger `state`; None: all of it."""
    return state if cls is None else cls(**{spec.name: getattr(state, spec.name) for spec in fields(cls)})


def opening(cls):
    """The state in which the tab of this dataclass opens."""
    return getattr(cls, "opening", cls)()


def opened(cls, query: Mapping):
    """The state of an address, as `parse` gives it; the opening one where the address says nothing of this tab."""
    if not any(spec.name in query for spec in fields(cls)):
        return opening(cls), None
    return parse(cls, getattr(cls, "renewed", dict)(query))


def unwritten(cls) -> dict:
    """Field -> the value that an address leaves out: its default, unless the tab opens with another value."""
    opens = opening(cls)
    return {spec.name: spec.default for spec in fields(cls) if spec.default == getattr(opens, spec.name)}


def query(state) -> dict[str, str]:
    """The query from which `parse` gives this state again, without what is `unwritten`.  The page's script does the same."""
    answer, usual = {}, unwritten(type(state))
    for spec in fields(state):
        value = getattr(state, spec.name)
        if spec.name in usual and value == usual[spec.name]:
            continue
        match spec.metadata["kind"]:
            case "flag":
                answer[spec.name] = "1" if value else "0"
            case "number":
                answer[spec.name] = f"{value:.4g}"
            case "vector":
                answer[spec.name] = component_value(spec, value)
            case "several":
                answer[spec.name] = ",".join(value)
            case "strokes":
                answer[spec.name] = json.loads(component_value(spec, value))["strokes"]
            case _:
                answer[spec.name] = str(value)
    return answer


def address(tab: str, state, **more) -> str:
    """The query of a link to a tab in this state, with other parameters of the page."""
    return urlencode({"tab": tab, **query(state), **more}, quote_via=quote)
