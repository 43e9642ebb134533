"""How many pictures graphs make; what only shows them need not load torch."""

RANDOM = 16  # pictures of random codes
STRAIGHT = (2, 8)  # dimensions of the linear autoencoders
