"""C11: is the same game played better by convolutional networks than by fully connected ones?  The page says what was measured."""

from playground.ui.tabs.game import pair
from tests.experiments.shipped import measured


def test_c11_the_page_says_whether_convolutions_beat_fully_connected_layers():
    """On the weights shipped so far the claim may fail; then the page must say so, with both figures."""
    gan, dcgan = (measured(name, "feature_distance")["value"] for name in ("gan-mnist", "dcgan-mnist"))
    answer = pair.c11()
    assert answer.startswith("It holds here" if dcgan < gan else "It fails here")
    assert f"{gan:.4g}" in answer and f"{dcgan:.4g}" in answer
