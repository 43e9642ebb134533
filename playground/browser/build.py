"""Builds steps.wasm from steps.c: `python -m playground.browser.build`, with the compiler of requirements-dev.txt.

The same source and compiler give the same bytes on every computer; a test compares them with the file that is committed.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
OPTIONS = [
    *("-target", "wasm32-freestanding", "-O3", "-msimd128", "-ffreestanding", "-fno-builtin", "-ffp-contract=off", "-Wall"),
    *("-nostdlib", "-Wl,--no-entry", "-Wl,--strip-all"),
]


def build(to: Path) -> None:
    """Writes the module.  Raises CalledProcessError where the source doesn't compile."""
    subprocess.run([sys.executable, "-m", "ziglang", "cc", *OPTIONS, "-o", to, HERE / "steps.c"], check=True)
    to.chmod(0o644)  # the linker takes it for a program


if __name__ == "__main__":
    build(HERE / "steps.wasm")
