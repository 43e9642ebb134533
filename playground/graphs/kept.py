"""Where the graphs of a model lie: beside its weights; or, where these came without them or with others', in a folder of the user's.

There they are made once, by a process of its own (`python -m playground.graphs.export NAME FOLDER OUT`), so that the page is not kept
waiting, and a folder of models may be read only.
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
    """What the graphs of a model take, give and read, by their names; empty where it has none that a browser can run."""
    return catalog.read_json(_folder(entry) / MANIFEST) if (_folder(entry) / MANIFEST).exists() else entry.graphs


def path(entry: catalog.Entry, file: str) -> Path:
    """The file of a model that one of its graphs is or reads."""
    own = _folder(entry) / file
    return own if own.exists() else entry.folder / file


def revision(entry: catalog.Entry) -> str:
    """Changes when the weights of a model do, or its graphs.  Raises UserError where there are no weights."""
    found = [(file, path(entry, file).stat()) for file in sorted(graphs.files_of(manifest(entry))) if path(entry, file).exists()]
    stamps = json.dumps([entry.revision, *((file, stat.st_size, stat.st_mtime_ns) for file, stat in found)])
    return hashlib.sha256(stamps.encode()).hexdigest()[:16]


def make_missing() -> bool:
    """Makes the graphs that a browser lacks, of all models; returns whether there were any.  What can't be made, the log says."""
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
    """Whether a model lacks graphs, or has other ones than the code makes of its weights, and they were not made yet."""
    try:
        if not (described := graphs.graphs_of(entry)) or (_folder(entry) / MANIFEST).exists():
            return False
        there = entry.graphs
    except UserError:  # there are no weights
        return False
    whole = all((entry.folder / file).exists() for file in graphs.files_of(there))
    return not whole or there.keys() != described.keys() or any(line.get("of", digest(entry)) != digest(entry) for line in there.values())


def digest(entry: catalog.Entry) -> str:
    """Of the weights."""
    return _digest(entry.folder / "model.safetensors", entry.revision)


@lru_cache(maxsize=256)
def _digest(path: Path, revision: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def _folder(entry: catalog.Entry) -> Path:
    """The folder of the user's for these weights, and for what this version of the code makes of them."""
    name = hashlib.sha256(f"{entry.folder.resolve()} {entry.revision} {_code()}".encode()).hexdigest()[:16]
    return cache("graphs") / f"{entry.folder.name}-{name}"


@lru_cache
def _code() -> str:
    """Changes when the code does that says what graphs there are."""
    sources = sorted(path for folder in ("graphs", "models") for path in (ROOT / "playground" / folder).rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
