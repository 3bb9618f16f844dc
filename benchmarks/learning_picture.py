"""Learning curves as a small SVG: one line an order, told apart by colour, mark and dashes."""

import html
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.analysis.drawing import colour

Points = Sequence[tuple[int, float]]  # notes coded, MAP
WIDE, HIGH, EDGE = 640, 360, 52  # pixels
DASHES = ("", "7 4", "2 3")


def drawn(path: Path, title: str, lines: Mapping[str, Points], *, level: float | None) -> None:
    """Write the picture; `level` is drawn as a thin line across."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(svg(title, lines, level=level), encoding="utf-8")


def svg(title: str, lines: Mapping[str, Points], *, level: float | None) -> str:
    most = max((notes for points in lines.values() for notes, _ in points), default=1)
    top = max((value for points in lines.values() for _, value in points), default=1.0)
    scale = (WIDE - 2 * EDGE) / most, (HIGH - 2 * EDGE) / (-(-top // 0.1) * 0.1)

    def at(notes: float, value: float) -> tuple[float, float]:
        return EDGE + notes * scale[0], HIGH - EDGE - value * scale[1]

    parts = [*_grid(at, most, top)]
    if level is not None:
        (x, y), (end, _) = at(0, level), at(most, level)
        parts.append(
            f'<line x1="{x:.0f}" x2="{end:.0f}" y1="{y:.1f}" y2="{y:.1f}" '
            'stroke="#111111" stroke-dasharray="1 3"/>'
        )
    for place, (name, points) in enumerate(lines.items()):
        parts += _line(name, [at(*point) for point in points], place)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" '
        f'height="{HIGH}" role="img" font-family="system-ui, sans-serif" font-size="12">\n'
        f'<title>{html.escape(title)}</title>\n<rect width="100%" height="100%" fill="#ffffff"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _grid(at, most: int, top: float):  # type: ignore[no-untyped-def]
    for step in range(int(-(-top // 0.1)) + 1):
        (x, y), (end, _) = at(0, step / 10), at(most, step / 10)
        yield f'<line x1="{x:.0f}" x2="{end:.0f}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dddddd"/>'
        yield f'<text x="{x - 8:.0f}" y="{y + 4:.1f}" text-anchor="end">{step / 10:.1f}</text>'
    for notes in range(0, most + 1, 100):
        x, y = at(notes, 0)
        yield f'<text x="{x:.0f}" y="{y + 18:.0f}" text-anchor="middle">{notes}</text>'
    x, y = at(most / 2, 0)
    yield f'<text x="{x:.0f}" y="{y + 38:.0f}" text-anchor="middle">notes coded</text>'
    yield f'<text x="{EDGE}" y="{EDGE - 16}">MAP, ICD-10-CM</text>'


def _line(name: str, points: Sequence[tuple[float, float]], place: int) -> list[str]:
    shade = colour(place)
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    marks = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{shade}"/>'
        if place == 0
        else f'<rect x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6" fill="{shade}"/>'
        for x, y in points
    ]
    y = HIGH - EDGE - 24 - 20 * place
    return [
        f'<polyline points="{path}" fill="none" stroke="{shade}" stroke-width="2" '
        f'stroke-dasharray="{DASHES[place % 3]}"/>',
        *marks,
        f'<line x1="{WIDE - 220}" x2="{WIDE - 190}" y1="{y - 4}" y2="{y - 4}" stroke="{shade}" '
        f'stroke-width="2" stroke-dasharray="{DASHES[place % 3]}"/>',
        f'<text x="{WIDE - 182}" y="{y}">{html.escape(name)}</text>',
    ]
