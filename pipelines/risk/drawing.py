"""漏斗图的样子 — a funnel as inline SVG: points, limits, the ordinary value; no script, nothing outside."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from matchers.risk.funnel import Funnel

WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM, TOP = 720, 340, 56, 680, 44, 14
DASH = ("4 3", "")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A funnel with its words. ``axis``: what its sizes are; ``shown``: writes a value of the other axis."""

    name: str
    title: str
    axis: str
    of: Funnel
    shown: Callable[[float], str]

    @property
    def described(self) -> str:
        """The sentence that says the same."""
        points, outside = len(self.of.points), self.of.outside
        return f"{self.title}：共 {points:,} 个，超出 99.8% 上限的 {outside:,} 个"


def funnel(drawn: Drawn) -> Markup:
    """The picture; sizes along the foot are logarithmic."""
    of, name = drawn.of, drawn.name
    x, y = _scales(of)
    foot, middle = HEIGHT - BOTTOM, y(of.ordinary)
    parts = [
        f'<line class="axis" x1="{LEFT}" x2="{RIGHT}" y1="{foot}" y2="{foot}"/>',
        f'<line class="axis" x1="{LEFT}" x2="{LEFT}" y1="{TOP}" y2="{foot}"/>',
        f'<line class="floor" x1="{LEFT}" x2="{RIGHT}" y1="{middle:.1f}" y2="{middle:.1f}"/>',
        _text(RIGHT + 4, middle + 4, "平常", "start"),
    ]
    for place, dash in ((1, DASH[0]), (2, DASH[0]), (3, DASH[1]), (4, DASH[1])):
        line = " ".join(f"{x(row[0]):.1f},{y(row[place]):.1f}" for row in of.limits)
        parts.append(f'<polyline class="limit" points="{line}" stroke-dasharray="{dash}"/>')
    parts += [f'<circle class="point" cx="{x(s):.1f}" cy="{y(v):.1f}" r="3"/>' for s, v in of.points]
    parts.append(_text(RIGHT, HEIGHT - 8, drawn.axis, "end"))
    parts += [_text(LEFT - 6, y(value) + 4, drawn.shown(value), "end") for value in _steps(_top(of))]
    parts += [_text(x(size), foot + 16, f"{size:g}", "middle") for size in _sizes(of)]
    head = (
        f'<svg class="chart" role="img" aria-labelledby="{name}-t {name}-d" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{name}-t">{escape(drawn.title)}</title>'
        f'<desc id="{name}-d">{escape(drawn.described)}</desc>'
    )
    return Markup(head + "".join(parts) + "</svg>")


def _scales(of: Funnel) -> tuple[Callable[[float], float], Callable[[float], float]]:
    sizes: Sequence[float] = [size for size, _ in of.points]
    low, high = math.log(min(sizes)), math.log(max(sizes))
    room, tall, top = RIGHT - LEFT - 32, HEIGHT - BOTTOM - TOP, _top(of)
    across = room / (high - low) if high > low else 0.0
    return (
        lambda size: LEFT + 16 + (math.log(size) - low) * across,
        lambda value: HEIGHT - BOTTOM - min(value, top) / top * tall,
    )


def _top(of: Funnel) -> float:
    return max([v for _, v in of.points] + [row[4] for row in of.limits] + [of.ordinary]) or 1.0


def _steps(top: float) -> list[float]:
    """Round values from nothing up to the top, four to eight of them."""
    rough = top / 4
    unit = 10.0 ** math.floor(math.log10(rough))
    step = max(unit * n for n in (1, 2, 5) if unit * n <= rough)
    return [step * n for n in range(int(top / step + 1e-9) + 1)]


def _sizes(of: Funnel) -> list[float]:
    """Round sizes between the least and the largest; these themselves where they are close together."""
    low, high = min(s for s, _ in of.points), max(s for s, _ in of.points)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    round_ = [n * 10.0**power for power in powers for n in (1, 2, 5) if low <= n * 10.0**power <= high]
    return round_ if len(round_) > 1 else sorted({float(f"{low:.3g}"), float(f"{high:.3g}")})


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text class="s" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
