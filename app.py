"""The playground's page: `python app.py`, or `demo` for a Space."""

import argparse
import contextlib
import inspect
import os
import sys
import threading

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before gradio is imported
os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is: networks this small take three times as long on two threads

import gradio as gr  # noqa: E402
from starlette.routing import Mount  # noqa: E402

from playground import api, catalog  # noqa: E402
from playground.errors import UserError, run_command  # noqa: E402
from playground.ui import browser, gradio_server, theme  # noqa: E402
from playground.ui.builder import open_links  # noqa: E402
from playground.ui.executor import FILES, guarded  # noqa: E402
from playground.ui.server import SETTINGS  # noqa: E402
from playground.ui.tabs.compare import tab as compare  # noqa: E402
from playground.ui.tabs.digits import tab as digits  # noqa: E402
from playground.ui.tabs.game import tab as game  # noqa: E402
from playground.ui.tabs.latent import tab as latent  # noqa: E402
from playground.ui.tabs.pixels import tab as pixels  # noqa: E402
from playground.ui.tabs.sketch import tab as sketch  # noqa: E402
from playground.ui.tabs.worlds import tab as worlds  # noqa: E402

SETTLED = 5.0  # seconds after which the first page stands, and the processor is free for what no opening picture needs
TABS = (latent, game, digits, sketch, worlds, pixels, compare)  # in the order of the page


class Page(gr.Blocks):
    """Blocks that launch with this page's look and its server's limits, whoever calls `launch`."""

    def launch(self, prevent_thread_lock: bool = False, **settings):
        gradio_server.apply()
        look = {"theme": theme.THEME, "css": theme.CSS, "head": browser.head() + theme.HEAD}
        routes = [Mount("/browser", browser.Browser(self.frames))]
        app = {"app_kwargs": {**SETTINGS["app_kwargs"], "routes": routes}}
        answer = super().launch(**{**SETTINGS, **look, **app, **settings}, prevent_thread_lock=True)
        threading.Thread(target=warm, daemon=True).start()
        if not prevent_thread_lock:
            self.block_thread()
        return answer


def warm() -> None:
    """Loads torch and the first tab's model while the visitor looks at the opening picture; and later what writes pixels fast."""
    with contextlib.suppress(UserError):  # no weights: the page says so where they are used
        catalog.load(latent.Latent().plane)
    from playground.sampling.cached import warm_up

    warm_up(SETTLED)


def build() -> Page:
    """The whole page, its API and its MCP tools."""
    with Page(title="Generative playground", analytics_enabled=False, delete_cache=(3600, 3600)) as demo:
        gr.HTML('<h1 class="title">Generative playground</h1>', apply_default_css=False)
        notice = gr.HTML(elem_classes="notice", apply_default_css=False)
        with gr.Tabs() as tabs:
            demo.frames = frames = [module.build() for module in TABS]
        open_links(demo, notice, tabs, frames)

        def forget(request: gr.Request) -> None:
            """The visitor has gone: what was kept for them goes now; Gradio alone would keep it for an hour."""
            demo.app.state_holder.delete_state(request.session_hash)

        demo.unload(forget)
        for name, function in vars(api).items():
            if inspect.isfunction(function) and name.split("_")[0] in {frame.name for frame in frames}:
                gr.api(guarded(function), api_name=name)
    demo.temp_file_sets.append(FILES)
    return demo.queue(max_size=32, default_concurrency_limit=4)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--model", action="append", default=[], metavar="USER/REPO", help="a model on the Hub to add to its tab; may be repeated"
    )
    parser.add_argument("--port", type=int, default=7860)
    options = parser.parse_args(arguments)
    for model in options.model:
        catalog.add_from_hub(model)
    build().launch(server_port=options.port)
    return 0


if __name__ == "__main__":
    sys.exit(run_command(main, sys.argv[1:]))
else:
    demo = build()
