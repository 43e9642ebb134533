"""What a class expects: how many of a room chose which guess of a claim.

Who opens the page by a link with `?room=NAME` is in that room, without an account: a browser is known by a word that it drew at random.
A guess is sent when its claim is revealed, and the answer is the room's tally.  All of it is in memory, bounded, and forgotten.
"""

import json
import re
import threading
import time
from collections import Counter, OrderedDict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from playground.ui.builder import GUESSES

ROOMS, VOTERS = 200, 400  # that are kept; of more rooms the one goes that is unused longest, and more voters of a room are not counted
AGE = 4 * 3600.0  # seconds without a guess after which a room is forgotten
LARGEST = 500  # bytes of a guess
NAME, VOTER = re.compile(r"[\w-]{1,40}"), re.compile(r"[\w-]{8,40}")
WRONG = "A guess has a room, a claim, a voter and the place of an option of that claim."


class Rooms:
    """The guesses of all rooms; several threads may ask."""

    def __init__(self):
        self._lock = threading.Lock()
        self._guesses: OrderedDict[str, dict[str, dict[str, int]]] = OrderedDict()  # room -> voter -> claim -> guess; longest unused first
        self._used: dict[str, float] = {}

    def guess(self, room: str, voter: str, claim: str, option: int) -> None:
        """Counts a voter's guess of a claim; a second one replaces the first."""
        with self._lock:
            self._forget()
            voters = self._guesses.setdefault(room, {})
            self._guesses.move_to_end(room)
            self._used[room] = time.monotonic()
            if voter in voters or len(voters) < VOTERS:
                voters.setdefault(voter, {})[claim] = option

    def tally(self, room: str, claim: str) -> list[int]:
        """How many of the room chose each option of the claim, in the order of `claims.toml`: the right one first."""
        with self._lock:
            self._forget()
            counts = Counter(guesses[claim] for guesses in self._guesses.get(room, {}).values() if claim in guesses)
        return [counts[option] for option in range(len(GUESSES[claim]))]

    def _forget(self) -> None:
        while self._guesses:
            oldest = next(iter(self._guesses))
            if len(self._guesses) <= ROOMS and time.monotonic() - self._used[oldest] < AGE:
                break
            del self._guesses[oldest], self._used[oldest]


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
