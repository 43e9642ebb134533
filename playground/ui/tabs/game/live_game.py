"""The live game of the tab: a small GAN that is trained in the page while the visitor watches, or step by step by hand."""

import base64
import html
import itertools
import json
import math
from dataclasses import dataclass, field, replace
from pathlib import Path

import gradio as gr

from playground import api
from playground.drawing.digit_strokes import DIGITS
from playground.drawing.strokes import Stroke, canvas_value, pack
from playground.errors import UserError
from playground.graphs.recording import choose, record
from playground.ui import executor
from playground.ui.builder import TabBuilder
from playground.ui.components.canvas import canvas
from playground.ui.components.controls import board
from playground.ui.state import choice, flag, number, options, strokes, whole
from playground.ui.tabs.game.shared import WithSeed
from playground.ui.values import figures

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
SCRIPT = "live"  # of playground/browser, which plays the game in the visitor's browser
PAUSE, SLOW = 40, 700  # milliseconds from one frame to the next; in slow motion, from one move to the next
# Exhibits that tests also play
COLLAPSED = {"rounds": 1000, "d_rate": 0.005, "g_rate": 0.05, "seed": 14}
STARVED = {"rounds": 1000, "density": "gaussian", "loss": "saturating", "d_rate": 0.05, "g_rate": 0.001, "lead": 300, "seed": 2}
BAND = pack([Stroke(((96, 256), (416, 256)), width=120)])  # across the middle, where G's points are at first
FROZEN = {"density": "painted", "g_rate": 0.0, "rounds": 400, "seed": 13}
OPENING = Path(__file__).with_name("opening.json")  # python -m playground.ui.tabs.game.live_game


@dataclass(frozen=True)
class LiveGame(WithSeed):
    density: str = choice("ring", list(DENSITIES))
    painted: str = strokes(json.loads(DIGITS["2"])["strokes"])
    loss: str = choice("non-saturating", list(LOSSES))
    d_rate: float = number(0.003, 0, api.FASTEST)
    g_rate: float = number(0.003, 0, api.FASTEST)
    lead: int = whole(0, 0, 500)
    wired: bool = flag(True)
    field: str = choice("d", list(FIELDS))
    arrows: str = choice("used", list(ARROWS))
    speed: str = choice("normal", list(SPEEDS))
    rounds: int = whole(1250, 0, api.ROUNDS)  # all modes are covered fifty rounds around it, however a processor rounds


@dataclass
class Live:
    """One visitor's session, and the state of the tab whose rules it follows.  It is kept in a `gr.State`; every event may change it.

    The browser asks for each frame when it has drawn the previous one.  So the visitor's browser sets the pace, and nothing runs once they
    have gone.
    """

    state: object
    session: object = None
    playing: bool = True  # if not, a frame that was requested before the pause isn't played when it arrives
    number: int = field(default_factory=itertools.count(1).__next__)  # the browser shows no older session after a newer one


def _buttons() -> tuple[gr.Button, ...]:
    """Those that play, pause and begin anew, and one for a move of either player."""
    with gr.Row():
        start = gr.Button("Play", variant="primary", min_width=0, elem_id="game-play")
        pause = gr.Button("Pause", min_width=0, elem_id="game-pause")
        anew = gr.Button("From the start", min_width=0, elem_id="game-anew")
    with gr.Row():
        of_d = gr.Button("One move of D", min_width=0, elem_id="game-d")
        of_g = gr.Button("One move of G", min_width=0, elem_id="game-g")
    return start, pause, anew, of_d, of_g


def _controls_of_rules(tab: TabBuilder) -> None:
    tab.control("speed", _radio(SPEEDS, label="Speed", elem_id="game-speed"))
    tab.control("loss", _radio(LOSSES, label="G's loss", elem_id="game-loss"))
    with gr.Row():
        tab.control("d_rate", gr.Slider(0, api.FASTEST, step=0.001, label="D's learning rate", elem_id="game-d-rate"))
        tab.control("g_rate", gr.Slider(0, api.FASTEST, step=0.001, label="G's learning rate", elem_id="game-g-rate"))
    tab.control("wired", gr.Checkbox(label="The wire from D to G", info="Cut it, and no gradient reaches G.", elem_id="game-wired"))


def build(tab: TabBuilder) -> None:
    with tab.view("live", "Play the game", LiveGame):
        with tab.controls():
            tab.control("density", _radio(DENSITIES, label="Real points", elem_id="game-density"))
            with gr.Column(elem_classes=_paper("ring")) as paper:
                tab.control("painted", canvas("digit", size=128, label="Paint where real points lie", elem_id="game-painted"))
            start, pause, anew, of_d, of_g = _buttons()
            _controls_of_rules(tab)
            with gr.Accordion("What is drawn, and where it begins", open=False):
                tab.control("field", _radio(FIELDS, label="Green field", elem_id="game-field"))
                tab.control("arrows", _radio(ARROWS, label="Arrows", elem_id="game-arrows"))
                tab.control("lead", gr.Slider(0, 500, step=10, label="D's lead: moves of D before the first round"))
                rounds = tab.control("rounds", gr.Number(label="Rounds played", precision=0, minimum=0, elem_id="game-rounds"))
        with tab.outputs():
            opening = OPENING.read_text(encoding="utf-8") if OPENING.exists() else ""
            plane = board(label="The game", value=opening, elem_id="game-board")
    live = gr.State()

    @tab.on_change(plane, live, on=("density",), extra=[live], in_browser=SCRIPT)
    def other_points(state, live: Live | None):
        """Other real points start a new session, which plays."""
        if live is None:  # opened by a link: `come` answers
            return gr.skip(), gr.skip()
        live = Live(replace(state, rounds=0))
        return _frame(live, play=True), live

    @tab.on_change(plane, on=("painted", "loss", "d_rate", "g_rate", "wired", "field", "arrows", "speed"), extra=[live], in_browser=SCRIPT)
    def change(state, live: Live | None):
        """A rule changes, while the game plays or rests."""
        if live is None:
            return gr.skip()
        live.state = state
        return _frame(live)

    @tab.on_change(plane, live, on=("rounds", "lead", "seed"), extra=[live], in_browser=SCRIPT)
    def come(state, live: Live | None):
        """For links, presets and the dice: a session that has played this many rounds.  Links call all of these functions, and the last
        answer is the one shown."""
        live = Live(state)
        return _frame(live, play=False), live

    @tab.on_change(paper, on=("density",), in_browser=True)
    def offer_paper(state):
        """The canvas is visible while its density is played."""
        return gr.update(elem_classes=_paper(state.density))

    def on(trigger, call, output=plane, **kwargs) -> None:
        quiet = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        trigger(executor.listener(call, f"game.{call.__name__}", gr.skip()), [live], [output], **quiet, **kwargs)

    on(plane.input, next_frame, trigger_mode="once")
    on(start.click, play)
    on(anew.click, play_anew)
    on(of_d.click, move_d)
    on(of_g.click, move_g)
    on(pause.click, rounds_played, rounds, js="(live) => (playground.pause('#game-board'), [live])")
    tab.scripts[SCRIPT] = lambda: for_browser(tab)


def exhibits(tab: TabBuilder) -> None:
    """The presets and the claims of the live game."""
    why = "D and G learn alike fast; made points come to all eight places, and the divergence falls. Press From the start to watch it."
    tab.preset("A game that works", why, rounds=1500)
    why = (
        "This fails: G learns ten times as fast as D, heaps all its points in one place where D believes them, and moves on when D has "
        "caught up. Press Play to watch."
    )
    tab.preset("Mode collapse", why, **COLLAPSED)
    why = "This fails: D had 300 moves before G's first, and log(1 - D) is flat where D is sure. Switch to non-saturating and press Play."
    tab.preset("G starves", why, **STARVED)
    question = "Leave G as it is and let D learn as long as it likes. What will D say where real and made points are equally many?"
    tab.claim("C9", question, _c9, painted=canvas_value(BAND), **FROZEN)
    question = "Two arrows at each made point, for the same D: one of each loss. Where are they alike, and where does one of them vanish?"
    tab.claim("C10", question, _c10, rounds=150, d_rate=0.01, g_rate=0.001, arrows="both")
    question = "Cut the wire from D to G and press Play. D goes on learning. What will the made points do?"
    tab.claim("C22", question, _c22, wired=False, rounds=300)


def _c9() -> str:
    _, result = api.game_train(drawing=BAND, **FROZEN)
    return (
        f"About one half: {result['even']:.3g} on average, where counted points say that the best D, p/(p+q), is near 0.5. There the green "
        f"is half as strong as where real points are alone; among made ones it fades. On average over all points D is {result['off']:.2g} "
        "away from the best one."
    )


def _c10() -> str:
    return (
        "Their ratio is D/(1 - D), whatever the point. Where D says 1/2 they are alike; where D is nearly sure that a point was made, "
        "the saturating loss's arrow (thin) has all but vanished, and just there G has most to learn."
    )


def _c22() -> str:
    _, result = api.game_train(rounds=300, wired=False)
    return f"Nothing: G's gradient is {result['gradient']:g}, and its points stay where they began. All that G learns comes through D."


# --- moves ---


def _rules(state):
    from playground.analysis.toy_gan import Rules

    drawing = json.loads(state.painted).get("strokes", "") if state.density == "painted" else ""
    return Rules(state.density, drawing, state.loss, state.d_rate, state.g_rate, state.lead, state.wired)


def next_frame(live: Live | None):
    """Plays what comes between two frames of the browser: some rounds, or in slow motion the move of the player whose turn it is."""
    from playground.analysis import toy_gan

    if live is None or live.session is None or not live.playing:
        return gr.skip()
    now, rules, speed = live.session, _rules(live.state), live.state.speed
    try:
        if speed == "slow":
            mover = "D" if now.game.discriminator.moves - rules.lead <= now.rounds else "G"
            live.session = toy_gan.moved(now, rules, mover)
            return _frame(live, mover)
        live.session = toy_gan.play(now, rules, min(ROUNDS[speed], api.ROUNDS - now.rounds))
    except UserError as error:
        return _words(live, error)
    return _frame(live, play=False if live.session.rounds >= api.ROUNDS else None)


def play(live: Live | None):
    """Continues after a pause; restarts after the last round."""
    if live is None or live.session is None:
        return gr.skip()
    return play_anew(live) if live.session.rounds >= api.ROUNDS else _frame(live, play=True)


def play_anew(live: Live | None):
    from playground.analysis import toy_gan

    if live is None:
        return gr.skip()
    try:
        live.session = toy_gan.begin(_rules(live.state), live.state.seed)
    except UserError as error:
        return _words(live, error)
    return _frame(live, play=True)


def move_d(live: Live | None):
    return _one(live, "D")


def move_g(live: Live | None):
    return _one(live, "G")


def _one(live: Live | None, mover: str):
    from playground.analysis import toy_gan

    if live is None or live.session is None:
        return gr.skip()
    live.session = toy_gan.moved(live.session, _rules(live.state), mover)
    return _frame(live, mover, play=False)


def rounds_played(live: Live | None):
    """Pauses a session, and returns how many rounds it has played."""
    if live is None or live.session is None:
        return gr.skip()
    live.playing = False
    return live.session.rounds


# --- data for the browser ---


def _frame(live: Live, mover: str = "", play: bool | None = None) -> str:
    """The board's value; mover: who has just moved, if moves are shown one by one; play: whether it continues, None: unchanged."""
    from playground.analysis import toy_gan
    from playground.graphs.game import ARROW, levels, thousandths

    state, rules = live.state, _rules(live.state)
    live.playing = live.playing if play is None else play
    try:
        live.session = live.session or toy_gan.played(rules, state.seed, state.rounds)
        seen = toy_gan.look(live.session, rules)
    except UserError as error:  # an empty canvas, while the visitor paints, is no error
        return _words(live, error)

    def numbers(points) -> list[int]:
        return thousandths(points).flatten().tolist()

    wanted = {"none": [], "used": [rules.loss], "both": [rules.loss, *(other for other in LOSSES if other != rules.loss)]}[state.arrows]
    green = levels(seen.field if state.field == "d" else seen.best)
    records = [[moves, *(None if value != value else round(value, 3) for value in values)] for moves, *values in live.session.records]
    value = {
        "real": numbers(seen.real),
        "made": numbers(seen.generated),
        "arrows": [numbers(toy_gan.pulls(live.session, rules, loss) * ARROW) for loss in wanted],
        "field": base64.b64encode(green.numpy().tobytes()).decode(),
        "records": records,
        **_summary(seen.figures),
        "mover": mover,
        "match": live.number,
        "play": play,
        "wait": SLOW if state.speed == "slow" else PAUSE,
    }
    return json.dumps(value, separators=(",", ":"))


def _words(live: Live, error: UserError) -> str:
    return json.dumps({"numbers": _empty(error), "match": live.number, "play": False})


def _empty(error: UserError) -> str:
    return f'<p class="empty">{html.escape(str(error))}</p>'


def _summary(result: dict) -> dict[str, str]:
    """A session's figures as text: under the board, and for visitors who can't see it."""
    covered = ("real points covered", 100 * result["covered"], "%")
    hit = f" and meet {result['modes_hit']} of {result['modes']} modes" if result["modes"] else ""
    alt = f"After {result['rounds']} rounds the made points cover {result['covered']:.0%} of the real ones{hit}."
    numbers = figures(
        ("rounds", str(result["rounds"]), ""),
        ("modes met", f"{result['modes_hit']} of {result['modes']}", "") if result["modes"] else covered,
        ("Jensen-Shannon divergence, by counting", result["divergence"], "nats"),
        ("V(D, G)", result["value"], "nats"),
        ("2 JSD \u2212 log 4, V of the best D", 2 * result["divergence"] - math.log(4), "nats"),
        ("D is off p/(p+q) by", result["off"], "on average"),
        ("D where real and made points are equally many", "none" if result["even"] is None else result["even"], "(the best D: 0.5)"),
        ("length of G's gradient", result["gradient"], ""),
    )
    return {"numbers": numbers, "alt": alt}


def for_browser(tab: TabBuilder) -> dict:
    """The data for browser/live.js: events, and the text of `_summary` for each density with names in place of its figures."""
    from playground.analysis import toy_gan
    from playground.analysis.densities import PAINTED, SIDE, density
    from playground.graphs.game import GRAPHS, NAMES

    events = {}
    for change in filter(lambda change: change.in_browser == SCRIPT, tab.changes):
        does, reads = change.call.__name__, tab.reads(change.view, change.on)
        events[executor.event_name(f"{tab.name}.{does}")] = {"does": does, "reads": reads, "outputs": len(change.outputs) + 1}
    for call in (next_frame, play, play_anew, move_d, move_g, rounds_played):
        events[executor.event_name(f"{tab.name}.{call.__name__}")] = {"does": call.__name__, "reads": [], "outputs": 1}
    try:
        density(PAINTED, "")
    except UserError as error:
        empty = _empty(error)

    words = {}
    for name in NAMES:
        modes = len(density(name).centres) if name in toy_gan.MODES else None

        def say(result: _Figures, modes=modes) -> dict[str, str]:
            return _summary({**vars(result), "modes": modes, "even": choose(result.even > 0, ("none", result.even))})

        words[name] = record(say, _Figures, options)["answer"]
    constants = {"rounds": ROUNDS, "slow": SLOW, "last": api.ROUNDS, "every": toy_gan.EVERY, "longest": toy_gan.LONGEST, "side": SIDE}
    lists = {"densities": NAMES, "losses": list(LOSSES), "graphs": list(GRAPHS)}
    return {"events": events, "words": words, "empty": empty, "loading": "The game is loading:", **constants, **lists}


@dataclass(frozen=True)
class _Figures:
    """The figures of `_summary` that are not known before the game is played."""

    rounds: float = number(0, 0, 1)
    value: float = number(0, 0, 1)
    divergence: float = number(0, 0, 1)
    off: float = number(0, 0, 1)
    even: float = number(0, 0, 1)  # 0: there are no such points
    gradient: float = number(0, 0, 1)
    covered: float = number(0, 0, 1)
    modes_hit: float = number(0, 0, 1)


def _radio(names: dict[str, str], **kwargs) -> gr.Radio:
    return gr.Radio([(label, name) for name, label in names.items()], **kwargs)


def _paper(density: str) -> list[str]:
    return ["game-paper"] if density == "painted" else ["game-paper", "closed"]


def main() -> None:
    """Writes the frame that the tab shows until the server has played the session itself."""
    OPENING.write_text(_frame(Live(LiveGame(), number=0), play=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
