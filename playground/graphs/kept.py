"""Where the graphs of a model are stored: beside its weights, or, if graphs are missing there or are out of date, in the user's cache.

There they are made once, in a process of their own (`python -m playground.graphs.export NAME FOLDER OUT`), so that the page need not wait
and the folder of the model may be read-only.
"""

import hashlib
import json
import logging
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from playground import catalog, graphs
from playground.errors import UserError
from playground.scratch import cache

MANIFEST = "graphs.json"
PATIENCE = 900  # seconds that the graphs of a model may take
ROOT = Path(__file__).parents[2]

log = logging.getLogger(__name__)


def manifest(entry: catalog.Entry) -> dict[str, dict]:
    """The inputs, outputs and files of a model's graphs, by name; empty if it has none that a browser can run."""
    return catalog.read_json(_folder(entry) / MANIFEST) if (_folder(entry) / MANIFEST).exists() else entry.graphs


def path(entry: catalog.Entry, file: str) -> Path:
    """The path of a graph's file, or of one that it reads."""
    own = _folder(entry) / file
    return own if own.exists() else entry.folder / file


def revision(entry: catalog.Entry) -> str:
    """Changes when the weights of a model do, or its graphs.  Raises UserError where there are no weights."""
    found = [(file, path(entry, file).stat()) for file in sorted(graphs.files_of(manifest(entry))) if path(entry, file).exists()]
    stamps = json.dumps([entry.revision, *((file, stat.st_size, stat.st_mtime_ns) for file, stat in found)])
    return hashlib.sha256(stamps.encode()).hexdigest()[:16]


def make_missing() -> bool:
    """Makes the missing graphs of all models; returns whether there were any.  Those that can't be made are logged."""
    wanting = [entry for entry in map(catalog.entry, catalog.names()) if is_wanting(entry)]
    for entry in wanting:
        done = subprocess.run(
            [sys.executable, "-m", "playground.graphs.export", entry.name, str(entry.folder), str(_folder(entry))],
            cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        output = done.stdout.splitlines() if not done.returncode else done.stderr.splitlines()[-1:]
        for sentence in filter(None, output):  # the exporter of torch prints empty lines
            log.warning("%s is computed by the server: %s", entry.name, sentence)
    return bool(wanting)


def is_wanting(entry: catalog.Entry) -> bool:
    """Whether a model's graphs are missing or are not those of its weights and this code, and have not been made yet."""
    try:
        if not (described := graphs.graphs_of(entry)) or (_folder(entry) / MANIFEST).exists():
            return False
        there = entry.graphs
    except UserError:  # there are no weights
        return False
    whole = all((entry.folder / file).exists() for file in graphs.files_of(there))
    return not whole or there.keys() != described.keys() or any(line.get("of", digest(entry)) != digest(entry) for line in there.values())


def digest(entry: catalog.Entry) -> str:
    """A digest of the weights."""
    return _digest(entry.folder / "model.safetensors", entry.revision)


@lru_cache(maxsize=256)
def _digest(path: Path, revision: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def _folder(entry: catalog.Entry) -> Path:
    """The folder in the user's cache for these weights and this version of the code."""
    name = hashlib.sha256(f"{entry.folder.resolve()} {entry.revision} {_code()}".encode()).hexdigest()[:16]
    return cache("graphs") / f"{entry.folder.name}-{name}"


@lru_cache
def _code() -> str:
    """A digest of the code that defines the graphs."""
    sources = sorted(path for folder in ("graphs", "models") for path in (ROOT / "playground" / folder).rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
