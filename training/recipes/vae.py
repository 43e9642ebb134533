"""Variational autoencoder (arXiv 1312.6114) on images of digits, or of any size, in colour."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.optim import Adagrad, AdamW, Optimizer
from torchvision.utils import make_grid

from playground.analysis import nearest_neighbours
from playground.models.autoencoder import squared_error
from playground.models.base import normals, uniforms
from playground.models.vae import VAE, VAEArchitecture, kl_to_standard_normal, vae_loss
from training import data
from training.metrics import mean, probe_accuracy, sample_metrics
from training.random_streams import RandomStreams
from training.recipes import Metric, PictureRecipe, PictureSettings, multiple_of

IW_SAMPLES, IW_IMAGES = 5000, 250


@dataclass(frozen=True)
class VAESettings(VAEArchitecture, PictureSettings):
    likelihood: Literal["auto", "bernoulli", "gaussian"] = "auto"  # auto: bernoulli of grey images, gaussian in colour
    beta: float = 1.0  # weight of the KL term
    optimizer: Literal["adamw", "adagrad"] = "adamw"
    batch_size: int = 128
    learning_rate: float = 2e-3
    ema: float = 0.999


class VAERecipe(PictureRecipe):
    """Variational autoencoder: latent variables with an encoder and a decoder (arXiv 1312.6114)."""

    name = "vae"
    Settings = VAESettings
    presets = {
        "small": {"epochs": 17},
        # section 5 and appendix C: one hidden layer of 500 tanh units, minibatches of 100, Adagrad
        "paper": {
            "network": "mlp",
            "hidden": 500,
            "latent": 20,
            "optimizer": "adagrad",
            "learning_rate": 0.02,
            "batch_size": 100,
            "epochs": 1000,
            "ema": 0.0,
        },
    }
    tiny = {"latent": 2, "width": 4, "hidden": 16, "batch_size": 8}

    def __init__(self, settings: VAESettings):
        self.settings = settings
        multiple_of(4, settings.size, settings.network == "convolutional")
        self.images, self.labels = data.pictures(settings.dataset, "train", settings.data_dir, settings.size, settings.colour)

        self.planes = self.images.shape[1]
        chosen = {"auto": "bernoulli" if self.planes == 1 else "gaussian"}
        self.likelihood = chosen.get(settings.likelihood, settings.likelihood)

    def __len__(self) -> int:
        return len(self.images)

    def model(self) -> VAE:
        return self.built(VAE, likelihood=self.likelihood, planes=self.planes)

    def optimizers(self, model: VAE) -> dict[str, Optimizer]:
        if self.settings.optimizer == "adagrad":
            return {"vae": Adagrad(model.parameters(), lr=self.settings.learning_rate)}
        return {"vae": AdamW(model.parameters(), lr=self.settings.learning_rate, weight_decay=0.01)}

    def schedule(self, progress: float) -> float:
        return 1.0 if self.settings.optimizer == "adagrad" else (1 + math.cos(math.pi * progress)) / 2

    def batch(self, indices: Tensor, streams: RandomStreams) -> dict[str, Tensor]:
        grey = self.images[indices].to(torch.get_default_dtype()) / 255
        return {"x": self.observe(grey, streams.uniform("pixels", *self.images.shape[1:]))}

    def observe(self, grey: Tensor, noise: Tensor) -> Tensor:
        """Grey levels in [0, 1] as the likelihood takes them: binarised at random, or dequantized, in [-1, 1]."""
        if self.likelihood == "bernoulli":
            return (noise < grey).to(grey.dtype)
        return (grey * 255 + noise) / 128 - 1

    def losses(self, model: VAE, batch: dict[str, Tensor], streams: RandomStreams) -> Iterator[tuple[str, Tensor, dict[str, Tensor]]]:
        reconstruction, kl = model.elbo_terms(batch["x"], streams.normal("z0", model.latent))
        yield "vae", vae_loss(reconstruction, kl, self.settings.beta), {"reconstruction": -reconstruction.mean(), "kl": kl.mean()}

    def snapshot(self, model: VAE) -> Tensor:
        z = normals(0, 64, model.latent)
        return make_grid(model.grey(z.to(next(model.parameters()))), nrow=8, padding=1)

    def validate(self, model: VAE) -> dict[str, float]:
        x = self.observed("heldout")[:1000].to(next(model.parameters()))
        return {"elbo": -float(model.elbo(x, normals(1, len(x), model.latent).to(x)).mean())}

    def observed(self, split: data.Split) -> Tensor:
        """The images of a split, binarised (or dequantized) with a fixed seed."""
        images, _ = self.pictures(split)
        return self.observe(images.float() / 255, uniforms(0, len(images), *images.shape[1:]))

    def codes(self, model: VAE, images: Tensor) -> Tensor:
        """The means of q(z|x) of grey images, (N, latent)."""
        grey = images.to(next(model.parameters())) / 255
        grey = grey * 2 - 1 if self.likelihood == "gaussian" else grey
        return torch.cat([model.encode(part)[0] for part in grey.split(1000)])

    def export_assets(self, model: VAE, folder: Path) -> None:
        """The codes of training digits: 2,000 of them for a two-dimensional map; all of them for the default model, among which the page
        finds neighbours of generated digits."""
        if model.latent == 2:
            x = self.observe(self.images[:2000].float() / 255, uniforms(0, len(self.images[:2000]), *self.images.shape[1:]))
            save_file({"codes": model.encode(x)[0].contiguous(), "labels": self.labels[:2000].contiguous()}, folder / "codes.safetensors")
        elif model.settings == VAE().settings and self.settings.beta == 1:
            heldout, _ = self.pictures("heldout")
            grey, binarised = heldout / 127.5 - 1, self.observed("heldout") * 2 - 1
            codes, *unseen = (nearest_neighbours.encode(model, x) for x in (self.images / 127.5 - 1, grey, binarised))
            nearest_neighbours.save(folder, codes, self.labels, unseen)

    def means(self, model: VAE, count: int) -> Tensor:
        """Means of p(x|z) for z from the prior, on the CPU: (count, planes, size, size) in [-1, 1]."""
        z = normals(3, count, model.latent).to(next(model.parameters()))
        return torch.cat([model.grey(part) for part in z.split(1000)]).cpu()

    def metrics(self, model: VAE) -> Iterator[Metric]:
        x = self.observed("test").to(next(model.parameters()))
        gaussian = self.likelihood == "gaussian"
        # the published models have tens of dimensions, and a KL term of weight 1
        comparable = (
            self.settings.dataset == "mnist"
            and not gaussian
            and model.latent > 16
            and self.settings.beta == 1
            and self.settings.network != "deep"
        )
        common = {
            "unit": "nats",
            "data": f"{self.settings.dataset}, {len(x):,} images",
            "n": len(x),
            "binarisation": None if gaussian else data.binarisation(self.settings.dataset),
            "bound": "upper",
        }
        elbo = torch.cat([model.elbo(part, normals(2, len(part), model.latent, first=first).to(x)) for first, part in chunks(x, 1000)])
        yield Metric(
            "elbo",
            -elbo.mean().item(),
            stderr=elbo.std().item() / len(x) ** 0.5,
            estimator="minus the mean ELBO, one sample of z an image"
            + (", density of pixels in [-1, 1] with uniform noise in each level" if gaussian else ""),
            published="86.77 (pytorch-generative, dynamic)" if comparable else None,
            **common,
        )
        kl, spread = mean(kl_to_standard_normal(*model.encode(x)))
        yield Metric("kl", kl, stderr=spread, estimator="KL(q(z|x) || p(z)), in closed form", **{**common, "bound": "exact"})
        images, labels = self.pictures("test")
        codes, test_codes = self.codes(model, self.images), self.codes(model, images)
        grey = {**common, "unit": "", "binarisation": None, "bound": None}
        rebuilt = model.decode(test_codes)
        error, spread = mean(squared_error(rebuilt if gaussian else rebuilt * 2 - 1, images.to(rebuilt) / 127.5 - 1))
        yield Metric(
            "mse",
            error,
            stderr=spread,
            estimator="squared error of the mean of p(x|z) at the mean of q(z|x), mean over pixels, which are grey and in [-1, 1]",
            **grey,
        )
        right, spread = probe_accuracy(codes, self.labels, test_codes, labels)
        yield Metric(
            "probe_accuracy",
            right,
            stderr=spread,
            estimator=f"means of q(z|x) of test images whose nearest of {len(codes):,} training ones is of the same class",
            **{**grey, "unit": "%"},
        )
        means = "means of p(x|z), z from the prior"
        yield from sample_metrics(lambda n: self.means(model, n), images.float() / 127.5 - 1, self.settings.dataset, labels, means)
        if gaussian or self.settings.network == "deep":
            return  # the deep models of all code sizes are compared by ELBO and errors
        yield iw_metric(model, x, elbo, published="86.76 (IWAE paper, trained with k = 1, dynamic)" if comparable else None, **common)


def iw_metric(model: VAE, x: Tensor, elbo: Tensor, **about) -> Metric:
    """The importance-weighted bound on images x (N, ...), whose `elbo` (N,) is known.

    The bound is the ELBO plus a gap, which varies so little between images that it is measured on a part of them.
    """
    some = x[:: max(1, len(x) // IW_IMAGES)]
    gaps = torch.cat([importance_weighting_gain(model, image[None], seed) for seed, image in enumerate(some)])
    return Metric(
        "iw_bound",
        (-elbo.mean() - gaps.mean()).item(),
        stderr=(elbo.var() / len(x) + gaps.var() / len(gaps)).sqrt().item(),
        estimator=f"minus the importance-weighted bound, k = {IW_SAMPLES:,}: the mean ELBO of all images, plus the mean of what "
        f"{IW_SAMPLES:,} samples gain over it on {len(gaps)} of them, evenly spaced",
        **about,
    )


def chunks(x: Tensor, size: int) -> Iterator[tuple[int, Tensor]]:
    """(position of the first, part) for each part of at most `size` rows."""
    return ((first, x[first : first + size]) for first in range(0, len(x), size))


@torch.no_grad()
def importance_weighting_gain(model: VAE, x: Tensor, seed: int) -> Tensor:
    """`iw_bound` with IW_SAMPLES samples minus the ELBO by the same samples, in nats, (1,), for one image (1, 1, 28, 28)."""
    noise = torch.randn(1, IW_SAMPLES, model.latent, generator=torch.Generator().manual_seed(seed)).to(x)
    weights = torch.cat([model.log_weights(x, part) for part in noise.split(500, dim=1)], dim=1)  # (1, k), in parts that fit a cache
    return weights.logsumexp(1) - math.log(IW_SAMPLES) - weights.mean(1)


RECIPE = VAERecipe
