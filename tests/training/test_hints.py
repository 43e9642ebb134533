"""Dabs of colour: where they lie, what they say, and how obedience is measured."""

import torch

from training import hints


def picture() -> torch.Tensor:
    """White, with a red square of 20x20, a blue one of 10x10 and a black line, (1, 3, 64, 64)."""
    image = torch.ones(1, 3, 64, 64)
    image[0, :, 4:24, 4:24] = torch.tensor([0.8, -0.8, -0.8])[:, None, None]
    image[0, :, 40:50, 40:50] = torch.tensor([-0.8, -0.8, 0.8])[:, None, None]
    image[0, :, 30] = -1
    return image


def test_filled_is_neither_white_nor_black():
    assert hints.filled(picture()).sum() == 20 * 20 + 10 * 10


def test_one_dab_lies_in_the_middle_of_each_of_the_largest_regions():
    (hint,) = hints.of_largest_regions(picture())
    assert hint[:, 13, 13].tolist() == torch.tensor([0.8, -0.8, -0.8, 1]).tolist()
    assert hint[:, 44, 44].tolist() == torch.tensor([-0.8, -0.8, 0.8, 1]).tolist()
    assert (hint[3] == 1).sum() == 2 * hints.disc(64, 64, 20, 20, hints.RADIUS).sum() and hint[:, hint[3] == 0].abs().sum() == 0
    assert hints.of_largest_regions(picture(), count=1)[0, 3, 44, 44] == 0


def test_random_dabs_have_the_pictures_own_colours_and_are_often_none():
    pictures = picture().expand(400, -1, -1, -1)
    maps = hints.at_random(pictures, torch.rand(400, 1 + hints.MOST, 3, generator=torch.Generator().manual_seed(0)))
    none = (maps[:, 3].flatten(1).sum(1) == 0).float().mean()
    assert abs(none - hints.NONE) < 0.08
    known = {tuple(colour) for colour in pictures[0].flatten(1).T.tolist()}
    assert {tuple(colour) for colour in maps.permute(0, 2, 3, 1)[maps[:, 3] == 1][:, :3].tolist()} == known
    assert maps.permute(0, 2, 3, 1)[maps[:, 3] == 0].abs().sum() == 0


def test_fill_accuracy_counts_filled_pixels_within_32_levels():
    true, made = picture(), picture()
    made[0, 0, 4:14, 4:24] -= 33 / 127.5  # half of the red square is off by one level too many
    made[0, :, 31:34] = -1  # what is white in the true picture doesn't count
    assert hints.fill_accuracy(made, true).item() == torch.tensor((10 * 20 + 10 * 10) / (20 * 20 + 10 * 10))
    assert hints.fill_accuracy(true, torch.ones_like(true)).isnan().all()
