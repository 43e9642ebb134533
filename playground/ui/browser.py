"""The part of the page that computes in the visitor's browser: scripts, runtime, and the description of the tabs that they get.

    intercept.js   hands Gradio's events to compute.js; in the page's head
    compute.js     answers an event by its record: loads graphs, runs them, and gives the values of the event's outputs
    paint.js       paints an event's pictures before Gradio's page has asked for them
    answers.js     executes a record (playground/graphs/recording.py)
    worker.js      runs the graphs by onnxruntime-web
    drawing.js     gives them what is on a canvas; strokes.js paints it, for the page's canvases, too
    photo.js       reads uploads for them
    steps-worker.js, pixels.js, steps.js, steps.wasm   run autoregressive models step by step; noise.js samples as torch does
    live.js        plays the live game with match.js, its part in the worker, by the graphs in game/ (playground/graphs/game.py)
    qr.mjs         the library uqr, for the page's QR codes
    onnxruntime/   onnxruntime-web, as published

The page asks for them under `browser/`, from its own server, or from a folder of the static edition: `files` lists both.
"""

import gzip
import hashlib
import html
import json
import logging
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from playground import catalog
from playground.drawing import strokes
from playground.errors import EmptyCanvas
from playground.graphs import files_of, kept
from playground.graphs.recording import NotRecordable, record
from playground.ui import locale, state
from playground.ui.builder import VIEWS, TabBuilder, lesson
from playground.ui.events import Listener
from playground.ui.executor import event_name
from playground.ui.glossary import marked
from playground.ui.gradio_compat import as_sent

log = logging.getLogger(__name__)

HERE = Path(__file__).parents[1] / "browser"  # its scripts
WASM = "steps.wasm"
SCRIPTS = (
    *("compute.js", "answers.js", "worker.js", "photo.js", "drawing.js", "strokes.js", "alone.js", "noise.js", "live.js", "match.js"),
    *("paint.js", "qr.mjs"),
    *("steps-worker.js", "pixels.js", "steps.js", WASM),
)
GAME = HERE / "game"  # graphs that belong to no model
RUNTIME = HERE / "onnxruntime"
MODULE, BINARY = "ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm.gz"
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".json": "application/json", ".wasm": "application/wasm"}
FOREVER = "public, max-age=31536000, immutable"


@lru_cache
def version() -> str:
    """Changes when the scripts or the runtime do."""
    digest = hashlib.sha256()
    for path in (*(HERE / name for name in SCRIPTS), RUNTIME / "SHA256SUMS"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@lru_cache
def game_version() -> str:
    """Changes when the live game's graphs do."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(GAME.glob("*.onnx")))).hexdigest()[:12]


def head(alone: str = "") -> str:
    """The content of the page's head, before Gradio's scripts. alone: in the static edition, the message about what needs a server."""
    at = json.dumps({"code": f"browser/{version()}/", "data": "browser/", "alone": alone})
    return f"<script>{(HERE / 'intercept.js').read_text(encoding='utf-8')}window.playground_computes({at});</script>"


def scripts() -> dict[str, Path]:
    """Name -> file of the scripts, the runtime and the live game's graphs, as laid out in the static edition."""
    places = {name: HERE / name for name in SCRIPTS} | {name: RUNTIME / name for name in (MODULE, BINARY)}
    found = {f"browser/{version()}/{name}": path for name, path in places.items()}
    return found | {f"browser/game/{game_version()}/{path.name}": path for path in GAME.glob("*.onnx")}


def describe(builders: Sequence[TabBuilder], alone: bool = False) -> dict:
    """The description of the tabs for the scripts: fields, events with their records, and the models whose graphs these call.

    alone: there is no server to answer what the browser can't.
    """
    events, models = {}, {}
    for tab in builders:
        named = [change.call.__name__ for change in tab.changes]
        for change in filter(lambda change: change.in_browser is True or change.rest, tab.changes):
            name = change.call.__name__
            if named.count(name) > 1:
                raise ValueError(f"The tab {tab.name} has two functions named {name}: the browser could not tell them apart.")
            found = _record(change, tab)
            if change.in_browser is True:
                _log_what_is_left(f"{tab.name}.{name}", found)
            if not _possible(found) and not change.rest:
                continue
            models |= dict.fromkeys(_models(found))
            events[event_name(f"{tab.name}.{name}")] = {
                "tab": tab.name,
                "reads": tab.reads(change.view, change.on),
                "view": change.view,
                "extra": len(change.extra),
                "rest": change.rest,
                "single": len(change.outputs) == 1,
                "outputs": len(change.outputs),
                "moves": _moves(change, tab, found),
                "pictures": {place: output.elem_id for place, output in enumerate(change.outputs) if output.elem_id},
                "record": found,
            }
    for model in models:
        entry = catalog.entry(model)
        models[model] = {"url": _place(entry), "graphs": kept.manifest(entry)}
    runtime = {"module": f"{version()}/{MODULE}", "binary": f"{version()}/{BINARY}", "steps": f"{version()}/{WASM}"}
    runtime["game"] = f"game/{game_version()}/"
    scripts = {name: {"tab": tab.name, **describes()} for tab in builders for name, describes in tab.scripts.items()}
    from playground.imaging import rules  # loads torch

    specs = {tab.name: {name: _field(spec) for name, spec in tab.spec.items()} for tab in builders}
    return {
        "alone": alone,
        "fields": specs,
        "events": events,
        "models": models,
        "runtime": runtime,
        "scripts": scripts,
        "uploads": rules(),
        "drawings": strokes.RULES,
    }


def _record(change: Listener, tab: TabBuilder) -> dict:
    if change.in_browser is not True:
        return {"not": "The server does it."}
    cls = (tab.views[change.view].cls if change.view else None) or tab.cls
    try:
        found = record(change.call, cls, state.options, len(change.extra))
        if change.view and found.get("field") == "model" and hasattr(tab.cls, "views"):  # a model has views of its own
            offered = {model: tab.cls(view=change.view, model=model).view == change.view for model in found["options"]}
            found["options"] = {model: way for model, way in found["options"].items() if offered[model]}
        return _as_sent(found, change)
    except NotRecordable as error:
        return {"not": str(error)}


def _moves(change: Listener, tab: TabBuilder, found: dict) -> dict[str, str]:
    """Control's element -> field of the controls whose movement is painted at once; empty where the record gives only text."""
    if change.rest or '"$": "picture"' not in json.dumps(found):
        return {}
    return {control: field for field in change.on if (control := tab.control_of[field].elem_id)}


def _log_what_is_left(name: str, found: dict, at: str = "") -> None:
    """Logs which events the server has to answer although they are meant for the browser, and why."""
    if "not" in found:
        log.warning("%s%s is answered by the server: %s", name, at, found["not"])
    for option, way in found.get("options", {}).items():
        _log_what_is_left(name, way, f"{at} with {found.get('field', 'upload')} {option}")


def _as_sent(found: dict, change: Listener) -> dict:
    """A record whose answers are as Gradio's server would send them; `paints`: the number of calls that its pictures need."""
    if "options" in found:
        return {**found, "options": {option: _as_sent(part, change) for option, part in found["options"].items()}}
    if "answer" not in found:
        return found
    for call in found["calls"]:
        if "refuses" in call:
            call["refuses"] = change.hinted(EmptyCanvas(call["refuses"]))
    answer = found["answer"] if len(change.outputs) > 1 else [found["answer"]]
    sent = [as_sent(*pair) for pair in zip(change.outputs, answer, strict=True)]
    paints = max((_calls_until(value) for output, value in zip(change.outputs, sent) if output.elem_id), default=0)
    return {**found, "answer": sent if len(sent) > 1 else sent[0], "paints": paints}


def _calls_until(value) -> int:
    """After how many of a record's calls a value of its answer is known."""
    if isinstance(value, dict) and value.get("$") == "output":
        return value["call"] + 1
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max(map(_calls_until, parts), default=0)


def _field(spec) -> dict:
    rules = {key: value for key, value in spec.metadata.items() if key in ("kind", "low", "high", "length", "longest", "allowed")}
    options = {"options": state.options(spec)} if spec.metadata["kind"] in ("choice", "several") else {}
    return rules | options | {"default": state.component_value(spec, spec.default)}


def _possible(found: dict) -> bool:
    """Whether a record answers anything at all."""
    return "calls" in found or any(map(_possible, found.get("options", {}).values()))


def _models(found: dict) -> list[str]:
    if "options" in found:
        return [model for option in found["options"].values() for model in _models(option)]
    return [call["model"] for call in found.get("calls", [])]


def _place(entry: catalog.Entry) -> str:
    """The address of a model's folder under `browser/`."""
    return f"models/{quote(entry.name)}/{kept.revision(entry)}/"


def words(builders: Sequence[TabBuilder], language: str) -> bytes:
    """What language.js needs of a language, as JSON: the catalogue, the views' sentences with their terms marked, and each tab's lesson."""
    views = (view["words"] for tab in VIEWS.values() for view in tab.values())
    sentences = {words: marked(html.escape(locale.translated(words, language)), language) for words in views}
    lessons = {tab.name: lesson(tab.name, language) for tab in builders}
    return json.dumps({"messages": locale.messages(language), "sentences": sentences, "lessons": lessons}, ensure_ascii=False).encode()


# --- serving ---


class Browser:
    """ASGI app of the addresses under `browser/`.  builders: the tabs."""

    def __init__(self, builders: Sequence[TabBuilder]):
        self._builders = builders
        self._answers: dict[str, tuple[bytes, str]] = {}  # name -> JSON, gzipped, and its tag

    async def __call__(self, scope, receive, send):
        request = Request(scope)
        answer = self._answer(scope["path"].removeprefix(scope.get("root_path", "")).strip("/").split("/"), request)
        await answer(scope, receive, send)

    def make_missing(self) -> None:
        """Exports graphs for models that came without any, for pages that are opened after that."""
        if kept.make_missing():
            self._answers.pop("gestures", None)

    def _answer(self, path: list[str], request: Request) -> Response:
        match path:
            case ["gestures.json"]:
                return self._json("gestures", lambda: json.dumps(describe(self._builders), separators=(",", ":")).encode(), request)
            case [name] if name.removesuffix(".json") in locale.LANGUAGES:
                language = name.removesuffix(".json")
                return self._json(language, lambda: words(self._builders, language), request)
            case [code, name] if code == version() and name in (*SCRIPTS, MODULE, BINARY):
                return _file((RUNTIME if name in (MODULE, BINARY) else HERE) / name, request)
            case ["game", revision, file] if revision == game_version() and file in {path.name for path in GAME.glob("*.onnx")}:
                return _file(GAME / file, request)
            case ["models", *name, revision, file] if "/".join(name) in catalog.names():
                entry = catalog.entry("/".join(name))
                if file in files_of(kept.manifest(entry)) and revision == kept.revision(entry):
                    return _file(kept.path(entry, file), request)
        return Response("There is nothing here.", 404)

    def _json(self, name: str, make: Callable[[], bytes], request: Request) -> Response:
        if name not in self._answers:
            content = make()
            self._answers[name] = gzip.compress(content, mtime=0), hashlib.sha256(content).hexdigest()[:16]
        body, tag = self._answers[name]
        headers = {"Cache-Control": "no-cache", "ETag": f'"{tag}"'}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(gzip.decompress(body), headers=headers, media_type="application/json")
        return Response(body, headers={**headers, "Content-Encoding": "gzip"}, media_type="application/json")


def _file(path: Path, request: Request) -> Response:
    """A file that never changes under its address, or the requested range of it."""
    from starlette.responses import FileResponse

    return FileResponse(path, headers={"Cache-Control": FOREVER}, media_type=TYPES.get(path.suffix, "application/octet-stream"))
