"""Drawings of the networks beside a lesson: layer after layer, with the shapes of the tensors on the arrows between them."""

import html
import json
from pathlib import Path

NETWORKS = json.loads((Path(__file__).parent / "lessons" / "networks.json").read_text(encoding="utf-8"))  # of analysis/network_shapes.py


def drawn(tab: str) -> str:
    """The networks of a tab, HTML; "" where it has none."""
    figures = [_figure(**network) for network in NETWORKS if network["tab"] == tab]
    if not figures:
        return ""
    caption = "On the arrows: channels \u00d7 height \u00d7 width of what passes, for one picture."
    return f'<div class="networks"><p>{caption}</p>{"".join(figures)}</div>'


def _figure(title: str, model: str, layers: list[list], **_) -> str:
    parts = []
    for name, shape, *times in layers:
        if name:
            repeated = f" <b>{times[0]} times</b>" if times else ""
            parts.append(f'<li class="layer">{html.escape(name)}{repeated}</li>')
        passes = " \u00d7 ".join(map(str, shape))
        parts.append(f'<li class="shape">{passes}</li>')
    caption = f"<figcaption>{html.escape(title)} <code>{html.escape(model)}</code></figcaption>"
    return f'<figure>{caption}<ol dir="ltr">{"".join(parts)}</ol></figure>'
