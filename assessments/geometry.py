"""Where things stand in a chart: lengths, corners and lines as numbers, without a word about colours. Pure: no Django.

Across a chart, places are per cent of its width, so that it fills a phone as it fills a desk; down a chart they are pixels, so that text
keeps its size. The radar alone is drawn in units of its own, since its corners must keep their angles.
"""

import math
from dataclasses import dataclass

from assessments.levels import LEVELS

RADIUS, CENTRE = 120, (160, 150)  # of the radar, in its own units


@dataclass(frozen=True)
class Point:
    """A place in a chart."""

    x: float
    y: float


def share(n, most, room=100.0):
    """How long a bar for `n` is where the longest, of `most`, fills `room`; one decimal."""
    return round(room * n / most, 1) if most else 0.0


def across(place, places, left=0.0, right=100.0):
    """The middle of a place, from 0, where `places` share the width from `left` to `right`, in per cent."""
    return round(left + (right - left) * (place + 0.5) / places, 1)


def height(level, bottom, top):
    """How far down level 1 to 5 stands, where 1 is at `bottom` and 5 at `top`."""
    return round(bottom - (bottom - top) * (level - 1) / (len(LEVELS) - 1), 1)


# The radar ------------------------------------------------------------------------------------------------------------


def corner(place, corners, radius):
    """The corner at a place, from 0 and clockwise from the top, of a figure of equal corners around the centre."""
    angle = 2 * math.pi * place / corners - math.pi / 2
    return Point(round(CENTRE[0] + radius * math.cos(angle), 1), round(CENTRE[1] + radius * math.sin(angle), 1))


def polygon(points):
    """Points as SVG writes them."""
    return " ".join(f"{point.x:g},{point.y:g}" for point in points)


@dataclass(frozen=True)
class Radar:
    """A radar: a ring for each level, a spoke for each component, and a point where its level is, or none where it has none."""

    rings: list
    tips: list
    labels: list
    points: list

    @property
    def outline(self):
        """The figure through all points, or blank where one is lacking: nothing is drawn across a gap."""
        return "" if None in self.points else polygon(self.points)

    @property
    def lines(self):
        """The lines between neighbours that both have a point."""
        return [(a, b) for a, b in zip(self.points, [*self.points[1:], self.points[0]], strict=True) if a and b]


def radar(levels):
    """The radar of these components' levels, each 1 to 5 or none. Level 1 is a fifth of the way out, so that the centre is no level."""
    corners = len(levels)

    def at(place, level):
        return corner(place, corners, RADIUS * level / len(LEVELS))

    return Radar(
        rings=[polygon([at(place, level) for place in range(corners)]) for level in LEVELS],
        tips=[corner(place, corners, RADIUS) for place in range(corners)],
        labels=[corner(place, corners, RADIUS + 18) for place in range(corners)],
        points=[at(place, level) if level else None for place, level in enumerate(levels)],
    )


# The trend ------------------------------------------------------------------------------------------------------------

TREND_TOP, TREND_BOTTOM, TREND_LEFT = 30, 130, 10.0  # pixels down to level 5 and to level 1, and per cent for the numbers of the levels


@dataclass(frozen=True)
class Trend:
    """A line over rounds: a point for each round or none, lines between neighbours that can be compared, and where they cannot."""

    columns: list
    points: list
    lines: list
    breaks: list


def trend(levels, comparable):
    """The line of one component. `levels`: its level in each round, 1 to 5 or none; `comparable`: may a round be compared with the one before?"""
    columns = [across(place, len(levels), TREND_LEFT) for place in range(len(levels))]
    points = [Point(x, height(level, TREND_BOTTOM, TREND_TOP)) if level else None for x, level in zip(columns, levels, strict=True)]
    neighbours = list(zip(points, points[1:], comparable[1:], strict=False))
    lines = [(a, b) for a, b, same in neighbours if same and a and b]
    breaks = [round((x + y) / 2, 1) for x, y, same in zip(columns, columns[1:], comparable[1:], strict=False) if not same]
    return Trend(columns, points, lines, breaks)
