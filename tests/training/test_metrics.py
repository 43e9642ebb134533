"""The estimators of digit models on cases small enough to count."""

import pytest
import torch

from training import metrics


class Brightest(torch.nn.Module):
    """A judge that answers with the index of the brightest pixel of the first row."""

    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(()))

    def forward(self, x):
        return x[:, 0, 0, :10] * self.scale


def dots(places) -> torch.Tensor:
    x = torch.full((len(places), 1, 28, 28), -1.0)
    x[range(len(places)), 0, 0, places] = 1
    return x


def test_share_and_its_standard_error():
    percent, stderr = metrics.share(torch.tensor([True, True, True, False]))
    assert percent == 75
    assert stderr == pytest.approx(100 * (0.75 * 0.25 / 4) ** 0.5)


def test_agreement_counts_the_asked_classes():
    assert metrics.agreement(Brightest(), dots([0, 1, 2, 9]), torch.tensor([0, 1, 2, 3]))[0] == 75


def test_classify_gives_the_same_in_chunks():
    x = torch.rand(7, 1, 28, 28)
    assert torch.equal(metrics.classify(Brightest(), x, chunk=3), metrics.classify(Brightest(), x))


def test_nearest_is_the_nearest_by_all_pairwise_distances():
    reference, x = torch.rand(50, 1, 4, 4), torch.rand(23, 1, 4, 4)
    expected = (reference.flatten(1)[None] - x.flatten(1)[:, None]).square().sum(2).argmin(1)
    assert torch.equal(metrics.nearest(reference, x, chunk=5), expected)


def test_nn_error_is_zero_on_the_fitted_images_and_counts_wrong_neighbours():
    made, labels = dots([0, 3, 5]), torch.tensor([0, 3, 5])
    assert metrics.nn_error(made, labels, made, labels) == (0, 0)
    assert metrics.nn_error(made, labels, made, torch.tensor([0, 3, 4]))[0] == pytest.approx(100 / 3)


def test_a_collapsed_class_costs_nn_error():
    """A generator that never makes class 1 can't place class 1's images."""
    made, labels = dots([0, 0, 2]), torch.tensor([0, 1, 2])
    assert metrics.nn_error(made, labels, dots([0, 1, 2, 2]), torch.tensor([0, 1, 2, 2]))[0] == 25


def test_class_share_gap_is_that_of_the_worst_class():
    answers = torch.tensor([0] * 5 + [1] * 3 + [2] * 2)
    gap, stderr = metrics.class_share_gap(answers, classes=3)
    assert gap == pytest.approx(100 * (0.5 - 1 / 3))
    assert stderr == pytest.approx(100 * (0.5 * 0.5 / 10) ** 0.5)
    assert metrics.class_share_gap(answers, 3, torch.tensor([0.5, 0.3, 0.2]))[0] == pytest.approx(0, abs=1e-4)
