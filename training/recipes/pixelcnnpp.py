"""PixelCNN++ (arXiv 1701.05517): photos written pixel by pixel, each from a mixture of discretised logistics over its three planes."""

from dataclasses import dataclass

from playground.errors import UserError
from playground.models.autoregressive.pixelcnnpp import PixelCNNpp, PixelCNNppArchitecture, PixelCNNppConfig
from training.recipes.autoregressive import AutoregressiveRecipe, AutoregressiveSettings


@dataclass(frozen=True)
class PixelCNNppSettings(PixelCNNppArchitecture, AutoregressiveSettings):
    dataset: str = PixelCNNppConfig.dataset  # or "folder", with one folder a class


class PixelCNNppRecipe(AutoregressiveRecipe):
    """PixelCNN++: photos written pixel by pixel, each from a mixture of logistics (arXiv 1701.05517)."""

    name = "pixelcnnpp"
    Settings = PixelCNNppSettings
    published = ""
    in_colour = only_colour = True
    presets = {
        "small": {"epochs": 25},
        # section 3 and the authors' code for CIFAR-10: 160 filters, 5 blocks a stage, Adam, batches of 16 on each of 8 GPUs
        "paper": {
            "features": 160,
            "resnets": 5,
            "mixtures": 10,
            "dropout": 0.5,
            "optimizer": "adam",
            "batch_size": 128,
            "learning_rate": 1e-3,
            "ema": 0.9995,
            "epochs": 5000,
        },
    }
    tiny = {"batch_size": 4, "features": 6, "mixtures": 2, "stages": 2, "size": 8}

    def model(self) -> PixelCNNpp:
        s = self.settings
        if self.size % 2 ** (s.stages - 1):
            raise UserError(f"--size {self.size} can't be halved {s.stages - 1} times; choose a multiple of {2 ** (s.stages - 1)}.")
        if not s.whole_pixels and (s.features % 3 or s.likelihood == "softmax"):
            raise UserError("Masks for the planes need a multiple of 3 as --features, and a --likelihood that is a mixture.")
        return self.built(PixelCNNpp, **self.of_images())


RECIPE = PixelCNNppRecipe
