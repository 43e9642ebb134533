import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from playground.errors import UserError
from playground.models.autoregressive.pixelcnnpp import PixelCNNpp
from playground.models.base import parameter_count
from tests.playground.models.autoregressive.test_pixelcnnpp import parameters_by_hand
from training import engine
from training.random_streams import RandomStreams
from training.recipes import recipe_class
from training.recipes.gated_pixelcnn import GatedPixelCNNRecipe, GatedPixelCNNSettings
from training.recipes.pixelcnnpp import PixelCNNppRecipe, PixelCNNppSettings

TINY = {"features": 6, "mixtures": 2, "stages": 2, "size": 8, "batch_size": 4}


@pytest.fixture(scope="module")
def flowers_dir(tmp_path_factory):
    """flowers5's file, with noise whose colour is its kind's."""
    folder, random = tmp_path_factory.mktemp("flowers"), np.random.default_rng(0)

    def photos(count: int) -> np.ndarray:
        noise = random.integers(0, 60, (count, 32, 32, 3), dtype=np.uint8)
        noise[..., 0] += 30 * (np.arange(count) % 5)[:, None, None].astype(np.uint8)
        return noise

    labels = {"y_train": np.arange(40) % 5, "y_test": np.arange(10) % 5, "names": np.array(list("abcde"))}
    np.savez(folder / "flowers5_32.npz", x_train=photos(40), x_test=photos(10), **labels)
    return folder


def recipe(flowers_dir, **changes) -> PixelCNNppRecipe:
    return PixelCNNppRecipe(PixelCNNppSettings(data_dir=flowers_dir, **{**TINY, **changes}))


def test_photos_have_256_levels_and_half_of_them_are_mirrored(flowers_dir):
    made, indices = recipe(flowers_dir, size=32), torch.arange(36)
    x = made.batch(indices, RandomStreams(0, 0, 36))["x"]
    straight = made.images[indices].float() / 255
    mirrored = torch.tensor([torch.equal(a, b.flip(2)) for a, b in zip(x, straight)])
    assert x.shape == (36, 3, 32, 32) and 8 < mirrored.sum() < 28
    assert torch.equal(x[~mirrored], straight[~mirrored])
    assert torch.equal(x[20:], made.batch(indices[20:], RandomStreams(0, 0, 36, slice(20, 36)))["x"])
    assert torch.equal(made.observed("heldout")[0], made.load("heldout")[0].float() / 255), "what is measured is not mirrored"


def test_the_loss_is_the_negative_log_likelihood_and_bits_are_a_sub_pixels(flowers_dir, device):
    made = recipe(flowers_dir, dropout=0.0)
    model = made.model().to(device)
    batch = {key: value.to(device) for key, value in made.batch(torch.arange(3), RandomStreams(0, 0, 3)).items()}
    ((player, loss, scalars),) = made.losses(model, batch, RandomStreams(0, 0, 3))
    assert player == "model" and model.class_names == list("abcde")
    assert loss.item() == pytest.approx(-model.log_prob(batch["x"], batch["y"]).mean().item(), rel=1e-6)
    assert scalars["bits_per_dim"].item() == pytest.approx(loss.item() / math.log(2) / (3 * 8 * 8), rel=1e-6)


def test_a_gated_pixelcnn_is_trained_in_colour_too(flowers_dir, tmp_path, device):
    settings = GatedPixelCNNSettings(
        dataset="flowers5", data_dir=flowers_dir, device=device, size=8, layers=1, channels=6, head=6, batch_size=4, max_steps=2
    )
    trainer = engine.Trainer(GatedPixelCNNRecipe(settings), settings, tmp_path)
    assert (trainer.model.planes, trainer.model.levels, trainer.model.size, trainer.model.classes) == (3, 256, 8, 5)
    scalars = trainer.one_step()
    assert scalars["bits_per_dim"].item() == pytest.approx(8, abs=0.3), "a network that knows nothing pays 8 bits a sub-pixel"
    assert trainer.recipe.snapshot(trainer.finished).shape == (3, 10, 5 * 9 + 1)
    assert GatedPixelCNNRecipe(replace(settings, channels=32)).model().settings["channels"] == 33  # in three groups
    with pytest.raises(UserError, match="--binarise-once is for digits"):
        GatedPixelCNNRecipe(replace(settings, binarise_once=True))
    with pytest.raises(UserError, match="row-lstm is for black and white digits; pixelcnn, gated-pixelcnn and pixelcnnpp write photos"):
        recipe_class("row-lstm")(recipe_class("row-lstm").Settings(dataset="flowers5", data_dir=flowers_dir))


def test_a_tiny_run_learns(flowers_dir, tmp_path, device):
    settings = recipe(flowers_dir, device=device, max_steps=30, learning_rate=1e-2, epochs=100).settings
    trainer = engine.Trainer(PixelCNNppRecipe(settings), settings, tmp_path)
    before = trainer.recipe.validate(trainer.finished)["bits_per_dim"]
    for trainer.step in range(30):
        trainer.one_step()
    assert trainer.recipe.validate(trainer.finished.eval())["bits_per_dim"] < before - 1


def test_the_figures_are_those_of_log_prob(flowers_dir, device):
    made = recipe(flowers_dir)
    model = made.model().to(device).eval()
    bits, nats, given = made.metrics(model)
    x, y = (part.to(device) for part in made.observed("test"))
    assert (bits.name, nats.name, given.name, bits.n, bits.binarisation) == ("bits_per_dim", "nats", "nats_given_label", 10, None)
    assert nats.value == pytest.approx(-model.log_prob(x).mean().item(), rel=1e-5)
    assert given.value == pytest.approx(-model.log_prob(x, y).mean().item(), rel=1e-5)
    assert bits.value == pytest.approx(given.value / math.log(2) / 192, rel=1e-6)


def test_the_paper_preset_has_its_sizes(flowers_dir):
    made = recipe(flowers_dir, **{**PixelCNNppRecipe.presets["paper"], "stages": 3, "size": 32})
    with torch.device("meta"):  # 57 million parameters, counted and not made
        model = made.model()
    assert parameter_count(model) == parameters_by_hand(160, 5, 3, 10, 5)
    assert isinstance(made.optimizers(PixelCNNpp(features=6, size=8))["model"], torch.optim.Adam)
    assert made.schedule(0.9) == made.schedule(0.1) == 1.0


def test_settings_that_do_not_fit_are_told_in_one_sentence(flowers_dir):
    with pytest.raises(UserError, match="--size 10 can't be halved 2 times; choose a multiple of 4"):
        recipe(flowers_dir, size=10, stages=3).model()
    for changes in ({"features": 8}, {"likelihood": "softmax"}):
        with pytest.raises(UserError, match="need a multiple of 3 as --features"):
            recipe(flowers_dir, whole_pixels=False, **changes).model()
