"""The judges of unpaired translations, on domains whose answers are known."""

import torch
from torch import Tensor

from training import domain_metrics
from training.domain_metrics import DomainJudge, NameJudge


def blocks(n: int, seed: int) -> Tensor:
    """Pictures of 4 x 4 blocks of random colours, uint8 (n, 3, 64, 64)."""
    colours = torch.randint(256, (n, 3, 4, 4), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)
    return colours.repeat_interleave(16, 2).repeat_interleave(16, 3)


def striped(pictures: Tensor) -> Tensor:
    """The same with dark stripes over them."""
    return torch.where(torch.arange(64) % 8 < 4, pictures // 3, pictures)


def test_a_judge_of_domains_knows_new_pictures_of_both_and_of_neither_more_than_its_share():
    judge = DomainJudge(blocks(64, 0), striped(blocks(64, 1)), (blocks(20, 2), striped(blocks(20, 3))), epochs=12)
    assert judge.accuracy >= 0.97
    assert judge.says_y(striped(blocks(20, 2))).mean() >= 0.95  # a perfect translation
    assert judge.says_y(blocks(20, 2).float() / 127.5 - 1).mean() <= 0.05  # none, and pictures as networks have them


def test_a_judge_of_names_finds_what_a_picture_was_before_it_looked_otherwise_and_no_other():
    x, y = blocks(48, 4), striped(blocks(48, 5))
    judge, new = NameJudge(x, y, epochs=30), blocks(20, 6)
    assert judge.finds(new.flip(3), new).mean() == 1
    assert judge.finds(new // 8 * 7, new).mean() >= 0.7  # darker; chance finds 0.05
    assert judge.finds(new.roll(1, 0), new).mean() == 0


def test_judges_are_the_same_each_time_and_leave_the_random_numbers_alone():
    pictures, labels = domain_metrics.small(blocks(64, 7)), torch.arange(64) % 2
    before = torch.random.get_rng_state()
    with torch.inference_mode():  # as evaluate.py calls them
        first, second = (domain_metrics.trained(pictures[:], labels, domain_metrics.RECOLOURED, 1) for _ in range(2))
    assert torch.equal(first(pictures), second(pictures)) and torch.equal(torch.random.get_rng_state(), before)
