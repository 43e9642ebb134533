"""The claims of the chapter that the views of this tab test."""

from playground.drawing.digit_strokes import DIGITS
from playground.ui.builder import TabBuilder
from playground.ui.tabs.latent import axes, beta, bounds, line, noise, random_codes, squeeze


def claims(tab: TabBuilder) -> None:
    question = (
        "Keep eight numbers of a digit by straight lines only: along PCA's eight directions, along those that a linear autoencoder learnt, "
        "along eight drawn at random. Does any of them come nearer to the digit than PCA?"
    )
    tab.claim("C1", question, axes.c1, view="axes", axes="8", mine=DIGITS[axes.STRAIGHT])
    question = "A linear autoencoder was trained, not solved. Does it find PCA's space? Are its axes PCA's axes?"
    tab.claim("C2", question, axes.c2, view="axes", axes="8")
    question = "With two numbers a digit, how much less is the deep autoencoder's error than PCA's?"
    tab.claim("C3", question, squeeze.c3, view="squeeze", size="2", mine=DIGITS[squeeze.BENT])
    question = "Can a single number hold sixteen pictures? If so, what does the number mean?"
    tab.claim("C4", question, line.c4, view="line", line=0.6)  # the tenth thing of sixteen
    question = "Decode random codes: will an autoencoder make digits of them, as a VAE does?"
    tab.claim("C5", question, random_codes.c5, view="random", **random_codes.CODES)
    question = f"The ELBO is a lower bound. How far below the truth is it for a drawn {bounds.LEANING}, and why?"
    tab.claim("C6", question, bounds.c6, view="bounds", weighed=DIGITS[bounds.LEANING])
    question = "Weigh the KL term sixteen-fold. What becomes of the map, what of the pictures?"
    tab.claim("C7", question, beta.c7, view="beta", beta=beta.BLURRED, pulled=DIGITS[beta.PULLED])
    question = "Two ways to sample the same gradient from the same noise. Are both right? Which one scatters more?"
    tab.claim("C8", question, noise.c8, view="noise", **noise.BELL)
