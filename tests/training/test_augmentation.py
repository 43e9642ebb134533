"""DiffAugment and the R1 penalty, against what they are defined to be."""

import pytest
import torch

from playground.errors import UserError
from tests.training.golden import tiny_settings
from training import engine
from training.augmentation import POLICIES, Augmentation, cropped_and_mirrored, r1_penalty
from training.random_streams import RandomStreams
from training.recipes import AdversarialSettings, recipe_class


def augmentation(policy: str, n: int = 64, step: int = 0) -> Augmentation:
    return Augmentation(policy, RandomStreams(0, step, n), "y")


def test_pictures_are_cut_at_their_corners_and_half_of_them_mirrored():
    images = torch.arange(2 * 3 * 6 * 6).view(2, 3, 6, 6).to(torch.uint8)
    made = cropped_and_mirrored(images, 4, torch.tensor([[0, 2], [1, 0]]), torch.tensor([0.6, 0.4]))
    assert torch.equal(made[0], images[0, :, :4, 2:].float() / 127.5 - 1)
    assert torch.equal(made[1], images[1, :, 1:5, :4].flip(2).float() / 127.5 - 1)


def test_no_policy_changes_and_draws_nothing():
    streams, x = RandomStreams(0, 0, 4), torch.randn(4, 3, 16, 16)
    assert Augmentation("", streams, "y")(x) is x and not streams._used


def test_an_unknown_policy_is_refused():
    AdversarialSettings(augment="colour,cutout")
    with pytest.raises(UserError, match="colour, translation, cutout; 'color' is not one"):
        AdversarialSettings(augment="cutout,color")


def test_true_and_made_pictures_are_changed_alike():
    T, x = augmentation(",".join(POLICIES)), torch.randn(64, 3, 16, 16)
    assert T(x).equal(T(x)) and not T(x).equal(augmentation(",".join(POLICIES), step=1)(x))


def test_colour_keeps_the_mean_but_for_brightness_and_grey_pictures_grey():
    x = torch.randn(64, 3, 16, 16)
    shift = (augmentation("colour")(x) - x).mean((1, 2, 3))
    assert shift.abs().max() <= 0.5 and shift.std() > 0.2
    grey = torch.randn(64, 1, 16, 16).expand(-1, 3, -1, -1)
    made = augmentation("colour")(grey)
    assert torch.allclose(made, made.mean(1, keepdim=True).expand_as(made), atol=1e-5)


def test_translation_moves_by_at_most_an_eighth_and_zeros_come_in():
    x = torch.zeros(64, 1, 16, 16)
    x[:, :, 8, 8] = 1
    places = augmentation("translation")(x).flatten(1).argmax(1)
    rows, columns = places // 16, places % 16
    assert rows.min() == 6 and rows.max() == 10 and columns.min() == 6 and columns.max() == 10
    assert (augmentation("translation")(torch.ones(64, 1, 16, 16)).sum((1, 2, 3)) >= 14 * 14).all()


def test_cutout_removes_at_most_a_square_of_half_the_side():
    kept = augmentation("cutout")(torch.ones(64, 1, 16, 16)).sum((1, 2, 3))
    assert kept.min() == 256 - 64 and kept.max() < 256


@pytest.mark.parametrize("policy", POLICIES)
def test_gradients_pass_through(policy):
    x = torch.randn(8, 3, 16, 16, dtype=torch.float64, requires_grad=True)
    T = augmentation(policy, 8)
    assert torch.autograd.gradcheck(lambda part: T(part), x[:, :, :8, :8].detach().requires_grad_(), fast_mode=True)


def test_r1_is_half_the_mean_squared_gradient():
    x = torch.randn(5, 3, 4, 4, requires_grad=True)
    weights = torch.randn(3, 4, 4)
    scores = (x * weights).sum((1, 2, 3)) ** 2
    expected = ((2 * (x * weights).sum((1, 2, 3))[:, None, None, None] * weights) ** 2).sum((1, 2, 3)).mean() / 2
    assert torch.allclose(r1_penalty(3.0, scores, x), 3 * expected)


@pytest.mark.parametrize("name", ["gan", "dcgan", "cgan", "pix2pix", "cyclegan"])
def test_every_gan_takes_both(name, tmp_path):
    """D sees other pictures, so its loss is another; and with the penalty it is larger by what the gradient adds."""

    def losses(**changes) -> dict[str, float]:
        recipe = recipe_class(name)(tiny_settings(name, tmp_path / "data", **changes))
        torch.manual_seed(0)
        moves = engine.player_losses(recipe, recipe.model(), torch.arange(2), RandomStreams(0, 0, 2))
        made = {player.removesuffix("s"): loss.item() for player, loss, _ in moves}
        return made

    plain = losses()
    assert losses()["discriminator"] == plain["discriminator"] != losses(augment="translation,cutout")["discriminator"]
    assert losses(r1_weight=10.0)["discriminator"] > plain["discriminator"]
