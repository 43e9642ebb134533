"""Measured figures of PCA, autoencoders and VAEs with codes of 1 to 32 numbers."""

from playground import api, catalog
from playground.errors import UserError

LADDERS = {  # name on the page -> (model of a size, colour of its curve)
    "PCA": ("pca-mnist", "quiet"),
    "AE": ("ae-mnist-{}", "generator"),
    "VAE": ("vae-mnist-deep-{}", "generated"),
}


def ladder(name: str, metric: str) -> list[float | None]:
    """A figure at each of `SIZES`, None where it wasn't measured."""
    model = LADDERS[name][0]
    found = []
    for size in api.SIZES:
        try:
            entry = catalog.entry(model.format(size)).metrics[metric]
            found.append(entry["by_dimensions"][str(size)] if "by_dimensions" in entry else entry["value"])
        except (UserError, KeyError):
            found.append(None)
    return found


def at_size(model: str, metric: str, size: int) -> float:
    return catalog.entry(model).metrics[metric]["by_dimensions"][str(size)]
