"""C3: a deep autoencoder keeps more of an image than PCA does in as many dimensions, on test data."""

import pytest

from playground import api
from tests.experiments.shipped import measured


@pytest.mark.parametrize("size", api.SIZES)
def test_c3_deep_autoencoders_keep_more_than_pca(size):
    assert measured(f"ae-mnist-{size}", "mse")["value"] < measured("pca-mnist", "mse")["by_dimensions"][str(size)]
