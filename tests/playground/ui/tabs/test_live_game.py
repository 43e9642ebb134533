"""The live game's view: its exhibits show what they say, and a match goes on only when its visitor's browser asks."""

import json
from dataclasses import replace

import gradio as gr
import pytest

from playground import api
from playground.errors import UserError
from playground.ui.tabs.game import live_game
from playground.ui.tabs.game import tab as game
from playground.ui.tabs.game.live_game import Live
from playground.ui.tabs.game.tab import Game


def live(**values) -> Live:
    """A visitor's match, as a link with these values opens it."""
    opened = Live(replace(Game(), **values))
    frame(opened)
    return opened


def frame(live: Live) -> dict:
    return json.loads(live_game._frame(live))


def test_a_game_that_works_meets_all_modes():
    _, said = api.game_train(rounds=1500)
    assert said["modes_hit"] == said["modes"] == 8 and said["divergence"] < 0.45


def test_a_collapsed_game_loses_modes():
    _, said = api.game_train(**live_game.COLLAPSED)
    _, works = api.game_train()
    assert said["modes_hit"] <= 3 and said["covered"] < 0.5 * works["covered"] and said["divergence"] > works["divergence"] + 0.1


def test_a_starved_game_stands_still():
    _, said = api.game_train(**live_game.STARVED)
    assert said["gradient"] < 1e-4 and said["covered"] == 0 and said["divergence"] > 0.69


def test_a_cut_wire_leaves_the_points_where_they_began():
    _, said = api.game_train(rounds=50, wired=False)
    _, begun = api.game_train(rounds=0)
    assert said["gradient"] == 0 and said["covered"] == begun["covered"] and said["value"] != begun["value"]


def test_the_opening_is_what_the_match_of_the_first_state_looks_like():
    """Floating point differs from machine to machine and a game is chaos: its end is compared by what it has come to."""
    opening, now = json.loads(live_game.OPENING.read_text(encoding="utf-8")), frame(live())
    assert opening["real"] == now["real"] and set(opening) == set(now) and opening["play"] is False
    assert [len(opening[name]) for name in ("made", "field", "records")] == [len(now[name]) for name in ("made", "field", "records")]
    assert opening["records"][0] == pytest.approx(now["records"][0], abs=0.02) and opening["records"][-1][0] == Game().rounds
    assert "8 of 8" in opening["alt"] and "8 of 8" in now["alt"]


def test_a_link_opens_its_own_match():
    with gr.Blocks(), gr.Tabs():
        tab = game.build()
    shown = tab.everything(Game(rounds=5, density="moons"))
    (board,) = [value for component, value in shown.items() if component.elem_id == "game-board"]
    (kept,) = [value for component, value in shown.items() if isinstance(component, gr.State)]
    assert json.loads(board)["records"][-1][0] == 5 and kept.session.rounds == 5 and kept.state.density == "moons"


def test_frame_after_frame_a_match_is_the_one_of_its_link_and_stops_after_the_last_round(monkeypatch):
    monkeypatch.setattr(api, "ROUNDS", 20)
    watched = live(rounds=0)
    assert json.loads(live_game.play(watched))["play"] is True
    goes_on = [json.loads(live_game.next_frame(watched))["play"] for _ in range(3)]
    assert goes_on == [None, None, False] and watched.session.rounds == 20
    assert frame(watched)["made"] == frame(live(rounds=20))["made"]
    assert json.loads(live_game.play(watched))["play"] is True and watched.session.rounds == 0  # and begins anew


def test_a_rule_that_changes_while_it_plays_counts_from_the_next_frame():
    watched = live(rounds=8)
    before = frame(watched)
    watched.state = replace(watched.state, wired=False)
    after = json.loads(live_game.next_frame(watched))
    assert after["made"] == before["made"] and after["field"] != before["field"] and not any(after["arrows"][0])


def test_a_visitor_s_match_is_theirs_alone():
    mine, yours = live(rounds=5), live(rounds=5)
    live_game.next_frame(mine)
    assert yours.session.rounds == 5 and mine.session.rounds == 13 and yours.number > mine.number


@pytest.mark.parametrize("ends", [live_game.rounds_played, live_game.move_d, lambda session: live_game._frame(session, play=False)])
def test_a_frame_that_was_asked_for_before_the_match_rested_is_not_played(ends):
    watched = live(rounds=5)
    live_game.play(watched)
    live_game.next_frame(watched)
    ends(watched)
    rested = watched.session
    assert live_game.next_frame(watched) == gr.skip() and watched.session is rested
    assert json.loads(live_game.play(watched))["play"] is True
    live_game.next_frame(watched)
    assert watched.session.rounds == rested.rounds + live_game.ROUNDS["normal"]


def test_without_a_match_nothing_is_played():
    for event in (live_game.next_frame, live_game.play, live_game.play_anew, live_game.move_d, live_game.rounds_played):
        assert event(None) == gr.skip()


def test_slow_motion_shows_the_moves_one_by_one():
    watched = live(rounds=20, speed="slow", lead=30)
    seen = [frame(watched), *(json.loads(live_game.next_frame(watched)) for _ in range(4))]
    assert [frame["mover"] for frame in seen] == ["", "D", "G", "D", "G"] and seen[-1]["wait"] == live_game.SLOW
    for before, after in zip(seen, seen[1:]):
        assert (before["field"] == after["field"]) == (after["mover"] == "G")
        assert (before["made"] == after["made"]) == (after["mover"] == "D")


def test_one_move_is_one_player_s_and_ends_what_plays():
    watched = live(rounds=20)
    before, of_d, of_g = frame(watched), json.loads(live_game.move_d(watched)), json.loads(live_game.move_g(watched))
    assert of_d["made"] == before["made"] and of_d["field"] != before["field"] and of_d["play"] is False
    assert of_g["made"] != of_d["made"] and of_g["field"] == of_d["field"] and of_g["play"] is False
    assert live_game.rounds_played(watched) == 21


def test_painted_points_are_played():
    painted = live(density="painted", rounds=5)
    assert frame(painted)["real"] != frame(live(rounds=5))["real"]
    painted.state = replace(painted.state, painted=json.dumps({"strokes": ""}))  # wiped away while it plays
    said = json.loads(live_game.next_frame(painted))
    assert "draw where" in said["numbers"] and said["play"] is False


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
