"""Links that are out in the world open what they always opened: an address field keeps its name, its kind and its values."""

from urllib.parse import parse_qsl, unquote

import gradio as gr
import pytest

from playground.ui.page import TABS
from playground.ui.state import address, opened, opening, parse, query

# One link a view, in which every field of the view is said and none has its default
LINKS = [
    "tab=latent&view=map&plane=vae-mnist-beta4&z=1.25,-0.5",
    "tab=latent&view=rebuild&model=vae-fashion&digit=ABKCwGwGIoBQ&seed=7",
    "tab=latent&view=between&a=0&b=1&path=spherical&t=0.25",
    "tab=latent&view=dials&hand=2&dials=3,-1.5,0,0,0,0,0,0,0,0,0,0.5",
    "tab=latent&view=fashion&beside=vae-mnist&show=sigma&spread=0.5&seed=3",
    "tab=latent&view=squeeze&mine=ABKCwGwGIoBQ&size=2",
    "tab=latent&view=axes&axes=2",
    "tab=latent&view=line&line=0.4",
    "tab=latent&view=random&codes=8&seed=5",
    "tab=latent&view=beta&beta=16&pulled=ABKCwGwGIoBQ",
    "tab=latent&view=bounds&weighed=ABKCwGwGIoBQ&within=vae-mnist-beta4",
    "tab=latent&view=noise&mu=-0.5&sigma=1.5",
    "tab=latent&view=own&through=pca-mnist&picture=a town house&seed=2",
    "tab=latent&view=film&frame=3",
    "tab=game&density=painted&painted=ABKCwGwGIoBQ&loss=saturating&d_rate=0.01&g_rate=0.02&lead=50&wired=0&field=best&arrows=both&speed=slow&rounds=20",
    "tab=game&view=pair&left=dcgan-mnist&right=gan-mnist&other=9&t=0.3&seed=4",
    "tab=game&view=search&sought=ABKCwGwGIoBQ&within=gan-mnist",
    "tab=game&view=film&model=gan-mnist&frame=2",
    "tab=digits&view=ask&digit=7&seed=12",
    "tab=digits&view=blend&a=1&b=0&t=0.75",
    "tab=digits&view=write&number=2718",
    "tab=digits&view=read&drawn=ABKCwGwGIoBQ",
    "tab=digits&view=film&frame=5",
    "tab=sketch&sketch=ABGCwGwGIoBQ&petals=%238c5abe&background=%239ab4d0&detail=2&patches=1",
    "tab=sketch&view=facades&facade=BBYCAAgggg",
    "tab=sketch&view=emoji&doodle=ABGCwGwGIoBQ",
    "tab=sketch&view=photos&house=a long facade&fit=pad",
    "tab=sketch&view=terms&compared=ABGCwGwGIoBQ",
    "tab=sketch&view=pairs&judge=pix2pix-facades&own=a town house&other=a long facade",
    "tab=sketch&view=film&filmed=pix2pix-facades&frame=1",
    "tab=worlds&model=cyclegan-flowers&direction=there&example=6 petals&fit=pad",
    "tab=worlds&view=cycle&carried=a long facade",
    "tab=worlds&view=film&filmed=cyclegan-flowers&frame=1",
    "tab=pixels&model=pixelcnn-mnist&digit=3&temperature=0.5&speed=10&done=400&at=3,4&seed=2",
    "tab=pixels&view=complete&begun=ABKCwGwGIoBQ&first=2&last=20&wanted=8&ahead=1",
    "tab=pixels&view=surprise&mine=ABKCwGwGIoBQ",
    "tab=pixels&view=field&beside=row-lstm-mnist&spot=12,9&tick=30",
    "tab=pixels&view=colour&model=pixelcnnpp-flowers&kind=tulip&against=pixelcnnpp-flowers&dot=3,4&told=200",
    "tab=pixels&view=whole&model=pixelcnnpp-flowers&given=..1.........",
    "tab=pixels&view=film&frame=5",
    "tab=compare&models=vae-mnist,vae-mnist-2d&chosen=vae-mnist,3&seed=6",
    "tab=compare&view=figures&figure=feature_distance",
]


@pytest.fixture(scope="module")
def tabs():
    with gr.Blocks():
        return {tab.name: tab for tab in (module.build() for module in TABS)}


@pytest.mark.parametrize("link", LINKS)
def test_an_old_link_is_read_as_it_was_written(link, tabs):
    said = dict(parse_qsl(link))
    tab = tabs[said.pop("tab")]
    state, unusable = parse(tab.cls, getattr(tab.cls, "renewed", dict)(said))
    assert unusable is None
    assert query(state) == query(tab.cls()) | {
        name: text for name, text in said.items() if (name, text) != ("view", tab.spec["view"].default)
    }


ALONE = {
    ("digits", "model"),
    ("digits", "judge"),
    ("sketch", "model"),
    ("sketch", "painter"),
    ("sketch", "inker"),
    ("sketch", "reader"),
}  # there is one such model


def test_every_field_of_an_address_is_in_one_of_the_links(tabs):
    said = {(dict(parse_qsl(link))["tab"], name) for link in LINKS for name in dict(parse_qsl(unquote(link)))}
    assert {(name, field) for name, tab in tabs.items() for field in tab.spec} <= said | ALONE


def test_a_link_says_whatever_the_dice_may_show(tabs):
    for tab in tabs.values():
        for view in tab.views or [None]:
            usual = tab.cls(**({"view": view} if view else {}))
            for seed in range(200):
                rolled = tab.roll(usual, seed)
                assert parse(tab.cls, dict(parse_qsl(address(tab.name, rolled)))) == (rolled, None)


def test_an_address_that_says_nothing_opens_what_the_tab_opens_with_and_one_that_does_means_what_it_always_did(tabs):
    worlds = tabs["worlds"].cls
    assert opened(worlds, {"tab": "worlds", "lang": "he"}) == (opening(worlds), None) != (worlds(), None)
    assert opened(worlds, {"direction": "there"}) == (worlds(direction="there"), None)
    assert query(opening(worlds)) and opened(worlds, query(opening(worlds))) == (opening(worlds), None)
    assert query(worlds()) and opened(worlds, query(worlds())) == (worlds(), None)
    for tab in tabs.values():
        assert tab.name == "worlds" or opening(tab.cls) == tab.cls() and query(tab.cls()) == {}
