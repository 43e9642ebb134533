"""What a class expects: how many of a room chose which guess of a claim.

Who opens the page by a link with `?room=NAME` is in that room, without an account: a browser is known by a word that it drew at random.
A guess is sent when its claim is revealed, and the answer is the room's tally.  All of it is in memory, bounded, and forgotten.
"""

import json
import re
from collections import Counter

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from playground.api.recent import Recent
from playground.ui.builder import GUESSES

ROOMS, VOTERS = 200, 400  # that are kept; of more rooms the one goes that is unused longest, and more voters of a room are not counted
AGE = 4 * 3600.0  # seconds after which a room is forgotten that nobody asks for
LARGEST = 500  # bytes of a guess
NAME, VOTER = re.compile(r"[\w-]{1,40}"), re.compile(r"[\w-]{8,40}")
WRONG = "A guess has a room, a claim, a voter and the place of an option of that claim."


class Rooms:
    """The guesses of all rooms; one event loop asks."""

    def __init__(self):
        self._rooms = Recent(ROOMS, AGE)  # room -> voter -> claim -> guess

    def guess(self, room: str, voter: str, claim: str, option: int) -> None:
        """Counts a voter's guess of a claim; a second one replaces the first."""
        if (voters := self._rooms.get(room)) is None:
            self._rooms.keep(room, voters := {})
        if voter in voters or len(voters) < VOTERS:
            voters.setdefault(voter, {})[claim] = option

    def tally(self, room: str, claim: str) -> list[int]:
        """How many of the room chose each option of the claim, in the order of `claims.toml`: the right one first."""
        counts = Counter(guesses.get(claim) for guesses in self._rooms.get(room, {}).values())
        return [counts[option] for option in range(len(GUESSES[claim]))]


def route() -> Route:
    """`/room`: POST counts a guess and answers with the tally, GET asks for the tally alone."""
    rooms = Rooms()

    async def answer(request: Request) -> Response:
        try:
            query = json.loads((await request.body())[:LARGEST]) if request.method == "POST" else dict(request.query_params)
            room, claim = query["room"], query["claim"]
            if not NAME.fullmatch(room) or claim not in GUESSES:
                raise ValueError
            if request.method == "POST":
                voter, option = query["voter"], query["guess"]
                if not VOTER.fullmatch(voter) or type(option) is not int or not 0 <= option < len(GUESSES[claim]):
                    raise ValueError
                rooms.guess(room, voter, claim, option)
        except (ValueError, KeyError, TypeError, RecursionError):  # no JSON, a part is missing, or is of another kind
            return JSONResponse({"error": WRONG}, 400)
        return JSONResponse(rooms.tally(room, claim), headers={"Cache-Control": "no-store"})

    return Route("/room", answer, methods=["GET", "POST"])
