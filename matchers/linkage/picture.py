"""瀑布图 — the bits of one link, from the prior over fields and rivals to the posterior: SVG, no script."""

import json
from html import escape
from typing import Any

FIELD_WORDS = {
    "name": "姓名",
    "id_number": "身份证号",
    "birth_date": "出生日期",
    "sex": "性别",
    "phone": "手机号",
    "district": "区划",
    "employer": "单位",
}
RIVALS = "亲属或他人"
WIDTH, LABEL, VALUE, ROW, HEAD = 640, 110, 90, 26, 34
_COLOURS = {"prior": "#8a8f98", "for": "#2f7d4f", "against": "#b3412e", "sum": "#33475b"}


def waterfall(explanation: str) -> str:
    """The picture of one explanation (JSON as stored with a link); one bit doubles the odds."""
    parts = json.loads(explanation)
    steps = _steps(parts)
    reach = [0.0, *(stop for _, _, stop, _ in steps), *(start for _, start, _, _ in steps)]
    low, span = min(reach), max(max(reach) - min(reach), 1.0)
    scale = (WIDTH - LABEL - VALUE) / span
    height = HEAD + ROW * len(steps) + 12
    zero = LABEL + (0.0 - low) * scale
    bars = [
        _bar(HEAD + ROW * n, words, start, stop, colour, LABEL + (min(start, stop) - low) * scale, scale)
        for n, (words, start, stop, colour) in enumerate(steps)
    ]
    posterior = f"概率 {parts['posterior']:.4f}"
    title = f"{parts['sentence']}（{posterior}）"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="sans-serif" font-size="13"><title>{escape(title)}</title>'
        f'<text x="0" y="18" fill="#33475b">证据（比特，正值支持同一人），{posterior}</text>'
        f'<line x1="{zero:.1f}" y1="{HEAD - 6}" x2="{zero:.1f}" y2="{height - 6}" stroke="#c4c9d0" '
        f'stroke-dasharray="3 3"/>{"".join(bars)}</svg>'
    )


def _steps(parts: dict[str, Any]) -> list[tuple[str, float, float, str]]:
    running = float(parts["prior_bits"])
    steps = [("先验", 0.0, running, _COLOURS["prior"])]
    for field in parts["fields"]:
        bits = float(field["bits"])
        if bits:
            colour = _COLOURS["for" if bits > 0 else "against"]
            steps.append((FIELD_WORDS[field["field"]], running, running + bits, colour))
            running += bits
    rivals = float(parts["rivals_bits"])
    if rivals:
        steps.append((RIVALS, running, running + rivals, _COLOURS["against"]))
        running += rivals
    return [*steps, ("合计", 0.0, running, _COLOURS["sum"])]


def _bar(y: int, words: str, start: float, stop: float, colour: str, x: float, scale: float) -> str:
    width = max(abs(stop - start) * scale, 1.0)
    return (
        f'<text x="{LABEL - 8}" y="{y + 15}" text-anchor="end" fill="#33475b">{words}</text>'
        f'<rect x="{x:.1f}" y="{y + 2}" width="{width:.1f}" height="{ROW - 8}" fill="{colour}" rx="2"/>'
        f'<text x="{x + width + 5:.1f}" y="{y + 15}" fill="#33475b">{stop - start:+.1f}</text>'
    )
