"""图 — small pictures as inline SVG: bars, columns, intervals. No script, no outside resource, same bytes.

Every picture has its title and a sentence that says the same for those who do not see it; the figures stand
in a table beside it.
"""

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

TIER_CLASS = {"precise": "t1", "important": "t2", "lead": "t3"}
ROW, LABEL, WIDTH = 30, 314, 720
HALF, HALF_LABEL = 500, 240
GAP = 2


def bars(name: str, title: str, described: str, rows: Sequence[tuple[str, Mapping[str, int]]]) -> Markup:
    """Stacked horizontal bars: one row per label, one part per tier, its count beside."""
    most = max((sum(parts.values()) for _, parts in rows), default=0) or 1
    room = HALF - HALF_LABEL - 46
    drawn = []
    for n, (label, parts) in enumerate(rows):
        y, x = n * ROW, float(HALF_LABEL)
        drawn.append(_text(HALF_LABEL - 10, y + 19, label, "end"))
        for tier, count in parts.items():
            width = round(count / most * room, 1)
            if count:
                drawn.append(_rect(x, y + 5, max(width - GAP, 1), ROW - 10, TIER_CLASS[tier]))
                x += width
        drawn.append(_text(x + 6, y + 19, f"{sum(parts.values()):,}", "start", "n"))
    return _svg(name, title, described, HALF, len(rows) * ROW, drawn)


def columns(name: str, title: str, described: str, nights: Sequence[tuple[str, Mapping[str, int]]]) -> Markup:
    """Stacked columns: one per night, one part per tier, its sum above."""
    most = max((sum(parts.values()) for _, parts in nights), default=0) or 1
    height, top = 120, 20
    step = min(WIDTH / max(len(nights), 1), 90)
    drawn = [f'<line class="axis" x1="0" x2="{WIDTH}" y1="{top + height}" y2="{top + height}"/>']
    for n, (label, parts) in enumerate(nights):
        x, y = n * step + step * 0.15, float(top + height)
        for tier, count in parts.items():
            tall = round(count / most * height, 1)
            if count:
                drawn.append(_rect(x, y - tall, step * 0.7, max(tall - 1, 1), TIER_CLASS[tier]))
                y -= tall
        drawn.append(_text(x + step * 0.35, y - 5, f"{sum(parts.values()):,}", "middle", "n"))
        drawn.append(_text(x + step * 0.35, top + height + 17, label, "middle", "s"))
    return _svg(name, title, described, WIDTH, top + height + 26, drawn)


def intervals(
    name: str, title: str, described: str, rows: Sequence[tuple[str, float, float, float]], floor: float
) -> Markup:
    """Points with their interval between 0 and 1: label, value, low, high; a line marks the floor."""
    room = WIDTH - LABEL - 80
    tall = len(rows) * ROW
    mark = round(LABEL + floor * room, 1)
    drawn = [f'<line class="floor" x1="{mark}" x2="{mark}" y1="0" y2="{tall}"/>']
    for n, (label, value, low, high) in enumerate(rows):
        y = n * ROW + 15
        x1, x2, x = (round(LABEL + v * room, 1) for v in (low, high, value))
        drawn.append(_text(LABEL - 10, y + 4, label, "end"))
        drawn.append(f'<line class="span" x1="{x1}" x2="{x2}" y1="{y}" y2="{y}"/>')
        drawn.append(f'<circle class="dot" cx="{x}" cy="{y}" r="5"/>')
        drawn.append(_text(WIDTH - 70, y + 4, f"{value:.0%}", "start", "n"))
    drawn.append(_text(mark, tall + 14, f"下限 {floor:.0%}", "middle", "s"))
    return _svg(name, title, described, WIDTH, tall + 22, drawn)


def _svg(name: str, title: str, described: str, width: int, height: float, drawn: Sequence[str]) -> Markup:
    head = (
        f'<svg class="chart" role="img" aria-labelledby="{name}-t {name}-d" viewBox="0 0 {width} {height:g}" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{name}-t">{escape(title)}</title>'
        f'<desc id="{name}-d">{escape(described)}</desc>'
    )
    return Markup(head + "".join(drawn) + "</svg>")


def _rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="2"/>'


def _text(x: float, y: float, text: str, anchor: str, kind: str = "l") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
