"""Gated PixelCNN (arXiv 1606.05328): images written pixel by pixel, each from those before it and a class label.

Photos in colour, by the channel masks of arXiv 1601.06759.
"""

from dataclasses import dataclass

from playground.models.autoregressive.gated_pixelcnn import GatedPixelCNN, GatedPixelCNNArchitecture
from training.recipes.autoregressive import AutoregressiveRecipe, AutoregressiveSettings


@dataclass(frozen=True)
class GatedPixelCNNSettings(GatedPixelCNNArchitecture, AutoregressiveSettings):
    pass


class GatedPixelCNNRecipe(AutoregressiveRecipe):
    """Gated PixelCNN: images written pixel by pixel, given a class (arXiv 1606.05328)."""

    name = "gated-pixelcnn"
    Settings = GatedPixelCNNSettings
    in_colour = True
    published = "81.50 (pytorch-generative, Gated PixelCNN, dynamic), 81.30 (PixelRNN paper, PixelCNN, static)"
    presets = {
        "small": {"epochs": 5, "batch_size": 32},
        # section 3.2, the model of ImageNet: 20 layers of 384 channels, 5x5 filters, 200,000 updates of 128 images
        "paper": {
            "layers": 20,
            "channels": 384,
            "kernel": 5,
            "head": 384,
            "optimizer": "rmsprop",
            "batch_size": 128,
            "learning_rate": 1e-4,
            "ema": 0.0,
            "epochs": 512,
        },
    }
    tiny = {"epochs": 1.2, "batch_size": 8, "layers": 2, "channels": 8, "head": 8}

    def model(self) -> GatedPixelCNN:
        channels, head = self.in_groups(self.settings.channels, 3), self.in_groups(self.settings.head, 3)
        return self.built(GatedPixelCNN, channels=channels, head=head, planes=self.planes, **self.of_images())


RECIPE = GatedPixelCNNRecipe
