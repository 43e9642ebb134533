"""The user's own images: layouts of folders, splits, and decoding.

Layouts.  One folder for each class (`cats/ dogs/`), or images in one folder; pairs side by side, or in two folders `a/` and `b/` with equal
file names; two domains in two folders.  Each of them undivided, or in `train/`, `val/` (or `heldout/`) and `test/`; pairs and domains also
as the authors of pix2pix and CycleGAN lay them out, `trainA/ trainB/ testA/ testB/`, or `A/train/ B/train/`.  Case does not matter.

Splits.  A split that has no folder of its own is taken from the training images, from each class or domain separately: of every ten in
order the ninth is held out and the tenth is for the test; of three to nine the last two.
"""

import os
import re
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from PIL import ExifTags, Image
from torch import Tensor
from tqdm import tqdm

from playground.errors import UserError
from training.pictures import Split, opened, square

SPLITS: dict[str, Split] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("heldout", "held-out", "val", "valid", "validation", "dev"), "heldout"),
    **dict.fromkeys(("test", "testing"), "test"),
}
SUFFIXES = {".jpg", ".jpeg", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif"}
FEW_COLOURS = 64  # a label map has at most so many
NEAREST, BICUBIC = Image.Resampling.NEAREST, Image.Resampling.BICUBIC


# --- classes ---


def images(root: Path | None, split: Split, size: int, grey: bool | None = False) -> tuple[Tensor, Tensor, list[str]]:
    """The centre square of each image, resized, with its class.

    grey: whether images are made grey; None: if a sample of them is grey already.

    Returns:
        images uint8 (N, 1 or 3, size, size), labels int64 (N,), and the class names of the whole tree, in the order of their numbers.

    Raises:
        UserError: there is no folder, no image, too few of them, or some are damaged (the sentence names all of these).
    """
    found, names = _classes(_folder(root), report=split == "train")
    training = [path for path, _ in found["train"]]
    grey, fit = _has_no_colour(training) if grey is None else grey, _are_of_size(training, size)
    if split == "train" and not (fit and (not grey or _has_no_colour(training))):
        say(f"This model takes images of {size}x{size} {'grey' if grey else 'coloured'} pixels: each image's middle square is converted.")
    pictures = _pixels([path for path, _ in found[split]], size, "L" if grey else "RGB", check=[path for path, _ in _others(found, split)])
    _enough({split: len(found[split]) for split in found}, root, "one folder at least needs")
    return pictures, torch.tensor([label for _, label in found[split]]), names


def are_grey(root: Path | None) -> bool:
    """Whether the training images are grey, judged by a sample.  Raises UserError if there is none."""
    return _has_no_colour([path for path, _ in _classes(_folder(root))[0]["train"]])


def class_names(root: Path | None) -> list[str]:
    """The classes of a folder, in the order of their numbers.  Raises UserError if there is no image."""
    return [os.fsencode(name).decode("utf-8", "replace") for name in _classes(_folder(root))[1]]


def _classes(root: Path, report: bool = False) -> tuple[dict[Split, list[tuple[Path, int]]], list[str]]:
    """Split -> (file, class number), and the classes' names."""
    whole: dict[Split, Path] = {"train": root}
    parts = _split_folders(root) or whole
    trees: dict[Split, dict[str, list[Path]]] = {split: _tree(folder) for split, folder in parts.items()}
    names = sorted({name for tree in trees.values() for name in tree})
    if not names:
        raise _nothing("images", root, "one folder of images a class")
    if untrained := [name for name in names if not trees["train"].get(name)]:
        raise UserError(f"The class {untrained[0]!r} has images to test on, but none to train on in {parts['train']}.")
    found: dict[Split, list[tuple[Path, int]]] = {"train": [], "heldout": [], "test": []}
    for label, name in enumerate(names):
        for split, paths in _divided({split: tree.get(name, []) for split, tree in trees.items()}).items():
            found[split] += [(path, label) for path in paths]
    if report:
        _tell_passed_over(root, sum(map(len, found.values())))
    return found, names


def _tree(folder: Path) -> dict[str, list[Path]]:
    """Class -> its files; a folder without readable images is not a class.  Images without folders are one class."""
    tree = {child.name: found for child in _children(folder) if (found := files(child))}
    return tree or ({"images": found} if (found := files(folder)) else {})


# --- two sides ---


def pairs(root: Path | None, split: Split, size: int, label_maps: str = "auto") -> tuple[Tensor, Tensor]:
    """(left, right), each uint8 (N, 3, size, size); label maps are resized without mixing colours.

    label_maps: the sides that are label maps: "left", "right", "both", "none", or "auto", those with at most FEW_COLOURS colours an image.

    Raises UserError as `images` does, and for images that are not pairs.
    """
    found = _pairs(_folder(root), report=split == "train")
    halves, others = [], _others(found, split)
    for name, side in (("left", 0), ("right", 1)):
        few = label_maps in (name, "both") or (label_maps == "auto" and _few_colours([pair[side] for pair in found["train"]]))
        if few and label_maps == "auto" and split == "train":
            say(f"The {name} images have few colours and are resized as label maps; add --label-maps none if they are photographs.")
        check = [pair[side] for pair in others]
        halves.append(_pixels([pair[side] for pair in found[split]], size, "RGB", NEAREST if few else BICUBIC, check))
    _enough({split: len(found[split]) for split in found}, root, "pairs:")
    return halves[0], halves[1]


def domains(root: Path | None, split: Split, size: int) -> tuple[Tensor, Tensor]:
    """Two domains, uint8 (N_X, 3, size, size) and (N_Y, 3, size, size), X the first by name; each is split separately.

    Raises UserError as `images` does, and if there are not two domains.
    """
    found, names = _domains(_folder(root), report=split == "train")
    both = []
    for name, world in zip(names, found):
        resample = NEAREST if _few_colours(world["train"]) else BICUBIC
        both.append(_pixels(world[split], size, "RGB", resample, _others(world, split)))
        _enough({split: len(world[split]) for split in world}, root, f"{name} needs")
    return both[0], both[1]


def domain_names(root: Path | None) -> tuple[str, str]:
    """The names of the two domains: those of their folders."""
    return _domains(_folder(root))[1]


def _domains(root: Path, report: bool = False) -> tuple[list[dict[Split, list[Path]]], tuple[str, str]]:
    sides = _authors_folders(root)
    if not sides:
        inner = _split_folders(root) or {"train": root}
        sides = {}
        for split, folder in inner.items():
            for child in _children(folder):
                if files(child):
                    parts = _split_folders(child) if split == "train" and inner == {"train": root} else None
                    sides.setdefault(child.name, {}).update(parts or {split: child})
    if not sides:
        raise _nothing("images", root, "two folders of images")
    if len(sides) != 2:
        raise UserError(f"Two domains need two folders of images in {root}; it has {len(sides)}: {', '.join(sorted(sides))}.")
    one, other = sorted(sides)
    found = [_divided({split: files(folder) for split, folder in sides[name].items()}) for name in (one, other)]
    if report:
        _tell_passed_over(root, sum(len(paths) for world in found for paths in world.values()))
    return found, (one, other)


Half = tuple[Path, int]  # a file, and which half of it: 0 is the whole, 1 the left, 2 the right one


def _pairs(root: Path, report: bool = False) -> dict[Split, list[tuple[Half, Half]]]:
    """Split -> (left, right)."""
    parts: dict[Split, list[tuple[Half, Half]]] = {}
    if sides := _authors_folders(root):
        a, b = (sides[name] for name in sorted(sides))
        parts = {split: _matched(a[split], b[split]) for split in a if split in b}
    else:
        for split, folder in (_split_folders(root) or {"train": root}).items():
            two = [child for child in _children(folder) if child.name.lower() in ("a", "b") and files(child)]
            alone = [((path, 1), (path, 2)) for path in files(folder, deep=False)]
            parts[split] = _matched(*sorted(two, key=lambda child: child.name.lower())) if len(two) == 2 else alone
    if not parts.get("train"):
        raise _nothing("pairs", root, "pairs side by side, or two folders a/ and b/")
    found = _divided(parts)
    if report:
        _tell_passed_over(root, len({half[0] for pairs in found.values() for pair in pairs for half in pair}))
    return found


def _matched(a: Path, b: Path) -> list[tuple[Half, Half]]:
    """The pairs of images with equal names in two folders.  Raises UserError for an image without partner, and for a pair of two shapes."""
    by_name = []
    for folder in (a, b):
        named: dict[str, Path] = {}
        for path in files(folder):
            name = str(path.relative_to(folder).with_suffix(""))
            if name in named:
                raise UserError(f"{folder} has two images named {name!r}, {named[name].name} and {path.name}; remove one.")
            named[name] = path
        by_name.append(named)
    if alone := sorted(by_name[0].keys() ^ by_name[1].keys()):
        raise UserError(
            f"Every image in {a.name}/ needs one of the same name in {b.name}/; in {a.parent} {alone[0]!r} has no partner"
            + (f", nor have {len(alone) - 1} others." if len(alone) > 1 else ".")
        )
    pairs = [(path, by_name[1][name]) for name, path in by_name[0].items()]
    for left, right in pairs:
        (wide, high), (wide_too, high_too) = _shape(left), _shape(right)
        if abs(wide * high_too - wide_too * high) > 0.02 * wide * high_too:
            raise UserError(
                f"{left} is {wide}x{high} and {right} {wide_too}x{high_too}: "
                "the two images of a pair must have the same shape and show the same part."
            )
    return [((left, 0), (right, 0)) for left, right in pairs]


# --- layouts ---


def _folder(root: Path | None) -> Path:
    """The folder itself, or, if an archive was unpacked into it, the archive's folder."""
    if root is None or not root.is_dir():
        raise UserError(f"--dataset folder needs --data-dir, a folder of images; got {root}.")
    inner = [child for child in _children(root) if files(child)]
    if len(inner) != 1 or files(root, deep=False) or files(inner[0], deep=False) or inner[0].name.lower() in SPLITS:
        return root
    return _folder(inner[0])


def _children(folder: Path) -> list[Path]:
    """The folders in a folder, except hidden ones, the metadata folders of Mac archives, and links to a parent folder."""
    around = {folder.resolve(), *folder.resolve().parents}
    found = (path for path in folder.iterdir() if not path.name.startswith(".") and path.name != "__MACOSX" and path.is_dir())
    return sorted(path for path in found if not path.is_symlink() or path.resolve() not in around)


def files(folder: Path, deep: bool = True) -> list[Path]:
    """The images in a folder and in its subfolders, sorted."""
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}.")
    found = [path for path in folder.iterdir() if path.suffix.lower() in _readable() and not path.name.startswith(".") and path.is_file()]
    return sorted(found + [path for child in (_children(folder) if deep else ()) for path in files(child)])


def _split_folders(root: Path) -> dict[Split, Path] | None:
    """Split -> its folder, for folders that hold an image; None if there is none to train on."""
    children = [child for child in _children(root) if child.name.lower() in SPLITS and files(child)]
    found: dict[Split, Path] = {SPLITS[child.name.lower()]: child for child in children}
    return found if "train" in found else None


def _authors_folders(root: Path) -> dict[str, dict[Split, Path]] | None:
    """Side -> split -> folder, of `trainA/ trainB/ testA/ testB/`, or of `A/train/ B/train/`."""
    sides: dict[str, dict[Split, Path]] = {}
    for child in _children(root):
        if (match := re.fullmatch(r"([a-z-]+?)[ _-]?([ab])", child.name.lower())) and match[1] in SPLITS and files(child):
            sides.setdefault(match[2].upper(), {})[SPLITS[match[1]]] = child
    if not sides:
        sides = {child.name.upper(): parts for child in _children(root) if child.name in "ABab" and (parts := _split_folders(child))}
    return sides if len(sides) == 2 and all("train" in parts for parts in sides.values()) else None


def _divided(parts: dict[Split, list]) -> dict[Split, list]:
    """All three splits: those that have no folder of their own are taken from the training images."""
    count = len(parts["train"])
    found: dict[Split, list] = {"train": [], **{split: list(parts.get(split, [])) for split in ("heldout", "test")}}
    for i, item in enumerate(parts["train"]):
        place = i % 10 if count >= 10 else i - count + 10 if count >= 3 else 0  # 8 and 9 are the last two of ten, or of fewer
        split: Split = "heldout" if place == 8 else "test" if place == 9 else "train"
        found["train" if split in parts else split].append(item)
    return found


def _enough(counts: dict[Split, int], root: Path | None, what: str) -> None:
    """Raises UserError if a split has no image."""
    if not all(counts.values()):
        raise UserError(
            f"There are too few images in {root}: {what} at least 3, one to train on, one to hold out and one to test on "
            f"(there are {counts['train']}, {counts['heldout']} and {counts['test']})."
        )


# --- files to pixels ---


@lru_cache(maxsize=1)
def _readable() -> set[str]:
    """Suffixes of images that can be read here; HEIC needs pillow-heif."""
    try:
        import pillow_heif
    except ImportError:
        return SUFFIXES
    pillow_heif.register_heif_opener()
    return SUFFIXES | {".heic", ".heif"}


def _nothing(what: str, root: Path, expected: str) -> UserError:
    """The error where a folder has no images that can be read, in a layout that is known."""
    passed = _passed_over(root, 0)
    there = f"; there are {passed}" if passed else ""
    return UserError(f"No {what} were found in {root}: expected {expected} ({', '.join(sorted(_readable()))}){there}.")


def _tell_passed_over(root: Path, used: int) -> None:
    """Prints how many files were skipped, by their kind."""
    if passed := _passed_over(root, used):
        say(f"Passed over in {root}: {passed}.")


def _passed_over(root: Path, used: int) -> str:
    """How many files are skipped, by their kind, and what would read those of Apple's; "" if there are none."""
    kinds: Counter[str] = Counter()
    for _, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "__MACOSX"]
        kinds.update(Path(name).suffix.lower() or "no suffix" for name in names if not name.startswith("."))
    readable = sum(count for kind, count in kinds.items() if kind in _readable())
    other = [f"{count} {kind}" for kind, count in sorted(kinds.items()) if kind not in _readable()]
    if readable > used:
        other.append(f"{readable - used} images outside the folders that are used")
    heif = " (`pip install pillow-heif` reads HEIC)" if {".heic", ".heif"} & kinds.keys() - _readable() else ""
    return ", ".join(other) + heif


def say(sentence: str) -> None:
    if int(os.environ.get("RANK", 0)) == 0:
        print(sentence, file=sys.stderr)


def _others(found: dict[Split, list], split: Split) -> list:
    """The items of the other splits, if `split` is "train": damaged files are found before training and not after it."""
    return [item for s in found for item in found[s] if s != split] if split == "train" else []


def _part(item: Path | Half) -> Image.Image:
    path, half = item if isinstance(item, tuple) else (item, 0)
    image = opened(path)
    if not half:
        return image
    width, height = image.size
    if abs(width - 2 * height) > 2:  # large JPEGs are decoded at half size, rounded
        raise _NoPair(f"{path} is {width}x{height}; a pair side by side is twice as wide as high.")
    middle = width // 2
    return image.crop((0, 0, middle, height) if half == 1 else (width - middle, 0, width, height))


class _NoPair(UserError):
    pass


def _pixels(items: list, size: int, mode: str, resample: Image.Resampling = BICUBIC, check: list | None = None) -> Tensor:
    """Images as uint8 (N, 1 or 3, size, size), in memory, or on disk if they don't fit; those of `check` are only decoded.

    Raises UserError with the names of all damaged files.
    """
    check = check or []
    pictures = _room(len(items), 1 if mode == "L" else 3, size)
    damaged: dict[Path, str] = {}

    def read(place: int) -> None:
        item = [*items, *check][place]
        try:
            image = _part(item)
            if place < len(items):
                levels = np.atleast_3d(np.asarray(square(image.convert(mode), size, resample)))  # (size, size, channels)
                pictures[place] = levels.transpose(2, 0, 1)
        except _NoPair:
            raise
        except UserError as error:
            damaged[item[0] if isinstance(item, tuple) else item] = str(error).rstrip(".")

    total = len(items) + len(check)
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        done = pool.map(read, range(total))
        for _ in tqdm(done, total=total, unit=" images", desc="Reading", disable=total < 2000 or int(os.environ.get("RANK", 0)) > 0):
            pass
    if damaged:
        raise UserError("; ".join(damaged[path] for path in sorted(damaged)) + ".")
    return torch.from_numpy(pictures)


def _room(count: int, channels: int, size: int) -> np.ndarray:
    """An array for images, uint8 (count, channels, size, size): in a temporary file if memory is too small."""
    shape = (count, channels, size, size)
    need = int(np.prod(shape))
    try:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        free = need * 4
    if need < free / 2 or not need:
        return np.empty(shape, np.uint8)
    say(f"{need / 2**30:.1f} GiB of images are kept on disk, in {tempfile.gettempdir()}; set TMPDIR to choose another folder.")
    with tempfile.TemporaryFile() as file:
        file.truncate(need)
        return np.memmap(file, np.uint8, "r+", shape=shape)


def _few_colours(items: list, looked_at: int = 20) -> bool:
    """Whether these are label maps: none of a sample of them has more than FEW_COLOURS colours."""
    try:
        return bool(items) and all(_part(item).getcolors(FEW_COLOURS) for item in items[:: max(1, len(items) // looked_at)])
    except UserError:  # damaged images are reported when all are decoded
        return False


def _some(paths: list[Path], looked_at: int = 20) -> list[Path]:
    """A sample of evenly spaced ones."""
    return paths[:: max(1, len(paths) // looked_at)]


def _has_no_colour(paths: list[Path]) -> bool:
    """Whether images are grey, judged by a sample."""
    try:
        return not any(np.ptp(np.asarray(opened(path)), axis=2).any() for path in _some(paths))
    except UserError:  # damaged images are reported when all are decoded
        return True


def _are_of_size(paths: list[Path], size: int) -> bool:
    return all(_shape(path) in ((size, size), (1, 1)) for path in _some(paths))


def _shape(path: Path) -> tuple[int, int]:
    """Width and height of an upright image, from its header; (1, 1) for a damaged one."""
    try:
        with Image.open(path) as image:
            turned = image.getexif().get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8)
            return (image.height, image.width) if turned else image.size
    except Exception:  # as in imaging.decode; the file is reported when it is decoded
        return 1, 1
