"""Writes the lists of file names beside this file: `python training/splits/write.py DATA_DIR`.

DATA_DIR holds the copy that the shipped weights were trained on.
facades: 40 of the training pairs are held out.  flowers17: 4 of each kind's training photos are held out; the test photos are
listed as well, for they divide the publisher's own archive, whose other photos stay unused.
"""

import hashlib
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
    lists["openmoji"] = openmoji(data_dir / "openmoji")
    lists["emoji3d"] = emoji3d(data_dir / "emoji3d", random.Random(1))
    for name, splits in lists.items():
        lines = ",\n".join(f" {json.dumps(split)}: {json.dumps(names)}" for split, names in splits.items())
        (here / f"{name}.json").write_text(f"{{\n{lines}\n}}\n")


def openmoji(folder: Path) -> dict[str, list[str]]:
    """By a hash of the base emoji, so that all skin tones of one are in one split; `names.json` in the folder says which is whose."""
    base = {f"{code}.png": about["base"] for code, about in json.loads((folder / "names.json").read_text()).items()}

    def place(name: str) -> int:
        return int(hashlib.sha256(base[name].encode()).hexdigest(), 16) % 1000

    train, test = (sorted(path.name for path in (folder / part).glob("*.png")) for part in ("train", "test"))
    heldout = [name for name in train if place(name) < 130]  # a test picture's place is below 80
    return {"train": sorted(set(train) - set(heldout)), "heldout": heldout, "test": test}


def emoji3d(folder: Path, draw: random.Random) -> dict[str, list[str]]:
    """40 training pictures of each world are held out."""
    lists = {}
    for world in "AB":
        names = sorted(path.name for path in (folder / f"train{world}").glob("*.png"))
        lists[f"heldout{world}"] = sorted(draw.sample(names, 40))
        lists[f"train{world}"] = sorted(set(names) - set(lists[f"heldout{world}"]))
        lists[f"test{world}"] = sorted(path.name for path in (folder / f"test{world}").glob("*.png"))
    return lists


if __name__ == "__main__":
    main(Path(sys.argv[1]))
