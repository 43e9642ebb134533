"""PixelCNN (arXiv 1601.06759): the masks of a convolution make it a model of each pixel given those before it."""

from dataclasses import dataclass

from playground.models.autoregressive.pixelcnn import PixelCNN
from training.recipes.autoregressive import AutoregressiveRecipe, AutoregressiveSettings


@dataclass(frozen=True)
class PixelCNNSettings(AutoregressiveSettings):
    layers: int = 10
    channels: int = 64  # 2h of the residual block
    kernel: int = 3
    head: int = 64  # channels of the last hidden layer


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
        s = self.settings
        return PixelCNN(
            s.layers, self.in_groups(s.channels, 6), s.kernel, self.in_groups(s.head, 3), planes=self.planes, **self.of_images()
        )


RECIPE = PixelCNNRecipe
