"""Autoencoder (Hinton and Salakhutdinov, Science 2006) on images of digits, or of any size, in colour; linear or deep."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.optim import LBFGS, AdamW, Optimizer
from torchvision.utils import make_grid

from playground.imaging.examples import drawn_pictures, things
from playground.models.autoencoder import Autoencoder, AutoencoderArchitecture, linear_squared_error, squared_error
from playground.models.base import normals
from playground.models.pca import mean_and_covariance
from training import data
from training.metrics import mean, probe_accuracy, sample_metrics
from training.random_streams import RandomStreams
from training.recipes import Metric, PictureRecipe, PictureSettings, multiple_of

SHOWN = 2000  # training images whose codes are shown as dots on a two-dimensional map


@dataclass(frozen=True)
class AutoencoderSettings(AutoencoderArchitecture, PictureSettings):
    # by default deep for grey images of 28 pixels, as the digits are, and convolutional for others
    network: Literal["deep", "linear", "convolutional"] | None = None
    batch_size: int = 128
    learning_rate: float = 3e-3
    ema: float = 0.999
    storage: Literal["float32", "bfloat16"] = "bfloat16"


class AutoencoderRecipe(PictureRecipe):
    """Autoencoder: a network with a narrow middle gives back its input (Hinton and Salakhutdinov 2006)."""

    name = "autoencoder"
    Settings = AutoencoderSettings
    presets = {
        "small": {"epochs": 10},
        "paper": {"widths": (1000, 500, 250), "latent": 30, "epochs": 200, "batch_size": 1000, "learning_rate": 1e-3},
    }
    tiny = {"latent": 2, "widths": (16,), "batch_size": 8}

    def __init__(self, settings: AutoencoderSettings):
        self.settings = settings
        self.steps = settings.network != "linear"
        self.images, self.labels = data.pictures(settings.dataset, "train", settings.data_dir, settings.size, settings.colour)
        small = self.images.shape[1:] == (1, 28, 28)
        self.network = settings.network or ("deep" if small or settings.size % 4 else "convolutional")
        multiple_of(4, settings.size, self.network == "convolutional")

    def __len__(self) -> int:
        return len(self.images)

    def model(self) -> Autoencoder:
        return self.built(Autoencoder, network=self.network, planes=self.images.shape[1])

    def fit(self, model: Autoencoder) -> None:
        """The linear loss depends on mean and covariance alone, so all images are one batch, and it is minimised until it converges.

        The optimal biases for any matrices are a = -E m and b = m, so that E and D remain, with the loss of centred data.
        """
        mean, covariance = mean_and_covariance(self.images / 127.5 - 1)
        device = next(model.parameters()).device
        model.cpu().double()
        encoder, decoder = model.encoder[1], model.decoder[0]
        for layer in (encoder, decoder):
            torch.nn.init.zeros_(layer.bias)
        torch.nn.init.uniform_(decoder.weight, -(len(mean) ** -0.5), len(mean) ** -0.5)  # of unlike sizes, they take many times as long
        optimizer = LBFGS(
            [encoder.weight, decoder.weight], max_iter=1000, history_size=100, tolerance_change=1e-9, line_search_fn="strong_wolfe"
        )

        def descend() -> Tensor:
            optimizer.zero_grad()
            # summed over pixels and images: L-BFGS forgets curvatures that are small in absolute terms
            loss = self.images.numel() * linear_squared_error(model, torch.zeros_like(mean), covariance)
            loss.backward()
            return loss

        before = math.inf
        while (loss := optimizer.step(descend).item()) < before * (1 - 1e-6):  # a step's first loss; near a saddle one step stops too soon
            before = loss
        with torch.no_grad():
            encoder.bias.copy_(-encoder.weight @ mean)
            decoder.bias.copy_(mean)
        model.to(device, torch.get_default_dtype())

    def optimizers(self, model: Autoencoder) -> dict[str, Optimizer]:
        return {"autoencoder": AdamW(model.parameters(), lr=self.settings.learning_rate, weight_decay=0.01)}

    def schedule(self, progress: float) -> float:
        return (1 + math.cos(math.pi * progress)) / 2

    def batch(self, indices: Tensor, streams: RandomStreams) -> dict[str, Tensor]:
        return {"x": self.images[indices].to(torch.get_default_dtype()) / 127.5 - 1}

    def losses(
        self, model: Autoencoder, batch: dict[str, Tensor], streams: RandomStreams
    ) -> Iterator[tuple[str, Tensor, dict[str, Tensor]]]:
        x = batch["x"]
        yield "autoencoder", squared_error(model.decode(model.encode(x)), x).mean(), {}

    def snapshot(self, model: Autoencoder) -> Tensor:
        """Reconstructions of the ten drawn digits, or of the sixteen things; for other sizes and in colour, of drawn houses."""
        x = things() if self.settings.dataset == "things" else drawn_pictures(self.settings.size, self.images.shape[1])
        return make_grid(model.decode(model.encode(x.to(next(model.parameters())))), nrow=5, padding=1)

    def validate(self, model: Autoencoder) -> dict[str, float]:
        """On the first 1,000 held-out images."""
        images, _ = self.pictures("heldout")
        x = images[:1000].to(next(model.parameters())) / 127.5 - 1
        return {"mse": float(squared_error(model.decode(model.encode(x)), x).mean())}

    def codes(self, model: Autoencoder, images: Tensor) -> Tensor:
        return torch.cat([model.encode(part.to(next(model.parameters())) / 127.5 - 1) for part in images.split(10_000)])

    def export_assets(self, model: Autoencoder, folder: Path) -> None:
        """The mean and standard deviation of the training codes, for random codes; and some of the codes, if they are two-dimensional."""
        codes = self.codes(model, self.images)
        arrays = {"mean": codes.mean(0), "std": codes.std(0)}
        if model.latent == 2:
            arrays |= {"codes": codes[:SHOWN].clone(), "labels": self.labels[:SHOWN].clone()}
        save_file(arrays, folder / "codes.safetensors")

    def metrics(self, model: Autoencoder) -> Iterator[Metric]:
        images, labels = self.pictures("test")
        codes, test_codes = self.codes(model, self.images), self.codes(model, images)
        common = {"data": f"{self.settings.dataset}, {len(images):,} images", "n": len(images)}
        if self.settings.dataset == "things":
            common["split"] = "train"
        error, stderr = mean(squared_error(model.decode(test_codes), images.to(codes) / 127.5 - 1))
        yield Metric(
            "mse",
            error,
            stderr=stderr,
            unit="",
            estimator="squared error of the rebuilt image, mean over pixels, which are in [-1, 1]",
            **common,
        )
        if self.settings.dataset == "things":  # there are no test images whose neighbours could be found
            return
        right, stderr = probe_accuracy(codes, self.labels, test_codes, labels)
        yield Metric(
            "probe_accuracy",
            right,
            stderr=stderr,
            unit="%",
            estimator=f"test codes whose nearest of {len(codes):,} training codes is of the same class",
            **common,
        )
        center, spread = codes.mean(0), codes.std(0)

        def sample(count: int) -> Tensor:
            return torch.cat([model.decode(center + spread * z).cpu() for z in normals(3, count, model.latent).to(codes).split(1000)])

        samples = "images of random codes, drawn with the mean and the spread of each dimension of the training codes"
        yield from sample_metrics(sample, images.float() / 127.5 - 1, self.settings.dataset, labels, samples)


RECIPE = AutoencoderRecipe
