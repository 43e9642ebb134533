"""What was measured of the shipped weights: the experiments on them read it, since no data set is at hand in every test."""

import hashlib

from playground import catalog


def measured(name: str, metric: str) -> dict:
    """The entry of a figure in `metrics.json`, which must be of the weights that lie beside it."""
    entry = catalog.entry(name)
    found = entry.metrics[metric]
    weights = hashlib.sha256((entry.folder / "model.safetensors").read_bytes()).hexdigest()
    assert found["weights_sha256"] == weights, f"python training/evaluate.py {name} measures the weights that are there now"
    return found
