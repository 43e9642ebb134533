"""Measures that several recipes share."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, cast

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor
from torchmetrics.functional.classification import multiclass_confusion_matrix

from playground import catalog
from playground.analysis.spectrum import HIGH, high_frequency_energy
from playground.drawing.palettes import FACADE_COLOURS
from playground.models import labels as label_maps
from playground.models.digit_classifier import DigitClassifier

SAMPLES, NEIGHBOURS = 10_000, 2000  # numbers of samples for `feature_distance` and for `two_sample_nn`
AT_A_TIME = 16  # images in a call that is timed: as many as a view of the page shows


@dataclass(frozen=True)
class Metric:
    """One measured figure.  `training/evaluate.py` adds weights, hardware, command and seconds and writes it down."""

    name: str
    value: float
    unit: str  # "%", "nats", "bits", "" ...
    data: str  # e.g. "MNIST, 10,000 digits"
    n: int
    estimator: str  # in words: how the value was computed
    stderr: float | None = None
    split: str = "test"
    binarisation: str | None = None  # "dynamic, seed 0" ...
    bound: Literal["exact", "upper", "lower"] | None = None
    published: str | None = None  # "86.76 (IWAE paper, k = 5,000)"
    extra: dict | None = None  # e.g. a histogram that the page draws


# --- label maps of facades (used by cyclegan and by pix2pix's photo -> labels) ---


def nearest_labels(pictures: Tensor) -> Tensor:
    """The nearest of the twelve facade colours at each pixel: pictures (N, 3, H, W) in [-1, 1] to int64 (N, H, W) in 0..11."""
    return label_maps.nearest(pictures, label_maps.class_colours(FACADE_COLOURS))


def label_accuracy(generated: Tensor, true: Tensor) -> Tensor:
    """Per image, the fraction of pixels whose nearest facade colour is the true one's: two (N, 3, H, W) in [-1, 1] to (N,) in [0, 1]."""
    return (nearest_labels(generated) == nearest_labels(true)).flatten(1).float().mean(1)


def label_confusion(generated: Tensor, true: Tensor) -> Tensor:
    """The confusion matrix, pixel counts (12, 12), int64: a row for each true class, a column for each painted one."""
    return multiclass_confusion_matrix(nearest_labels(generated), nearest_labels(true), len(FACADE_COLOURS))


def class_iou(confusion: Tensor) -> Tensor:
    """Intersection over union of each class, (classes,), from pixel counts; NaN for a class that neither occurs nor is painted."""
    hit = confusion.diag()
    return hit / (confusion.sum(0) + confusion.sum(1) - hit)


def painted_ratio(confusion: Tensor) -> Tensor:
    """How often each class is painted, over how often it occurs, (classes,), from pixel counts."""
    return confusion.sum(0) / confusion.sum(1)


def permuted_accuracy(confusion: Tensor) -> tuple[float, list[int]]:
    """The accuracy under the best renaming of the painted classes, and the true class of each painted one under it."""
    confusion = confusion.cpu()
    true, painted = linear_sum_assignment(confusion.numpy(), maximize=True)
    meaning = dict(zip(painted.tolist(), true.tolist()))
    return float(confusion[true, painted].sum() / confusion.sum()), [meaning[i] for i in range(len(confusion))]


# --- digits: how well generated ones match the requested class, and the distribution of real ones ---


@torch.no_grad()
def classify(judge: DigitClassifier, x: Tensor, chunk: int = 1000) -> Tensor:
    """The judge's logits for images (N, 1, 28, 28) in [-1, 1]: (N, classes), on the CPU."""
    parameter = next(judge.parameters())
    return torch.cat([judge(part.to(parameter)).cpu() for part in x.split(chunk)])


@torch.no_grad()
def features(judge: DigitClassifier, x: Tensor, chunk: int = 1000) -> Tensor:
    """The judge's features of images (N, 1, 28, 28) in [-1, 1]: (N, F), on the CPU."""
    parameter = next(judge.parameters())
    return torch.cat([judge.features(part.to(parameter)).cpu() for part in x.split(chunk)])


def percentage(hits: Tensor) -> tuple[float, float]:
    """Percentage of True in a bool tensor (N,), and its standard error."""
    p = hits.double().mean().item()
    return 100 * p, 100 * (p * (1 - p) / len(hits)) ** 0.5


def mean(values: Tensor) -> tuple[float, float]:
    """The mean of values (N,), and its standard error."""
    return values.mean().item(), (values.double().std() / len(values) ** 0.5).item()


def agreement(judge: DigitClassifier, x: Tensor, y: Tensor) -> tuple[float, float]:
    """The percentage of images x (N, 1, 28, 28) in [-1, 1] that the judge assigns to the requested class y (N,), and its standard error."""
    return percentage(classify(judge, x).argmax(1) == y)


def nearest(reference: Tensor, x: Tensor, chunk: int = 1000) -> Tensor:
    """Index of the reference image (M, ...) nearest to each x (N, ...) in Euclidean distance of pixels: (N,), int64.

    Half the squared distance is |r|^2 / 2 - r.x + |x|^2 / 2; its last term is the same for all r, so a chunk is one matrix product.
    """
    reference = reference.flatten(1)  # (M, D)
    half_norms = reference.square().sum(1) / 2  # (M,)
    return torch.cat([torch.addmm(half_norms, part, reference.T, alpha=-1).argmin(1) for part in x.flatten(1).split(chunk)])


def nn_error(generated: Tensor, generated_y: Tensor, real: Tensor, real_y: Tensor) -> tuple[float, float]:
    """The error on real images of a 1-nearest-neighbour classifier fitted to generated ones: percent, standard error.

    It is low only if generated digits are of the right class, sharp, and as varied as real ones (DCGAN paper, arXiv 1511.06434,
    appendix: 2.98 % with a conditional DCGAN's 50,000 digits, 3.1 % with 50,000 real ones).
    """
    return percentage(generated_y[nearest(generated, real)] != real_y)


def probe_accuracy(codes: Tensor, y: Tensor, test_codes: Tensor, test_y: Tensor) -> tuple[float, float]:
    """The accuracy on test codes (N, d) of a 1-nearest-neighbour classifier fitted to codes (M, d): percent, standard error.

    In float64: in one dimension, thousands of codes lie closer together than float32 resolves.
    """
    return percentage(y[nearest(codes.double(), test_codes.double()).cpu()] == test_y)


def class_share_gap(answers: Tensor, classes: int = 10, reference: Tensor | None = None) -> tuple[float, float]:
    """The largest gap between a class's share among answers (N,) and in `reference` (classes,): percentage points, standard error.

    The shares of `reference` sum to 1; by default all are equal.  The standard error is that of the worst class.
    """
    shares = torch.bincount(answers, minlength=classes).double() / len(answers)
    gaps = (shares - (torch.full_like(shares, 1 / classes) if reference is None else reference)).abs()
    worst = gaps.argmax()
    return 100 * gaps[worst].item(), 100 * (shares[worst] * (1 - shares[worst]) / len(answers)).sqrt().item()


def feature_distance(a: Tensor, b: Tensor) -> float:
    """Frechet distance between normal distributions with the means and covariances of two sets of features, (N, F) and (M, F).

    |mu_a - mu_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2)), in float64 (arXiv 1706.08500, equation 6).  The features are our digit
    classifier's, not the Inception network's: the figure is not an FID, and compares only models measured with this classifier.
    """
    (mu_a, cov_a), (mu_b, cov_b) = ((x.double().mean(0), x.double().T.cov()) for x in (a, b))
    values, vectors = torch.linalg.eigh(cov_a)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    # root C_b root is symmetric and has the eigenvalues of C_a C_b
    cross = torch.linalg.eigvalsh(root @ cov_b @ root).clamp(min=0).sqrt().sum()
    return ((mu_a - mu_b).square().sum() + cov_a.trace() + cov_b.trace() - 2 * cross).item()


def two_sample_nn(a: Tensor, b: Tensor, chunk: int = 1000) -> tuple[float, float]:
    """The leave-one-out accuracy of telling two sets of images (n, ...) apart by the nearest neighbour in pixels: percent, standard error.

    (arXiv 1610.06545.)  It is 50 if both sets come from the same distribution, 100 if they are far apart, and below 50 if one set copies
    the other.
    """
    x = torch.cat([a, b]).flatten(1)  # (2n, D)
    half_norms = x.square().sum(1) / 2  # (2n,)
    found = []
    for rows in torch.arange(len(x)).split(chunk):
        distances = torch.addmm(half_norms, x[rows], x.T, alpha=-1)  # half the squared ones, less |x|^2 / 2, see `nearest`
        distances[torch.arange(len(rows)), rows] = torch.inf
        found.append(distances.argmin(1))
    return percentage((torch.cat(found) < len(a)) == (torch.arange(len(x)) < len(a)))


def shipped_judge() -> DigitClassifier:
    """The shipped digit classifier, by which all figures of digits are judged."""
    return cast(DigitClassifier, catalog.load("digit-classifier"))


def agreement_metric(generated: Tensor, asked: Tensor, data: str, **about) -> Metric:
    """`agreement` of digits (N, 1, 28, 28) in [-1, 1] with the classes (N,) of which they were generated, by the shipped classifier."""
    value, stderr = agreement(shipped_judge(), generated, asked)
    estimator = "share of made digits that the shipped digit classifier takes for the asked class"
    return Metric("agreement", value, stderr=stderr, unit="%", data=data, n=len(generated), estimator=estimator, **about)


def nn_error_metric(generated: Tensor, asked: Tensor, real: Tensor, labels: Tensor, dataset: str, **about) -> Metric:
    """`nn_error` of a classifier fitted to generated images (N, 1, 28, 28), on the test images (M, 1, 28, 28) of a data set."""
    value, stderr = nn_error(generated, asked, real, labels)
    estimator = f"errors of a 1-nearest-neighbour classifier (Euclidean, pixels) fitted to {len(generated):,} made images"
    return Metric(
        "nn_error", value, stderr=stderr, unit="%", data=f"{dataset}, {len(real):,} images", n=len(real), estimator=estimator, **about
    )


def class_share_metric(answers: Tensor, labels: Tensor, data: str, **about) -> Metric:
    """`class_share_gap` between the shipped digit classifier's answers for samples (N,) and the test digits' labels (M,)."""
    value, stderr = class_share_gap(answers, reference=torch.bincount(labels, minlength=10).double() / len(labels))
    estimator = "largest gap between a class's share among samples, by the shipped digit classifier, and among test digits"
    return Metric("class_share_gap", value, stderr=stderr, unit="points", data=data, n=len(answers), estimator=estimator, **about)


def time_metric(sample: Callable[[int], Tensor], data: str, **about) -> Metric:
    """The time for an image when AT_A_TIME are made at once; the arguments are those of `sample_metrics`."""
    times = []
    for _ in range(3):  # the first call warms caches up, and other programs may share the machine
        began = time.perf_counter()
        sample(AT_A_TIME)
        times.append(time.perf_counter() - began)
    return Metric(
        "milliseconds_per_image",
        1000 * min(times) / AT_A_TIME,
        unit="ms",
        data=data,
        n=AT_A_TIME,
        estimator=f"time of {AT_A_TIME} images made at once, over {AT_A_TIME}; the least of {len(times)} calls",
        **about,
    )


def sample_metrics(
    sample: Callable[[int], Tensor], real: Tensor, dataset: str, labels: Tensor | None = None, data: str = "samples", **about
) -> Iterator[Metric]:
    """The figures by which all models of 28x28 grey images are compared.

    Args:
        sample: count -> so many generated images (count, 1, 28, 28) in [-1, 1], on the CPU.
        real: the test images, of the same kind (grey, or binarised to -1 and 1), (N, 1, 28, 28).
        dataset: its name; the digit classifier is used for "mnist" alone.
        labels: the test images' classes (N,), for the shares of classes; omitted if the model was asked for classes.
        data: what `sample` makes, in words.
        about: further fields of each Metric, such as `binarisation`.
    """
    yield time_metric(sample, data, **about)
    x = sample(SAMPLES)
    if dataset == "mnist":
        judge = shipped_judge()
        of_samples = features(judge, x)
        if labels is not None:
            yield class_share_metric(judge.head(of_samples.to(judge.head.weight)).argmax(1).cpu(), labels, data, **about)
        yield Metric(
            "feature_distance",
            feature_distance(of_samples, features(judge, real)),
            unit="",
            data=f"{data}, and {len(real):,} images of {dataset}",
            n=len(x),
            estimator="Frechet distance between normal distributions fitted to the shipped digit classifier's features (no FID)",
            **about,
        )
    n = min(NEIGHBOURS, len(x), len(real))
    value, stderr = two_sample_nn(x[:n], real[:n])
    yield Metric(
        "two_sample_nn",
        value,
        stderr=stderr,
        unit="%",
        data=f"{data}, and as many images of {dataset}",
        n=2 * n,
        estimator="leave-one-out accuracy of telling samples from real images by the nearest other one in pixels; 50 is ideal",
        **about,
    )
    energies = [100 * high_frequency_energy(images).double() for images in (x, real)]
    yield Metric(
        "high_frequency_energy",
        energies[0].mean().item(),
        stderr=energies[0].std().item() / len(x) ** 0.5,
        unit="%",
        data=f"{data}; the test images have {energies[1].mean().item():.3g} %",
        n=len(x),
        estimator=f"mean share of an image's power spectrum above {HIGH:g} cycles a pixel",
        **about,
    )
