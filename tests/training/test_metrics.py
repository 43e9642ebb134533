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
    percent, stderr = metrics.percentage(torch.tensor([True, True, True, False]))
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


def with_moments(mean: torch.Tensor, root: torch.Tensor) -> torch.Tensor:
    """Points whose mean is `mean` and whose covariance is root @ root.T exactly, (2F, F)."""
    size = len(mean)
    corners = torch.cat([torch.eye(size), -torch.eye(size)]).double()  # covariance 2 / (2 F - 1)
    return corners * ((2 * size - 1) / 2) ** 0.5 @ root.T + mean


def test_feature_distance_of_commuting_covariances_is_its_closed_form():
    """Where both covariances have the same eigenvectors: |mu_a - mu_b|^2 + sum_i (sigma_a,i - sigma_b,i)^2."""
    axes, _ = torch.linalg.qr(torch.randn(5, 5).double())
    mu_a, mu_b = torch.randn(2, 5).double()
    sigma_a, sigma_b = torch.rand(2, 5).double() + 0.1
    found = metrics.feature_distance(with_moments(mu_a, axes * sigma_a), with_moments(mu_b, axes * sigma_b))
    assert found == pytest.approx(((mu_a - mu_b).square().sum() + (sigma_a - sigma_b).square().sum()).item(), rel=1e-9)


def test_feature_distance_of_other_covariances_is_the_one_with_the_square_root_of_the_product():
    a, b = torch.randn(50, 4).double(), torch.randn(70, 4).double() @ torch.randn(4, 4).double() + 1
    values, vectors = torch.linalg.eig(a.T.cov() @ b.T.cov())  # not symmetric
    root = vectors @ torch.diag(values.sqrt()) @ torch.linalg.inv(vectors)
    expected = (a.mean(0) - b.mean(0)).square().sum() + (a.T.cov() + b.T.cov() - 2 * root.real).trace()
    assert metrics.feature_distance(a, b) == pytest.approx(expected.item(), rel=1e-9)
    assert metrics.feature_distance(a, a) == pytest.approx(0, abs=1e-9)


def test_two_sample_nn_is_the_leave_one_out_count_of_all_pairs():
    a, b = torch.rand(12, 1, 3, 3), torch.rand(12, 1, 3, 3) + 0.1
    x = torch.cat([a, b]).flatten(1)
    distances = torch.cdist(x, x)
    distances.fill_diagonal_(torch.inf)
    expected = ((distances.argmin(1) < 12) == (torch.arange(24) < 12)).float().mean().item()
    percent, stderr = metrics.two_sample_nn(a, b, chunk=5)
    assert percent == pytest.approx(100 * expected)
    assert stderr == pytest.approx(100 * (expected * (1 - expected) / 24) ** 0.5)


def test_two_sample_nn_is_half_for_one_distribution_all_for_two_and_nothing_for_a_copy():
    a, b = torch.randn(2, 1000, 1, 2, 2)
    percent, stderr = metrics.two_sample_nn(a, b)
    assert abs(percent - 50) < 4 * stderr
    assert metrics.two_sample_nn(a, b + 100)[0] == 100
    assert metrics.two_sample_nn(a, a + 1e-4)[0] == 0


def test_the_figures_of_samples_that_are_the_real_images(monkeypatch):
    """Distance and gap are 0, every image's nearest is its copy in the other set, and the energy is the real one's."""
    monkeypatch.setattr(metrics, "SAMPLES", 40)
    real = torch.rand(40, 1, 28, 28) * 2 - 1
    labels = metrics.classify(metrics.catalog.load("digit-classifier"), real).argmax(1)
    found = {metric.name: metric for metric in metrics.sample_metrics(lambda count: real[:count], real, "mnist", labels)}
    assert set(found) == {"milliseconds_per_image", "class_share_gap", "feature_distance", "two_sample_nn", "high_frequency_energy"}
    assert found["class_share_gap"].value == 0
    assert found["feature_distance"].value == pytest.approx(0, abs=1e-5)
    assert found["two_sample_nn"].value == 0
    assert f"{found['high_frequency_energy'].value:.3g}" in found["high_frequency_energy"].data
    unasked = {metric.name for metric in metrics.sample_metrics(lambda count: real[:count], real, "mnist")}
    assert unasked == set(found) - {"class_share_gap"}
    unjudged = {metric.name for metric in metrics.sample_metrics(lambda count: real[:count], real, "folder", labels)}
    assert unjudged == {"milliseconds_per_image", "two_sample_nn", "high_frequency_energy"}
