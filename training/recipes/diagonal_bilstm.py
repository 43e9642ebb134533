"""PixelRNN, Diagonal BiLSTM (arXiv 1601.06759): two LSTMs along the diagonals see every pixel before."""

from dataclasses import dataclass

from playground.models.autoregressive.pixelrnn import DiagonalBiLSTM, DiagonalBiLSTMArchitecture
from training.recipes.autoregressive import AutoregressiveRecipe, AutoregressiveSettings


@dataclass(frozen=True)
class DiagonalBiLSTMSettings(DiagonalBiLSTMArchitecture, AutoregressiveSettings):
    pass


class DiagonalBiLSTMRecipe(AutoregressiveRecipe):
    """PixelRNN, Diagonal BiLSTM: two LSTMs along the diagonals see every pixel before, given a class (arXiv 1601.06759)."""

    name = "diagonal-bilstm"
    Settings = DiagonalBiLSTMSettings
    published = "79.20 (PixelRNN paper, 7 layers, static), 80.75 (1 layer)"
    presets = {
        "small": {"batch_size": 32, "epochs": 6},
        # section 5.2: 7 layers of h = 16 for MNIST, RMSProp, batches of 16
        "paper": {
            "layers": 7,
            "channels": 32,
            "head": 64,
            "optimizer": "rmsprop",
            "learning_rate": 1e-4,
            "ema": 0.0,
            "epochs": 100,
        },
    }
    tiny = {"epochs": 4, "batch_size": 8, "layers": 2, "channels": 8, "head": 8}

    def model(self) -> DiagonalBiLSTM:
        return self.built(DiagonalBiLSTM, **self.of_images())


RECIPE = DiagonalBiLSTMRecipe
