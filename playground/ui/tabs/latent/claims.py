"""The claims of the chapter that the views of this tab put to the test."""

from playground.drawing.digit_strokes import DIGITS
from playground.ui.builder import TabBuilder
from playground.ui.tabs.latent.axes import c2
from playground.ui.tabs.latent.beta import c7
from playground.ui.tabs.latent.bounds import c6
from playground.ui.tabs.latent.line import c4
from playground.ui.tabs.latent.noise import c8
from playground.ui.tabs.latent.random_codes import c5
from playground.ui.tabs.latent.squeeze import c1, c3


def claims(tab: TabBuilder) -> None:
    question = (
        "PCA, a deep autoencoder and a VAE may keep eight numbers of a digit each. Whose picture is nearest to yours, whose farthest?"
    )
    tab.claim("C1", question, c1, view="squeeze", size="8")
    question = "A linear autoencoder was trained, not solved. Does it find PCA's space? Are its axes PCA's axes?"
    tab.claim("C2", question, c2, view="axes", axes="8")
    question = "With two numbers a digit, how much less is the deep autoencoder's error than PCA's?"
    tab.claim("C3", question, c3, view="squeeze", size="2", mine=DIGITS["4"])
    question = "Can a single number hold sixteen pictures? If so, what does the number mean?"
    tab.claim("C4", question, c4, view="line", line=0.5)
    question = "Decode random codes: will an autoencoder make digits of them, as a VAE does?"
    tab.claim("C5", question, c5, view="random", codes="32", seed=3)
    question = "The ELBO is a lower bound. How far below the truth is it for a drawn 1, and why?"
    tab.claim("C6", question, c6, view="bounds", weighed=DIGITS["1"])
    question = "Weigh the KL term sixteen-fold. What becomes of the map, what of the pictures?"
    tab.claim("C7", question, c7, view="beta", beta="16")
    question = "Two ways to sample the same gradient from the same noise. Are both right? Which one scatters more?"
    tab.claim("C8", question, c8, view="noise", mu=1.0, sigma=0.5)
