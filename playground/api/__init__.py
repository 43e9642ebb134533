"""The public functions: what the page calls, and what programs call over HTTP and as MCP tools.

Each function's name starts with its tab's, it is fully typed, and its docstring describes arguments and results.  It checks its arguments
and raises UserError.  `app.py` serves every public function of this package, which has a file for each tab.

An image is returned as `PIL.Image.Image` (served as a file), several values as a tuple, figures as a dict; `gives` names them.  An argument
that is a picture is a `Picture`: a name or a data URL here, and for programs a file or an address as well (`ui/gradio_fetch.py`).  torch
and models are imported inside the functions, so that the page opens without waiting for them.
"""

from playground.api.colours import *  # noqa: F403
from playground.api.compare import *  # noqa: F403
from playground.api.digits import *  # noqa: F403
from playground.api.game import *  # noqa: F403
from playground.api.latent import *  # noqa: F403
from playground.api.latent_claims import *  # noqa: F403
from playground.api.pixels import *  # noqa: F403
from playground.api.signature import *  # noqa: F403
from playground.api.sketch import *  # noqa: F403
from playground.api.validation import *  # noqa: F403
from playground.api.worlds import *  # noqa: F403
