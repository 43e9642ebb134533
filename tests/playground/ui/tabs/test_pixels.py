"""The pixels_* functions and the pictures that the tab makes of them, on a tiny untrained model."""

import numpy as np
import pytest
import torch

from playground import api, catalog, previews
from playground.api.recent import Recent
from playground.errors import UserError
from playground.models.autoregressive.gated_pixelcnn import GatedPixelCNN
from playground.models.autoregressive.mean import MeanOfConditionals
from playground.ui.tabs.pixels import digit, state, surprise
from playground.ui.tabs.pixels import tab as pixels
from training.export import save_model


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pretrained")
    torch.manual_seed(0)
    (folder / "gated-pixelcnn-mnist").mkdir()
    save_model(GatedPixelCNN(layers=1, channels=4, head=4), folder / "gated-pixelcnn-mnist")
    return folder


@pytest.fixture(autouse=True)
def at_home(models, monkeypatch):
    monkeypatch.setattr(catalog, "ROOT", models)
    monkeypatch.setattr(api.pixels, "_pages", Recent(api.pixels.PAGES))


def binary(image) -> np.ndarray:
    return (np.asarray(image) > 127).astype(int)


def test_a_mean_of_models_says_so_and_has_no_film(tmp_path, monkeypatch):
    monkeypatch.setattr(catalog, "ROOT", tmp_path)
    folder = tmp_path / "mean-of-conditionals-mnist"
    folder.mkdir()
    save_model(MeanOfConditionals.of([GatedPixelCNN(layers=1, channels=4, head=4) for _ in range(2)]), folder)
    assert "film" in pixels.Pixels(model=folder.name).views  # as far as is known
    (folder / "training.json").write_text('{"steps": 0}')
    catalog.refresh()
    assert pixels.Pixels(model=folder.name, view="film").view == "write"
    assert state.kind_of(folder.name) == "digits, 2 models together"
    assert set(np.unique(api.pixels_write(5, model=folder.name))) <= {0, 255}
    assert len(api.pixels_complete("7", 0, 14, count=3, model=folder.name)[1]) == 3


def test_the_first_of_several_written_images_is_the_one_alone():
    one, three = api.pixels_write(5, seed=3), api.pixels_write(5, seed=3, count=3)
    assert one.size == (28, 28) and three.size == (84, 28) and set(np.unique(three)) <= {0, 255}
    assert np.array_equal(np.asarray(three)[:, :28], np.asarray(one))


def test_a_paused_image_goes_on_to_the_same_end():
    whole = binary(api.pixels_write(2, seed=4))
    *_, (x, done) = api.pages("gated-pixelcnn-mnist", 2, 4, 1.0, 300)
    assert done == 300 and np.array_equal(x.flatten()[:300], whole.flatten()[:300]) and not x.flatten()[300:].any()
    counted = [done for _, done in api.pages("gated-pixelcnn-mnist", 2, 4, 1.0, 784, begin=300)]
    assert counted == list(range(301, 785))
    *_, (x, _) = api.pages("gated-pixelcnn-mnist", 2, 4, 1.0, 784)
    assert np.array_equal(x[0, 0], whole)
    assert next(api.pages("gated-pixelcnn-mnist", 2, 4, 1.0, 784, begin=0))[1] == 1  # written again


def test_completions_keep_the_given_rows_and_differ_below():
    picture, labels = api.pixels_complete("7", 0, 14, count=3)
    given = api.binarised("7", 1)[0, 0].numpy()
    tiles = binary(picture).reshape(28, 3, 28).transpose(1, 0, 2)
    assert len(labels) == 3 and all(np.array_equal(tile[:14], given[:14]) for tile in tiles)
    assert not np.array_equal(tiles[0][14:], tiles[1][14:])
    middle = binary(api.pixels_complete("7", 10, 20, digit="7", count=1)[0])
    assert np.array_equal(middle[10:20], given[10:20])


def test_completions_of_any_class_follow_the_posterior_of_the_rows(monkeypatch):
    net = catalog.load("gated-pixelcnn-mnist")
    certain = torch.full((10,), -1000.0)
    certain[6] = 0
    monkeypatch.setattr(type(net), "pixel_log_prob", lambda self, x, y: certain[:, None, None].expand(10, 28, 28))
    assert api.pixels_complete("7", 0, 27, count=4)[1] == [6, 6, 6, 6]
    assert len(set(api.pixels_complete("7", 27, 28, count=8)[1])) > 1  # rows that do not begin at the top say nothing


@torch.inference_mode()
def test_rows_below_count_where_they_are_asked_to():
    net, given = catalog.load("gated-pixelcnn-mnist"), api.binarised("8", 1)[0, 0].numpy()
    likelihoods = []
    for ahead in (False, True):
        picture, labels = api.pixels_complete("8", 26, 28, count=8, ahead=ahead)
        x = torch.from_numpy(binary(picture).reshape(28, 8, 28).transpose(1, 0, 2)).float()[:, None]
        assert all(np.array_equal(tile[0, 26:], given[26:]) for tile in x.numpy())
        likelihoods.append(net.pixel_log_prob(x, torch.tensor(labels))[:, 26:].sum((1, 2)).mean().item())
    assert likelihoods[1] > likelihoods[0]


def test_the_odds_of_a_pixel_decided_it():
    written = binary(api.pixels_write(3, seed=2))
    for row, column in ((0, 0), (9, 12), (27, 27)):
        said = api.pixels_at(row, column, 3, seed=2)
        assert said["black"] + said["white"] == pytest.approx(1, abs=1e-12)
        assert said["drawn"] == written[row, column] == (said["noise"] >= said["black"])
    careful = api.pixels_at(0, 0, 3, seed=2, temperature=0.5)
    said = api.pixels_at(0, 0, 3, seed=2)
    assert careful["white"] / careful["black"] == pytest.approx((said["white"] / said["black"]) ** 2)


def test_surprise_adds_up_to_the_density():
    seen, heat, said = api.pixels_surprise("3", seed=5)
    x = torch.from_numpy(binary(seen))[None, None].float()
    assert said["nats"] == pytest.approx(-catalog.load("gated-pixelcnn-mnist").log_prob(x).item(), rel=1e-5)
    assert np.sum(said["bits"]) == pytest.approx(said["nats"] / np.log(2), rel=1e-3)
    assert said["bits_per_pixel"] == pytest.approx(np.mean(said["bits"]), rel=1e-3)
    assert sum(said["classes"]) == pytest.approx(1, abs=1e-5)
    assert np.asarray(heat).shape == (28, 28) and np.array_equal(
        np.asarray(heat), np.clip(np.round(np.array(said["bits"]) / 8 * 255), 0, 255)
    )


def test_a_field_is_what_moves_the_prediction_and_nothing_later():
    picture, said = api.pixels_field(9, 12)
    seen = np.asarray(picture) > 0
    assert picture.size == (28, 28) and not seen.flatten()[9 * 28 + 12 :].any()
    assert seen.sum() == said["reached"] <= said["possible"] <= said["earlier"] == 9 * 28 + 12
    assert np.asarray(picture)[said["strongest"]] == 255
    assert api.pixels_field(0, 0)[1] == {"earlier": 0, "reached": 0, "possible": 0, "strongest": None}


@pytest.mark.parametrize(
    "call",
    [
        lambda: api.pixels_write(10),
        lambda: api.pixels_write(3, seed=-1),
        lambda: api.pixels_write(3, temperature=0.0),
        lambda: api.pixels_write(3, temperature=float("nan")),
        lambda: api.pixels_write(3, count=10_000),
        lambda: api.pixels_write(3, model="no-model"),
        lambda: api.pixels_complete("7", 14, 3),
        lambda: api.pixels_complete("7", 0, 29),
        lambda: api.pixels_complete("7", digit="ten"),
        lambda: api.pixels_complete("/etc/passwd"),
        lambda: api.pixels_at(28, 0, 3),
        lambda: api.pixels_at(0, "x", 3),
        lambda: api.pixels_field(0, 28),
        lambda: api.pixels_field(-1, 0),
        lambda: api.pixels_field(0, 0, model="vae-mnist"),
        lambda: api.pixels_surprise(""),
    ],
)
def test_bad_arguments_get_one_sentence(call):
    with pytest.raises(UserError) as error:
        call()
    assert str(error.value).endswith(".") and "\n" not in str(error.value)


def test_pixels_that_wait_or_were_given_are_told_apart():
    x = np.ones((28, 28))
    given = np.zeros((28, 28), bool)
    given[20:] = True
    colours = digit.coloured(x, given, done=30)
    assert (colours.reshape(-1, 3)[:30] == 255).all()
    assert tuple(colours.reshape(-1, 3)[30]) == digit.NEXT and tuple(colours[19, 27]) == digit.WAITING
    assert (colours[20:] == digit.GIVEN_INK).all()


def test_the_histogram_counts_the_test_digits_below(models, monkeypatch):
    assert "not measured" in surprise._histogram("gated-pixelcnn-mnist", 80.0)
    metric = {"name": "nats", "histogram": {"edges": [0, 50, 100, 150], "counts": [10, 30, 60]}}
    monkeypatch.setitem(catalog.entry("gated-pixelcnn-mnist").__dict__, "metrics", {"nats": metric})
    assert "more surprising than 40% of the 100 test digits" in surprise._histogram("gated-pixelcnn-mnist", 120.0)
    assert "more surprising than 100% of" in surprise._histogram("gated-pixelcnn-mnist", 500.0)


def test_the_opening_is_what_the_default_state_shows():
    strip = previews.autoregressive(catalog.load("gated-pixelcnn-mnist"))
    state = pixels.Pixels()
    assert np.array_equal(np.asarray(strip)[:, :28], np.asarray(api.pixels_write(int(state.digit), state.seed, state.temperature)))
    completed, _ = api.pixels_complete(state.begun, state.first, state.last, state.wanted, state.seed, state.temperature)
    assert np.array_equal(np.asarray(strip)[:, 28:], np.asarray(completed))
    assert digit.tiles_of(strip).shape == (9, 28, 28)
