"""The live game of the tab: a small GAN that is trained in the page while one watches, and moved by hand."""

import base64
import html
import json
import math
from collections.abc import Iterator
from pathlib import Path

import gradio as gr

from playground import api
from playground.errors import UserError
from playground.page.canvas import Stroke, canvas, drawing, pack
from playground.page.controls import board, curves
from playground.page.frame import Frame, figures

DENSITIES = {
    "ring": "Ring of 8",
    "grid": "Grid of 25",
    "moons": "Two moons",
    "spiral": "Spiral",
    "gaussian": "One bell",
    "painted": "Paint your own",
}
LOSSES = {"non-saturating": "non-saturating, -log D(G(z))", "saturating": "saturating, log(1 - D(G(z)))"}
FIELDS = {"d": "D(x)", "best": "p/(p+q), the best D"}
ARROWS = {"none": "none", "used": "of G's loss", "both": "of both losses"}
SPEEDS = {"slow": "slow motion", "normal": "normal", "fast": "fast"}
ROUNDS = {"normal": 8, "fast": 40}  # of a frame
WHOLE = 4  # frames from one with figures and curves to the next: a browser takes long over each part of the page that changes
PAUSE, SLOW = 0.04, 0.7  # seconds from one frame to the next; in slow motion, from one move to the next
ARROW = 0.03  # length of an arrow, in units of the plane, where the gradient is 1
# Exhibits that tests play, too
COLLAPSED = {"d_rate": 0.005, "g_rate": 0.05, "seed": 3}
STARVED = {"density": "gaussian", "loss": "saturating", "d_rate": 0.05, "g_rate": 0.001, "lead": 300, "seed": 4}
BAND = pack([Stroke(((96, 256), (416, 256)), width=120)])  # across the middle, where G's points are at first
FROZEN = {"density": "painted", "g_rate": 0.0, "rounds": 400, "seed": 6}
OPENING = Path(__file__).with_name("game_opening.json")  # python -m playground.tabs.game_live


class Live:
    """One visitor's match.  A stream plays `match` by `rules`, which other events change meanwhile."""

    def __init__(self, state):
        self.rules, self.match = state, None
        self.stream = None  # the one that plays it

    def end(self) -> None:
        """The visitor has gone: what plays stops, and nothing is kept."""
        self.match = self.stream = None


def view(tab: Frame) -> None:
    opening = json.loads(OPENING.read_text(encoding="utf-8")) if OPENING.exists() else {"board": "", "curves": "", "numbers": ""}
    with tab.view("live", "Play the game"):
        with tab.do():
            choices = [(label, name) for name, label in DENSITIES.items()]
            tab.control("density", gr.Radio(choices, label="Real points", elem_id="game-density"))
            with gr.Column(elem_classes=_paper("ring")) as paper:
                tab.control("painted", canvas("digit", size=128, label="Paint where real points lie", elem_id="game-painted"))
            with gr.Row():
                start = gr.Button("Play", variant="primary", min_width=0, elem_id="game-play")
                pause = gr.Button("Pause", min_width=0, elem_id="game-pause")
                anew = gr.Button("From the start", min_width=0, elem_id="game-anew")
            with gr.Row():
                of_d = gr.Button("One move of D", elem_id="game-d")
                of_g = gr.Button("One move of G", elem_id="game-g")
            tab.control("speed", gr.Radio([(label, name) for name, label in SPEEDS.items()], label="Speed", elem_id="game-speed"))
            tab.control("loss", gr.Radio([(label, name) for name, label in LOSSES.items()], label="G's loss", elem_id="game-loss"))
            with gr.Row():
                tab.control("d_rate", gr.Slider(0, api.FASTEST, step=0.001, label="D's learning rate", elem_id="game-d-rate"))
                tab.control("g_rate", gr.Slider(0, api.FASTEST, step=0.001, label="G's learning rate", elem_id="game-g-rate"))
            tab.control("wired", gr.Checkbox(label="The wire from D to G", info="Cut it, and no gradient reaches G.", elem_id="game-wired"))
            with gr.Accordion("What is drawn, and where it begins", open=False):
                tab.control("field", gr.Radio([(label, name) for name, label in FIELDS.items()], label="Green field", elem_id="game-field"))
                tab.control("arrows", gr.Radio([(label, name) for name, label in ARROWS.items()], label="Arrows", elem_id="game-arrows"))
                tab.control("lead", gr.Slider(0, 500, step=10, label="D's lead: moves of D before the first round"))
                rounds = tab.control("rounds", gr.Number(label="Rounds played", precision=0, minimum=0, elem_id="game-rounds"))
        with tab.see():
            plane = board(label="The game", value=opening["board"], elem_id="game-board")
            numbers = gr.HTML(opening["numbers"], elem_classes="numbers", elem_id="game-numbers", apply_default_css=False)
            course = curves(label="The course of the game", value=opening["curves"], elem_id="game-curves")
    live = gr.State(delete_callback=lambda kept: kept and kept.end())
    seen = (plane, course, numbers)

    @tab.shows(*seen, live, on=("painted", "loss", "d_rate", "g_rate", "wired", "field", "arrows", "speed"), extra=[live])
    def change(state, live: Live | None):
        """A rule changes, while the game plays or rests."""
        if live is None or live.match is None:
            return (gr.skip(),) * 4
        live.rules = state
        return _answer(live)

    @tab.shows(*seen, live, on=("rounds", "lead", "seed"), extra=[live])
    def begun(state, live: Live | None):
        """For links, presets and the dice: a match that has come so far."""
        if live is not None:
            live.end()
        return _answer(Live(state))

    @tab.shows(paper, on=("density",))
    def offer_paper(state):
        """The canvas is there while its density is played."""
        return gr.update(elem_classes=_paper(state.density))

    @tab.plays(start, pause, *seen, rounds, live, on=("density",), extra=[live])
    def play(state, live: Live | None) -> Iterator:
        """Goes on where it was paused; anew with other real points, and after the last round."""
        if state.view == "live":
            other = live is not None and live.rules.density != state.density
            live = _taken(state, live)
            if other or live.match.rounds >= api.ROUNDS:
                live.match = _begin(state)
            yield from _stream(live)

    @tab.plays(anew, pause, *seen, rounds, live, extra=[live])
    def play_anew(state, live: Live | None) -> Iterator:
        live = _taken(state, live)
        live.match = _begin(state)
        yield from _stream(live)

    @tab.plays(of_d, pause, *seen, rounds, live, extra=[live])
    def move_d(state, live: Live | None) -> Iterator:
        yield _one(state, live, "D")

    @tab.plays(of_g, pause, *seen, rounds, live, extra=[live])
    def move_g(state, live: Live | None) -> Iterator:
        yield _one(state, live, "G")


def exhibits(tab: Frame) -> None:
    """The presets and the claims of the live game."""
    why = "D and G learn alike fast; all eight places are found, and the divergence falls. Press From the start to watch it."
    tab.preset("A game that works", why, rounds=1500)
    why = "This fails: G learns ten times as fast as D, heaps all its points where D believes most, and moves on when D has caught up."
    tab.preset("Mode collapse", why, **COLLAPSED)
    why = "This fails: D had 300 moves before G's first, and log(1 - D) is flat where D is sure. Switch to non-saturating and press Play."
    tab.preset("G starves", why, **STARVED)
    question = "Leave G as it is and let D learn as long as it likes. What will D say where real and made points are equally many?"
    tab.claim("C9", question, _c9, painted=drawing(BAND), field="best", **FROZEN)
    question = "Two arrows at each made point, for the same D: one of each loss. Where are they alike, and where does one of them vanish?"
    tab.claim("C10", question, _c10, rounds=100, d_rate=0.01, g_rate=0.001, arrows="both")
    question = "Cut the wire from D to G and press Play. D goes on learning. What will the made points do?"
    tab.claim("C22", question, _c22, wired=False, rounds=300)


def _c9() -> str:
    _, said = api.game_train(drawing=BAND, **FROZEN)
    return (
        f"One half. The best D is p/(p+q), drawn now from counted points; switch the green field to D(x) to see what D came to. On average "
        f"over real and made points, it is {said['off']:.2f} away from it."
    )


def _c10() -> str:
    return (
        "Their ratio is D/(1 - D), whatever the point. Where D says 1/2 they are alike; where D is nearly sure that a point was made, "
        "the saturating loss's arrow (thin) has all but vanished, and just there G has most to learn."
    )


def _c22() -> str:
    _, said = api.game_train(rounds=300, wired=False)
    return f"Nothing: G's gradient is {said['gradient']:g}, and its points stay where they began. All that G learns comes through D."


# --- moves ---


def _rules(state):
    from playground.probes.match import Rules

    drawing = json.loads(state.painted).get("strokes", "") if state.density == "painted" else ""
    return Rules(state.density, drawing, state.loss, state.d_rate, state.g_rate, state.lead, state.wired)


def _begin(state):
    from playground.probes import match

    return match.begin(_rules(state), state.seed)


def _taken(state, live: Live | None) -> Live:
    """The visitor's match, with these rules, and no stream that plays it."""
    live = live or Live(state)
    live.rules, live.stream = state, None
    live.match = live.match or _played(state)
    return live


def _played(state):
    from playground.probes import match

    return match.played(_rules(state), state.seed, state.rounds)


def _stream(live: Live) -> Iterator:
    """Frames and the pauses between them, until the last round, or until another stream or a single move takes the match."""
    from playground.probes import match

    mine = live.stream = object()
    now, mover, frames = live.match, "D", 0
    yield _frame(live, now)
    while now.rounds < api.ROUNDS:
        slow = live.rules.speed == "slow"
        yield SLOW if slow else PAUSE
        rules = _rules(live.rules)
        if slow:
            now = match.moved(now, rules, mover)
        else:
            now = match.play(now, rules, min(ROUNDS[live.rules.speed], api.ROUNDS - now.rounds))
        if live.stream is not mine:
            return
        live.match, frames = now, frames + 1
        frame = _frame(live, now, mover if slow else "")
        if slow or frames % WHOLE == 0 or now.rounds == api.ROUNDS:
            yield frame
        else:
            yield frame[0], *(gr.skip(),) * 4
        mover = "DG"[mover == "D"]


def _one(state, live: Live | None, mover: str) -> tuple:
    from playground.probes import match

    live = _taken(state, live)
    live.match = match.moved(live.match, _rules(state), mover)
    return _frame(live, live.match, mover)


# --- what is sent to the browser ---


def _answer(live: Live) -> tuple:
    try:
        live.match = live.match or _played(live.rules)
        return *_seen(live.rules, live.match), live
    except UserError as error:  # an empty canvas, while one paints, is no error
        return gr.skip(), gr.skip(), f'<p class="empty">{html.escape(str(error))}</p>', live


def _frame(live: Live, now, mover: str = "") -> tuple:
    return *_seen(live.rules, now, mover), now.rounds, live


def _seen(state, now, mover: str = "") -> tuple[str, str, str]:
    """The values of the board, the curves and the figures; mover: who moved last, where moves are seen one by one."""
    from playground.densities import REACH
    from playground.probes import match

    rules = _rules(state)
    seen = match.look(now, rules)
    said = seen.figures

    def numbers(points) -> list[int]:
        return (points.clamp(-REACH, REACH) * (1000 / REACH)).round().int().flatten().tolist()

    wanted = {"none": [], "used": [rules.loss], "both": [rules.loss, *(other for other in LOSSES if other != rules.loss)]}[state.arrows]
    field = (seen.field if state.field == "d" else seen.best).nan_to_num(0) * 255
    hit = f" and meet {said['modes_hit']} of {said['modes']} modes" if said["modes"] else ""
    plane = {
        "real": numbers(seen.real),
        "made": numbers(seen.made),
        "arrows": [numbers(match.pulls(now, rules, loss) * ARROW) for loss in wanted],
        "field": base64.b64encode(field.byte().numpy().tobytes()).decode(),
        "mover": mover,
        "alt": f"After {said['rounds']} rounds the made points cover {said['covered']:.0%} of the real ones{hit}.",
    }
    course = [[moves, *(None if value != value else round(value, 3) for value in values)] for moves, *values in now.records]
    covered = ("real points covered", 100 * said["covered"], "%")
    rows = [
        ("rounds", str(said["rounds"]), ""),
        ("modes met", f"{said['modes_hit']} of {said['modes']}", "") if said["modes"] else covered,
        ("Jensen-Shannon divergence, by counting", said["divergence"], "nats"),
        ("V(D, G)", said["value"], "nats"),
        ("2 JSD \u2212 log 4, V of the best D", 2 * said["divergence"] - math.log(4), "nats"),
        ("D is off p/(p+q) by", said["off"], "on average"),
        ("length of G's gradient", said["gradient"], ""),
    ]
    return json.dumps(plane, separators=(",", ":")), json.dumps(course, separators=(",", ":")), figures(*rows)


def _paper(density: str) -> list[str]:
    return ["game-paper"] if density == "painted" else ["game-paper", "closed"]


def main() -> None:
    """Writes what the tab shows until the server has played the match itself."""
    from playground.tabs.game import Game

    plane, course, numbers = _seen(Game(), _played(Game()))
    OPENING.write_text(json.dumps({"board": plane, "curves": course, "numbers": numbers}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
