"""Pix2Pix (arXiv 1611.07004): lines to flowers, label maps to facades and back, drawings to emoji, or pairs of one's own."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from math import cos, sin
from typing import Literal, cast

import numpy as np
import torch
from skimage.color import rgb2lab
from sklearn.cluster import KMeans
from torch import Tensor
from torch.optim import Adam, Optimizer
from torchmetrics.functional.image import structural_similarity_index_measure as ssim
from torchvision.utils import make_grid

from playground import imaging
from playground.analysis.spectrum import HIGH, high_frequency_energy
from playground.drawing import pictures
from playground.drawing.doodles import DOODLES
from playground.drawing.facades import FACADES
from playground.drawing.flowers import FLOWERS
from playground.drawing.palettes import FACADE_PALETTE
from playground.drawing.strokes import canvas_value
from playground.errors import UserError
from playground.models.gan import generator_loss
from playground.models.labels import label_loss
from playground.models.pix2pix import Pix2Pix, Pix2PixArchitecture, discriminator_loss, feature_matching_loss, l1_loss
from training import data
from training import hints as dabs
from training.augmentation import Augmentation, cropped_and_mirrored, r1_penalty
from training.metrics import class_iou, label_accuracy, label_confusion
from training.random_streams import RandomStreams
from training.recipes import AdversarialSettings, Metric, Recipe

# Colours that the visitor chooses, with their defaults
FLOWER_COLOURS = {"petals": [236, 178, 24], "background": [58, 82, 38]}
FILM_COLOURS = [[[236, 178, 24], [58, 82, 38]], [[140, 90, 190], [70, 90, 50]], [[240, 236, 235], [40, 60, 40]]]
DRAWN = ("openmoji", "shoes", "handbags")  # pairs whose left half is a drawing in black
WRONG = 10  # wrong sources with which `pair_preference` compares each picture
FILM_FLOWERS = ("sunflower", "windflower", "daisy")


@dataclass(frozen=True)
class Pix2PixSettings(Pix2PixArchitecture, AdversarialSettings):
    dataset: str = "flowers17"  # flowers17 (lines -> photo), facades, openmoji, shoes, handbags, or folder (see `data.pairs`)
    label_maps: Literal["auto", "left", "right", "both", "none"] = "auto"  # halves of a folder's pairs that are never smoothed
    target: Literal["left", "right"] = "left"  # the half of a pair to make; of facades the left one is the photo, of openmoji the drawing
    size: int = 128
    jitter: int = 16  # pictures are loaded this much larger, and cropped and mirrored at random
    widths: list[int] = field(default_factory=lambda: [32, 64, 128, 192, 192])
    discriminator_widths: list[int] = field(default_factory=lambda: [32, 64, 96, 96])
    upsampling: Literal["transposed", "resize"] = "resize"
    norm: Literal["batch", "group"] = "group"
    dropout: float = 0.0
    one_hot: bool = True
    colours: bool = True  # the colours of petals and background are given to both players (flowers17)
    hue: float = 0.35  # standard deviation of the random rotation of all colours, in radians (flowers17, and with dabs of colour)
    l1_weight: float = 30.0  # lambda of equation 4
    gan_weight: float = 1.0
    matching_weight: float = 3.0  # of the feature matching loss
    mismatched: bool = False  # a true picture with another picture's source counts as fake for D, too (GAN-CLS, arXiv 1605.05396)
    batch_size: int = 4
    learning_rate: float = 3e-4
    ema: float = 0.998
    storage: Literal["float32", "bfloat16"] = "bfloat16"
    channels_last: bool = True


class Pix2PixRecipe(Recipe):
    """Pix2Pix: a picture made from another one, learnt from pairs (arXiv 1611.07004)."""

    name = "pix2pix"
    Settings = Pix2PixSettings
    presets = {
        "small": {"epochs": 40},
        # sections 3.3 and 6: U-Net at 256 px, lambda = 100, batch 1 (facades), Adam at 2e-4, 200 epochs, random jitter from 286 px
        "paper": {
            **asdict(Pix2PixArchitecture()),
            "dataset": "facades",
            "jitter": 30,
            "colours": False,
            "hue": 0.0,
            "l1_weight": 100.0,
            "matching_weight": 0.0,
            "batch_size": 1,
            "learning_rate": 2e-4,
            "epochs": 200,
            "ema": 0.0,
            "storage": "float32",
        },
    }
    tiny = {"batch_size": 2, "size": 32, "jitter": 4, "widths": [8, 16, 16], "discriminator_widths": [8, 16], "label_maps": "none"}
    layout = "pairs"

    def __init__(self, settings: Pix2PixSettings):
        self.settings = s = settings
        if s.mismatched and s.batch_size == 1:
            raise UserError("--mismatched takes the source of another picture of the batch; use a --batch-size of 2 or more.")
        if s.size % (least := 2 ** len(s.widths)):
            raise UserError(
                f"--size {s.size} can't be halved {len(s.widths)} times, once by each of --widths: choose a multiple of {least}, such as "
                f"{max(least, s.size // least * least)} or {s.size // least * least + least}."
            )
        self.sketches: dict[tuple[int, float], Tensor] = {}  # lines of training photos, found when first asked for
        if s.dataset == "flowers17":
            self.targets, _, _ = data.images(s.dataset, "train", s.data_dir, s.size + s.jitter)
            self.chosen = flower_colours(self.targets)  # (N, 2, 3)
        else:
            self.sources, self.targets = data.with_margin(
                lambda size: data.pairs(s.dataset, "train", s.data_dir, size, s.target, s.label_maps), s
            )
            if self.drawn:
                self.sources = self.sources[:, :1]

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def drawn(self) -> bool:
        """Whether the sources are drawings in black ink."""
        return self.settings.dataset in DRAWN and self.settings.target == "right"

    def model(self) -> Pix2Pix:
        s = self.settings
        kinds = {"flowers17": ("lines", "photo"), "facades": ("labels", "photo")}.get(s.dataset, ("photo", "photo"))
        source, target = kinds if s.target == "left" else kinds[::-1]
        return self.built(
            Pix2Pix,
            source="drawing" if self.drawn else source,
            target=target,
            palette={name: list(colour) for name, colour in pictures.FACADE_COLOURS.items()} if s.dataset == "facades" else None,
            one_hot=s.one_hot and s.dataset == "facades",
            colours=FLOWER_COLOURS if s.colours and s.dataset == "flowers17" else None,
        )

    def optimizers(self, model: Pix2Pix) -> dict[str, Optimizer]:
        return {
            player: Adam(getattr(model, player).parameters(), lr=self.settings.learning_rate, betas=(0.5, 0.999), fused=True)
            for player in ("discriminator", "generator")
        }

    def schedule(self, progress: float) -> float:
        return min(1.0, 2 - 2 * progress)  # constant for the first half, then linear to zero

    def batch(self, indices: Tensor, streams: RandomStreams) -> dict[str, Tensor]:
        s, n = self.settings, len(indices)
        corners, chance = streams.integers("corners", s.jitter + 1, 2), streams.uniform("flips")

        def cut(images: Tensor) -> Tensor:
            return cropped_and_mirrored(images, s.size, corners, chance)

        y = cut(self.targets[indices])
        if s.dataset != "flowers17":
            source = cut(self.sources[indices])
            if self.drawn:
                source = thinner(source, streams.uniform("thinner", 2))
            return {"source": source, "y": y} if not s.hints else {"source": source, **self.hinted(source, y, streams)}
        sigmas = [imaging.LINE_SIGMAS[i] for i in streams.integers("sigmas", len(imaging.LINE_SIGMAS)).tolist()]
        lines = cut(torch.stack([self.lines(i, sigma) for i, sigma in zip(indices.tolist(), sigmas)]))
        lines = half_drawn(lines, streams.uniform("half drawn", 4))
        turns = turned_colours(s.hue * streams.normal("hues"))  # (n, 3, 3)
        chosen = self.chosen[indices].to(y) @ turns.mT  # (n, 2, 3)
        y = (turns @ y.flatten(2)).view(n, 3, s.size, s.size).clamp(-1, 1)
        return {"source": lines, "colours": chosen.clamp(-1, 1), "y": y}

    def hinted(self, source: Tensor, y: Tensor, streams: RandomStreams) -> dict[str, Tensor]:
        """True pictures y (n, 3, H, W) and hint maps, for sources (n, 1, H, W).

        Every other picture with several dabs has all its colours rotated, so that the generator learns to follow the dabs.
        """
        chance = streams.uniform("dabs", 1 + dabs.MOST, 3)
        hints = dabs.at_random(y, chance)
        if self.drawn:
            hints = imaging.spread(source.float(), hints.float()).to(y)
        several = (chance[:, 0, 0] > 0.6) & (streams.uniform("turned") < 0.5)
        turns = turned_colours(self.settings.hue * streams.normal("hues") * several).to(y)  # (n, 3, 3)
        y = torch.einsum("nij,njhw->nihw", turns, y).clamp(-1, 1)
        colours = torch.einsum("nij,njhw->nihw", turns, hints[:, :3]).clamp(-1, 1)
        return {"hints": torch.cat([colours, hints[:, 3:]], 1), "y": y}

    def lines(self, index: int, sigma: float) -> Tensor:
        """The lines of a training photo, (1, H, W) uint8, 0 is ink and 255 is paper."""
        if (index, sigma) not in self.sketches:
            found = imaging.lines(self.targets[index][None] / 127.5 - 1, sigma)[0]
            self.sketches[index, sigma] = ((found + 1) * 127.5).to(torch.uint8)
        return self.sketches[index, sigma]

    def losses(self, model: Pix2Pix, batch: dict[str, Tensor], streams: RandomStreams) -> Iterator[tuple[str, Tensor, dict[str, Tensor]]]:
        s, D = self.settings, model.discriminator
        asked = batch.get("colours"), batch.get("hints")
        x, y = model.source(batch["source"], *asked), model.target(batch["y"])
        generated = model.generator(x)
        T = Augmentation(s.augment, streams, "pairs")
        tx, ty = T.placed(x), T(y).detach().requires_grad_(bool(s.r1_weight))

        D.requires_grad_(True)
        real, fake = D.features(tx, ty), D.features(tx, T(generated.detach()))
        fakes = fake[-1]
        if s.mismatched:
            fakes = torch.cat([fakes, D(T.placed(model.source(batch["source"].roll(1, 0), *asked)), ty)])
        scalars = {"D_real": real[-1].detach().sigmoid().mean(), "D_fake": fake[-1].detach().sigmoid().mean()}
        yield "discriminator", discriminator_loss(real[-1], fakes) + r1_penalty(s.r1_weight, real[-1], ty), scalars

        D.requires_grad_(False)  # it only passes gradients to G
        fake = D.features(tx, T(generated))
        gan = generator_loss(fake[-1])
        near = label_loss(generated, y) if generated.shape[1] > 3 else l1_loss(generated, y)
        loss = s.gan_weight * gan + s.l1_weight * near
        if s.matching_weight:  # matched with the features of y from above, which saves a pass
            loss = loss + s.matching_weight * feature_matching_loss(real[:-1], fake[:-1])
        yield "generator", loss, {"gan": gan, "l1": near}

    def snapshot(self, model: Pix2Pix) -> Tensor:
        """Drawings of ours above their translations; for a folder, its first held-out picture and its translation."""
        like = next(model.parameters())
        if model.source_kind == "lines":
            sources = torch.cat([imaging.sketch_from_canvas(canvas_value(FLOWERS[name]), model.size) for name in FILM_FLOWERS])
            colours = torch.tensor(FILM_COLOURS) / 127.5 - 1
        elif model.source_kind == "drawing":
            sources, colours = torch.cat([imaging.doodle_from_canvas(canvas_value(d), model.size)[0] for d in DOODLES.values()])[:3], None
        elif model.source_kind == "labels":
            sources, colours = (
                torch.cat([imaging.labels_from_canvas(canvas_value(f), model.size, FACADE_PALETTE) for f in FACADES.values()]),
                None,
            )
        elif model.target_kind == "labels":
            sources, colours = imaging.to_tensor(pictures.facade_photo(model.size)), None
        else:
            sources, colours = self.examples("heldout")[0][:1], None
        generated = model(sources.to(like), None if colours is None or not model.colours else colours.to(like))
        rows = torch.cat([sources.to(generated).expand(-1, 3, -1, -1), generated])  # (2 n, 3, size, size)
        small = 400 // len(sources) < model.size and len(sources) > 1
        return make_grid(torch.nn.functional.avg_pool2d(rows, 2) if small else rows, nrow=len(sources), padding=0)

    def examples(self, split: data.Split) -> tuple[Tensor, Tensor | None, Tensor]:
        """(source, chosen colours, true pictures) of a split, in [-1, 1]; flowers have lines of the middle detail."""
        s = self.settings
        if s.dataset != "flowers17":
            source, target = data.pairs(s.dataset, split, s.data_dir, s.size, s.target, s.label_maps)
            source = source[:, :1] if self.drawn else source
            return source / 127.5 - 1, None, target / 127.5 - 1
        photos, _, _ = data.images(s.dataset, split, s.data_dir, s.size)
        return imaging.lines(photos / 127.5 - 1, imaging.LINE_SIGMAS[1]), flower_colours(photos), photos / 127.5 - 1

    def validate(self, model: Pix2Pix) -> dict[str, float]:
        if not hasattr(self, "heldout"):
            self.heldout = some(self.examples("heldout"), slice(40))
        generated, true = self.generate(model, *self.heldout)
        if model.target_kind == "labels" and model.palette:
            return {"pixel_accuracy": label_accuracy(generated, true).mean().item()}
        figures = {"l1": l1_loss(generated, true).item()}
        if model.hints:
            hinted, _ = self.generate(model, *self.heldout, hints=self.five_dabs(self.heldout[0], true))
            for name, pictures in (("fill_accuracy", generated), ("fill_accuracy_hinted", hinted)):
                figures[name] = dabs.fill_accuracy(pictures, true).nanmean().item()
        return figures

    def five_dabs(self, sources: Tensor, true: Tensor) -> Tensor:
        """Hint maps (N, 4, H, W) with one dab of the true colour in each of the five largest regions, as the page would pass them."""
        hints = dabs.of_largest_regions(true)
        return imaging.spread(sources, hints) if self.drawn else hints

    def generate(
        self, model: Pix2Pix, sources: Tensor, colours: Tensor | None, true: Tensor, hints: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """(generated pictures, true pictures), each (N, 3, size, size) on the CPU."""
        like = next(model.parameters())
        generated = []
        for rows in torch.arange(len(sources)).split(16):
            asked = (
                None if part is None or not takes else part[rows].to(like) for part, takes in ((colours, model.colours), (hints, True))
            )
            generated.append(model(sources[rows].to(like), *asked).float().cpu())
        return torch.cat(generated), true

    def sheet(self, model: Pix2Pix) -> Tensor | None:
        """For sixteen emoji: the drawing, its translation, its translation with five dabs of the true colours, and the designer's emoji."""
        if not model.hints or self.settings.dataset != "openmoji":
            return None
        examples = self.examples("test")
        every = len(examples[0]) // 16
        sources, _, true = some(examples, slice(0, 16 * every, every))
        generated = [self.generate(model, sources, None, true, hints)[0] for hints in (None, self.five_dabs(sources, true))]
        return make_grid(torch.stack([sources.expand_as(true), *generated, true], 1).flatten(0, 1), nrow=8, padding=2, pad_value=0.7)

    def metrics(self, model: Pix2Pix) -> Iterator[Metric]:
        sources, colours, true = self.examples("test")
        generated, _ = self.generate(model, sources, colours, true)
        n = len(true)
        what = {"data": f"{self.settings.dataset}, {n} pictures at {model.size} px", "n": n}
        lines = ", from lines of sigma 2.5 and the photo's own two colours" if model.source_kind == "lines" else ""
        if model.target_kind == "labels" and model.palette:
            accuracy, iou = label_accuracy(generated, true), class_iou(label_confusion(generated, true))
            yield Metric(
                "pixel_accuracy",
                accuracy.mean().item(),
                unit="",
                stderr=accuracy.std().item() / n**0.5,
                estimator="share of pixels whose nearest of the twelve label colours is the true one's, mean over images",
                **what,
            )
            yield Metric(
                "class_iou",
                iou.nanmean().item(),
                unit="",
                estimator="intersection over union of each class over all test pixels, mean over the twelve classes",
                extra={"iou": {name: round(float(value), 3) for name, value in zip(model.palette, iou)}},
                **what,
            )
        else:
            detail, of_true = 100 * high_frequency_energy(generated), 100 * high_frequency_energy(true).mean().item()
            similarity = cast(Tensor, ssim(generated, true, data_range=2.0, reduction="none"))
            for name, values, unit, how, extra in (
                ("l1", (generated - true).abs().mean((1, 2, 3)), "", "mean |y - G(x)|, pixels in [-1, 1]", None),
                ("ssim", similarity, "", "structural similarity, 11x11 Gaussian window (torchmetrics)", None),
                (
                    "high_frequency_energy",
                    detail,
                    "%",
                    f"mean share of G(x)'s power spectrum above {HIGH:g} cycles a pixel; the true pictures have {of_true:.3g} %",
                    {"real": of_true},
                ),
            ):
                stderr = values.std().item() / n**0.5  # NaN of one picture, and then left out
                yield Metric(name, values.mean().item(), unit, estimator=how + lines, stderr=stderr, extra=extra, **what)
        if model.hints:
            hinted, _ = self.generate(model, sources, colours, true, self.five_dabs(sources, true))
            yield from fill_metrics(generated, hinted, true, what)
        if n < 2:
            return  # there is no other source to prefer
        preferred = pair_preference(model, sources, colours, true)
        yield Metric(
            "pair_preference",
            100 * preferred.mean().item(),
            unit="%",
            stderr=100 * preferred.std().item() / n**0.5,
            estimator=f"how often D gives a true picture beside its own source a higher mean score than beside another's{lines}; "
            f"each picture with at most {WRONG} wrong ones",
            **what,
        )


def some(examples: tuple[Tensor, Tensor | None, Tensor], which: slice) -> tuple[Tensor, Tensor | None, Tensor]:
    """A part of `Pix2PixRecipe.examples`."""
    sources, colours, true = examples
    return sources[which], None if colours is None else colours[which], true[which]


def fill_metrics(generated: Tensor, hinted: Tensor, true: Tensor, what: dict) -> Iterator[Metric]:
    """`fill_accuracy` of pictures generated without dabs of colour, and with `Pix2PixRecipe.five_dabs`; (N, 3, H, W) in [-1, 1] each."""
    for name, filled, how in (
        ("fill_accuracy", generated, "without a dab of colour"),
        ("fill_accuracy_hinted", hinted, f"with one dab of the true colour in each of the {dabs.REGIONS} largest regions"),
    ):
        values = dabs.fill_accuracy(filled, true)
        values = values[~values.isnan()]
        yield Metric(
            name,
            values.mean().item(),
            unit="",
            stderr=values.std().item() / len(values) ** 0.5,
            estimator="share of the true picture's pixels that are neither white nor black (within 16 levels) whose largest "
            f"error of a channel is at most 32 levels, mean over pictures; {how}",
            **what,
        )


def pair_preference(model: Pix2Pix, sources: Tensor, colours: Tensor | None, true: Tensor, wrong: int = WRONG) -> Tensor:
    """Per picture, how often D's mean score is higher with its own source than with one of `wrong` others: (N,) in [0, 1].

    sources (N, 1 or 3, H, W), colours (N, n, 3) or None, true (N, 3, H, W), all in [-1, 1].  The colours stay the picture's own.
    """
    like = next(model.parameters())
    y = model.target(true.to(like))

    def scores(sources: Tensor) -> Tensor:
        x = model.source(sources.to(like), None if colours is None or not model.colours else colours.to(like))
        return model.discriminator(x, y).sigmoid().mean((1, 2, 3)).cpu()  # (N,)

    right, step = scores(sources), max(1, len(sources) // wrong)
    others = torch.arange(step, len(sources), step)[:wrong].tolist()
    return torch.stack([(right > scores(sources.roll(by, 0))).float() for by in others]).mean(0)


def flower_colours(photos: Tensor) -> Tensor:
    """The colours of petals and background of each photo: uint8 (N, 3, H, W) to (N, 2, 3) in [-1, 1].

    Petals are the one of five clusters of pixels in Lab that is most in the middle and least at the edge, where greens count little; the
    background is the mean along the edge.
    """
    side = 32
    small = torch.cat([torch.nn.functional.interpolate(photo[None] / 255, (side, side), mode="area") for photo in photos])
    places = np.mgrid[:side, :side] / (side - 1) * 2 - 1
    middle = np.exp(-(places**2).sum(0) / 0.35).ravel()  # (side * side,)
    edge = (np.abs(places).max(0) > 0.85).ravel()
    found = []
    for photo in small.permute(0, 2, 3, 1).flatten(1, 2).double().numpy():  # (side * side, 3)
        lab = rgb2lab(photo)
        cluster = KMeans(5, n_init=1, random_state=0).fit(lab)  # pyright: ignore[reportArgumentType]
        scores = []
        for k, (light, a, b) in enumerate(cluster.cluster_centers_):
            inside = cluster.labels_ == k
            central = middle[inside].sum() / middle.sum() - 0.3 * inside[edge].mean()
            leafy = (a < -4 and b > 4) or light < 25
            scores.append(central * (0.15 if leafy else 1) * (0.3 + np.hypot(a, b) / 100 + light / 150))
        petals = photo[cluster.labels_ == np.argmax(scores)].mean(0)
        found.append(torch.from_numpy(np.stack([petals, photo[edge].mean(0)])))
    return (torch.stack(found) * 2 - 1).float()


def thinner(drawings: Tensor, chance: Tensor) -> Tensor:
    """Drawings (n, 1, H, W), two of five with thinner lines, as a visitor's pen may have; chance (n, 2), uniform."""
    thin = torch.nn.functional.max_pool2d(drawings, 3, 1, 1)  # white is the larger
    share = (chance[:, 1] * (chance[:, 0] < 0.4)).to(drawings)[:, None, None, None]
    return torch.lerp(drawings, thin, share)


def half_drawn(lines: Tensor, chance: Tensor) -> Tensor:
    """Lines (n, 1, H, W) of an unfinished sketch: often none outside a disk about the middle, sometimes none at all.

    chance (n, 4), uniform: whether there is a disk, its radius and place.
    """
    side = torch.linspace(-1, 1, lines.shape[-1], dtype=lines.dtype)
    across, down = side[None, None, None], side[None, None, :, None]
    whether, radius, left, top = (part[:, None, None, None] for part in chance.unbind(1))
    outside = (across - 0.5 * (left - 0.5)) ** 2 + (down - 0.5 * (top - 0.5)) ** 2 > (0.3 + 0.8 * radius) ** 2
    return torch.where((outside & (whether < 0.5)) | (whether < 0.03), 1.0, lines)


def turned_colours(angles: Tensor) -> Tensor:
    """Matrices (n, 3, 3) that turn RGB colours about the grey axis by `angles` (n,), in radians: Rodrigues' rotation."""
    axis = 3**-0.5
    cross = torch.tensor([[0.0, -axis, axis], [axis, 0.0, -axis], [-axis, axis, 0.0]]).to(angles)
    return torch.stack([torch.eye(3).to(angles) + sin(a) * cross + (1 - cos(a)) * (cross @ cross) for a in angles.tolist()])


RECIPE = Pix2PixRecipe
