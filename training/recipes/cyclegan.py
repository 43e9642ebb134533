"""CycleGAN (arXiv 1703.10593): translation between two domains of pictures, both ways, without pairs."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Adam, Optimizer
from torchvision.utils import make_grid

from playground.drawing.palettes import FACADE_COLOURS
from playground.drawing.pictures import EMOJI_DOMAINS, domain_example_names
from playground.errors import UserError
from playground.imaging.examples import domain_example
from playground.models.cyclegan import CycleGAN, CycleGANArchitecture, cycle_loss, discriminator_gan_loss, generator_gan_loss, identity_loss
from training import data, domain_metrics
from training.augmentation import Augmentation, cropped_and_mirrored, r1_penalty
from training.metrics import class_iou, label_accuracy, label_confusion, painted_ratio, permuted_accuracy
from training.random_streams import RandomStreams
from training.recipes import AdversarialSettings, Metric, Recipe

DOMAINS = {
    "facades": ("photos", "labels"),
    "flowers-yellow-violet": ("yellow flowers", "violet flowers"),
    "emoji3d": EMOJI_DOMAINS,
    "horses": ("horses", "zebras"),
}
LOOKS = ("emoji3d", "horses")  # domains of the same things, which look otherwise: a classifier tells them apart


@dataclass(frozen=True)
class CycleGANSettings(CycleGANArchitecture, AdversarialSettings):
    dataset: str = "facades"
    size: int = 128
    jitter: int = 16  # pictures are loaded this much larger, and cropped and mirrored at random
    generator_channels: int = 16
    blocks: int = 4
    fold: int = 2
    upsampling: Literal["transposed", "resize"] = "resize"
    discriminator_channels: int = 16
    discriminator_widest: int | None = 96
    one_hot: bool = True  # label maps as one channel a class instead of colours (facades)
    cycle_weight_x: float = 5.0  # lambda of equation 3, of x -> G(x) -> F(G(x)); the authors' code has two as well
    cycle_weight_y: float = 3.0  # of y -> F(y) -> G(F(y))
    cycle_noise: float = 0.6  # standard deviation of noise on F(y) in y -> F(y) -> G(F(y)), against hidden information (arXiv 1712.02950)
    label_noise: float = 0.6  # of noise on all label maps that D_Y sees; else generated ones are recognised by values between 0 and 1
    identity_weight: float = 0.0  # of the identity loss, section 5.2
    history: int = 50  # size of the buffers of generated pictures that the discriminators see, section 4
    batch_size: int = 1
    learning_rate: float = 3e-4
    ema: float = 0.998


class CycleGANRecipe(Recipe):
    """CycleGAN: translation between two domains of pictures, both ways, without pairs (arXiv 1703.10593)."""

    name = "cyclegan"
    Settings = CycleGANSettings
    presets = {
        "small": {"epochs": 30},
        # section 4 and appendix 7: ResNet-9 at 256 px, batch 1, Adam at 2e-4, constant for 100 epochs and then linear to zero
        "paper": {
            **asdict(CycleGANArchitecture()),
            "jitter": 30,
            "one_hot": False,
            "cycle_weight_x": 10.0,
            "cycle_weight_y": 10.0,
            "cycle_noise": 0.0,
            "epochs": 200,
            "learning_rate": 2e-4,
            "ema": 0.0,
        },
    }
    tiny = {
        "batch_size": 2,
        "size": 32,
        "jitter": 4,
        "generator_channels": 4,
        "blocks": 1,
        "discriminator_channels": 4,
        "discriminator_layers": 3,
    }
    layout = "domains"

    def __init__(self, settings: CycleGANSettings):
        self.settings = settings
        if settings.identity_weight and settings.one_hot and settings.dataset == "facades":
            raise UserError("The identity loss needs pictures of both domains to have the same channels: add --no-one-hot.")
        if settings.fold & (settings.fold - 1) or settings.size % (4 * settings.fold):
            raise UserError(f"--fold is 1, 2, 4 or 8, and --size a multiple of 4 times it; they are {settings.fold} and {settings.size}.")
        self.x, self.y = data.with_margin(lambda size: data.domains(settings.dataset, "train", settings.data_dir, size), settings)
        self.domains = DOMAINS[settings.dataset] if settings.dataset in DOMAINS else data.domain_names(settings.dataset, settings.data_dir)
        self.histories = {"x": [], "y": []}  # generated pictures, a buffer for each process

    def __len__(self) -> int:
        return max(len(self.x), len(self.y))

    def model(self) -> CycleGAN:
        in_classes = self.settings.one_hot and self.settings.dataset == "facades"
        return self.built(
            CycleGAN,
            worlds=self.domains,
            palette={name: list(colour) for name, colour in FACADE_COLOURS.items()} if in_classes else None,
        )

    def optimizers(self, model: CycleGAN) -> dict[str, Optimizer]:
        def adam(*networks: nn.Module) -> Adam:
            parameters = chain(*(network.parameters() for network in networks))
            return Adam(parameters, lr=self.settings.learning_rate, betas=(0.5, 0.999), fused=True)

        return {"generators": adam(model.G, model.F), "discriminators": adam(model.D_X, model.D_Y)}

    def schedule(self, progress: float) -> float:
        return min(1.0, 2 - 2 * progress)  # constant for the first half, then linear to zero

    def batch(self, indices: Tensor, streams: RandomStreams) -> dict[str, Tensor]:
        s, others = self.settings, streams.integers("unpaired", 2**31) % len(self.y)
        return {
            "x": cropped_and_mirrored(
                self.x[indices % len(self.x)], s.size, streams.integers("x", s.jitter + 1, 2), streams.uniform("x flip")
            ),
            "y": cropped_and_mirrored(self.y[others], s.size, streams.integers("y", s.jitter + 1, 2), streams.uniform("y flip")),
        }

    def losses(self, model: CycleGAN, batch: dict[str, Tensor], streams: RandomStreams) -> Iterator[tuple[str, Tensor, dict[str, Tensor]]]:
        x, y = batch["x"], model.y(batch["y"])
        label_noise = self.settings.label_noise if model.palette else 0.0
        for judge in (model.D_X, model.D_Y):
            judge.requires_grad_(False)  # they only pass gradients to the generators
        fake_y, fake_x = model.G(x), model.F(y)
        of_x, of_y = (Augmentation(self.settings.augment, streams, world) for world in "xy")
        of_y = of_y.placed if model.palette else of_y  # labels have no brightness
        gan = generator_gan_loss(model.D_Y(of_y(noisy(fake_y, label_noise, streams, "made")))) + generator_gan_loss(model.D_X(of_x(fake_x)))
        hidden = noisy(fake_x, self.settings.cycle_noise, streams, "cycle")
        cycle_x, cycle_y = cycle_loss(x, model.F(fake_y)), cycle_loss(y, model.G(hidden))
        loss = gan + self.settings.cycle_weight_x * cycle_x + self.settings.cycle_weight_y * cycle_y
        if self.settings.identity_weight:
            loss = loss + self.settings.identity_weight * identity_loss(x, model.F(x), y, model.G(y))
        yield "generators", loss, {"gan": gan, "cycle_x": cycle_x, "cycle_y": cycle_y}

        for judge in (model.D_X, model.D_Y):
            judge.requires_grad_(True)
        old_x, old_y = self.remembered("x", fake_x, streams), self.remembered("y", fake_y, streams)
        y, old_y = noisy(y, label_noise, streams, "real"), noisy(old_y, label_noise, streams, "remembered")
        losses = []
        for judge, T, true, old in ((model.D_X, of_x, x, old_x), (model.D_Y, of_y, y, old_y)):
            true = T(true).detach().requires_grad_(bool(self.settings.r1_weight))
            real = judge(true)
            losses.append(discriminator_gan_loss(real, judge(T(old))) + r1_penalty(self.settings.r1_weight, real, true))
        d_x, d_y = losses
        yield "discriminators", d_x + d_y, {"D_X": d_x, "D_Y": d_y}

    def remembered(self, world: str, generated: Tensor, streams: RandomStreams) -> Tensor:
        """What a domain's discriminator sees: half the time the new picture, or else an earlier one, which the new one replaces."""
        history, capacity = self.histories[world], self.settings.history
        places, coins = streams.integers(f"history {world}", max(capacity, 1)).tolist(), streams.uniform(f"history coin {world}").tolist()
        seen = []
        for picture, place, coin in zip(generated.detach(), places, coins):
            if len(history) < capacity:
                history.append(picture)
            elif capacity and coin < 0.5:
                picture, history[place] = history[place].to(picture), picture  # those of a checkpoint are on the CPU
            seen.append(picture)
        return torch.stack(seen)

    def state(self) -> dict[str, list[Tensor]]:
        return self.histories

    def load_state(self, state: dict[str, list[Tensor]]) -> None:
        self.histories = state

    def snapshot(self, model: CycleGAN) -> Tensor:
        """Side by side: a drawing of ours, its translation, and the way back."""
        forward = "labels" not in model.worlds
        drawn = domain_example(model, domain_example_names(model.worlds)[0], forward).to(next(model.parameters()))
        frame = torch.cat([drawn, *model.translate(drawn, forward)], dim=3)  # (1, 3, size, 3 size)
        return functional.interpolate(frame, (128, 384), mode="area")[0]

    def validate(self, model: CycleGAN) -> dict[str, float]:
        return {name: value for name, (value, _, _) in self.figures(model, "heldout", most=16).items()}

    def figures(self, model: CycleGAN, split: data.Split, most: int | None = None) -> dict[str, tuple[float, Tensor | None, dict | None]]:
        """Name -> (value, per-image values, extra), on a split, or on its first `most` pictures of each domain."""
        s = self.settings
        x, y = ((domain.to(next(model.parameters())) / 127.5 - 1) for domain in data.domains(s.dataset, split, s.data_dir, s.size))
        x, y = x[:most], y[:most]
        fake_y, x_again = both(model, x, forward=True)
        fake_x, y_again = both(model, y, forward=False)
        found = {}
        if s.dataset == "facades":
            confusion, names = label_confusion(fake_y, y), list(FACADE_COLOURS)
            ratio, iou = painted_ratio(confusion), class_iou(confusion)
            permuted, meaning = permuted_accuracy(confusion)
            accuracy = label_accuracy(fake_y, y)
            found["pixel_accuracy"] = accuracy.mean().item(), accuracy, {"painted_ratio": rounded(names, ratio)}
            found["class_iou"] = iou.nanmean().item(), None, {"iou": rounded(names, iou)}
            found["painted_ratio_worst"] = ratio.max().item(), None, {"class": names[int(ratio.argmax())]}
            found["permuted_accuracy"] = permuted, None, {"meaning": {names[i]: names[m] for i, m in enumerate(meaning)}}
        for name, picture, again in (("cycle_l1_x", x, x_again), ("cycle_l1_y", y, y_again)):
            error = (again - picture).abs().mean((1, 2, 3))
            found[name] = error.mean().item(), error, None
        if split == "test" and s.dataset in LOOKS:
            found |= self.judged(x, fake_y, y, fake_x)
        return found

    def judged(self, x: Tensor, fake_y: Tensor, y: Tensor, fake_x: Tensor) -> dict[str, tuple[float, Tensor, dict]]:
        """What judges of the training pictures say of translations of the test split, as `figures` has it."""
        s, found = self.settings, {}
        train, heldout = (data.domains(s.dataset, split, s.data_dir, s.size) for split in ("train", "heldout"))
        judge = domain_metrics.DomainJudge(*train, heldout)
        about = {"judge_heldout_accuracy": round(judge.accuracy, 4)}
        for name, hits in (("style_agreement_x", judge.says_y(fake_y)), ("style_agreement_y", 1 - judge.says_y(fake_x))):
            found[name] = hits.mean().item(), hits, about
        if s.dataset == "emoji3d":
            knows = domain_metrics.NameJudge(*train)
            for name, source, generated, partners in (("partner_nearest_x", x, fake_y, y), ("partner_nearest_y", y, fake_x, x)):
                hits, before = knows.finds(generated, partners), knows.finds(source, partners)
                found[name] = hits.mean().item(), hits, {"of the picture itself": round(before.mean().item(), 4)}
        return found

    def sheet(self, model: CycleGAN) -> Tensor | None:
        """For sixteen flat emoji: the emoji x, G(x), its hidden partner y, and F(y)."""
        if self.settings.dataset != "emoji3d":
            return None
        s, like = self.settings, next(model.parameters())
        x, y = (domain[:: len(domain) // 16][:16].to(like) / 127.5 - 1 for domain in data.domains(s.dataset, "test", s.data_dir, s.size))
        tiles = [x, both(model, x, forward=True)[0], y, both(model, y, forward=False)[0]]
        return make_grid(torch.stack(tiles, 1).flatten(0, 1), nrow=8, padding=2, pad_value=0.7).cpu()

    def metrics(self, model: CycleGAN) -> Iterator[Metric]:
        x_name, y_name = model.worlds
        estimators = {
            "pixel_accuracy": f"{x_name} -> {y_name}: share of pixels whose nearest of the twelve colours is that of the hidden true pair",
            "class_iou": f"{x_name} -> {y_name}: intersection over union, mean of the classes",
            "painted_ratio_worst": "the largest, over classes, of pixels painted over pixels that are there",
            "permuted_accuracy": "pixel accuracy had the colours been renamed in the best way; pixel_accuracy where none is permuted",
            "cycle_l1_x": "mean |F(G(x)) - x|, pixels in [-1, 1]",
            "cycle_l1_y": "mean |G(F(y)) - y|, pixels in [-1, 1]",
            "style_agreement_x": f"share of G(x) that a classifier of the two domains, trained apart, takes for {y_name}",
            "style_agreement_y": f"share of F(y) that it takes for {x_name}",
            "partner_nearest_x": "share of G(x) whose hidden true partner is the nearest of all y, by the features of a classifier "
            "of names, trained on true pictures",
            "partner_nearest_y": "share of F(y) whose hidden true partner is the nearest of all x, likewise",
        }
        s = self.settings
        counts = [len(domain) for domain in data.domains(s.dataset, "test", s.data_dir, s.size)]
        for name, (value, each, extra) in self.figures(model, "test").items():
            of_y = name.endswith("_y")
            n = counts[of_y]
            yield Metric(
                name,
                value,
                unit="",
                data=f"{s.dataset}, {n} {y_name if of_y else x_name} at {s.size} px",
                n=n,
                estimator=estimators[name],
                stderr=None if each is None or len(each) < 2 else each.std().item() / len(each) ** 0.5,
                extra=extra,
            )


def noisy(pictures: Tensor, deviation: float, streams: RandomStreams, name: str) -> Tensor:
    """(N, C, H, W) with normal noise of this standard deviation."""
    return pictures + deviation * streams.normal(name, *pictures.shape[1:]).to(pictures) if deviation else pictures


def both(model: CycleGAN, pictures: Tensor, forward: bool) -> tuple[Tensor, Tensor]:
    """`model.translate` in parts that fit a cache."""
    there, back = zip(*(model.translate(part, forward) for part in pictures.split(8)))
    return torch.cat(there), torch.cat(back)


def rounded(names: list[str], values: Tensor) -> dict[str, float]:
    return {name: round(value, 3) for name, value in zip(names, values.tolist())}


RECIPE = CycleGANRecipe
