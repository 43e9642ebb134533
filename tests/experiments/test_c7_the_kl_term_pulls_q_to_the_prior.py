"""C7: the KL term pulls q(z|x) to the prior: with more weight on it, the KL falls and the error rises."""

from itertools import pairwise

from playground import api
from tests.experiments.shipped import measured


def test_c7_kl_falls_and_error_rises_with_beta():
    models = [api.beta_model(beta) for beta in api.BETAS]
    kls = [measured(model, "kl")["value"] for model in models]
    errors = [measured(model, "mse")["value"] for model in models]
    assert all(lighter > heavier for lighter, heavier in pairwise(kls))
    assert all(lighter < heavier for lighter, heavier in pairwise(errors))
