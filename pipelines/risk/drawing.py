"""漏斗图的样子 — a funnel as inline SVG: points, limits, the ordinary value; no script, nothing outside."""

import math
from collections.abc import Callable, Sequence

from markupsafe import Markup, escape

from matchers.risk.funnel import Funnel

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 340, 56, 44, 14
DASH = ("4 3", "")


def funnel(name: str, title: str, described: str, axis: str, of: Funnel) -> Markup:
    """The picture; the sizes along the foot are logarithmic."""
    x, y = _scales(of)
    middle = f"{y(of.ordinary):.1f}"
    drawn = [
        f'<line class="axis" x1="{LEFT}" x2="{WIDTH - 8}" y1="{HEIGHT - BOTTOM}" y2="{HEIGHT - BOTTOM}"/>',
        f'<line class="axis" x1="{LEFT}" x2="{LEFT}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>',
        f'<line class="floor" x1="{LEFT}" x2="{WIDTH - 8}" y1="{middle}" y2="{middle}"/>',
    ]
    for place, dash in ((1, DASH[0]), (2, DASH[0]), (3, DASH[1]), (4, DASH[1])):
        line = " ".join(f"{x(row[0]):.1f},{y(row[place]):.1f}" for row in of.limits)
        drawn.append(f'<polyline class="limit" points="{line}" stroke-dasharray="{dash}"/>')
    drawn += [f'<circle class="point" cx="{x(s):.1f}" cy="{y(v):.1f}" r="3"/>' for s, v in of.points]
    drawn.append(_text(WIDTH - 8, HEIGHT - 8, axis, "end"))
    for value in (0.0, of.ordinary, _top(of)):
        drawn.append(_text(LEFT - 6, y(value) + 4, f"{value:.2g}", "end"))
    for size in (min(s for s, _ in of.points), max(s for s, _ in of.points)):
        drawn.append(_text(x(size), HEIGHT - BOTTOM + 16, f"{size:.3g}", "middle"))
    head = (
        f'<svg class="chart" role="img" aria-labelledby="{name}-t {name}-d" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{name}-t">{escape(title)}</title>'
        f'<desc id="{name}-d">{escape(described)}</desc>'
    )
    return Markup(head + "".join(drawn) + "</svg>")


def _scales(of: Funnel) -> tuple[Callable[[float], float], Callable[[float], float]]:
    sizes: Sequence[float] = [size for size, _ in of.points]
    low, high = math.log(min(sizes)), math.log(max(sizes))
    room, tall, top = WIDTH - LEFT - 40, HEIGHT - BOTTOM - TOP, _top(of)
    across = room / (high - low) if high > low else 0.0
    return (
        lambda size: LEFT + 16 + (math.log(size) - low) * across,
        lambda value: HEIGHT - BOTTOM - min(value, top) / top * tall,
    )


def _top(of: Funnel) -> float:
    return max([v for _, v in of.points] + [row[4] for row in of.limits] + [of.ordinary]) or 1.0


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text class="s" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
