"""What an address says is untrusted: it is read whole, set right, or left out, with one sentence."""

import json
from dataclasses import dataclass

import pytest

from playground.drawing.strokes import Stroke, canvas_value
from playground.ui.state import choice, flag, number, parse, query, several, strokes, text, vector, whole


@dataclass(frozen=True)
class State:
    model: str = choice("a", lambda: ["a", "b"])
    seed: int = whole(1, 0, 100)
    t: float = number(0.5, 0, 1)
    on: bool = flag(False)
    digits: str = text("31", 5, "0123456789")
    z: tuple[float, ...] = vector((0.0, 0.0), -3, 3)
    drawn: str = strokes()
    models: tuple[str, ...] = several(("a",), lambda: ["a", "b", "c"])


DRAWN = canvas_value([Stroke(((10, 10), (200, 300)), width=9)])


def test_a_state_comes_back_from_its_address():
    state = State("b", 7, 0.25, True, "2718", (1.5, -2.0), DRAWN, ("a", "c"))
    said = query(state)
    assert all(isinstance(value, str) for value in said.values())
    assert parse(State, said) == (state, None)


def test_defaults_are_left_out():
    assert query(State()) == {}
    assert parse(State, {}) == (State(), None)


def test_other_names_are_ignored():
    assert parse(State, {"__theme": "dark", "utm": "x"}) == (State(), None)


@pytest.mark.parametrize(
    "name, value, kept",
    [
        ("model", "../../etc", "a"),
        ("seed", "-1", 0),
        ("seed", "abc", 1),
        ("seed", "1" * 5000, 1),
        ("seed", "1e3", 1),
        ("t", "nan", 0.5),
        ("t", "-inf", 0.5),
        ("t", "7", 1.0),
        ("on", "yes", False),
        ("digits", "3<b>1", "31"),
        ("digits", "123456789", "12345"),
        ("z", "1", (0.0, 0.0)),
        ("z", "1,nan", (0.0, 0.0)),
        ("z", "9,-9", (3.0, -3.0)),
        ("drawn", "A" * 2001, State().drawn),
        ("drawn", "caf\u00e9", State().drawn),
        ("drawn", "{" + "[" * 100_000, State().drawn),
        ("drawn", '{"strokes": 3}', State().drawn),
        ("models", "c,b,../x", ("b", "c")),
    ],
)
def test_what_was_edited_is_set_right_and_named(name, value, kept):
    state, warning = parse(State, {name: value, "model": "b"} if name != "model" else {name: value})
    assert getattr(state, name) == kept
    assert name in warning
    assert name == "model" or state.model == "b"  # the rest stands


def test_components_send_values_of_their_own_types():
    state, warning = parse(
        State, {"seed": 3.0, "t": 1, "on": True, "z": "1,2", "drawn": json.dumps({"png": "data:,", "strokes": "AB"}), "model": None}
    )
    assert (state.seed, state.t, state.on, state.z, state.model, warning) == (3, 1.0, True, (1.0, 2.0), "a", None)
    assert query(state)["drawn"] == "AB"  # the picture stays out of the address
    assert parse(State, {"models": ["c", "b"]}) == (State(models=("b", "c")), None)
    assert parse(State, {"models": ""}) == (State(models=()), None)


@pytest.mark.parametrize("value", [[], {}, [1], {"a": 1}, float("nan"), float("inf"), 10**400, "\0"])
def test_nothing_that_a_browser_sends_raises(value):
    for name in State.__dataclass_fields__:
        parse(State, {name: value})
