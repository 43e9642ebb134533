"""Charts as SVG: small and static, but for a mark that moves."""

import math
from collections.abc import Sequence


def curves(title: str, axis: str, labels: Sequence, place: int, series: dict[str, list[float | None]], colours: dict[str, str]) -> str:
    """Curves over evenly spaced labels, upwards from 0, with a mark at label number `place`, as HTML.

    series: name -> a value at each label, None where there is none.  colours: name -> actor, or "quiet".
    """
    most = max((value for values in series.values() for value in values if value is not None), default=1.0) or 1.0
    x = [16 + 66 * i / (len(labels) - 1) for i in range(len(labels))]
    y = lambda value: 50 - 44 * value / most  # noqa: E731
    drawn = [f'<line class="mark" x1="{x[place]:.2f}" x2="{x[place]:.2f}" y1="4" y2="50"/><line x1="16" x2="84" y1="50" y2="50"/>']
    for name, values in series.items():
        known = [(a, y(value)) for a, value in zip(x, values) if value is not None]
        if not known:
            continue
        drawn.append(f'<polyline class="{colours[name]}" points="{" ".join(f"{a:.2f},{b:.2f}" for a, b in known)}"/>')
        if values[place] is not None:
            drawn.append(f'<circle class="{colours[name]}" cx="{x[place]:.2f}" cy="{y(values[place]):.2f}" r="1.5"/>')
    ends = sorted(
        (y(next(value for value in reversed(values) if value is not None)), name)
        for name, values in series.items()
        if any(value is not None for value in values)
    )
    lowest = -math.inf
    for at, name in ends:  # names at the right end, without overlaps
        lowest = max(at, lowest + 6)
        drawn.append(f'<text class="left {colours[name]}" x="85" y="{lowest + 1.8:.2f}">{name}</text>')
    drawn += [f'<text x="{a:.2f}" y="57">{label}</text>' for a, label in zip(x, labels)]
    drawn += [f'<text class="right" x="14" y="{y(value) + 1.8:.2f}">{value:.3g}</text>' for value in (0, most)]
    words = "; ".join(
        f"{name} {values[place]:.3g}" if values[place] is not None else f"{name} not measured" for name, values in series.items()
    )
    return f"""<figure class="chart curves"><svg viewBox="0 0 100 60" role="img" aria-label="{title} at {axis} {labels[place]}: {words}">
        {"".join(drawn)}</svg><figcaption>{title}, over {axis}</figcaption></figure>"""


def in_a_row(*charts: str) -> str:
    """Charts in a row, or one below the other where there is no room."""
    return f'<div class="charts">{"".join(charts)}</div>'
