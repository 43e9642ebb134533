"""C11: the same game, on the same images for as many epochs, is played better by convolutional networks than by fully connected ones."""

from playground import zoo
from tests.experiments.shipped import measured


def test_c11_convolutions_beat_fully_connected_layers():
    assert measured("dcgan-mnist", "feature_distance")["value"] < measured("gan-mnist", "feature_distance")["value"]


def test_c11_it_is_not_for_more_images_or_more_weights():
    gan, dcgan = (zoo.entry(name).training for name in ("gan-mnist", "dcgan-mnist"))
    assert gan["images"] >= dcgan["images"]
    assert sum(gan["parameters"].values()) >= sum(dcgan["parameters"].values())
