"""A reliability plot as an SVG file: said against right, the area of a point grows with its count.

Plotly needs a browser to write a still picture; ten points need none.
"""

import math
from collections.abc import Sequence

SIDE, EDGE = 320, 44  # pixels: of the square, and around it for the labels
INK, POINT = "#333", "#0b6570"
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def reliability_svg(bins: Sequence[tuple[int, float, float]]) -> str:
    """bins: how many candidates, what they said on average, how often they were right."""
    whole = SIDE + 2 * EDGE
    most = max(count for count, _, _ in bins)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" '
        f'width="{whole}" font-family="sans-serif" font-size="12" fill="{INK}">',
        f'<rect width="{whole}" height="{whole}" fill="#fff"/>',
        f'<path d="M{_x(0)} {_y(1)}V{_y(0)}H{_x(1)}" fill="none" stroke="{INK}"/>',
        f'<path d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}" stroke="#999" stroke-dasharray="4"/>',
        f'<text x="{_x(0.5)}" y="{whole - 8}" text-anchor="middle">said</text>',
        f'<text transform="translate(14 {_y(0.5)}) rotate(-90)" text-anchor="middle">right</text>',
    ]
    for tick in _TICKS:
        parts.append(f'<text x="{_x(tick)}" y="{_y(0) + 16}" text-anchor="middle">{tick}</text>')
        parts.append(f'<text x="{_x(0) - 6}" y="{_y(tick) + 4}" text-anchor="end">{tick}</text>')
    for count, said, right in bins:
        radius = 3 + 11 * math.sqrt(count / most)
        parts.append(
            f'<circle cx="{_x(said):.1f}" cy="{_y(right):.1f}" r="{radius:.1f}" fill="{POINT}" '
            f'fill-opacity=".7"><title>{count:,} candidates: said {said:.3f}, right {right:.3f}'
            "</title></circle>"
        )
    return "\n".join([*parts, "</svg>\n"])


def _x(value: float) -> float:
    return EDGE + value * SIDE


def _y(value: float) -> float:
    return EDGE + (1 - value) * SIDE
