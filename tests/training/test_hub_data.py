"""Data sets of a Hub, over a socket: the same tensors as a folder's, columns found by features, and one sentence where that isn't plain."""

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import datasets
import numpy as np
import pytest
import torch
from PIL import Image

from playground import catalog
from playground.errors import UserError
from tests.hub_server import Hub, Repository
from training import data, evaluate, folders, hub_data

ROOT = Path(__file__).resolve().parents[2]
PETS = ["dog", "a/cat"]  # not in the order of the alphabet, and no name for a folder


def file(number: int, suffix: str = ".png") -> bytes:
    content = io.BytesIO()
    noise = np.random.default_rng(number).integers(0, 256, (20, 30, 3), np.uint8)
    Image.fromarray(noise).save(content, {".png": "PNG", ".jpg": "JPEG"}[suffix])
    return content.getvalue()


def parquet(features: dict, **columns: list) -> bytes:
    content = io.BytesIO()
    datasets.Dataset.from_dict(columns, features=datasets.Features(features)).to_parquet(content)
    return content.getvalue()


def packed(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def picture(number: int, suffix: str = ".png") -> dict:
    return {"bytes": file(number, suffix), "path": f"{number}{suffix}"}


IMAGE, KIND, WORD = datasets.Image(), datasets.ClassLabel(names=PETS), datasets.Value("string")


@pytest.fixture(scope="module")
def hub():
    datasets.disable_progress_bars()
    pets = {"image": IMAGE, "label": KIND}
    sets = {
        "pets": {
            "data/train-00000-of-00001.parquet": parquet(
                pets,
                image=[picture(i, ".jpg" if i % 2 else ".png") for i in range(12)] + [None, picture(40)],
                label=[0, 0, 1] * 4 + [0, -1],
            ),
            "data/validation-00000-of-00001.parquet": parquet(pets, image=[picture(20 + i) for i in range(4)], label=[0, 1] * 2),
        },
        "pairs": {
            "data/train.parquet": parquet({"imageA": IMAGE, "imageB": IMAGE}, **{f"image{s}": [picture(i) for i in range(4)] for s in "AB"})
        },
        "files": {f"{kind}/{i}.png": file(i) for kind in ("oak", "elm") for i in range(3)},
        "packed": {"train.zip": packed({f"{i}.png": file(i) for i in range(3)})},
        "words": {"data/train.parquet": parquet({"text": WORD}, text=["a", "b"])},
        "lines": {"data/train.jsonl": b'{"line": "a"}\n{"line": "b"}\n'},  # whose types the first rows tell
        "kinds": {"data/train.parquet": parquet({"img": IMAGE, "fine": KIND, "coarse": KIND}, img=[picture(0)], fine=[0], coarse=[0])},
        "splits": {f"data/{split}.parquet": parquet({"image": IMAGE}, image=[picture(0)]) for split in ("validation", "test")},
        "several": {
            "README.md": b"---\nconfigs: [{config_name: small, data_files: s.parquet}, {config_name: big, data_files: b.parquet}]\n---\n",
            **{f"{letter}.parquet": parquet({"image": IMAGE}, image=[picture(i) for i in range(3)]) for letter in "sb"},
        },
        "damaged": {
            "data/train.parquet": parquet({"image": IMAGE}, image=[{"bytes": b"no image", "path": None}] + [picture(i) for i in range(3)])
        },
        "broken": {"data/train.parquet": b"PAR1 no parquet PAR1"},
    }
    with Hub() as server:
        for name, files in sets.items():
            server.repositories["datasets", f"ann/{name}"] = repository = Repository(private=False)
            repository.commit({"README.md": b"", **files})
        yield server


@pytest.fixture(scope="module")
def fetched(hub, tmp_path_factory) -> dict[str, str]:
    """Data set and layout -> the folder it was fetched to, or the sentence that refuses it; all asked in one child process."""
    place = tmp_path_factory.mktemp("fetched")
    asked = [
        *[f"hf:ann/{name} classes" for name in ("pets", "files", "packed", "words", "lines", "kinds", "splits")],
        *[f"hf:ann/{name} classes" for name in ("several", "several/small", "several/none")],
        *[f"hf:ann/{name} classes" for name in ("damaged", "broken", "nothing", "pets@v7")],
        *("hf:ann/pairs pairs", "hf:ann/pairs domains", "hf:ann/pairs classes", "hf:pets classes", "hf:ann/pets domains"),
    ]
    script = """
import json, sys
from pathlib import Path
from playground.errors import UserError
from training import hub_data
def told(line):
    dataset, layout = line.split()
    try:
        return str(hub_data.folder(dataset, Path(sys.argv[1]), layout))
    except UserError as error:
        return str(error)
print(json.dumps({line: told(line) for line in sys.argv[2:]}))
"""
    return json.loads(child(hub, place, "-c", script, place, *asked).stdout)


def child(hub: Hub, home: Path, *arguments) -> subprocess.CompletedProcess:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], env=hub.environment(home / "home"), cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done


def test_a_data_set_gives_the_tensors_of_a_folder(fetched, tmp_path):
    for i in range(12):
        kind, suffix = ("a-cat" if i % 3 == 2 else "dog"), (".jpg" if i % 2 else ".png")
        (tmp_path / "train" / kind).mkdir(parents=True, exist_ok=True)
        (tmp_path / "train" / kind / f"{i:02}{suffix}").write_bytes(file(i, suffix))
    for i in range(4):
        (tmp_path / "val" / ("a-cat" if i % 2 else "dog")).mkdir(parents=True, exist_ok=True)
        (tmp_path / "val" / ("a-cat" if i % 2 else "dog") / f"{i:02}.png").write_bytes(file(20 + i))
    place = Path(fetched["hf:ann/pets classes"])
    for split, count in (("train", 10), ("heldout", 4), ("test", 2)):  # two classes of 8 and 4; validation is held out
        ours, labels, names = data.images("folder", split, place, 16)
        theirs, theirs_labels, _ = data.images("folder", split, tmp_path, 16)
        assert len(ours) == count and names == ["a-cat", "dog"]
        assert torch.equal(ours, theirs) and torch.equal(labels, theirs_labels)
    assert place.parent.parent.name == "ann--pets" and re.fullmatch("[0-9a-f]{40}", place.parent.name)


def test_pairs_worlds_and_files_that_are_no_parquet(fetched):
    left, right = data.pairs("folder", "train", Path(fetched["hf:ann/pairs pairs"]), 16, label_maps="none")
    assert len(left) == 2 and torch.equal(left, right)
    assert folders.domain_names(Path(fetched["hf:ann/pairs domains"])) == ("imageA", "imageB")
    assert folders.domain_names(Path(fetched["hf:ann/pets domains"])) == ("a-cat", "dog")
    images, _, names = data.images("folder", "train", Path(fetched["hf:ann/files classes"]), 16)
    assert names == ["elm", "oak"] and len(images) == 2
    unpacked = Path(fetched["hf:ann/packed classes"]).rglob("*.png")
    assert sorted(path.read_bytes() for path in unpacked) == sorted(file(i) for i in range(3))
    assert Path(fetched["hf:ann/several/small classes"]).name == "small-classes"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("words", "ann/words has no column of images; its columns are text."),
        ("lines", "ann/lines has no column of images; its columns are line."),
        ("kinds", "ann/kinds has several columns of classes, fine, coarse: save what you want as a folder"),
        ("splits", "ann/splits has no split to train on, only validation, test: save"),
        ("several", "ann/several has several configurations: name one, as in hf:ann/several/small; it has small, big."),
        ("several/none", "ann/several can't be read as a data set of images (BuilderConfig 'none' not found"),
        ("broken", "ann/broken can't be read as a data set of images ("),
        ("nothing", "There is no data set ann/nothing on the Hugging Face Hub, or it is private and you are not logged in."),
        ("pets@v7", "ann/pets has no revision 'v7' on the Hugging Face Hub."),
        ("pairs", "ann/pairs has several columns of images, imageA, imageB: save"),
    ],
)
def test_what_is_not_plain_is_one_sentence(fetched, asked, sentence):
    told = fetched[f"hf:ann/{asked} classes"]
    assert told.startswith(sentence) and told.endswith(".") and "\n" not in told and told.count(". ") <= 1
    assert fetched["hf:pets classes"].startswith("--dataset hf:pets does not name a data set of the Hub")


def test_a_damaged_image_is_named(fetched):
    with pytest.raises(UserError, match=r"train-00000000\.png is not a readable image"):
        data.images("folder", "train", Path(fetched["hf:ann/damaged classes"]), 16)


def test_columns_and_splits():
    number = datasets.Value("int64")
    assert hub_data.columns_of("x", {"jpg": IMAGE, "cls": number, "__key__": WORD}, "classes") == (("jpg",), "cls")
    assert hub_data.columns_of("x", {"image": IMAGE, "mask": IMAGE, "text": WORD}, "classes") == (("image",), None)
    assert hub_data.columns_of("x", {"image": IMAGE, "label": KIND, "extra": KIND}, "domains") == (("image",), "label")
    assert hub_data.columns_of("x", {"image": IMAGE, "label": datasets.Value("float32")}, "classes") == (("image",), None)
    assert hub_data.columns_of("x", {"image": IMAGE, "label": KIND}, "pairs") == (("image",), None)  # side by side
    assert hub_data.splits_of("x", ["train", "valid", "test", "unlabelled"]) == {"train": "train", "valid": "heldout", "test": "test"}
    assert hub_data.splits_of("x", ["everything"]) == {"everything": "train"}
    assert hub_data.folder_names(["../../x", "Cat", "cat", ""]) == ["0 -..-x", "1 Cat", "2 cat", "3 unnamed"]


def test_a_run_names_the_images_that_it_learnt_from(hub, tmp_path):
    """First by --dry-run; what that fetched isn't fetched again, and the figures need no Hub at all."""
    folder, asked = tmp_path / "model", len(hub.requests)
    arguments = ("pca", "--dataset", "hf:ann/pets", "--data-dir", tmp_path / "data", "--output", folder, "--components", "2")
    script = "import sys; from training import export, run; export.write_graphs = lambda folder: None\n"
    script += "for last in (['--dry-run'], []): assert run.main(sys.argv[1:] + last) == 0"
    told = child(hub, tmp_path, "-c", script, *arguments)
    assert "ann/pets: images image, classes label; splits train (train), validation (heldout)" in told.stderr
    assert "Passed over, without image or class: 2 of train" in told.stderr and "10 examples of hf:ann/pets@" in told.stdout
    assert sum(line.startswith("GET") and "validation" in line for line in hub.requests[asked:]) == 1
    commit = hub.repositories["datasets", "ann/pets"].head[0]
    record = catalog.read_json(folder / "training.json")
    assert record["settings"]["dataset"] == f"hf:ann/pets@{commit}" and f"--dataset hf:ann/pets@{commit}" in record["command"]
    assert str(tmp_path) not in json.dumps(record)
    evaluate.evaluate(folder, tmp_path / "data")
    card = (folder / "README.md").read_text()
    assert "datasets:\n- ann/pets\n" in card and f"revision: {commit}" in card
    assert f"[ann/pets, revision {commit}](https://huggingface.co/datasets/ann/pets)" in card
    assert "license:" not in card and "the weights are their owner's" in card and "published" not in card.split("| how |")[0]


def test_without_the_package_the_sentence_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(UserError, match="pip install datasets"):
        hub_data.pinned("hf:ann/pets")
