"""Linear codes: the angles between two subspaces, and the correlations of codes."""

import torch
from torch import Tensor


def principal_angles(a: Tensor, b: Tensor) -> Tensor:
    """The angles in degrees between the spaces that the columns of a (D, k) and of b (D, k) span, (k,), smallest first; in float64.

    Their sines are the singular values of b's orthonormal basis minus its projection on a's space.  Unlike the cosines, they resolve small
    angles (Bjorck and Golub, "Numerical Methods for Computing Angles Between Linear Subspaces", 1973).
    """
    (a, _), (b, _) = (torch.linalg.qr(basis.double()) for basis in (a, b))
    sines = torch.linalg.svdvals(b - a @ (a.T @ b)).flip(0)
    return torch.rad2deg(torch.asin(sines.clamp(max=1)))


def correlations(covariance: Tensor) -> Tensor:
    """The correlations (k, k) of a covariance (k, k)."""
    spread = covariance.diagonal().sqrt()
    return covariance / torch.outer(spread, spread)


def largest_correlation(covariance: Tensor) -> float:
    """The largest correlation, of either sign, between two different coordinates of a covariance (k, k)."""
    return (correlations(covariance) - torch.eye(len(covariance)).to(covariance)).abs().max().item()


def linear_code_covariance(encoder: Tensor, axes: Tensor, variances: Tensor) -> Tensor:
    """The covariance (d, d) of the codes E x, for data whose covariance is that of its principal components.

    Args:
        encoder: E, (d, D).
        axes: orthonormal principal axes, (k, D).
        variances: along the axes, (k,).  Variance outside the k axes is ignored.
    """
    seen = encoder.double() @ axes.double().T  # (d, k)
    return seen * variances.double() @ seen.T
