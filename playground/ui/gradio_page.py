"""Gradio's own scripts: which of them the page needs, and changes to them as they are sent, each with its reason.

The changes are to loops that go over all components for each component.  Gradio searches its tree of components at each value that it reads
or sets, and all events for each component; with this page's 1,100 components and 400 events, that was half of a browser's work before the
page is shown, and some milliseconds of each movement.  Nothing else changes.  A script that differs from the one expected here is sent
unchanged: the page is slower then, and `tests/browser/test_gradio_page.py` fails.
"""

import re
from pathlib import Path

import gradio

# Players of video, scenes in space, diagrams and charts of other libraries, which Gradio loads where a page has such
UNUSED = re.compile(r"(bokeh|hls|Canvas3D\w*|Model3D|webgpu\w*|AltairPlot|BokehPlot|embed|cytoscape|mermaid|\w*Diagram|swimlanes|scene)\b")
SERVED = {".js", ".css", ".woff2", ".woff", ".ttf", ".svg", ".png", ".webmanifest"}

NOTE = "/* Gradio, Apache-2.0; changed by playground/ui/gradio_page.py: what it searches for is found in an index. */\n"

CHANGES = {
    "core": (
        # each component's events: collected once for all components, not by searching all events for each of them
        (
            "find_attached_events(e,t){let n=t.filter(t=>t.targets.find(([t])=>t===e.id)).map(t=>{let n=t.targets.find(([t])=>t===e.id);"
            "return n?n[1]:null}).filter(Boolean);return e.props.shared_props.attached_events=n,e}",
            "find_attached_events(e,t){if(this.gathered!==t){this.gathered=t;this.events=new Map;for(let n of t){let r=new Map;"
            "for(let[e,t]of n.targets)r.has(e)||r.set(e,t);for(let[e,t]of r)t&&this.events.set(e,[...this.events.get(e)??[],t])}}"
            "return e.props.shared_props.attached_events=this.events.get(e.id)??[],e}",
        ),
        # a component by its id: from an index of each tree, built at the first lookup
        (
            "function Z(e,t){if(e.id===t)return e;if(e.children)for(let n of e.children){let e=Z(n,t);if(e)return e}return null}",
            "var listed=new WeakMap;function list(e,t){t.has(e.id)||t.set(e.id,e);for(let n of e.children??[])list(n,t);return t}"
            "function Z(e,t){let n=listed.get(e);return n||listed.set(e,n=list(e,new Map)),n.get(t)??null}",
        ),
        ("a.children=i.children,this.#f(i)", "a.children=i.children,listed.delete(this.root),this.#f(i)"),
    ),
    "Blocks": (
        # an event's arguments for its component; nearly all components have none
        (
            "async set_event_args(e,t){let n={},r=",
            "async set_event_args(e,t){if(!Object.keys(t).length)return()=>{};let n={},r=",
        ),
        # the page is rebuilt when its configuration has changed, but not when it has just been built
        ("le(()=>{v(),oe(()=>{O.reload(", "le(()=>{v()&&oe(()=>{O.reload("),
    ),
}


def changes(name: str) -> tuple[tuple[str, str], ...]:
    """The changes to one of the scripts of Gradio's page, as pairs of old and new. name: the file's, as in "core-Bdx9080F.js"."""
    return CHANGES.get(name.partition("-")[0], ())


def quicker(name: str, script: str) -> str:
    """One of the scripts of Gradio's page as it is sent."""
    if any(script.count(theirs) != 1 for theirs, _ in changes(name)):
        return script
    for theirs, ours in changes(name):
        script = script.replace(theirs, ours)
    return NOTE * bool(changes(name)) + script


def frontend(*texts: bytes) -> dict[str, bytes | Path]:
    """Gradio's scripts and styles, as its server sends them: those that these texts name, those that these name, and so on."""
    folder = Path(gradio.__file__).parent / "templates" / "frontend"
    paths = [path for part in ("assets", "static") for path in (folder / part).rglob("*") if path.suffix in SERVED]
    path_of = {path.name.encode(): path for path in paths if not UNUSED.match(path.name)}
    files, texts = {}, [*texts]
    while texts:
        for name in set(re.findall(rb"[\w.-]+", texts.pop())) & path_of.keys():
            path = path_of.pop(name)
            content = quicker(path.name, path.read_text(encoding="utf-8")).encode() if changes(path.name) else path
            files[path.relative_to(folder).as_posix()] = content
            if path.suffix in (".js", ".css"):
                texts.append(path.read_bytes())
    return files


def without_heartbeat(page: bytes) -> bytes:
    """The page's HTML, which then sends no sign of life for its session: in the static edition nobody listens."""
    return page.replace(b'"connect_heartbeat":true', b'"connect_heartbeat":false')
