"""What a cached sampler computes for one pixel after another, recorded from a model as a table that any backend runs."""
