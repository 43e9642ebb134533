"""One file a paper: its networks and its losses, in pure torch."""

from importlib import import_module

from playground.models.base import Model
from playground.systems import SYSTEMS


def model_class(system: str) -> type[Model]:
    """The class of a system, imported on first use.  Raises KeyError for a name that is not in SYSTEMS."""
    module, _, name = SYSTEMS[system].model.rpartition(".")
    return getattr(import_module(f"playground.models.{module}"), name)
