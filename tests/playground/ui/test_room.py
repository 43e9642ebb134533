"""The tally of a class: each browser counts once a claim, and what is kept is bounded."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from playground.api import recent
from playground.ui import room
from playground.ui.builder import GUESSES
from playground.ui.room import Rooms

CLAIM = "C7"


def test_a_voter_counts_once_a_claim_and_may_think_again():
    rooms = Rooms()
    for voter, option in (("ann", 0), ("ben", 1), ("ann", 1), ("eve", 0)):
        rooms.guess("physics", voter, CLAIM, option)
    assert rooms.tally("physics", CLAIM)[:2] == [1, 2] and sum(rooms.tally("physics", CLAIM)) == 3
    assert len(rooms.tally("physics", CLAIM)) == len(GUESSES[CLAIM])
    assert sum(rooms.tally("physics", "C1")) == sum(rooms.tally("another", CLAIM)) == 0


def test_rooms_and_voters_are_bounded_and_an_old_room_is_forgotten(monkeypatch):
    rooms, now = Rooms(), [0.0]
    monkeypatch.setattr(recent.time, "monotonic", lambda: now[0])
    for voter in range(room.VOTERS + 50):
        rooms.guess("full", str(voter), CLAIM, 0)
    assert rooms.tally("full", CLAIM)[0] == room.VOTERS
    for number in range(room.ROOMS):
        rooms.guess(f"room {number}", "ann", CLAIM, 0)
    assert sum(rooms.tally("full", CLAIM)) == 0 and rooms.tally("room 1", CLAIM)[0] == 1
    now[0] = room.AGE
    assert sum(rooms.tally("room 1", CLAIM)) == 0 and len(rooms._rooms) == 0


@pytest.fixture
def client():
    with TestClient(Starlette(routes=[room.route()])) as client:
        yield client


def test_a_guess_is_answered_with_the_tally(client):
    said = {"room": "physics", "claim": CLAIM, "voter": "12345678", "guess": 1}
    assert client.post("/room", json=said).json()[:2] == [0, 1]
    assert client.get("/room", params={"room": "physics", "claim": CLAIM}).json()[:2] == [0, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"claim": "C99"},
        {"room": "<b>"},
        {"room": "x" * 41},
        {"voter": "me"},
        {"guess": 9},
        {"guess": -1},
        {"guess": True},
        {"guess": "0"},
        {"room": 3},
    ],
)
def test_what_is_no_guess_gets_one_sentence(client, wrong):
    said = {"room": "physics", "claim": CLAIM, "voter": "12345678", "guess": 1} | wrong
    answer = client.post("/room", json=said)
    assert answer.status_code == 400 and answer.json() == {"error": room.WRONG}


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 400, b'"' + b"x" * 10**6 + b'"', b"\xff"])
def test_a_body_that_is_no_guess_gets_it_too(client, body):
    assert client.post("/room", content=body).status_code == 400
