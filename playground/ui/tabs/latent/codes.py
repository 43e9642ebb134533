"""The codes of training images, which the map shows as dots."""

import numpy as np

from playground import catalog
from playground.errors import UserError


def codes_of(model: str) -> tuple[np.ndarray, np.ndarray]:
    """The positions of training images on the map: codes (N, 2) and labels (N,), both empty if the model has none."""
    try:
        stored = catalog.entry(model).codes
        return stored["codes"].numpy(), stored["labels"].numpy()
    except (KeyError, UserError):
        return np.zeros((0, 2), np.float32), np.zeros(0, np.int64)
