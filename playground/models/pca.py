"""Principal component analysis: Pearson, "On Lines and Planes of Closest Fit to Systems of Points in Space", 1901."""

import torch
from torch import Tensor, nn

from playground.models.base import Model


class PCA(Model):
    """The linear encoder and decoder with the least squared error, for 28x28 grey images (N, 1, 28, 28) in [-1, 1].

    The encoder projects on the covariance's eigenvectors of largest eigenvalue; the decoder is its transpose.  The axes are in the order of
    their eigenvalues, so that the first d of them are the answer for d dimensions, whatever d is.
    """

    system = "pca"

    def __init__(self, components: int = 64, dataset: str = "mnist"):
        super().__init__()
        self.dataset = dataset
        self.mean = nn.Parameter(torch.zeros(784), requires_grad=False)
        self.axes = nn.Parameter(torch.eye(components, 784), requires_grad=False)  # orthonormal rows
        self.variances = nn.Parameter(torch.ones(components), requires_grad=False)  # eigenvalues, largest first

    def fit(self, mean: Tensor, covariance: Tensor) -> None:
        """Takes the eigenvectors of the data's covariance (784, 784); mean (784,).  An axis points where its largest pixel is positive."""
        variances, vectors = torch.linalg.eigh(covariance)  # smallest first; eigenvectors are columns
        axes = vectors.flip(1).T[: len(self.axes)]  # (components, 784)
        signs = axes.gather(1, axes.abs().argmax(1, keepdim=True)).sign()
        self.mean.copy_(mean)
        self.axes.copy_(axes * signs)
        self.variances.copy_(variances.flip(0)[: len(self.axes)])

    def encode(self, x: Tensor, dimensions: int | None = None) -> Tensor:
        """The codes (N, dimensions): the first `dimensions` coordinates, or all."""
        return (x.flatten(1) - self.mean) @ self.axes[:dimensions].T

    def decode(self, z: Tensor) -> Tensor:
        """Images (N, 1, 28, 28) of codes (N, d), d up to the number of components."""
        return (self.mean + z @ self.axes[: z.shape[1]]).view(-1, 1, 28, 28)


def mean_and_covariance(x: Tensor) -> tuple[Tensor, Tensor]:
    """Of images x (N, ...): their mean (D,) and covariance (D, D), divided by N, in float64."""
    x = x.flatten(1).double()
    mean = x.mean(0)
    return mean, x.T @ x / len(x) - torch.outer(mean, mean)
