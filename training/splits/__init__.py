"""Which files of a data set are for what: lists of their names, made by `write.py`."""

import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def listed(name: str) -> dict[str, list[str]]:
    """The file names in `<name>.json`, by split."""
    return json.loads((FOLDER / f"{name}.json").read_text())


def binarized_classes() -> dict[str, str]:
    """The class of each digit of Larochelle's file, one character each, by its part; `binarized_mnist.txt` was made by `write.py`."""
    return dict(zip(("train", "valid", "test"), (FOLDER / "binarized_mnist.txt").read_text().split()))
