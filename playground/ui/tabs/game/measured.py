"""Comparisons of the models' measured figures."""

from playground import catalog


def rises(names: tuple[str, str], metric: str) -> bool:
    """Whether a figure is higher for the second of two models."""
    first, second = (catalog.entry(name).metrics[metric]["value"] for name in names)
    return second > first
