"""Two worlds and no pairs: a picture is translated by CycleGAN into the other world, and back again."""

from dataclasses import dataclass

from playground import catalog
from playground.ui import training_snapshots
from playground.ui.builder import TabBuilder
from playground.ui.state import choice
from playground.ui.tabs.worlds import cycle, translate

VIEWS = ("translate", "cycle", "film")


@dataclass(frozen=True)
class Worlds(translate.Translate, cycle.Cycle):
    view: str = choice("translate", VIEWS)
    filmed: str = choice("cyclegan-facades", lambda: catalog.names("cyclegan"))
    frame: int = training_snapshots.frame()

    @classmethod
    def opening(cls) -> "Worlds":
        """What looks best; addresses that name no model mean the one of facades, as they always did."""
        best = cls(model="cyclegan-emoji3d", direction="there", example="a balloon")
        return best if best.model in catalog.offered("cyclegan") else cls()


def build() -> TabBuilder:
    with TabBuilder("worlds", "Two worlds: CycleGAN", Worlds) as tab:
        translate.build(tab)
        cycle.build(tab)
        training_snapshots.view(tab, "filmed", aspect=3, pixelated=False, own_control=True)
        tab.models("model", "filmed")
        _presets(tab)
        question = (
            "Two models, one trained to find its way back and one not. Carry a house there and back with both: which one is still yours?"
        )
        tab.claim("C15", question, cycle.cycle_measured, view="cycle")
    return tab


def _presets(tab: TabBuilder) -> None:
    tab.preset(
        "Flat becomes round",
        "A drawn balloon gets light and shade, and keeps its outline. No emoji was in both piles, so G never saw one in both styles.",
        model="cyclegan-emoji3d",
        direction="there",
        example="a balloon",
    )
    tab.preset(
        "Round becomes flat",
        "The face that G made round goes the other way: F takes light, shade and grain off again.",
        model="cyclegan-emoji3d",
        example="a face",
    )
    tab.preset(
        "Yellow becomes violet",
        "No yellow flower ever had a violet twin to learn from. Petals change their colour and keep their shape: F must find its way back.",
        model="cyclegan-flowers",
        direction="there",
        example="6 petals",
    )
    tab.preset(
        "Violet becomes yellow",
        "The other generator, the other way. The heart comes back white and not yellow: what colour it had, F did not keep.",
        model="cyclegan-flowers",
        example="5 petals",
    )
    tab.preset("A house of rectangles", "Nobody built this house: F makes up walls, panes and shade.", example="ten rectangles")
    tab.preset(
        "Its labels, read off",
        "The photo was made by F; G finds the windows again, though it never saw a photo together with its labels.",
        direction="there",
    )
    tab.preset(
        "Where it fails: pillars and the door",
        "The pillars never come back, and the door comes back as a shop: F painted nothing by which G could tell them. "
        "Had F and G agreed to swap doors and shops both ways, the cycle could not even have noticed.",
        example="a long facade",
    )
