"""How the kernels of `numba_backend` are compiled, and where numba keeps what it has compiled.

Numba's cache key is the time and size of a function's own file, although constants and functions of other files are compiled into it.  So
the name of the cache folder holds a digest of all the code that goes into the kernels: other code has another cache.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from numba import config, njit

from playground.models.autoregressive import pixelcnnpp
from playground.program import builder
from playground.scratch import use_writable_caches

HERE = Path(__file__).parent
SOURCES = (
    *(HERE / f"{name}.py" for name in ("numba_options", "numba_backend", "llvm_product", "plain_product")),
    Path(builder.__file__),
    Path(pixelcnnpp.__file__),
)


def digest(sources: Iterable[Path]) -> str:
    """Of the content of these files."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:16]


use_writable_caches()
config.CACHE_DIR = os.path.join(os.environ.get("NUMBA_CACHE_DIR") or HERE / "__pycache__", f"kernels-{digest(SOURCES)}")

# `_nrt=False`: the kernels allocate no memory, so array slices need no reference counting, which took half of the time.  No `fastmath`:
# with it, processors round differently from each other and from the browser
OPTIONS = {"nogil": True, "cache": True, "_nrt": False, "error_model": "numpy"}
compiled, inlined = njit(**OPTIONS), njit(forceinline=True, **OPTIONS)
