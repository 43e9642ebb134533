"""The limits of the page's server: bounded bodies, no access to its own files, no visitors' data sent elsewhere."""

import os
from pathlib import Path

from starlette.middleware import Middleware

from playground.ui import gradio_server
from playground.ui.doors import Calls, Doors
from playground.ui.kept import Kept
from playground.ui.uploads import LARGEST_BODY, BodyLimit

# Whose `X-Forwarded-*` uvicorn trusts: nobody's, except on a Space the platform's proxy, which is in a private network.
os.environ.setdefault("FORWARDED_ALLOW_IPS", "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16" if "SPACE_ID" in os.environ else "")

MIDDLEWARE = [Middleware(Doors), Middleware(Kept), Middleware(BodyLimit), Middleware(Calls)]  # the first one is the outermost

# For `Blocks.launch`. Gradio serves only files in its cache of uploads and in allowed paths; the repository is blocked explicitly.
SETTINGS = {
    "share": False,
    "mcp_server": True,
    "ssr_mode": False,
    "show_error": True,
    "footer_links": ["api"],
    "run_history": False,
    "enable_monitoring": False,
    "state_session_capacity": gradio_server.SESSIONS,
    "max_file_size": LARGEST_BODY,
    "allowed_paths": [],
    "blocked_paths": [str(Path(__file__).resolve().parents[2])],
    "app_kwargs": {"openapi_url": None, "middleware": MIDDLEWARE},
}
