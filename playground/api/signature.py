"""What a public function says of itself beyond its types: which arguments are pictures, and what its outputs are called."""

from collections.abc import Callable
from typing import Annotated

# A picture that comes in: the name of a drawn example, or a data URL.  Programs may send a file or an address, too; see ui/fetch.py.
Picture = Annotated[str, "a picture"]


def gives(*names: str) -> Callable:
    """Names the outputs of a public function, in their order, for the API's description."""

    def named(function: Callable) -> Callable:
        function.outputs = names
        return function

    return named
