"""PixelCNN (arXiv 1601.06759): the masks of a convolution make it a model of each pixel given those before it."""

from dataclasses import dataclass

from playground.models.autoregressive.pixelcnn import PixelCNN, PixelCNNArchitecture
from training.recipes.autoregressive import AutoregressiveRecipe, AutoregressiveSettings


@dataclass(frozen=True)
class PixelCNNSettings(PixelCNNArchitecture, AutoregressiveSettings):
    pass


class PixelCNNRecipe(AutoregressiveRecipe):
    """PixelCNN: masked convolutions, given a class (arXiv 1601.06759)."""

    name = "pixelcnn"
    in_colour = True
    Settings = PixelCNNSettings
    published = "81.30 (PixelRNN paper, static), 81.45 (pytorch-generative, dynamic)"
    presets = {
        "small": {"batch_size": 32, "epochs": 12.0},
        # section 5.2: 15 layers of h = 128 (for CIFAR-10; those for MNIST are not given), RMSProp, batches of 16; table 1: head of 1024
        "paper": {
            "layers": 15,
            "channels": 256,
            "head": 1024,
            "optimizer": "rmsprop",
            "learning_rate": 1e-4,
            "ema": 0.0,
            "epochs": 100,
        },
    }
    tiny = {"epochs": 7, "batch_size": 8, "layers": 2, "channels": 8, "head": 8}

    def model(self) -> PixelCNN:
        channels, head = self.in_groups(self.settings.channels, 6), self.in_groups(self.settings.head, 3)
        return self.built(PixelCNN, channels=channels, head=head, planes=self.planes, **self.of_images())


RECIPE = PixelCNNRecipe
