"""The game of generator and discriminator: live in the plane, GAN and DCGAN side by side, the search for a digit's z, and films."""

from dataclasses import dataclass

from playground.drawing.digit_strokes import SPIRAL
from playground.ui import training_snapshots
from playground.ui.builder import TabBuilder
from playground.ui.state import choice
from playground.ui.tabs.game import live_game, pair, search
from playground.ui.tabs.game.shared import gans

VIEWS = ("live", "pair", "search", "film")


@dataclass(frozen=True)
class Game(live_game.LiveGame, pair.Pair, search.Search):
    view: str = choice("live", VIEWS)
    model: str = choice("dcgan-mnist", gans)
    frame: int = training_snapshots.frame()


def build() -> TabBuilder:
    with TabBuilder("game", "The game: GAN", Game) as tab:
        for view in (live_game, pair, search):
            view.build(tab)
        training_snapshots.view(tab, "model", own_control=True)
        tab.seed()
        tab.models("left", "right", "within", "model")
        live_game.exhibits(tab)
        why = (
            "Half way between two noises the samples are digits about as often as at the ends. Nobody asked for that, and it says that the "
            "generator learnt more than a list."
        )
        tab.preset("Half way", why, view="pair", t=0.5)
        why = "This fails: the search ends at the nearest thing that G can make, which is no spiral. The VAE fails, too, but at once."
        tab.preset("What is no digit", why, view="search", sought=SPIRAL)
        question = "The same game, for as many epochs: are fully connected or convolutional networks better at images, and by how much?"
        tab.claim("C11", question, pair.c11, view="pair", seed=38)
        question = "Which z makes this digit? A VAE has an encoder, a GAN has none. How long does each take, and whose image is sharper?"
        tab.claim("C21", question, search.c21, view="search", sought=search.SOUGHT)
        question = (
            "Two DCGANs learnt from the same 300 digits. On the right, all that D saw was shifted at random, real and made alike. "
            "What does that do to G's digits?"
        )
        tab.claim("C23", question, pair.c23, view="pair", left=pair.TWINS[0], right=pair.TWINS[1])
    return tab
