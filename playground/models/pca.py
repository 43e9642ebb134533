"""Principal component analysis: Pearson, "On Lines and Planes of Closest Fit to Systems of Points in Space", 1901."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from playground.models.base import ImageConfig, Model


@dataclass(frozen=True, kw_only=True)
class PCAArchitecture:
    components: int = 64  # axes that are kept


@dataclass(frozen=True, kw_only=True)
class PCAConfig(ImageConfig, PCAArchitecture):
    pass


class PCA(Model):
    """The linear encoder and decoder with the least squared error, for images (N, planes, size, size) in [-1, 1].

    The encoder projects on the covariance's eigenvectors of largest eigenvalue; the decoder is its transpose.  The axes are in the order of
    their eigenvalues, so that the first d of them are the answer for d dimensions, whatever d is.
    """

    system, Config = "pca", PCAConfig

    def __init__(self, **settings):
        super().__init__(**settings)
        components, self.dataset, self.size, self.planes = self.config.components, self.config.dataset, self.config.size, self.config.planes
        pixels = self.planes * self.size**2
        self.mean = nn.Parameter(torch.zeros(pixels), requires_grad=False)
        self.axes = nn.Parameter(torch.eye(components, pixels), requires_grad=False)  # orthonormal rows
        self.variances = nn.Parameter(torch.ones(components), requires_grad=False)  # eigenvalues, largest first

    def fit(self, mean: Tensor, covariance: Tensor) -> None:
        """Takes the eigenvectors of the data's covariance (D, D); mean (D,).  The sign of an axis makes its largest pixel positive."""
        variances, vectors = torch.linalg.eigh(covariance)  # smallest first; eigenvectors are columns
        self._take(mean, vectors.flip(1).T[: len(self.axes)], variances.flip(0)[: len(self.axes)])

    def fit_images(self, x: Tensor) -> None:
        """The same from images (N, ...) with too many pixels for a covariance matrix: by singular value decomposition, in float64."""
        x = x.flatten(1).double()
        mean = x.mean(0)
        _, values, axes = torch.linalg.svd(x - mean, full_matrices=False)  # (min(N, D), D), largest first
        self._take(mean, axes[: len(self.axes)], values.square()[: len(self.axes)] / len(x))

    def _take(self, mean: Tensor, axes: Tensor, variances: Tensor) -> None:
        signs = axes.gather(1, axes.abs().argmax(1, keepdim=True)).sign()
        self.mean.copy_(mean)
        self.axes.copy_(axes * signs)
        self.variances.copy_(variances)

    def encode(self, x: Tensor, dimensions: int | None = None) -> Tensor:
        """The codes (N, dimensions): the first `dimensions` coordinates, or all."""
        return (x.flatten(1) - self.mean) @ self.axes[:dimensions].T

    def decode(self, z: Tensor) -> Tensor:
        """Images (N, planes, size, size) of codes (N, d), d up to the number of components."""
        return (self.mean + z @ self.axes[: z.shape[1]]).view(-1, self.planes, self.size, self.size)


def mean_and_covariance(x: Tensor) -> tuple[Tensor, Tensor]:
    """Of images x (N, ...): their mean (D,) and covariance (D, D), divided by N, in float64."""
    x = x.flatten(1).double()
    mean = x.mean(0)
    return mean, x.T @ x / len(x) - torch.outer(mean, mean)
