"""Principal component analysis (Pearson 1901) of images of digits, or of any size, in colour."""

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor
from torchvision.utils import make_grid

from playground.errors import UserError
from playground.imaging.examples import drawn_pictures
from playground.models.autoencoder import squared_error
from playground.models.pca import PCA, PCAArchitecture, mean_and_covariance
from training import data
from training.metrics import mean, probe_accuracy
from training.recipes import Metric, PictureRecipe, PictureSettings

LARGEST_COVARIANCE = 3072  # pixels; of larger images, at most so many, evenly spaced, are decomposed directly:
FITTED = 4096
LADDER = (1, 2, 3, 4, 8, 16, 32)  # dimensions at which PCA, autoencoders and VAEs are compared


@dataclass(frozen=True)
class PCASettings(PCAArchitecture, PictureSettings):
    pass


class PCARecipe(PictureRecipe):
    """Principal component analysis: the best linear encoder and decoder, in closed form (Pearson 1901)."""

    name = "pca"
    Settings = PCASettings
    presets = {"small": {}, "paper": {"components": 784}}  # Pearson keeps as many axes as there are coordinates
    tiny = {"components": 8}
    steps = False

    def __init__(self, settings: PCASettings):
        self.settings = settings
        self.images, self.labels = data.pictures(settings.dataset, "train", settings.data_dir, settings.size, settings.colour)

        pixels = self.images[0].numel()
        self.by_images = pixels > LARGEST_COVARIANCE
        self.fitted = self.images[:: -(-len(self.images) // FITTED)] if self.by_images else self.images
        most = min(pixels, len(self.fitted)) if self.by_images else pixels
        if settings.components > most:
            shape = "x".join(map(str, self.images.shape[:0:-1]))
            raise UserError(f"{len(self.fitted)} images of {shape} have {most} components at most; --components is {settings.components}.")

    def __len__(self) -> int:
        return len(self.images)

    def model(self) -> PCA:
        return self.built(PCA, planes=self.images.shape[1])

    def fit(self, model: PCA) -> None:
        if self.by_images:
            model.fit_images(self.fitted / 127.5 - 1)
        else:
            model.fit(*mean_and_covariance(self.images / 127.5 - 1))

    def snapshot(self, model: PCA) -> Tensor:
        """Reconstructions of the ten drawn digits; for other sizes and in colour, of drawn houses."""
        drawn = drawn_pictures(self.settings.size, self.images.shape[1])
        return make_grid(model.decode(model.encode(drawn.to(model.mean))).clamp(-1, 1), nrow=5, padding=1)

    def metrics(self, model: PCA) -> Iterator[Metric]:
        images, labels = self.pictures("test")
        codes, test_codes = (model.encode(split.to(model.axes) / 127.5 - 1) for split in (self.images, images))
        x = images.to(model.axes) / 127.5 - 1
        count = len(model.axes)
        errors = {d: mean(squared_error(model.decode(test_codes[:, :d]), x)) for d in (*[d for d in LADDER if d < count], count)}
        found = {d: probe_accuracy(codes[:, :d], self.labels, test_codes[:, :d], labels) for d in errors}
        common = {"data": f"{self.settings.dataset}, {len(x):,} images", "n": len(x)}
        yield Metric(
            "mse",
            errors[count][0],
            stderr=errors[count][1],
            unit="",
            estimator=f"squared error of the image rebuilt from {count} dimensions, mean over pixels, which are in [-1, 1]",
            extra={"by_dimensions": {str(d): error for d, (error, _) in errors.items()}},
            **common,
        )
        yield Metric(
            "probe_accuracy",
            found[count][0],
            stderr=found[count][1],
            unit="%",
            estimator=f"test codes of {count} dimensions whose nearest of {len(codes):,} training codes is of the same class",
            extra={"by_dimensions": {str(d): right for d, (right, _) in found.items()}},
            **common,
        )


RECIPE = PCARecipe
