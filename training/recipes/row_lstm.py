"""PixelRNN, Row LSTM (arXiv 1601.06759): an LSTM goes down the image a row at a time."""

from dataclasses import dataclass

from playground.models.autoregressive.pixelrnn import RowLSTM, RowLSTMArchitecture
from training.recipes.autoregressive import AutoregressiveRecipe, AutoregressiveSettings


@dataclass(frozen=True)
class RowLSTMSettings(RowLSTMArchitecture, AutoregressiveSettings):
    pass


class RowLSTMRecipe(AutoregressiveRecipe):
    """PixelRNN, Row LSTM: an LSTM that goes down the image a row at a time, given a class (arXiv 1601.06759)."""

    name = "row-lstm"
    Settings = RowLSTMSettings
    published = "80.54 (PixelRNN paper, static)"
    presets = {
        "small": {"batch_size": 32, "epochs": 8},
        # section 5.2: 12 layers of h = 128 (for CIFAR-10; those for MNIST are not given), RMSProp, batches of 16
        "paper": {
            "layers": 12,
            "channels": 256,
            "head": 1024,
            "optimizer": "rmsprop",
            "learning_rate": 1e-4,
            "ema": 0.0,
            "epochs": 100,
        },
    }
    tiny = {"epochs": 4, "batch_size": 8, "layers": 2, "channels": 8, "head": 8}

    def model(self) -> RowLSTM:
        return self.built(RowLSTM, **self.of_images())


RECIPE = RowLSTMRecipe
