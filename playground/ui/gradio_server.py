"""What this page changes inside Gradio's server, which has no setting for it; each with its reason, and a test on the real server.

`apply()` is called once, before the page is launched.  It raises RuntimeError where the installed Gradio has not what is changed here.
"""

import logging
from types import SimpleNamespace

import gradio as gr
from gradio import processing_utils, queueing, routes, utils

log = logging.getLogger(__name__)

NOT_READ = "This call could not be read; `/gradio_api/info` says what can be asked."


def apply() -> None:
    _errors_are_sentences()
    _nothing_is_fetched()


def _errors_are_sentences() -> None:
    """What Gradio says of an error in reading a call (names of its classes, paths of this machine) becomes one sentence, and the traceback
    that it prints for each becomes a line of the log.  Errors of our own functions are `gr.Error` before Gradio sees them."""
    theirs = _of(utils, "error_payload")

    def error_payload(error, show_error):
        if not isinstance(error, gr.Error):
            log.warning("a call could not be read: %s", type(error).__name__)
            error = gr.Error(NOT_READ, title="", print_exception=False)
        return theirs(error, show_error)

    _of(queueing, "error_payload")
    utils.error_payload = queueing.error_payload = error_payload
    for module in (routes, queueing):
        _of(module, "traceback")
        module.traceback = SimpleNamespace(print_exc=lambda: None)


def _nothing_is_fetched() -> None:
    """A picture in a call may be named by an address, which Gradio's server would fetch from wherever that is.  Ours fetches nothing."""

    async def refuse(url: str, cache_dir: str):
        refuse_now(url, cache_dir)

    def refuse_now(url: str, cache_dir: str):
        raise gr.Error("A picture is uploaded; the server fetches none from an address.", title="", print_exception=False)

    for name in ("async_ssrf_protected_download", "ssrf_protected_download", "save_url_to_cache"):
        _of(processing_utils, name)
    processing_utils.async_ssrf_protected_download = refuse
    processing_utils.ssrf_protected_download = processing_utils.save_url_to_cache = refuse_now


def _of(owner, name: str):
    """The member of Gradio's that is to be replaced.  Raises RuntimeError where this Gradio has none."""
    if not hasattr(owner, name):
        raise RuntimeError(f"This version of Gradio has no {owner.__name__}.{name}; see playground/ui/gradio_server.py.")
    return getattr(owner, name)
