"""Sampling of the autoregressive models: the reference, the cached sampler that the page uses, and inpainting."""
