"""C23: does it help a GAN that has few images to augment what D sees (arXiv 2006.10738)?  The page says what was measured."""

from playground import catalog
from playground.ui.tabs.game import pair
from tests.experiments.shipped import measured


def test_c23_the_page_says_whether_augmentation_helps():
    plain, shifted = (measured(name, "feature_distance")["value"] for name in pair.TWINS)
    answer = pair.c23()
    assert answer.startswith("It helps" if shifted < plain else "It does not help")
    assert f"{plain:.4g}" in answer and f"{shifted:.4g}" in answer


def test_c23_the_two_differ_in_what_d_sees_alone():
    plain, shifted = (catalog.entry(name).training for name in pair.TWINS)
    assert shifted["settings"] == {**plain["settings"], "augment": "translation"} and plain["settings"]["augment"] == ""
    assert plain["steps"] == shifted["steps"] and plain["training_examples"] == shifted["training_examples"] == 300
    assert plain["hardware"] == shifted["hardware"]
