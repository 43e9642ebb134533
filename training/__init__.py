"""Trains, measures and publishes every model of the playground."""
