"""The whole page, and the command line that opens it: `python app.py`, or `generative-playground` once it is installed."""

import argparse
import contextlib
import errno
import inspect
import os
import socket
import sys
import threading

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before gradio is imported
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")  # or it aggregates a table of all calls with pandas after each
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))
os.environ.setdefault("OMP_NUM_THREADS", "1")  # before importing torch: networks this small take three times as long on two threads

from playground.scratch import take_a_folder_for_pictures, use_writable_caches  # noqa: E402

use_writable_caches()
take_a_folder_for_pictures()

try:
    from spaces import GPU  # on ZeroGPU, whose runtime must be imported before torch, and requires some function marked as heavy
except ImportError:
    GPU = None

import gradio as gr  # noqa: E402
from starlette.routing import Mount  # noqa: E402

from playground import api, catalog  # noqa: E402
from playground.errors import UserError, run_command  # noqa: E402
from playground.ui import browser, course, gradio_compat, gradio_fetch, gradio_server, quiz, room, server, theme  # noqa: E402
from playground.ui.executor import endpoint  # noqa: E402
from playground.ui.links import open_links  # noqa: E402
from playground.ui.tabs.compare import tab as compare  # noqa: E402
from playground.ui.tabs.digits import tab as digits  # noqa: E402
from playground.ui.tabs.game import tab as game  # noqa: E402
from playground.ui.tabs.latent import tab as latent  # noqa: E402
from playground.ui.tabs.pixels import tab as pixels  # noqa: E402
from playground.ui.tabs.sketch import tab as sketch  # noqa: E402
from playground.ui.tabs.worlds import tab as worlds  # noqa: E402

SETTLED = 5.0  # seconds after which the first page is shown, and the processor is free for other preparations
HEAVY = ("game_search", "latent_bounds", "pixels_field", "pixels_colour_field")  # slow endpoints
TABS = (latent, game, digits, sketch, worlds, pixels, compare)  # in the order of the page


class Page(gr.Blocks):
    """Blocks that launch with this page's look and its server's limits, whoever calls `launch`."""

    def launch(self, prevent_thread_lock: bool = False, **settings):
        gradio_server.apply()
        gradio_fetch.apply()
        look = {"theme": theme.THEME, "css": theme.CSS, "head": browser.head() + theme.HEAD}
        computed = browser.Browser(self.builders)
        routes = [Mount("/browser", computed), quiz.route(self.builders), room.route()]
        app = {"app_kwargs": {**server.SETTINGS["app_kwargs"], "routes": routes}}
        answer = super().launch(**{**server.SETTINGS, **look, **app, **settings}, prevent_thread_lock=True)
        gradio_server.surround(answer[0], server.MIDDLEWARE)
        threading.Thread(target=warm, args=(computed,), daemon=True).start()
        if not prevent_thread_lock:
            self.block_thread()
        return answer


def warm(computed: browser.Browser) -> None:
    """Loads torch and the first tab's model while the visitor looks at the opening picture; later prepares the fast samplers, and the
    graphs of models that came without any."""
    with contextlib.suppress(UserError):  # no weights: the page says so where they are used
        catalog.load(latent.Latent().plane)
    from playground.sampling.cached import warm_up

    warm_up(SETTLED)
    computed.make_missing()


def build() -> Page:
    """The whole page, its API and its MCP tools."""
    with Page(title=theme.TITLE, analytics_enabled=False, delete_cache=(3600, 3600)) as demo:
        above = gr.HTML(apply_default_css=False)
        notice = gr.HTML(elem_classes="notice", apply_default_css=False)
        with gr.Tabs(overflow_behavior="wrap") as tabs:
            demo.builders = builders = [module.build() for module in TABS]
        above.value = course.page(builders)
        open_links(demo, notice, tabs, builders)

        def forget(request: gr.Request) -> None:
            """Drops the state of a visitor who has gone."""
            gradio_compat.forget_session(demo, request.session_hash)

        demo.unload(forget)
        for name, function in vars(api).items():
            if inspect.isfunction(function) and name.split("_")[0] in {tab.name for tab in builders}:
                gradio_compat.add_endpoint(demo, endpoint(GPU(function) if GPU and name in HEAVY else function), name)
    gradio_compat.clear_pictures_with_cache(demo)
    return demo.queue(max_size=32, default_concurrency_limit=4)


def checked_port(asked: int | None, host: str) -> int | None:
    """The port to listen on, from --port or GRADIO_SERVER_PORT; None for the first free one from 7860.

    Raises UserError where it is none, or taken.
    """
    port = str(asked) if asked is not None else os.environ.get("GRADIO_SERVER_PORT", "")
    if not port:
        return None
    if not port.isdigit() or not 1 <= int(port) <= 65_535:
        raise UserError(f"A port (--port or GRADIO_SERVER_PORT) must be a whole number from 1 to 65535, not {port!r}.")
    try:
        with socket.create_server((host, int(port))):
            return int(port)
    except PermissionError as error:
        raise UserError(f"Port {port} needs administrator rights; choose one of 1024 or more with --port.") from error
    except socket.gaierror as error:
        raise UserError(f"--host {host} is not an address of this machine; leave it out, or give 0.0.0.0 for all addresses.") from error
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise UserError(f"--host {host} is not an address of this machine; leave it out, or give 0.0.0.0 for all addresses.") from error
        raise UserError(f"Port {port} is taken: choose another with --port, or leave --port out for the first free one.") from error


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        metavar="USER/REPO[@REVISION]",
        help="a model on the Hub to add to its tab; may be repeated",
    )
    parser.add_argument("--port", type=int, help="GRADIO_SERVER_PORT, or the first free one from 7860, by default")
    parser.add_argument("--host", help="address to listen on; by default this machine alone can open the page, with 0.0.0.0 its network")
    parser.add_argument("--share", action="store_true", help="make a public address, through Gradio's servers, for whoever knows it")
    options = parser.parse_args(arguments)
    host = options.host or os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1")
    port = checked_port(options.port, host)
    for model in options.model:
        name, _, revision = model.partition("@")
        catalog.add_from_hub(name, revision or None)
    if options.share:
        print("--share: whoever knows the address can use this page, through Gradio's servers, until you stop it with Ctrl-C.")
    try:
        build().launch(server_name=host, server_port=port, share=options.share)
    except OSError as error:  # another program took the port since it was checked, or all are taken
        raise UserError(f"The page can't be opened ({str(error).splitlines()[0].rstrip('.')}); choose a port with --port.") from error
    return 0


def command() -> int:
    """Opens the page as its command line says, and gives its exit code."""
    return run_command(main, sys.argv[1:])
