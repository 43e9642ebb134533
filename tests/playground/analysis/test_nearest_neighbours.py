"""Memory or imagination: a training digit is its own nearest neighbour, and what is shown are reconstructions."""

import pytest
import torch

from playground import catalog
from playground.analysis import nearest_neighbours
from playground.errors import UserError
from playground.models.vae import VAE
from tests.training.golden import tiny_settings
from training.export import save_model
from training.recipes import recipe_class


@pytest.fixture(scope="module")
def folder(digits_dir, tmp_path_factory):
    """The default VAE, untrained, as the engine exports it; and the digits that stand for its training digits."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("pretrained") / "vae-mnist"
    folder.mkdir()
    recipe = recipe_class("vae")(recipe_class("vae").Settings(dataset="folder", data_dir=digits_dir))
    model = VAE().eval().requires_grad_(False)
    save_model(model, folder)
    recipe.export_assets(model, folder)
    return folder, recipe


def test_a_training_digit_is_its_own_nearest_neighbour(folder):
    folder, recipe = folder
    entry = catalog.Entry("vae-mnist", folder)
    kept, vae = nearest_neighbours.load(entry), catalog.load_entry(entry)
    digits = recipe.images / 127.5 - 1
    assert kept.codes.shape == (len(digits), vae.latent) and torch.equal(kept.labels, recipe.labels)
    for i in range(0, len(digits), 9):
        places, distances = nearest_neighbours.nearest(kept, nearest_neighbours.encode(vae, digits[i : i + 1])[0], 3)
        assert places[0] == i and distances[0] < distances[1]
        assert nearest_neighbours.share_nearer(kept, distances[0].item(), digits[i : i + 1]) == 0


def test_rounded_codes_are_off_by_half_a_step_at_most(tmp_path):
    codes = torch.randn(200, 5) * torch.tensor([0.01, 0.1, 1.0, 2.0, 0.0])
    nearest_neighbours.save(tmp_path, codes, torch.zeros(200), [codes + 1, codes + 2])
    kept = nearest_neighbours._load(tmp_path / nearest_neighbours.FILE, "first")
    half = codes.abs().amax(0) / 127 / 2
    assert ((kept.codes - codes).abs() <= half * 1.001).all() and half[3] > 0


def test_unseen_digits_say_how_near_is_near(tmp_path):
    codes = torch.zeros(4, 2)
    codes[1:] = torch.tensor([[10.0, 0], [0, 10], [10, 10]])
    near, far = torch.tensor([[0.0, 1.0], [9.0, 0.0]]), torch.tensor([[0.0, 3.0], [7.0, 0.0]])
    nearest_neighbours.save(tmp_path, codes, torch.zeros(4), [near, far])
    kept = nearest_neighbours._load(tmp_path / nearest_neighbours.FILE, "second")
    grey, binarised = torch.zeros(1, 1, 28, 28), torch.ones(1, 1, 28, 28)
    assert nearest_neighbours.share_nearer(kept, 2.0, grey) == 1 and nearest_neighbours.share_nearer(kept, 2.0, binarised) == 0
    assert nearest_neighbours.share_nearer(kept, 0.5, grey) == 0 and nearest_neighbours.share_nearer(kept, 4.0, binarised) == 1


def test_a_vae_of_another_size_keeps_no_codes(digits_dir, tmp_path):
    recipe = recipe_class("vae")(tiny_settings("vae", digits_dir, latent=3))
    recipe.export_assets(recipe.model(), tmp_path)
    assert not (tmp_path / nearest_neighbours.FILE).exists()
    save_model(VAE(latent=3), tmp_path)
    with pytest.raises(UserError, match=r"training/extras.py"):
        nearest_neighbours.load(catalog.Entry("vae-mnist", tmp_path))
