"""The static edition: `python -m playground.static OUT` writes the page as a folder that any file server serves, without a server of ours.

    python -m playground.static site
    python -m http.server --directory site

What a hand does is computed in the visitor's browser, as in the Gradio edition.  What the server would answer besides (presets, claims, and
views in their usual state) is asked of the real server here, and written.  OUT is new, empty, or an edition that this command wrote.
"""

import argparse
import gzip
import json
import random
import re
import shutil
import socket
import sys
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path

from playground import catalog, graphs
from playground.errors import UserError, run_command
from playground.graphs import kept

RECORD = "edition.json"  # in OUT: the files that this command wrote
ROLLS = 40  # throws of the dice that are written for each view
SENTENCE = (
    "is computed by a server, and this page has none. Two commands open the whole playground on your computer: "
    "<code>pip install -r requirements.txt</code> and <code>python app.py</code>."
)
MOST = 16  # finished answers that are written for an event: one for each of its options
LOADING = "Loading the model into your browser"
PLAIN = "is computed by a server, and this page has none. On your computer: pip install -r requirements.txt; python app.py"


def write(out: Path) -> dict[str, int]:
    """Writes the edition; returns the size in bytes of each of its files.

    Raises UserError where OUT has files that this command did not write, OSError where it can't be written.
    """
    before = _ours(out)
    files = _files()
    foreign = [name for name in files if (out / name).exists() and name not in before]
    if foreign:
        raise UserError(f"{out / foreign[0]} exists and was not written by this command; name a new or an empty folder.")
    out.mkdir(parents=True, exist_ok=True)
    (out / RECORD).write_text(json.dumps(sorted({*before, *files}), indent=0), encoding="utf-8")  # first: what is written is known
    for name in before - files.keys():
        (out / name).unlink(missing_ok=True)
    sizes = {}
    for name, content in files.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            shutil.copyfile(content, out / name)
        else:
            (out / name).write_bytes(content)
        sizes[name] = (out / name).stat().st_size
    (out / RECORD).write_text(json.dumps(sorted(files), indent=0), encoding="utf-8")
    return sizes


def _ours(out: Path) -> set[str]:
    """The files in OUT that this command wrote.  Raises UserError where there are others and no record."""
    if not out.exists():
        return set()
    if not out.is_dir():
        raise UserError(f"{out} is not a folder; name a new or an empty one.")
    try:
        names = json.loads((out / RECORD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        if any(out.iterdir()):
            raise UserError(f"{out} is neither empty nor a static edition; name a new or an empty folder.") from None
        return set()
    except ValueError:
        raise UserError(f"{out / RECORD} is damaged; name a new or an empty folder.") from None
    inside = out.resolve()
    return {name for name in names if (out / name).resolve().is_relative_to(inside)}


def _files() -> dict[str, bytes | Path]:
    """Name -> content, or the file that has it, of everything in the edition."""
    from playground.ui import browser, gradio_compat, gradio_page, locale, quiz, theme
    from playground.ui.page import build

    kept.make_missing()
    page = build()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    page.launch(server_name="127.0.0.1", server_port=port, prevent_thread_lock=True, quiet=True, head=browser.head(PLAIN) + theme.HEAD)
    try:
        server = gradio_compat.Server(f"http://127.0.0.1:{port}", page)
        files = {path or "index.html": server.get(f"/{path}") for path in ("", quiz.NAME, "theme.css", "manifest.json", "gradio_api/info")}
        files["index.html"] = gradio_page.without_heartbeat(files["index.html"])
        described = browser.describe(page.builders, alone=True)
        described["alone"], finished = _alone(page.builders, server, described)
        files |= {f"browser/finished/{name}.json": json.dumps(answer, separators=(",", ":")).encode() for name, answer in finished.items()}
        files["browser/gestures.json"] = json.dumps(described, separators=(",", ":")).encode()
        files |= {f"browser/{language}.json": browser.words(page.builders, language) for language in locale.LANGUAGES}
        pictures = set(re.findall(rb"kept/[\w.]+", b"".join(content for content in files.values())))
        files |= {name.decode(): server.get(f"/{name.decode()}") for name in pictures}
    finally:
        page.close()
    for name in [name for name in files if name.startswith("browser/finished/") or name == "browser/gestures.json"]:
        files[f"{name}.gz"] = gzip.compress(files.pop(name), mtime=0)  # some servers pack nothing
    return files | gradio_page.frontend(files["index.html"], files["theme.css"]) | browser.scripts() | _models(described)


def _alone(builders, server, described: dict) -> tuple[dict, dict]:
    """The description for the scripts of a page that has no server; and the finished answers, by name."""
    import gradio as gr

    from playground.ui import state
    from playground.ui.executor import event_name
    from playground.ui.gradio_compat import number
    from playground.ui.values import measured

    tabs, finished, labels, left, states = {}, {}, {}, {}, {}
    for tab in builders:
        usual = tab.cls()
        values = [state.component_value(spec, getattr(usual, name)) for name, spec in tab.spec.items()]
        for name in server.events:
            if name.startswith((f"{tab.name}-preset-", f"{tab.name}-claim-")):
                answer = server.ask(name, [])
                finished[name] = [answer.get(output, gr.skip()) for output in server.events[name]["outputs"]]
        for view in tab.views:
            at = list(tab.spec).index("view")
            finished[f"{tab.name}-view-{view}"] = server.ask(f"{tab.name}-view", [*values[:at], view, *values[at + 1 :]])
        for change in (*tab.changes, *tab.streams):
            name = event_name(f"{tab.name}.{change.call.__name__}")
            labels[name] = change.label or tab.views[change.view].label
            if not change.start and not change.in_browser:  # streams, which a button starts, are never answered here
                left[name], answers = _left(tab, change, name, server)
                finished |= answers
        for kind, those in (("preset", tab.presets), ("claim", tab.claims)):
            for name, *_, fields in those:
                now = replace(usual, **fields)
                states[event_name(f"{tab.name}.{kind} {name}")] = {
                    field: state.component_value(tab.spec[field], getattr(now, field)) for field in fields
                }
        names = {model for field in tab.model_fields for model in described["fields"][tab.name][field]["options"]}
        tabs[tab.name] = {
            "order": list(tab.spec),
            "opening": {name: state.component_value(spec, getattr(tab.opening, name)) for name, spec in tab.spec.items()},
            "controls": {name: number(control) for name, control in tab.control_of.items()},
            "views": {name: number(view.column) for name, view in tab.views.items()},
            "card": number(tab.card),
            "reads": {view: tab.reads(view) for view in tab.views},
            "models": {view: tab.models_in(view or None) for view in tab.views or [""]},
            "cards": {model: measured(model) for model in sorted(names)},
            "rolls": {view: _rolls(tab, view) for view in tab.views or [""]},
        }
    return {"tabs": tabs, "states": states, "labels": labels, "left": left, "sentence": SENTENCE, "loading": LOADING}, finished


def _left(tab, change, name: str, server) -> tuple[dict, dict]:
    """The description, for the scripts, of an event that a server alone can answer: the fields that it depends on, those of which each
    option has a finished answer (None: there is none but the usual state's), and the pictures that no longer fit where there is no
    answer.  And these answers, by name.
    """
    from playground.ui import state

    usual, kinds = replace(tab.cls(), view=change.view), {field: tab.spec[field].metadata["kind"] for field in change.on}
    choices = [field for field, kind in kinds.items() if kind == "choice"]
    options = list(product(*(enumerate(state.options(tab.spec[field])) for field in choices)))
    described = {"tab": tab.name, "view": change.view, "on": change.on, "reads": tab.reads(change.view, change.on), "choices": None}
    described["once"] = change.rest and bool(change.label)
    described["pictures"] = [output.elem_id for output in change.outputs if output.elem_id and output not in tab.inputs]

    def ask(now) -> dict:
        values = [state.component_value(tab.spec[field], getattr(now, field)) for field in described["reads"]]
        return server.ask(name, values + [None] * len(change.extra))

    described["of_upload"] = bool(change.extra) and not ask(usual)  # without one it says nothing
    if not choices or change.extra or set(kinds.values()) - {"choice", "several"} or len(options) > MOST:
        return described, {}
    answers = {}
    for those in options:
        now = replace(usual, **dict(zip(choices, (option for _, option in those))))
        if now != usual:  # which the view's own answer has
            answers["-".join([name, *(str(place) for place, _ in those)])] = ask(now)
    return {**described, "choices": choices}, answers


def _rolls(tab, view: str) -> list[dict]:
    """What the dice may change in a view, field -> its component's value; several throws."""
    from playground.ui import state

    usual, throws = tab.cls(), []
    if view:
        usual = replace(usual, view=view)
    for seed in random.Random(0).sample(range(1000), ROLLS):
        rolled = tab.roll(usual, seed)
        said = {name: getattr(rolled, name) for name in asdict(usual) if getattr(rolled, name) != getattr(usual, name)}
        throws.append({name: state.component_value(tab.spec[name], value) for name, value in said.items()})
    return throws


def _models(described: dict) -> dict[str, Path]:
    """The files that the graphs of the described events read."""
    found = {}
    for name, model in described["models"].items():
        entry = catalog.entry(name)
        found |= {f"browser/{model['url']}{file}": kept.path(entry, file) for file in graphs.files_of(model["graphs"])}
    return found


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m playground.static", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", type=Path, metavar="OUT", help="the folder to write: new, empty, or an earlier edition")
    out = parser.parse_args(arguments).out
    _ours(out)  # before the long work
    sizes = write(out)
    first = sum(len(gzip.compress((out / name).read_bytes())) for name in ("index.html",))
    print(f"{out}: {len(sizes)} files, {sum(sizes.values()) / 1e6:.1f} MB; the page itself {first / 1e6:.2f} MB as a server packs it.")
    print(f"To look at it: {Path(sys.executable).name} -m http.server --directory {out}")
    return 0


if __name__ == "__main__":
    sys.exit(run_command(main, sys.argv[1:]))
