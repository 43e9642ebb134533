"""The page and its files are sent from memory, compressed once; what a browser has, it is not sent again."""

import io
import re

from PIL import Image

from tests.browser.conftest import opened
from tests.browser.test_doors import ask


def test_a_file_with_a_hash_in_its_name_is_cached_for_ever_and_the_page_is_asked_for_again(address):
    _, headers, page = ask(address, "GET", "/")
    assert headers["cache-control"] == "no-cache" and headers["etag"]
    script = re.search(rb'src="\./(assets/index-[\w-]+\.js)"', page)[1].decode()
    _, of_file, _ = ask(address, "GET", f"/{script}")
    assert "immutable" in of_file["cache-control"]
    status, _, body = ask(address, "GET", "/", headers={"If-None-Match": headers["etag"]})
    assert status == 304 and body == b""


def test_the_page_is_compressed_to_an_eighth(address):
    plain = ask(address, "GET", "/")[2]
    for encoding in ("br", "gzip"):
        _, headers, body = ask(address, "GET", "/", headers={"Accept-Encoding": encoding})
        assert headers["content-encoding"] == encoding and len(body) < len(plain) / 7
    assert "content-encoding" not in ask(address, "GET", "/", headers={"Accept-Encoding": "identity"})[1]


def test_a_question_in_the_address_gets_the_same_page(address):
    assert ask(address, "GET", "/?tab=sketch&page=nothing&deep_link=../../x")[2] == ask(address, "GET", "/")[2]


def test_no_picture_is_in_the_page_and_each_is_where_it_says(address):
    page = ask(address, "GET", "/")[2].decode()
    assert not re.search(r"data:image/(png|webp);base64,[\w+/]{2000}", page)
    names = set(re.findall(r"kept/\w+\.webp", page))
    assert len(names) > 10
    for name in names:
        status, headers, body = ask(address, "GET", f"/{name}")
        assert status == 200 and headers["content-type"] == "image/webp" and "immutable" in headers["cache-control"]
        Image.open(io.BytesIO(body)).load()


def test_the_page_takes_its_address_from_the_browser(page, address):
    """Under another name of this machine, too, nothing is fetched from the first one."""
    assert ask(address.replace("127.0.0.1", "localhost"), "GET", "/")[2] == ask(address, "GET", "/")[2]
    opened(page, "/?tab=latent")
    assert page.evaluate("window.gradio_config.root") == "."
