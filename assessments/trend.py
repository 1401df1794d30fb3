"""Rounds side by side, as a snapshot remembers them: the median of each component, and what can be compared with what. Pure: no Django."""

from dataclasses import dataclass

from assessments.levels import Spread

LETTERS = "ABCDEFGHIJ"  # what the rounds of a trend are called: the last ten


@dataclass(frozen=True)
class Round:
    """One round in a trend: its letter, what it was called, and the agreed levels of each component."""

    letter: str
    name: str
    submitted_on: str
    edition: str
    framework: str
    comparable: bool  # did it ask the same questions as the one before?
    spreads: dict


def rounds_of(data):
    """The last rounds up to that of a snapshot, oldest first."""
    rows = [*data["history"], remembered(data)][-len(LETTERS) :]
    before = [None, *(row["framework"] for row in rows)]
    return [
        Round(letter, row["name"], row["submitted_on"], row["edition"], row["framework"], row["framework"] == last, _spreads(row))
        for letter, row, last in zip(LETTERS, rows, before, strict=False)
    ]


def remembered(data):
    """A snapshot's own round, as later ones will remember it."""
    return {
        "name": data["round"]["name"],
        "submitted_on": data["submitted_on"],
        "framework": data["framework"]["slug"],
        "edition": data["framework"]["edition"],
        "components": {q["number"]: q["component"]["number"] for q in data["questions"]},
        "levels": {q["number"]: q["level"] for q in data["questions"]},
    }


def _spreads(row):
    """The agreed levels of each component, by its number."""
    levels = {}
    for number, level in row["levels"].items():
        levels.setdefault(row["components"][number], []).append(str(level or ""))
    return {component: Spread.of(choices) for component, choices in levels.items()}
