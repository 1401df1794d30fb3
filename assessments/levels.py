"""The arithmetic of levels. Pure: no Django, so that it can be read and tested like a page of a book.

A level is one of five words in rising order, numbered 1 to 5 only so that they can be sorted. They are ordinal: level 4 is more than
level 2, but not twice as much, and the steps between neighbours need not be equal. So what is shown is how many chose each (the
distribution), the lowest, the median, the highest and how many there were. "I do not know", "it does not apply" and no answer are
counted beside the levels and are never one. A mean pretends that the steps are equal; it is offered as an aid, to one decimal, and
said to be indicative.
"""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

LEVELS = (1, 2, 3, 4, 5)
UNKNOWN, NONE, BLANK = "unknown", "none", ""  # what is said instead of a level


@dataclass(frozen=True)
class Spread:
    """How many chose each level, and how many chose none."""

    counts: tuple[int, ...] = (0, 0, 0, 0, 0)  # of level 1, 2, 3, 4, 5
    unknown: int = 0
    none: int = 0
    blank: int = 0

    @classmethod
    def of(cls, choices):
        """The spread of choices, each "1" to "5", "unknown", "none" or blank. Raises ValueError for anything else."""
        found = Counter(choices)
        levels = tuple(found.pop(str(level), 0) for level in LEVELS)
        spread = cls(levels, found.pop(UNKNOWN, 0), found.pop(NONE, 0), found.pop(BLANK, 0))
        if found:
            raise ValueError(f"no level: {', '.join(map(repr, found))}")
        return spread

    @classmethod
    def from_row(cls, row):
        """The spread that `row` wrote down."""
        return cls(tuple(row[:5]), *row[5:])

    @property
    def row(self):
        """The eight counts in a row, to write down: of level 1 to 5, of "I do not know", of "it does not apply", of no answer."""
        return [*self.counts, self.unknown, self.none, self.blank]

    @property
    def count(self):
        """How many gave a level."""
        return sum(self.counts)

    @property
    def everybody(self):
        """How many there were, with a level or without."""
        return self.count + self.unknown + self.none + self.blank

    @property
    def lowest(self):
        """The lowest level that anybody gave, or none."""
        return next((level for level in LEVELS if self.counts[level - 1]), None)

    @property
    def highest(self):
        """The highest level that anybody gave, or none."""
        return next((level for level in reversed(LEVELS) if self.counts[level - 1]), None)

    @property
    def median(self):
        """The middle level as (lower, upper), or none: with an even count there may be two middle ones, and nothing lies between them."""
        if not self.count:
            return None
        return self._ranked((self.count - 1) // 2), self._ranked(self.count // 2)

    def _ranked(self, place):
        """The level that stands at a place, from 0, when all are lined up from low to high."""
        for level in LEVELS:
            place -= self.counts[level - 1]
            if place < 0:
                return level
        raise IndexError(place)

    @property
    def mean(self):
        """The mean level, from 1 to 5, to one decimal and half up; indicative only. None where nobody gave a level."""
        if not self.count:
            return None
        tenths = Fraction(10 * sum(level * n for level, n in zip(LEVELS, self.counts, strict=True)), self.count)
        return int(tenths + Fraction(1, 2)) / 10

    @property
    def within_one(self):
        """Did all who gave a level choose the same one or two neighbours? Not where nobody did."""
        return self.count > 0 and self.highest - self.lowest <= 1

    @property
    def disagreement(self):
        """Leik's ordinal dispersion, from 0 (all alike) to 1 (half at each end); 0 where nobody gave a level.

        Source: R. K. Leik, A measure of ordinal consensus, Pacific Sociological Review 9(2), 1966: twice the sum of min(F, 1 - F)
        over the cumulative shares F, by the number of levels less one.
        """
        if not self.count:
            return 0.0
        below, total = 0, Fraction(0)
        for n in self.counts[:-1]:
            below += n
            share = Fraction(below, self.count)
            total += min(share, 1 - share)
        return float(2 * total / (len(LEVELS) - 1))

    def __add__(self, other):
        """Two sets of raters taken together."""
        counts = tuple(a + b for a, b in zip(self.counts, other.counts, strict=True))
        return Spread(counts, self.unknown + other.unknown, self.none + other.none, self.blank + other.blank)
