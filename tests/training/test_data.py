"""Data sets: the splits hold what they should, downloads verify, and what is wrong is said in one sentence."""

import functools
import hashlib
import http.server
import io
import json
import shutil
import struct
import tarfile
import threading
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import datasets

from playground.errors import UserError
from training import data, downloads, splits

RED, GREEN, BLUE, YELLOW, VIOLET = (200, 20, 20), (20, 200, 20), (20, 20, 200), (230, 210, 20), (130, 40, 200)


def jpeg(width: int, height: int, left=RED, right=BLUE) -> bytes:
    image = Image.new("RGB", (width, height), left)
    image.paste(right, (width // 2, 0, width, height))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def put(path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def near(pixel: torch.Tensor, colour: tuple) -> bool:
    return (pixel.flatten().int() - torch.tensor(colour)).abs().max() < 12


# --- digits ---


@pytest.fixture
def mnist(tmp_path):
    """Full-length MNIST files in the IDX format, whose i-th image holds i in its first four pixels."""
    for name, n in {"train": 60_000, "t10k": 10_000}.items():
        images = np.zeros((n, 28, 28), np.uint8)
        images.reshape(n, -1)[:, :4] = np.arange(n, dtype=">u4").view(np.uint8).reshape(n, 4)
        put(tmp_path / f"MNIST/raw/{name}-images-idx3-ubyte", struct.pack(">4i", 0x803, n, 28, 28) + images.tobytes())
        put(tmp_path / f"MNIST/raw/{name}-labels-idx1-ubyte", struct.pack(">2i", 0x801, n) + (np.arange(n) % 10).astype(np.uint8).tobytes())
    return tmp_path


def test_digits_are_divided_into_50_000_10_000_and_10_000(mnist):
    def numbers(split):
        images, labels = data.digits("mnist", split, mnist)
        assert images.dtype == torch.uint8 and labels.dtype == torch.int64 and images.shape == (len(labels), 1, 28, 28)
        index = images.view(len(images), -1)[:, :4].numpy().copy().view(">u4")[:, 0].astype(int)
        assert (index % 10 == labels.numpy()).all()
        return index

    assert (numbers("train") == np.arange(50_000)).all()
    assert (numbers("heldout") == np.arange(50_000, 60_000)).all()
    assert (numbers("test") == np.arange(10_000)).all()


def test_missing_or_damaged_digits_are_told_in_one_sentence(mnist, tmp_path):
    with pytest.raises(UserError, match="FashionMNIST could not be read: .*train-images-idx3-ubyte"):
        data.digits("fashion", "train", tmp_path)
    file = mnist / "MNIST/raw/train-images-idx3-ubyte"
    file.write_bytes(file.read_bytes()[:100_000])
    with pytest.raises(UserError, match="^MNIST could not be read"):
        data.digits("mnist", "train", mnist)
    with pytest.raises(UserError, match="no data set 'cifar'.*mnist, mnist-static, fashion, things, folder"):
        data.digits("cifar", "train", mnist)


# --- one's own folders ---


def test_a_class_folder_tree_is_divided_by_tens_and_stays_disjoint(tmp_path):
    for kind, colour in {"b-green": GREEN, "a-red": RED}.items():
        for i in range(20):
            put(tmp_path / kind / f"{i:02}.jpg", jpeg(40, 30, colour, colour))
    put(tmp_path / "a-red" / "notes.txt", b"no image")
    parts = {split: data.images("folder", split, tmp_path, 16) for split in ("train", "heldout", "test")}
    assert [len(images) for images, _, _ in parts.values()] == [32, 4, 4]
    images, labels, names = parts["train"]
    assert names == ["a-red", "b-green"] and images.shape == (32, 3, 16, 16) and images.dtype == torch.uint8
    assert labels.bincount().tolist() == [16, 16]
    assert near(images[0, :, 8, 8], RED) and near(images[-1, :, 8, 8], GREEN)
    grey, grey_labels = data.digits("folder", "train", tmp_path)
    assert grey.shape == (32, 1, 28, 28) and grey_labels.equal(labels)


def test_subfolders_train_and_test_are_the_splits(tmp_path):
    for split, n in {"train": 3, "test": 2}.items():
        for i in range(n):
            put(tmp_path / split / "kind" / f"{i}.jpg", jpeg(8, 8))
    assert [len(data.images("folder", split, tmp_path, 8)[0]) for split in ("train", "heldout", "test")] == [2, 1, 2]


def test_pairs_side_by_side_and_in_two_folders_are_the_same_pairs(tmp_path):
    for i in range(10):
        put(tmp_path / "side" / f"{i}.jpg", jpeg(64, 32))
        put(tmp_path / "two" / "a" / f"{i}.jpg", jpeg(32, 32, RED, RED))
        put(tmp_path / "two" / "b" / f"{i}.jpg", jpeg(32, 32, BLUE, BLUE))
    for folder in ("side", "two"):
        source, target = data.pairs("folder", "train", tmp_path / folder, 16, target="left")
        assert source.shape == target.shape == (8, 3, 16, 16)
        assert near(source[0, :, 8, 8], BLUE) and near(target[0, :, 8, 8], RED)
        source, target = data.pairs("folder", "test", tmp_path / folder, 16, target="right")
        assert near(source[0, :, 8, 8], RED) and near(target[0, :, 8, 8], BLUE) and len(source) == 1


def test_what_is_no_pair_or_no_image_is_named(tmp_path):
    put(tmp_path / "wide" / "x.jpg", jpeg(60, 32))
    with pytest.raises(UserError, match="x.jpg is 60x32; a pair side by side is twice as wide as high"):
        data.pairs("folder", "train", tmp_path / "wide", 16)
    put(tmp_path / "odd" / "a" / "x.jpg", jpeg(8, 8))
    put(tmp_path / "odd" / "b" / "y.jpg", jpeg(8, 8))
    with pytest.raises(UserError, match="'x' stands alone"):
        data.pairs("folder", "train", tmp_path / "odd", 16)
    for content in (b"", b"text", jpeg(8, 8)[:150]):
        put(tmp_path / "bad" / "kind" / "0.jpg", content)
        with pytest.raises(UserError, match="0.jpg is not a readable image"):
            data.images("folder", "train", tmp_path / "bad", 8)
    (tmp_path / "empty").mkdir()
    for call in (data.images, data.pairs, data.worlds):
        with pytest.raises(UserError):
            call("folder", "train", tmp_path / "empty", 8)
        with pytest.raises(UserError, match="--data-dir"):
            call("folder", "train", None, 8)
        with pytest.raises(UserError, match="no data set 'moon'"):
            call("moon", "train", tmp_path, 8)


def test_two_folders_are_two_worlds(tmp_path):
    for i in range(5):
        put(tmp_path / "summer" / f"{i}.jpg", jpeg(16, 16, GREEN, GREEN))
    for i in range(3):
        put(tmp_path / "winter" / f"{i}.jpg", jpeg(16, 16, BLUE, BLUE))
    x, y = data.worlds("folder", "train", tmp_path, 8)
    assert len(x) == 3 and len(y) == 1 and near(x[0, :, 4, 4], GREEN) and near(y[0, :, 4, 4], BLUE)
    put(tmp_path / "spring" / "0.jpg", jpeg(16, 16))
    with pytest.raises(UserError, match="it has 3: spring, summer, winter"):
        data.worlds("folder", "train", tmp_path, 8)


# --- facades and flowers17 as on disk ---


def test_the_split_lists_are_what_the_readme_says():
    facades, flowers = splits.listed("facades"), splits.listed("flowers17")
    assert len(set(facades["heldout"])) == 40
    assert {split: len(set(names)) for split, names in flowers.items()} == {"train": 17 * 64, "heldout": 17 * 4, "test": 17 * 8}
    assert len({name for names in flowers.values() for name in names}) == 17 * 76, "a photo is in one split only"
    for split, count in {"heldout": 4, "test": 8}.items():
        kinds = np.bincount([(int(name[:4]) - 1) // 80 for name in flowers[split]], minlength=17)
        assert (kinds == count).all()


def test_held_out_facades_are_not_trained_on_and_worlds_share_no_pair(tmp_path):
    heldout = splits.listed("facades")["heldout"]
    others = [f"image_{i:03}.jpg" for i in range(1, 400) if f"image_{i:03}.jpg" not in heldout][:20]
    for i, name in enumerate(heldout + others):
        put(tmp_path / "facades" / "train" / name, jpeg(64, 32, (5 * i % 256,) * 3, (0, 0, 5 * i % 256)))
    put(tmp_path / "facades" / "test" / "image_990.jpg", jpeg(64, 32))
    labels, photos = data.pairs("facades", "train", tmp_path, 16, target="left")
    assert len(labels) == 20 and len(data.pairs("facades", "heldout", tmp_path, 16)[0]) == 40
    assert (photos[:, 0, 8, 8].int() - photos[:, 1, 8, 8].int()).abs().max() < 6, "grey photos are the left halves"
    x, y = data.worlds("facades", "train", tmp_path, 16)
    assert len(x) == len(y) == 10
    left, right = x[:, 2, 8, 8].int(), y[:, 2, 8, 8].int()  # a pair's number, 5 apart
    assert (left[:, None] - right).abs().min() >= 3, "no photo beside its own labels"
    x, y = data.worlds("facades", "test", tmp_path, 16)
    assert near(x[0, :, 8, 8], RED) and near(y[0, :, 8, 8], BLUE)


def test_label_colours_are_not_mixed_when_resized(tmp_path):
    for split in ("train", "test"):
        put(tmp_path / "facades" / split / "1.png", b"")
    stripes = np.zeros((32, 64, 3), np.uint8)
    stripes[:, 1::2] = 255
    Image.fromarray(stripes).save(tmp_path / "facades" / "test" / "1.png")
    labels, photos = data.pairs("facades", "test", tmp_path, 10, target="left")
    assert set(labels.unique().tolist()) == {0, 255} and len(photos.unique()) > 2


def test_flowers_are_worlds_by_colour(tmp_path):
    lists = splits.listed("flowers17")
    kinds = {"buttercup": YELLOW, "iris": VIOLET, "daisy": RED}
    for kind, colour in kinds.items():
        number = downloads.FLOWERS17_KINDS.index(kind)
        names = {s: [name for name in lists[s] if (int(name[:4]) - 1) // 80 == number] for s in lists}
        for name in names["train"][:3] + names["heldout"]:
            put(tmp_path / "flowers17" / "train" / kind / name, jpeg(32, 40, colour, colour))
        put(tmp_path / "flowers17" / "test" / kind / names["test"][0], jpeg(32, 40, colour, colour))
    white = [name for name in lists["train"] if 401 <= int(name[:4]) <= 480][3]
    put(tmp_path / "flowers17" / "train" / "iris" / white, jpeg(32, 40, (250, 250, 250), (250, 250, 250)))
    images, labels, names = data.images("flowers17", "train", tmp_path, 8)
    assert names == ["buttercup", "daisy", "iris"] and labels.bincount().tolist() == [3, 3, 4]
    assert data.images("flowers17", "heldout", tmp_path, 8)[1].bincount().tolist() == [4, 4, 4]
    x, y = data.worlds("flowers-yellow-violet", "train", tmp_path, 8)
    assert len(x) == 3 and len(y) == 3, "the white iris is in no world"
    assert near(x[0, :, 4, 4], YELLOW) and near(y[0, :, 4, 4], VIOLET)


@pytest.fixture
def flowers5(tmp_path):
    """The file of flowers5 with 40 photos for training, whose number is their red, and 10 for the test."""
    x_train, x_test = np.zeros((40, 32, 32, 3), np.uint8), np.full((10, 32, 32, 3), 200, np.uint8)
    x_train[..., 0] = np.arange(40)[:, None, None]
    arrays = {
        "x_train": x_train,
        "y_train": np.arange(40) % 5,
        "x_test": x_test,
        "y_test": np.arange(10) % 5,
        "names": np.array(list("abcde")),
    }
    np.savez(tmp_path / "flowers5_32.npz", **arrays)
    return tmp_path


def test_every_tenth_of_the_five_flowers_is_held_out(flowers5):
    red = {}
    for split in ("train", "heldout", "test"):
        images, labels, names = data.images("flowers5", split, flowers5, 32)
        assert images.dtype == torch.uint8 and images.shape[1:] == (3, 32, 32) and names == list("abcde") and labels.dtype == torch.int64
        red[split] = images[:, 0, 5, 5].tolist()
        if split != "test":
            assert labels.tolist() == [n % 5 for n in red[split]]
    assert red["heldout"] == [9, 19, 29, 39] and sorted(red["train"] + red["heldout"]) == list(range(40)) and red["test"] == [200] * 10
    small, _, _ = data.images("flowers5", "train", flowers5, 16)
    assert small.shape == (36, 3, 16, 16) and small[:, 0, 8, 8].tolist() == red["train"]


def test_missing_or_damaged_flowers5_are_told_in_one_sentence(flowers5, tmp_path):
    with pytest.raises(UserError, match="^flowers5 could not be read: expected .*flowers5_32.npz"):
        data.images("flowers5", "train", tmp_path / "elsewhere", 32)
    file = flowers5 / "flowers5_32.npz"
    whole = file.read_bytes()
    for content in (b"", b"text", whole[: len(whole) // 2]):
        file.write_bytes(content)
        with pytest.raises(UserError, match="^flowers5 could not be read"):
            data.images("flowers5", "train", flowers5, 32)
    for wrong in ({"x_train": np.zeros((2, 8, 8, 3), np.uint8)}, {"y_train": np.array([0, 7])}, {"names": np.array([{}], dtype=object)}):
        good = {"x_train": np.zeros((2, 32, 32, 3), np.uint8), "y_train": np.array([0, 1]), "names": np.array(["a", "b"])}
        np.savez(file, **good | wrong)
        with pytest.raises(UserError, match="^flowers5 could not be read"):
            data.images("flowers5", "train", flowers5, 32)


def test_a_data_dir_without_the_set_says_what_belongs_there(tmp_path):
    for call in (data.pairs, data.worlds):
        with pytest.raises(UserError, match="facades was not found: expected train/.*jpg"):
            call("facades", "train", tmp_path, 8)
    with pytest.raises(UserError, match="flowers17 was not found: expected test/<kind>"):
        data.images("flowers17", "train", tmp_path, 8)


# --- downloads, from a server on this machine ---


@pytest.fixture
def publisher(tmp_path, monkeypatch):
    """A web server; `publish(name, {member: bytes})` puts an archive on it, and `data/` is a temporary folder."""
    served, root = tmp_path / "served", tmp_path / "data"
    served.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=served))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(data, "ROOT", root)
    monkeypatch.setattr(downloads, "FACADES_URL", f"{base}/facades.tar.gz")
    monkeypatch.setattr(downloads, "FACADES_COUNTS", {"train": 3, "val": 2, "test": 2})
    monkeypatch.setattr(downloads, "FLOWERS17_URL", f"{base}/17flowers.tgz")
    monkeypatch.setattr(downloads, "FLOWERS5_URL", f"{base}/flower_photos.tgz")
    monkeypatch.setattr(downloads, "FLOWERS5_COUNT", 5 * 12)

    def publish(name: str, members: dict[str, bytes | tarfile.TarInfo]) -> None:
        with tarfile.open(served / name, "w:gz") as tar:
            for member, content in members.items():
                info = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(member)
                if isinstance(content, bytes):
                    info.size = len(content)
                tar.addfile(info, io.BytesIO(content) if isinstance(content, bytes) else None)

    publish.served, publish.root, publish.base = served, root, base
    yield publish
    server.shutdown()
    server.server_close()


def facades_archive() -> dict:
    counts = {"train": 3, "val": 2, "test": 2}
    return {f"facades/{split}/{i + 1}.jpg": jpeg(64, 32) for split, n in counts.items() for i in range(n)}


def left_over(root) -> list[str]:
    return [path.name for path in root.iterdir() if path.name != ".lock"]


def test_facades_are_downloaded_once_and_val_is_held_out(publisher):
    publisher("facades.tar.gz", facades_archive() | {"facades/readme.txt": b"hello", "facades/train/._1.jpg": b"of a Mac"})
    assert [len(data.pairs("facades", split, None, 16)[0]) for split in ("train", "heldout", "test")] == [3, 2, 2]
    assert left_over(publisher.root) == ["facades"]
    (publisher.served / "facades.tar.gz").unlink()
    source, target = data.pairs("facades", "train", None, 16)
    assert near(source[0, :, 8, 8], BLUE) and near(target[0, :, 8, 8], RED)


def link(name: str, target: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, target
    return info


@pytest.mark.parametrize(
    "spoil, reason",
    [
        (lambda a: a | {"facades/train/3.jpg": b"no image"}, "not a readable image"),
        (lambda a: a | {"facades/train/3.jpg": jpeg(64, 32)[:200]}, "not a readable image"),
        (lambda a: a | {"facades/train/3.jpg": jpeg(64, 64)}, "not a pair side by side"),
        (lambda a: {k: v for k, v in a.items() if "val" not in k}, "holds .* instead of"),
        (lambda a: a | {"facades/train/3.jpg": link("facades/train/3.jpg", "../../../secret.jpg")}, "holds .* instead of"),
        (lambda a: a | {f"facades/train/{i}.jpg": jpeg(8, 4) for i in range(9)}, "more than this archive should hold"),
        (lambda a: a | {"facades/train/3.jpg": bytes(9 * 2**20)}, "more than this archive should hold"),
    ],
)
def test_a_bad_archive_leaves_nothing_behind(publisher, spoil, reason):
    publisher("facades.tar.gz", spoil(facades_archive()))
    with pytest.raises(UserError, match=f"facades could not be had from http.*{reason}"):
        data.pairs("facades", "train", None, 16)
    assert left_over(publisher.root) == []


def test_members_cannot_choose_where_they_are_written(publisher):
    members = facades_archive()
    escaping = {("../../escaped/" + name): content for name, content in members.items()}
    publisher("facades.tar.gz", escaping)
    data.pairs("facades", "train", None, 16)
    assert sorted(path.name for path in publisher.root.parent.iterdir()) == ["data", "served"]
    assert not (publisher.root / "escaped").exists()


def test_a_truncated_archive_and_an_absent_publisher_are_told(publisher, monkeypatch):
    publisher("facades.tar.gz", facades_archive())
    archive = publisher.served / "facades.tar.gz"
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    with pytest.raises(UserError, match="facades could not be had from"):
        data.pairs("facades", "train", None, 16)
    with pytest.raises(UserError, match="flowers17 could not be had from .*404"):
        data.images("flowers17", "train", None, 16)
    monkeypatch.setattr(datasets.MNIST, "mirrors", ["http://127.0.0.1:9/"])
    with pytest.raises(UserError, match="^MNIST could not be read"):
        data.digits("mnist", "train", None)
    assert left_over(publisher.root) == ["MNIST"] and not list(publisher.root.rglob("*-ubyte*"))


def test_downloaded_flowers_are_divided_as_the_lists_say(publisher, monkeypatch):
    monkeypatch.setattr(downloads, "FLOWERS17_A_KIND", 2)
    names = [f"{i:04}.jpg" for i in range(1, 35)]
    lists = {"train": names[0::2], "heldout": names[1:9:2], "test": names[9:33:2]}  # the last one is in no split
    (publisher.served / "flowers17.json").write_text(json.dumps(lists))
    monkeypatch.setattr(splits, "FOLDER", publisher.served)
    publisher("17flowers.tgz", {f"jpg/image_{name}": jpeg(40, 30) for name in names} | {"jpg/files.txt": b"names"})
    images, labels, kinds = data.images("flowers17", "train", None, 16)
    assert kinds == sorted(downloads.FLOWERS17_KINDS) and len(images) == 17 and labels.tolist() == list(range(17))
    assert len(data.images("flowers17", "heldout", None, 16)[0]) == 4
    daffodil = publisher.root / "flowers17" / "train" / "daffodil"
    assert sorted(path.name for path in daffodil.iterdir()) == ["0001.jpg", "0002.jpg"]
    with Image.open(daffodil / "0001.jpg") as photo:
        assert photo.size == (384, 288)
    assert len(list(publisher.root.glob("flowers17/*/*/*.jpg"))) == 33


def flower_photos(a_kind: int = 12) -> dict:
    """The publisher's layout: a photo's place in its kind is its red."""
    return {
        f"flower_photos/{kind}/{100 + i}_{i:x}_n.jpg": jpeg(50, 40, (20 * i, 0, 0), (20 * i, 0, 0))
        for kind in downloads.FLOWERS5_KINDS
        for i in range(a_kind)
    }


def test_the_five_flowers_are_downloaded_once_and_made_small(publisher):
    publisher("flower_photos.tgz", flower_photos() | {"flower_photos/LICENSE.txt": b"CC-BY", "flower_photos/roses/._1.jpg": b"of a Mac"})
    images, labels, names = data.images("flowers5", "train", None, 32)
    assert names == ["daisy", "dandelion", "rose", "sunflower", "tulip"] and left_over(publisher.root) == ["flowers5_32.npz"]
    (publisher.served / "flower_photos.tgz").unlink()
    heldout, _, _ = data.images("flowers5", "heldout", None, 32)
    test, of_test, _ = data.images("flowers5", "test", None, 32)
    assert len(images) == 50 and len(heldout) == 5 and len(labels.unique()) == 5
    assert sorted(of_test.tolist()) == [0, 1, 2, 3, 4] and all(near(photo[:, 16, 16], (220, 0, 0)) for photo in test)


@pytest.mark.parametrize(
    "spoil, reason",
    [
        (lambda a: dict(list(a.items())[1:]), "holds .* instead of"),
        (lambda a: a | {"flower_photos/roses/x.jpg": jpeg(8, 8)}, "more than this archive should hold"),
        (lambda a: a | {"flower_photos/roses/101_1_n.jpg": b"no image"}, "not a readable image"),
    ],
)
def test_a_bad_archive_of_flowers5_leaves_nothing_behind(publisher, spoil, reason):
    publisher("flower_photos.tgz", spoil(flower_photos()))
    with pytest.raises(UserError, match=f"flowers5 could not be had from http.*{reason}"):
        data.images("flowers5", "train", None, 32)
    assert left_over(publisher.root) == []


# --- emoji, horses, edges, and digits binarised once ---


def svg(colour: str) -> bytes:
    square = f'<rect x="18" y="18" width="36" height="36" fill="{colour}"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72">{square}</svg>'.encode()


def webp(colour: str, side: int = 256) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA", (side, side), colour).save(buffer, "WEBP", lossless=True)
    return buffer.getvalue()


def lists(publisher, monkeypatch, name: str, content: dict) -> None:
    (publisher.served / f"{name}.json").write_text(json.dumps(content))
    monkeypatch.setattr(splits, "FOLDER", publisher.served)


def test_openmoji_is_rendered_from_its_package_and_divided_as_listed(publisher, monkeypatch):
    monkeypatch.setattr(downloads, "OPENMOJI_URL", f"{publisher.base}/openmoji.tgz")
    lists(publisher, monkeypatch, "openmoji", {"train": ["1F600.png"], "heldout": ["1F601.png"], "test": ["1F602-200D-1F3FB.png"]})
    codes = ("1F600", "1F601", "1F602-200D-1F3FB", "1F1E6-1F1E7")  # the last one is a flag, which no list has
    members = {f"package/{way}/svg/{code}.svg": svg(colour) for code in codes for way, colour in (("black", "black"), ("color", "red"))}
    publisher("openmoji.tgz", members | {"package/data/openmoji.json": b"[]", "package/font/x.woff2": bytes(9 * 2**20)})
    for split in ("train", "heldout", "test"):
        drawings, coloured = data.pairs("openmoji", split, None, 64, "right")
        assert drawings.shape == coloured.shape == (1, 3, 64, 64)
        assert (
            near(drawings[0, :, 32, 32], (0, 0, 0)) and near(coloured[0, :, 32, 32], (255, 0, 0)) and near(drawings[0, :, 2, 2], (255,) * 3)
        )
    assert left_over(publisher.root) == ["openmoji"]


def test_emoji_of_two_packages_are_two_worlds_whatever_their_names_leave_out(publisher, monkeypatch):
    monkeypatch.setattr(downloads, "TWEMOJI_URL", f"{publisher.base}/twemoji.tgz")
    monkeypatch.setattr(downloads, "FLUENT_URL", f"{publisher.base}/fluent.tgz")
    parts = {"trainA": ["0023-20e3.png"], "heldoutA": ["1f601.png"], "testA": ["2764.png"]}
    parts |= {"trainB": ["1f602.png"], "heldoutB": ["1f603.png"], "testB": ["2764.png"]}
    lists(publisher, monkeypatch, "emoji3d", parts)
    publisher("twemoji.tgz", {f"package/{name}.svg": svg("blue") for name in ("23-20e3", "1f601", "2764", "1f602")})
    fluent = {f"package/assets/{name}.webp": webp("red") for name in ("1f602", "1f603", "2764-fe0f", "23-20e3")}
    publisher("fluent.tgz", fluent | {"package/assets/02764-fe0f.webp": webp("green")})
    for split in ("train", "heldout", "test"):
        flat, deep = data.worlds("emoji3d", split, None, 32)
        assert len(flat) == len(deep) == 1 and near(flat[0, :, 16, 16], (0, 0, 255)) and near(deep[0, :, 16, 16], (255, 0, 0))
    assert left_over(publisher.root) == ["emoji3d"]
    shutil.rmtree(publisher.root / "emoji3d")
    publisher("fluent.tgz", dict(list(fluent.items())[1:]))
    with pytest.raises(UserError, match="emoji3d could not be had from .*fluent.tgz .*holds .* instead of"):
        data.worlds("emoji3d", "train", None, 32)
    assert left_over(publisher.root) == []


def test_horses_come_from_a_zip_and_only_those_that_are_listed(publisher, monkeypatch):
    monkeypatch.setattr(downloads, "HORSES_URL", f"{publisher.base}/horse2zebra.zip")
    parts = {f"{part}{world}": [f"{part}{world}_1.jpg"] for part in ("train", "heldout", "test") for world in "AB"}
    lists(publisher, monkeypatch, "horses", parts)
    with zipfile.ZipFile(publisher.served / "horse2zebra.zip", "w") as file:
        for part, (name,) in parts.items():
            colour = GREEN if part[-1] == "A" else BLUE
            file.writestr(f"horse2zebra/{part.replace('heldout', 'train')}/{name}", jpeg(256, 256, colour, colour))
        file.writestr("horse2zebra/trainA/n02381460_9.jpg", jpeg(8, 8))
        file.writestr("../trainA/escaped_1.jpg", jpeg(8, 8))
    for split in ("train", "heldout", "test"):
        x, y = data.worlds("horses", split, None, 32)
        assert len(x) == len(y) == 1 and near(x[0, :, 16, 16], GREEN) and near(y[0, :, 16, 16], BLUE)


def test_edges_and_photos_are_cut_apart_and_only_the_first_are_kept(publisher, monkeypatch):
    monkeypatch.setattr(downloads, "EDGES_URL", publisher.base + "/edges2{}.tar.gz")
    monkeypatch.setattr(downloads, "EDGES_COUNTS", {"train": 24, "test": 2})
    members = {f"edges2shoes/train/{i}_AB.jpg": jpeg(64, 32, (250,) * 3, RED) for i in range(1, 31)}
    publisher("edges2shoes.tar.gz", members | {f"edges2shoes/val/{i}_AB.jpg": jpeg(64, 32, (250,) * 3, RED) for i in range(1, 5)})
    parts = [data.pairs("shoes", split, None, 32, "right") for split in ("train", "heldout", "test")]
    assert [len(edges) for edges, _ in parts] == [23, 1, 2]
    edges, photos = parts[0]
    assert near(edges[0, :, 16, 16], (250,) * 3) and near(photos[0, :, 16, 16], RED)
    with pytest.raises(UserError, match="edges2handbags could not be had from .*404"):
        data.pairs("handbags", "train", None, 32)


def test_digits_binarised_once_are_checked_by_their_sum(publisher, monkeypatch):
    bits = {part: np.random.default_rng(i).integers(0, 2, (3, 784)) for i, part in enumerate(("train", "valid", "test"))}
    texts = {part: "".join(" ".join(map(str, row)) + "\n" for row in rows).encode() for part, rows in bits.items()}
    for part, text in texts.items():
        (publisher.served / f"{part}.amat").write_bytes(text)
    (publisher.served / "binarized_mnist.txt").write_text("012\n345\n678\n")
    monkeypatch.setattr(splits, "FOLDER", publisher.served)
    monkeypatch.setattr(downloads, "BINARIZED_URL", publisher.base + "/{}.amat")
    monkeypatch.setattr(downloads, "BINARIZED", {part: (3, hashlib.sha256(text).hexdigest()) for part, text in texts.items()})
    for split, part in (("train", "train"), ("heldout", "valid"), ("test", "test")):
        images, labels = data.digits("mnist-static", split, None)
        assert images.shape == (3, 1, 28, 28) and (images.view(3, 784).numpy() == 255 * bits[part]).all()
        assert labels.tolist() == {"train": [0, 1, 2], "valid": [3, 4, 5], "test": [6, 7, 8]}[part]
    shutil.rmtree(publisher.root / "binarized_mnist")
    (publisher.served / "test.amat").write_bytes(texts["test"].replace(b"0", b"1", 1))
    with pytest.raises(UserError, match="binarized_mnist could not be had from .*test.amat .its SHA-256 is another"):
        data.digits("mnist-static", "train", None)


def test_the_lists_of_emoji_and_horses_are_what_the_readme_says():
    openmoji, emoji, horses = (splits.listed(name) for name in ("openmoji", "emoji3d", "horses"))
    assert [len(openmoji[part]) for part in ("train", "heldout", "test")] == [1906, 123, 148]
    for lists in (openmoji, emoji, horses):
        names = [set(part) for key, part in lists.items() if key[-1] != "B"]
        assert not names[0] & names[1] and not (names[0] | names[1]) & names[2]
    worlds = [set(emoji[f"train{w}"]) | set(emoji[f"heldout{w}"]) for w in "AB"]
    assert not worlds[0] & worlds[1] and emoji["testA"] == emoji["testB"] and len(emoji["testA"]) == 121
    assert {key: len(names) for key, names in horses.items() if "train" in key} == {"trainA": 544, "trainB": 749}
    assert [len(part) for part in splits.binarized_classes().values()] == [50_000, 10_000, 10_000]
