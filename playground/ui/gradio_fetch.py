"""Pictures that programs pass: as an uploaded file, or as an address, which Gradio's own loader fetches.

Gradio's loader (`processing_utils.async_ssrf_protected_download`) resolves a host, connects to that public address only, and does so again
at each redirect.  This module adds bounds that it lacks: what counts as public, bytes, seconds, and simultaneous fetches.
"""

import asyncio
import ipaddress
import logging
import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

import gradio as gr
import httpx
import safehttpx
from gradio import processing_utils
from gradio_client.utils import is_file_obj_with_meta, is_http_url_like

from playground.errors import UserError
from playground.ui.gradio_compat import PICTURES, get_upload_folder
from playground.ui.gradio_server import of
from playground.ui.uploads import tidy

PLACES = 4  # simultaneous fetches
SECONDS = 15.0  # for one fetch, waiting included
REFUSED = f"No picture came from this address; it must be public, begin with https:// and answer within {SECONDS:.0f} s, with 8 MB at most."

log = logging.getLogger(__name__)


def apply() -> None:
    """Called before the page is launched.  Raises RuntimeError if the installed Gradio lacks what is changed here."""
    theirs = of(processing_utils, "async_ssrf_protected_download")
    if getattr(theirs, "bounded", False):
        return
    places = asyncio.Semaphore(PLACES)

    async def download(url: str, cache_dir: str) -> str:
        path = unquote(url.partition("/gradio_api/file=")[2])
        if path and _kept(path):  # an upload to this server, as `gradio upload-mcp` names it, under any name of the server
            return path
        try:
            async with asyncio.timeout(SECONDS), places:
                path = await theirs(url, cache_dir)
        except Exception as error:  # one sentence for all errors, or a stranger could probe this network
            log.info("a picture was not fetched: %s", type(error).__name__)
            with suppress(OSError):
                os.rmdir(Path(cache_dir) / processing_utils.hash_url(url))  # which Gradio makes first
            raise gr.Error(REFUSED, title="", print_exception=False) from None
        os.utime(path)  # it may be an older file of the same address, and `tidy` deletes the oldest
        await asyncio.to_thread(tidy, Path(get_upload_folder()))
        return path

    download.bounded = True
    processing_utils.async_ssrf_protected_download = download
    of(processing_utils, "async_transport")
    processing_utils.async_transport = Guarded()
    for name in ("is_public_ip", "async_resolve_hostname_google"):
        of(safehttpx, name)
    safehttpx.is_public_ip = is_public
    safehttpx.async_resolve_hostname_google = _ask_nobody


async def _ask_nobody(hostname: str) -> list[str]:
    """Replaces a query to Google's name server for each host without a public address."""
    return []


def is_public(address: str) -> bool:
    """Whether an IP address is public: not of this network, and not one that embeds an IPv4 address that might be."""
    ip = ipaddress.ip_address(address)
    hidden = ip.version == 6 and (ip.ipv4_mapped or ip.sixtofour or ip.teredo or ip in ipaddress.ip_network("64:ff9b::/96"))
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or hidden)


class Guarded(httpx.AsyncBaseTransport):
    """Sends each request of Gradio's loader to the public address to which its host has just been resolved, and reads at most MAX_BYTES.

    Hosts that Gradio trusts by name (the Hub's, which have private addresses on a Space) are contacted directly.
    """

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        if safehttpx.matches_domain_whitelist(host, processing_utils.PUBLIC_HOSTNAME_WHITELIST):
            transport = httpx.AsyncHTTPTransport()
        else:
            transport = safehttpx.AsyncSecureTransport(await safehttpx.async_validate_url(host))
        request.headers["Accept-Encoding"] = "identity"
        response = await transport.handle_async_request(request)
        response.stream = _Bounded(response.stream, transport)
        if response.headers.get("content-encoding", "identity") != "identity":  # it may expand to any number of bytes
            await response.stream.aclose()
            raise httpx.DecodingError("a compressed answer")
        return response


class _Bounded(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream, transport: httpx.AsyncBaseTransport):
        self.stream, self.transport = stream, transport

    async def __aiter__(self):
        from playground.imaging import MAX_BYTES

        seen = 0
        async for chunk in self.stream:
            seen += len(chunk)
            if seen > MAX_BYTES:
                raise httpx.ReadError("too many bytes")
            yield chunk

    async def aclose(self) -> None:
        await self.stream.aclose()
        await self.transport.aclose()


async def given(value):
    """A `Picture` argument as the public functions take it: a file or an address becomes a data URL; a name or a data URL is kept.

    Gradio has fetched a file's address, and made sure that a file was uploaded, before this is called.  Raises UserError for anything else.
    """
    from playground.imaging import GONE, data_url, no_picture  # which imports torch; opening the page doesn't wait for that

    if is_file_obj_with_meta(value):
        path = value["path"]
    elif is_http_url_like(value):
        path = await processing_utils.async_ssrf_protected_download(value, get_upload_folder())
        PICTURES.add(path)
    elif isinstance(value, str):
        return value
    else:
        raise no_picture(value)
    if not _kept(path):
        raise UserError(GONE)
    return await asyncio.to_thread(data_url, Path(path))


def _kept(path: str) -> bool:
    file = Path(path).resolve()
    return file.is_relative_to(Path(get_upload_folder()).resolve()) and file.is_file()
