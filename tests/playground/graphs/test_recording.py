"""A tab's function as a record: what it computes, and what it says."""

import json
from dataclasses import dataclass

import pytest

from playground import graphs
from playground.graphs.recording import NotRecordable, choose, record
from playground.ui import state
from playground.ui.values import figures, signed


@dataclass(frozen=True)
class State:
    model: str = state.choice("vae-mnist-2d", ("vae-mnist-2d", "vae-mnist-beta4"))
    z: tuple[float, ...] = state.vector((0.0, 0.0), -3, 3)
    kind: str = state.choice("short", ("short", "long"))
    t: float = state.number(0.5, 0, 1)


def recorded(function, extra: int = 0):
    found = record(function, State, state.options, extra)
    json.dumps(found)
    return found


def test_words_are_kept_with_the_places_of_what_is_not_known():
    found = recorded(lambda state: f"{state.t:.0%} of <b>{signed(state.z[1], '.2f')}</b>")
    first, middle, second, end = found["answer"]["of"]
    assert first == {"$": "format", "value": {"$": "field", "name": "t"}, "spec": ".0%"}
    assert (middle, end) == (" of <b>", "</b>")
    assert second == {"$": "format", "value": {"$": "item", "of": {"$": "field", "name": "z"}, "at": 1}, "spec": "\u2212.2f"}


def test_a_graph_is_called_of_each_model_that_may_be_chosen():
    found = recorded(lambda state: graphs.run("decode", state.model, z=state.z).digit)
    assert found["field"] == "model"
    for model, way in found["options"].items():
        assert way["calls"] == [{"graph": "decode", "model": model, "inputs": {"z": {"$": "field", "name": "z"}}}]
        assert way["answer"] == {"$": "output", "call": 0, "name": "digit"}


def test_a_choice_of_few_may_be_asked_for_and_a_figure_may_not():
    found = recorded(lambda state: figures(("t", state.t, "")) if state.kind == "long" else "t")
    assert found["options"]["short"]["answer"] == "t"
    with pytest.raises(NotRecordable, match="not known before the hand moves"):
        recorded(lambda state: "much" if state.t > 0.5 else "little")
    chosen = recorded(lambda state: choose(state.t > 0.5, ("little", "much")))["answer"]
    assert chosen["value"]["of"] == ["little", "much"] and chosen["value"]["at"]["$"] == ">"


def test_without_names_nothing_is_recorded():
    assert choose(2 > 1, ("no", "yes")) == "yes"
    assert graphs.run("decode", "vae-mnist-2d", z=(0.6, -0.6)).digit.shape == (28, 28)
