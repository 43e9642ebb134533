"""Annotations of public functions besides their types: which arguments are pictures, and the names of the outputs."""

from collections.abc import Callable
from typing import Annotated

# An argument that is a picture: the name of a drawn example, or a data URL.  Programs may send a file or an address, too; see
# ui/gradio_fetch.py.
Picture = Annotated[str, "a picture"]


def gives(*names: str) -> Callable:
    """Names the outputs of a public function, in their order, for the API's description."""

    def named(function: Callable) -> Callable:
        function.outputs = names
        return function

    return named
