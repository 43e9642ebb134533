"""Sizes of what the graphs make at once; without torch, so that the page can import them."""

STRIP = 11  # pictures of a way between two digits
SAMPLES = 16  # of a GAN, in one picture
ROWS = 6  # of the grid of asked digits
NUMBER = 10  # digits of a number at most
NAMED = 6  # at most so many misread digits of the grid are named
RANDOM = 16  # pictures of random codes
STRAIGHT = (2, 8)  # dimensions of the linear autoencoders
NEAR = 9  # pixels along each side of what is shown around a chosen one
