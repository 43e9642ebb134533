"""The live game's view: its exhibits show what they say, and a stream is its visitor's alone."""

import json
from dataclasses import replace

import pytest

from playground import api
from playground.errors import UserError
from playground.tabs import game_live
from playground.tabs.game import Game
from playground.tabs.game_live import Live


def frames(stream) -> list:
    """What the stream yields from now on, without its pauses."""
    return [item for item in stream if not isinstance(item, float)]


def test_a_game_that_works_meets_all_modes():
    _, said = api.game_train(rounds=1500)
    assert said["modes_hit"] == said["modes"] == 8 and said["divergence"] < 0.45


def test_a_collapsed_game_loses_modes():
    _, said = api.game_train(**game_live.COLLAPSED)
    _, works = api.game_train()
    assert said["modes_hit"] <= 3 and said["covered"] < 0.5 * works["covered"] and said["divergence"] > works["divergence"] + 0.1


def test_a_starved_game_stands_still():
    _, said = api.game_train(rounds=1000, **game_live.STARVED)
    assert said["gradient"] < 1e-4 and said["covered"] == 0 and said["divergence"] > 0.69


def test_a_cut_wire_leaves_the_points_where_they_began():
    _, said = api.game_train(rounds=50, wired=False)
    _, begun = api.game_train(rounds=0)
    assert said["gradient"] == 0 and said["covered"] == begun["covered"] and said["value"] != begun["value"]


def test_the_opening_is_what_the_match_of_the_first_state_looks_like():
    """Floating point differs from machine to machine and a game is chaos: its end is compared by what it has come to."""
    opening = json.loads(game_live.OPENING.read_text(encoding="utf-8"))
    plane, course, numbers = (json.loads(opening["board"]), json.loads(opening["curves"]), opening["numbers"])
    now, records, said = game_live._seen(Game(), game_live._played(Game()))
    assert plane["real"] == json.loads(now)["real"] and len(plane["made"]) == len(json.loads(now)["made"])
    assert course[-1][0] == Game().rounds and course[0] == pytest.approx(json.loads(records)[0], abs=0.02)
    assert "8 of 8" in numbers and "8 of 8" in said


def test_a_stream_goes_on_to_the_last_round_and_takes_new_rules_at_once(monkeypatch):
    monkeypatch.setattr(api, "ROUNDS", 40)
    live = Live(replace(Game(), rounds=0))
    stream = game_live._stream(game_live._taken(live.rules, live))
    assert next(stream)[3] == 0 and isinstance(next(stream), float)
    live.rules = replace(live.rules, wired=False)
    made = [json.loads(frame[0])["made"] for frame in frames(stream)]
    assert live.match.rounds == 40 and all(points == made[0] for points in made)


def test_a_stream_ends_when_a_move_or_the_end_takes_its_match():
    live = Live(replace(Game(), rounds=0))
    stream = game_live._stream(game_live._taken(live.rules, live))
    next(stream), next(stream), next(stream)
    game_live._one(live.rules, live, "D")
    rounds = live.match.rounds
    assert frames(stream) == [] and live.match.rounds == rounds
    stream = game_live._stream(live)
    next(stream), next(stream)
    live.end()
    assert frames(stream) == [] and live.match is None


def test_slow_motion_shows_the_moves_one_by_one():
    live = Live(replace(Game(), rounds=20, speed="slow"))
    stream = game_live._stream(game_live._taken(live.rules, live))
    seen = [json.loads(next(stream)[0])]
    for _ in range(4):
        assert next(stream) == game_live.SLOW
        seen.append(json.loads(next(stream)[0]))
    assert [frame["mover"] for frame in seen] == ["", "D", "G", "D", "G"]
    for before, after in zip(seen, seen[1:]):
        assert (before["field"] == after["field"]) == (after["mover"] == "G")
        assert (before["made"] == after["made"]) == (after["mover"] == "D")


def test_painted_points_are_played():
    state = replace(Game(), density="painted", rounds=5)
    painted, ring = (json.loads(game_live._seen(now, game_live._played(now))[0])["real"] for now in (state, replace(state, density="ring")))
    assert painted != ring
    empty = replace(state, painted=json.dumps({"strokes": ""}))
    assert "draw where" in game_live._answer(Live(empty))[2]


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ({"density": "cube"}, "one of ring"),
        ({"loss": "hinge"}, "one of non-saturating"),
        ({"rounds": 10**6}, "0 to 3000"),
        ({"d_rate": 5.0}, "0 to 0.1"),
        ({"g_rate": float("nan")}, "0 to 0.1"),
        ({"lead": -1}, "0 to 500"),
        ({"wired": 1}, "true or false"),
        ({"seed": -1}, "seed"),
        ({"density": "painted"}, "empty"),
        ({"density": "painted", "drawing": "?" * 10}, "damaged"),
        ({"density": "painted", "drawing": "A" * 9999}, "2000"),
    ],
)
def test_a_wrong_argument_gets_a_sentence(arguments, sentence):
    with pytest.raises(UserError, match=sentence):
        api.game_train(**{"rounds": 1, **arguments})


def test_the_picture_shows_both_kinds_of_points_and_the_field():
    picture, _ = api.game_train(rounds=20)
    colours = {colour for _, colour in picture.getcolors(2**20)}
    assert picture.size == (480, 480) and (0, 114, 178) in colours and (213, 94, 0) in colours and len(colours) > 50
