"""The drawings of the networks: what their file says passes through the models that ship."""

import json

import pytest

from playground import catalog
from playground.analysis.network_shapes import NETWORKS, PLACE, traced
from playground.ui.networks import drawn

WRITTEN = json.loads(PLACE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("place, network", list(enumerate(NETWORKS)), ids=[f"{title}" for _, title, *_ in NETWORKS])
def test_the_file_says_what_passes_through(place, network):
    tab, title, model, part, arguments = network
    layers = traced(catalog.load(model), part, arguments)
    assert WRITTEN[place] == {"tab": tab, "title": title, "model": model, "layers": layers}
    assert 3 <= len(layers) <= 17 and len(WRITTEN) == len(NETWORKS)


def test_the_tabs_of_systems_have_their_drawings():
    for tab in ("latent", "game", "digits", "sketch", "worlds", "pixels"):
        assert drawn(tab).count("<figure>") == sum(network["tab"] == tab for network in WRITTEN) > 0
    assert drawn("compare") == ""
