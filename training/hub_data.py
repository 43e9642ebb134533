"""A data set of the Hugging Face Hub as a folder of images: `hf:user/name`, or `hf:user/name/configuration`, each also with `@revision`.

Its image files are streamed, undecoded, to `data/hf/`, in a layout that `training/folders.py` reads, so that they are split, checked and
decoded like the user's own images.  The features and names of the data set determine its images, classes and splits.
"""

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock
from tqdm import tqdm

from playground.errors import UserError
from playground.hub import HUB_ID
from training.folders import SPLITS, SUFFIXES, say
from training.pictures import sentence

NAME = re.compile(rf"hf:(?P<id>{HUB_ID.pattern})(?:/(?P<configuration>[^/@]+))?(?:@(?P<revision>[\w./-]+))?")
COMMIT = re.compile(r"[0-9a-f]{40}")
FOLDER = "save what you want as a folder, and train on that with --dataset folder."
LABELS = ("label", "labels", "class", "cls")  # columns of words or whole numbers that are taken for classes


class Name(NamedTuple):
    id: str
    configuration: str | None
    revision: str | None


class Columns(NamedTuple):
    images: tuple[str, ...]  # one, or the left and the right one of pairs
    label: str | None


def is_hub(dataset: str) -> bool:
    return dataset.startswith("hf:")


def parsed(dataset: str) -> Name:
    """The parts of a name.  Raises UserError if it does not name a data set of the Hub."""
    if not (found := NAME.fullmatch(dataset)):
        raise UserError(f"--dataset {dataset} does not name a data set of the Hub, which is written hf:user/name or hf:user/name@revision.")
    return Name(**found.groupdict())


def pinned(dataset: str) -> str:
    """The name with its revision's current commit, so that the images are the same another time.

    Raises UserError if there is no such data set, the Hub can't be reached, or the package `datasets` is not installed.
    """
    name = parsed(dataset)
    if name.revision and COMMIT.fullmatch(name.revision):
        return dataset
    from huggingface_hub import dataset_info
    from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

    _datasets()
    try:
        commit = dataset_info(name.id, revision=name.revision, timeout=30).sha
    except RevisionNotFoundError as error:
        raise UserError(f"{name.id} has no revision {name.revision!r} on the Hugging Face Hub.") from error
    except RepositoryNotFoundError as error:
        raise UserError(f"There is no data set {name.id} on the Hugging Face Hub, or it is private and you are not logged in.") from error
    except Exception as error:  # of the connection, of which there are many
        raise UserError(f"The Hugging Face Hub can't be reached for {name.id} ({sentence(error)}); try again.") from error
    return f"{dataset.partition('@')[0]}@{commit}"


def folder(dataset: str, root: Path, layout: str) -> Path:
    """The folder of a data set's images, for a recipe with this `Recipe.layout`; it is in `root`, and is streamed there if it is missing.

    Raises UserError if the data set's features are ambiguous, or it can't be read or written.
    """
    dataset = pinned(dataset)
    name = parsed(dataset)
    place = root / "hf" / name.id.replace("/", "--") / str(name.revision) / f"{name.configuration or 'default'}-{layout}"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(place.with_name(".lock")):  # several processes of one training wait for the one that streams
            if not place.is_dir():
                begun = place.with_name(f".{place.name}")
                shutil.rmtree(begun, ignore_errors=True)
                _stream(name, layout, begun)
                begun.rename(place)
    except OSError as error:
        raise UserError(
            f"{name.id} could not be saved in {place.parent} ({error.strerror or sentence(error)}); choose another folder with --data-dir."
        ) from error
    return place


def _datasets() -> Any:
    try:
        import datasets
    except ImportError as error:
        raise UserError("--dataset hf:... needs a package that is not installed: pip install datasets.") from error
    datasets.disable_progress_bars()
    return datasets


def _stream(name: Name, layout: str, place: Path) -> None:
    """Writes images to `place`/<split>/<class>/, pairs to a/ and b/, and domains to a folder for each column."""
    streams, features = _opened(name)
    columns, splits = columns_of(name.id, features, layout), splits_of(name.id, list(streams))
    classes = folder_names(getattr(features.get(columns.label or ""), "names", []))
    sides = [] if len(columns.images) == 1 else [["a"], ["b"]] if layout == "pairs" else [[n] for n in folder_names(list(columns.images))]
    summary = f"classes {columns.label or 'none'}; splits " + ", ".join(f"{own} ({split})" for own, split in splits.items())
    say(f"{name.id}: images {' (left) and '.join(columns.images)}, {summary}")
    missing = Counter()
    for own, split in splits.items():
        for number, (images, label) in enumerate(tqdm(_rows(name, streams[own], columns), desc=f"Fetching {own}", unit=" images")):
            if not all(images) or (columns.label and label in (None, -1)):  # -1 is the Hub's value for secret classes
                missing[own] += 1
                continue
            kind = [] if not columns.label else [classes[label] if classes else folder_names([str(label)])[0]]
            for (content, suffix), part in zip(filter(None, images), sides or [kind]):
                file = Path(place, split, *part, f"{own}-{number:08}{suffix}")
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
    if missing:
        say("Passed over, without image or class: " + ", ".join(f"{count} of {own}" for own, count in missing.items()))


def _opened(name: Name) -> tuple[dict[str, Any], dict[str, Any]]:
    """(split -> its stream, column -> its feature).  Raises UserError if the data set can't be read."""
    datasets = _datasets()
    if Path(name.id).is_dir():
        raise UserError(f"There is a folder {name.id} here, which `datasets` would read instead of the Hub's; start from another folder.")
    try:
        streams: Any = datasets.load_dataset(name.id, name.configuration, revision=name.revision, streaming=True)
        # undecoded, since the page's own decoder reads the image files
        streams = {split: _with_features(datasets, stream).decode(False) for split, stream in streams.items()}
        return streams, next(iter(streams.values())).features
    except Exception as error:  # no images, no such configuration, a script ...: `datasets` has an exception for each
        if "Config name is missing" in str(error):
            names = datasets.get_dataset_config_names(name.id, revision=name.revision)
            which = f"hf:{name.id}/{names[0]}; it has {', '.join(names)}"
            raise UserError(f"{name.id} has several configurations: name one, as in {which}.") from error
        raise UserError(f"{name.id} can't be read as a data set of images ({sentence(error)}).") from error


def _with_features(datasets, stream):
    """The stream with the types of its columns: of some formats (JSON lines, text) `datasets` knows them only from the first rows."""
    return stream if stream.features else stream.cast(datasets.Dataset.from_list(list(stream.take(5))).features)


def _rows(name: Name, stream, columns: Columns) -> Iterator[tuple[list[tuple[bytes, str] | None], Any]]:
    """([(an image file's content, its suffix), or None], label) of each row.  Raises UserError if the stream breaks off."""
    try:
        for row in stream.select_columns([*columns.images, *[columns.label] * bool(columns.label)]):
            yield [_file(row[column]) for column in columns.images], row.get(columns.label)
    except Exception as error:
        raise UserError(f"{name.id} could not be read to its end ({sentence(error)}); try again.") from error


def _file(image: dict | None) -> tuple[bytes, str] | None:
    import fsspec

    if not image or not (image["bytes"] or image["path"]):
        return None
    suffix = Path(image["path"] or "").suffix.lower()
    content = image["bytes"]
    if content is None:  # a folder of files on the Hub
        files, inside = fsspec.url_to_fs(image["path"])
        content = files.cat_file(inside)
    return content, suffix if suffix in SUFFIXES else ".png"  # images are decoded by their content, whatever the suffix


def columns_of(name: str, features: dict, layout: str) -> Columns:
    """The columns of images and classes, by their features; for pairs and domains there may be two of images.

    Raises UserError if that is ambiguous.
    """
    datasets = _datasets()
    images = [column for column, feature in features.items() if isinstance(feature, datasets.Image)]
    if not images:
        raise UserError(f"{name} has no column of images; its columns are {', '.join(features)}.")
    if len(images) == 2 and layout != "classes":
        return Columns(tuple(images), None)
    if len(images) > 1 and len(images := [column for column in images if column in ("image", "img")] or images) > 1:
        raise UserError(f"{name} has several columns of images, {', '.join(images)}: {FOLDER}")
    if layout == "pairs":
        return Columns(tuple(images), None)
    labels = [column for column, feature in features.items() if isinstance(feature, datasets.ClassLabel)]
    words = [c for c in features if c in LABELS and re.fullmatch(r"(large_)?string|u?int\d+", getattr(features[c], "dtype", ""))]
    found = labels or words
    found = ["label"] if "label" in found else found
    if len(found) > 1:
        raise UserError(f"{name} has several columns of classes, {', '.join(found)}: {FOLDER}")
    return Columns(tuple(images), found[0] if found else None)


def splits_of(name: str, names: list[str]) -> dict[str, str]:
    """The data set's splits -> "train", "heldout" or "test"; a single split is "train".  Raises UserError if there is none to train on."""
    if len(names) == 1:
        return {names[0]: "train"}
    found = {own: SPLITS[own.lower()] for own in names if own.lower() in SPLITS}
    if "train" not in found.values():
        raise UserError(f"{name} has no split to train on, only {', '.join(names)}: {FOLDER}")
    return found


def folder_names(classes: list[str]) -> list[str]:
    """Names of folders for classes: without characters that are special in paths, and numbered if two would be equal."""
    names = [re.sub(r'[\x00-\x1f/\\:*?"<>|]', "-", name).strip(". ")[:100] or "unnamed" for name in classes]
    return names if len({name.lower() for name in names}) == len(names) else [f"{i} {name}" for i, name in enumerate(names)]
