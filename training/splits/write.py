"""Writes the lists of file names beside this file: `python training/splits/write.py DATA_DIR`.

DATA_DIR holds the copy that the shipped weights were trained on.
facades: 40 of the training pairs are held out.  flowers17: 4 of each kind's training photos are held out; the test photos are
listed as well, for they divide the publisher's own archive, whose other photos stay unused.
"""

import json
import random
import sys
from pathlib import Path


def main(data_dir: Path) -> None:
    here, draw = Path(__file__).parent, random.Random(0)
    facades = sorted(path.name for path in (data_dir / "facades" / "train").glob("*.jpg"))
    lists = {"facades": {"heldout": sorted(draw.sample(facades, 40))}}
    flowers = data_dir / "flowers17"
    heldout = []
    for kind in sorted((flowers / "train").iterdir()):
        heldout += draw.sample(sorted(path.name for path in kind.glob("*.jpg")), 4)
    train = {path.name for path in (flowers / "train").glob("*/*.jpg")} - set(heldout)
    test = [path.name for path in (flowers / "test").glob("*/*.jpg")]
    lists["flowers17"] = {"train": sorted(train), "heldout": sorted(heldout), "test": sorted(test)}
    for name, splits in lists.items():
        lines = ",\n".join(f" {json.dumps(split)}: {json.dumps(names)}" for split, names in splits.items())
        (here / f"{name}.json").write_text(f"{{\n{lines}\n}}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
