"""The autoregressive families, a file a paper, and what they have in common: their base class and their layers."""
