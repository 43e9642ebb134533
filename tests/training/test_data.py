"""Data sets: the splits hold what they should, downloads verify, and what is wrong is said in one sentence."""

import io
import struct

import numpy as np
import pytest
import torch
from PIL import Image

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
    with pytest.raises(UserError, match="'x' has no partner"):
        data.pairs("folder", "train", tmp_path / "odd", 16)
    for content in (b"", b"text", jpeg(8, 8)[:150]):
        put(tmp_path / "bad" / "kind" / "0.jpg", content)
        with pytest.raises(UserError, match="0.jpg is not a readable image"):
            data.images("folder", "train", tmp_path / "bad", 8)
    (tmp_path / "empty").mkdir()
    for call in (data.images, data.pairs, data.domains):
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
    x, y = data.domains("folder", "train", tmp_path, 8)
    assert len(x) == 3 and len(y) == 1 and near(x[0, :, 4, 4], GREEN) and near(y[0, :, 4, 4], BLUE)
    put(tmp_path / "spring" / "0.jpg", jpeg(16, 16))
    with pytest.raises(UserError, match="it has 3: spring, summer, winter"):
        data.domains("folder", "train", tmp_path, 8)


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
    x, y = data.domains("facades", "train", tmp_path, 16)
    assert len(x) == len(y) == 10
    left, right = x[:, 2, 8, 8].int(), y[:, 2, 8, 8].int()  # a pair's number, 5 apart
    assert (left[:, None] - right).abs().min() >= 3, "no photo beside its own labels"
    x, y = data.domains("facades", "test", tmp_path, 16)
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
    x, y = data.domains("flowers-yellow-violet", "train", tmp_path, 8)
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
    for call in (data.pairs, data.domains):
        with pytest.raises(UserError, match="facades was not found: expected train/.*jpg"):
            call("facades", "train", tmp_path, 8)
    with pytest.raises(UserError, match="flowers17 was not found: expected test/<kind>"):
        data.images("flowers17", "train", tmp_path, 8)


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
