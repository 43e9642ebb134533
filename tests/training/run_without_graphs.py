"""`training/run.py` as a command, whose training ends without its graphs: they take ten times as long as the few steps of a test."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from playground.errors import run_command  # noqa: E402
from training import export, run  # noqa: E402

export.write_graphs = lambda folder: None

if __name__ == "__main__":
    sys.exit(run_command(run.main, sys.argv[1:]))
