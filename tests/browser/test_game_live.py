"""The live game in a browser: it opens finished, is played, moved by hand and cut off, and ends with its visitor."""

import base64
import html
import json
import re
import time

import numpy as np
import psutil

from playground.analysis.densities import density
from playground.drawing.strokes import Stroke, pack
from playground.ui.tabs.game import live_game
from playground.ui.tabs.game.live_game import LiveGame
from tests.browser.conftest import PATIENCE, opened

BOARD = "#game-board canvas.plane"
DRAWN = "() => document.querySelector('#game-board canvas')?.dataset.frame"


def board(page) -> dict:
    page.wait_for_function(DRAWN, timeout=PATIENCE)
    return json.loads(page.evaluate(DRAWN))


def after(page, act) -> dict:
    """The next frame that the board shows once `act` is done."""
    before = page.evaluate(DRAWN)
    act()
    page.wait_for_function(
        "(before) => document.querySelector('#game-board canvas').dataset.frame !== before", arg=before, timeout=PATIENCE
    )
    return board(page)


def rounds(page) -> int:
    return int(page.locator("#game-board .numbers dd").first.inner_text())


def opens(page, query: str = "") -> None:
    """Opens the view, and waits until it shows the server's own match."""
    opened(page, f"/?tab=game{query}")
    page.wait_for_function("() => JSON.parse(document.querySelector('#game-board canvas').dataset.frame).match > 0", timeout=PATIENCE)


def test_it_opens_with_a_finished_match_and_other_points_begin_another(page):
    opens(page)
    own = json.loads(live_game._frame(live_game.Live(LiveGame()), play=False))
    assert board(page) | {"match": 0} == own | {"match": 0}
    assert rounds(page) == LiveGame().rounds
    assert "8 of 8 modes" in page.locator(BOARD).get_attribute("aria-label")
    # Other points
    page.locator("#game-density").get_by_text("Two moons").click()
    page.wait_for_function("() => +document.querySelector('#game-board .numbers dd').innerText < 500", timeout=PATIENCE)
    page.locator("#game-pause").click()
    page.locator("#game-painted").wait_for(state="hidden")


def test_a_move_changes_its_player_alone_and_the_server_is_asked_nothing_while_it_plays(page):
    opens(page, "&rounds=0&speed=fast")
    first = board(page)
    second = after(page, page.locator("#game-d").click)
    assert second["field"] != first["field"] and second["mover"] == "D"
    assert np.abs(np.subtract(second["made"], first["made"])).max() <= 1  # the browser rounds as it does
    third = after(page, page.locator("#game-g").click)
    assert third["field"] == second["field"] and third["made"] != second["made"] and third["mover"] == "G"
    # Play
    after(page, page.locator("#game-play").click)
    page.wait_for_function("() => +document.querySelector('#game-board .numbers dd').innerText > 0", timeout=PATIENCE)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    before = board(page)
    page.locator("#game-g-rate input[type=number]").fill("0.01")
    page.locator("#game-loss").get_by_text("saturating", exact=False).last.click()
    page.wait_for_timeout(2000)
    assert board(page)["made"] != before["made"]
    page.locator("#game-pause").click()
    page.wait_for_timeout(300)
    page.locator("#game-d").click()
    page.wait_for_timeout(300)
    assert asked == []


def test_play_moves_the_points_until_it_is_paused_a_cut_wire_holds_them_and_a_preset_ends_what_plays(page):
    opens(page, "&rounds=20")
    first = after(page, page.locator("#game-play").click)
    page.wait_for_function("() => +document.querySelector('#game-board .numbers dd').innerText > 60", timeout=PATIENCE)
    assert board(page)["made"] != first["made"]
    page.locator("#game-wired input").uncheck()
    page.wait_for_function(
        "() => [...document.querySelectorAll('#game-board .numbers dd')].at(-1).innerText.trim() === '0.00'", timeout=PATIENCE
    )
    held = board(page)
    moving = after(page, lambda: None)
    assert moving["made"] == held["made"] and moving["field"] != held["field"] and not any(moving["arrows"][0])
    page.locator("#game-pause").click()
    page.wait_for_timeout(1000)
    stopped = rounds(page)
    page.wait_for_timeout(1000)
    assert rounds(page) == stopped
    # A preset shows its own match
    page.locator("#game-wired input").check()
    after(page, page.locator("#game-play").click)
    page.get_by_role("button", name="G starves").click()
    page.wait_for_function("() => document.querySelector('#game-board .numbers dd').innerText === '1000'", timeout=PATIENCE)
    page.wait_for_timeout(1500)
    starved = board(page)
    assert "0 of 1 modes" in starved["alt"] and not any(starved["arrows"][0]) and rounds(page) == 1000


def test_a_link_carries_the_painted_points(page):
    strokes = pack([Stroke(((100, 256), (412, 256)), width=30)])
    opens(page, f"&density=painted&painted={strokes}&rounds=10")
    real = board(page)["real"]
    assert max(map(abs, real[1::2])) < 120 and min(real[::2]) < -400 and max(real[::2]) > 400  # a line across the middle
    page.locator("#game-painted canvas").wait_for()


def test_nothing_runs_when_the_visitor_has_gone(window):
    def serves(child: psutil.Process) -> bool:
        try:
            return "app.py" in child.cmdline()
        except psutil.Error:  # the browser's processes come and go
            return False

    (server,) = filter(serves, psutil.Process().children(recursive=True))

    def used() -> dict[int, float]:
        """Processor seconds of each of the server's threads in two seconds."""
        total = lambda: {thread.id: thread.user_time + thread.system_time for thread in server.threads()}  # noqa: E731
        before = total()
        time.sleep(2)
        return {thread: seconds - before.get(thread, 0) for thread, seconds in total().items()}

    idle = used()  # its event loop is never quite still, and closes what other tests left
    page = window()
    opens(page, "&rounds=0&compute=server")
    after(page, page.locator("#game-play").click)
    playing = {thread: seconds for thread, seconds in used().items() if idle.get(thread, 0) < 0.02}
    page.close()
    assert sum(playing.values()) > 0.05  # and in the two seconds after the page was closed the last move may be under way
    assert any(sum(gone.get(thread, 0) for thread in playing) < sum(playing.values()) / 3 for gone in (used() for _ in range(2)))


COME = """async (values) => {
    const computer = await window.playground_computes.start();
    await computer.answer("game-come", values);
    await computer.live.load();
    await new Promise((go) => setTimeout(go, 100));
    await computer.live.line;
}"""


def comes(page, now: LiveGame) -> dict:
    """The board after the browser has played the match of a state."""
    reads = page.evaluate("async () => (await window.playground_computes.start()).live.said.events['game-come'].reads")
    page.evaluate(COME, [getattr(now, name, "live") for name in reads] + [None])
    page.wait_for_function("(rounds) => document.querySelector('#game-board .numbers dd')?.innerText === rounds", arg=str(now.rounds))
    return board(page)


def said(numbers: str) -> tuple[str, list[float]]:
    """The words and the numbers of the line under the board."""
    text = html.unescape(re.sub(r"<[^>]+>", " ", numbers)).replace("\u2212", "-")
    return re.sub(r"-?\d[\d.]*", "#", text), [float(number) for number in re.findall(r"-?\d[\d.]*", text)]


def test_the_server_plays_where_the_browser_cannot(window):
    page = window()
    page.route("**/browser/game/**", lambda route: route.abort())
    opens(page, "&rounds=0")
    after(page, page.locator("#game-play").click)
    page.wait_for_function("() => +document.querySelector('#game-board .numbers dd').innerText > 20", timeout=PATIENCE)
    page.locator("#game-pause").click()
    assert all("ERR_FAILED" in line for line in window.wrong)
    window.wrong.clear()


def test_painted_ink_and_a_match_are_in_the_browser_what_they_are_in_python_and_one_begins_while_another_is_measured(page):
    strokes = pack([Stroke(((100, 256), (412, 300), (380, 100)), width=30), Stroke(((250, 100), (250, 420)), width=12)])
    opens(page, f"&density=painted&painted={strokes}&rounds=0")
    here = np.array(page.evaluate("() => [...document.querySelector('#game-painted canvas').ink(64)]")).reshape(64, 64)
    there = density("painted", strokes).weights.view(64, 64).numpy()
    assert np.abs(here - there).mean() < 3 and np.corrcoef(here.flat, there.flat)[0, 1] > 0.98  # edges are smoothed differently
    # Matches that the browser plays are those that the server plays
    states = [  # of few rounds: two processors' roundings grow with each, and after some fifty the matches are others
        LiveGame(rounds=12),
        LiveGame(rounds=10, density="grid", loss="saturating", d_rate=0.005, arrows="both", field="best", seed=3),
        LiveGame(rounds=10, density="moons", wired=False, lead=20, seed=4),
        LiveGame(rounds=10, density="gaussian", g_rate=0.02, seed=2**31 - 1),
    ]
    for now in states:
        here, there = comes(page, now), json.loads(live_game._frame(live_game.Live(now), play=False))
        assert np.abs(np.subtract(here["real"], there["real"])).max() <= 1
        assert np.abs(np.subtract(here["made"], there["made"])).max() <= 2  # thousandths of half the square
        fields = [np.frombuffer(base64.b64decode(frame["field"]), np.uint8).astype(int) for frame in (here, there)]
        share_off = (np.abs(fields[0] - fields[1]) > 1).mean()  # where a point lies in the next cell, the best D there is another
        assert share_off <= (0.02 if now.field == "best" else 0.0)
        assert len(here["arrows"]) == len(there["arrows"])
        for one, other in zip(here["arrows"], there["arrows"]):
            assert np.abs(np.subtract(one, other)).max() <= 1 + 0.02 * np.abs(other).max()
        np.testing.assert_allclose(here["records"], there["records"], rtol=1e-2, atol=5e-3)
        (words, numbers), (right, others) = said(here["numbers"]), said(there["numbers"])
        assert words == right
        np.testing.assert_allclose(numbers, others, rtol=2e-2, atol=5e-3)
    # A match begins anew while the last order of the one before is carried out
    rounds = page.evaluate(
        """async () => {
            const { live } = await window.playground_computes.start(), state = live.state({ rounds: 8 });
            await live.load();
            live.watch();
            await live.come(state, ++live.turn);
            live.order(state, { measure: true });
            const played = live.play_anew(state, ++live.turn);
            for (let i = 0; i < 200 && !(live.playing && live.rounds > 8); i++) await new Promise((go) => setTimeout(go, 50));
            live.playing = false;
            await played;
            return live.rounds;
        }"""
    )
    assert rounds > 8
