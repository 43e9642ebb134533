"""The part of the page above the tabs: the opening with its three ways in, the map of models, and the guided hour its worksheet and key.

All of it is in the page from the start; `visit.js` shows what the address asks for: `?stop=3` one stop of the hour above the experiment
that its state opens, `?guide=` one of "models", "hour", "worksheet", "key" and "glossary" in place of the tabs.  So each of them has a
link, and works without a server.  The words are in `lessons/<language>/hour.toml`, `models.toml` and `glossary.toml`.
"""

import html
import tomllib
from collections.abc import Sequence
from dataclasses import replace

from playground.ui import glossary, state
from playground.ui.builder import LESSONS, TabBuilder
from playground.ui.theme import SWITCH, TITLE
from playground.ui.values import opening_picture, shown

STOPS = tomllib.loads((LESSONS / "hour.toml").read_text(encoding="utf-8"))["stop"]
FAMILIES = tomllib.loads((LESSONS / "models.toml").read_text(encoding="utf-8"))["family"]
MINUTES = 3  # a stop

_WHAT = (
    "Fourteen kinds of generative models have learnt to make digits, flowers and house fronts; draw or drag, and they answer while your "
    "hand moves. This is the living form of a textbook's chapter: what it claims is an experiment here, and you say first what you expect."
)


def stated(builders: Sequence[TabBuilder], tab: str, name: str):
    """The state of a tab named by "view NAME" or by a claim's number, "C3"."""
    builder = next(builder for builder in builders if builder.name == tab)
    if name.startswith("view "):
        return replace(builder.cls(), view=name.removeprefix("view "))
    return replace(builder.cls(), **next(values for claim, _, _, values in builder.claims if claim == name))


def address(builders: Sequence[TabBuilder], number: int) -> str:
    """The query of a stop, counted from 1."""
    tab, name = STOPS[number - 1]["at"]
    return state.address(tab, stated(builders, tab, name), stop=number)


def page(builders: Sequence[TabBuilder]) -> str:
    """The part of the page above the tabs, HTML."""
    return "".join((_head(), _opening(builders), _models(), _hour(builders), _sheets(builders), glossary.page(), _CODE))


_CODE = """<dialog class="code" aria-label="The address of this state as a QR code"><div></div><p><a></a></p>
    <form method="dialog"><button class="quiet">Close</button></form></dialog>"""


def _head() -> str:
    return f"""<div class="head"><h1 class="title"><a href="?">{html.escape(TITLE)}</a></h1><nav aria-label="The page">
        <a href="?guide=hour">Guided hour</a> <a href="?guide=models">Map of models</a> <a href="?guide=glossary">Glossary</a>
        <button type="button" data-does="code">QR code</button> <button type="button" data-does="present">Present</button>
        <button type="button" data-does="leave">Leave</button> {SWITCH}</nav></div>"""


def _opening(builders: Sequence[TabBuilder]) -> str:
    picture = opening_picture("vae-mnist-2d")
    alt = "A map of a latent space: digits that flow into each other."
    image = f'<img src="{shown(picture.resize((294, 294)), "")["src"]}" alt="{alt}" width="112" height="112">' if picture else ""
    return f"""<section class="opening" aria-label="What this is">{image}<div><p>{html.escape(_WHAT)}</p>
        <p class="ways"><button type="button" class="way" data-does="play">Play freely</button>
        <a class="way" href="?{html.escape(address(builders, 1))}">A guided hour</a>
        <a class="way" href="?guide=models">The whole map of models</a></p></div></section>"""


def _models() -> str:
    columns = [
        f"<h3>{html.escape(family['name'])}</h3><p>{html.escape(family['words'])}</p><ol>"
        + "".join(
            f'<li><a href="?{html.escape(where)}">{html.escape(name)}</a> <span>{html.escape(words)}</span></li>'
            for name, words, where in family["systems"]
        )
        + "</ol>"
        for family in FAMILIES
    ]
    families = "".join(f"<div>{family}</div>" for family in columns)
    return f'<section class="guide models"><h2>The map of models</h2><div class="families">{families}</div></section>'


def _hour(builders: Sequence[TabBuilder]) -> str:
    """The list of the stops, and each stop above its experiment."""
    listed = "".join(
        f'<li><a href="?{html.escape(address(builders, i))}">{html.escape(stop["question"])}</a></li>' for i, stop in enumerate(STOPS, 1)
    )
    stops = "".join(_stop(builders, i, stop) for i, stop in enumerate(STOPS, 1))
    return f"""<section class="guide hour-list"><h2>A guided hour</h2>
        <p>Twelve questions in the chapter's order, {MINUTES} minutes each, and as long again to talk about some of them. At each one, say
        what you expect before you look.</p><ol>{listed}</ol>
        <p><a href="?guide=worksheet">Worksheet to print</a> <a href="?guide=key">Key, with notes for the teacher</a>
        <a href="quiz.html">A quiz, before the lesson and after it</a></p>
        <p class="with-room">With a class: open a room and share its address or QR code. Each reveal then says what the room expected;
        nobody signs in.
        <button type="button" class="quiet" data-does="room">Open a room</button></p></section>
        <div class="hour">{stops}</div>"""


def _stop(builders: Sequence[TabBuilder], number: int, stop: dict) -> str:
    def way(to: int, words: str) -> str:
        return f'<a class="way" href="?{html.escape(address(builders, to))}">{words}</a>' if 0 < to <= len(STOPS) else ""

    which = f"Stop {number} of {len(STOPS)}"
    return f"""<section class="stop" data-stop="{number}" aria-label="{which}"><h2><small>{which} &middot; {MINUTES} minutes</small>
        {html.escape(stop["question"])}</h2><p>{html.escape(stop["do"])}</p>
        <details><summary>What is to be seen</summary><p>{html.escape(stop["see"])}</p></details>
        <details class="note"><summary>For the teacher</summary><p>{html.escape(stop["note"])} {html.escape(stop["key"])}</p></details>
        <p class="ways">{way(number - 1, "Back")} {way(number + 1, "Next")} <a class="way" href="?guide=hour">All stops</a></p></section>"""


def _sheets(builders: Sequence[TabBuilder]) -> str:
    """The worksheet, with room to write and a place for each stop's code; and the key, with what is seen and the teacher's notes."""

    def sheet(name: str, title: str, about: str, item) -> str:
        items = "".join(f"<li><h3>{html.escape(stop['question'])}</h3>{item(i, stop)}</li>" for i, stop in enumerate(STOPS, 1))
        printed = '<p class="ways"><button type="button" class="way" data-does="print">Print</button></p>'
        return f'<section class="guide sheet {name}"><h2>{title}</h2>{printed}<p>{about}</p><ol>{items}</ol></section>'

    def asked(number: int, stop: dict) -> str:
        to = f'<div class="to"><a href="?{html.escape(address(builders, number))}">open</a></div>'
        return f'{to}<p>{html.escape(stop["do"])}</p><p class="line">I expect:</p><p class="line">I see:</p><p class="line">Because:</p>'

    def answered(_: int, stop: dict) -> str:
        rows = (("Seen", "see"), ("Answer", "key"), ("For the teacher", "note"))
        return "".join(f"<p><b>{what}:</b> {html.escape(stop[part])}</p>" for what, part in rows)

    worksheet = sheet("worksheet", "Worksheet: a guided hour", "Write what you expect before you look. Name:", asked)
    return worksheet + sheet("answers", "Key: a guided hour", "Each of these was seen with the weights that this page has.", answered)
