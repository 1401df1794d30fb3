"""Levels in words: what pages say of a spread, with the names that its framework gives the five levels. Pure: no Django."""


def level(number, names):
    """A level as people read it: 3 Progressing."""
    return f"{number} {names[number - 1]}"


def median(spread, names):
    """The middle level in words, with both where there are two: "between Developing and Progressing"."""
    lower, upper = spread.median
    return names[lower - 1] if lower == upper else f"between {names[lower - 1]} and {names[upper - 1]}"


def reach(spread, names):
    """How far the levels reach, and their middle: "from Starting to Progressing, median Developing"."""
    lowest, highest = names[spread.lowest - 1], names[spread.highest - 1]
    if lowest == highest:
        return f"{'all ' if spread.count > 1 else ''}at {lowest}"
    return f"from {lowest} to {highest}, median {median(spread, names)}"


def counts(spread, names):
    """How many chose each level: "Starting 1, Developing 3". Levels that nobody chose are left out."""
    return ", ".join(f"{name} {n}" for name, n in zip(names, spread.counts, strict=True) if n)


def without_a_level(spread):
    """How many gave no level, and why: "1 did not know, 2 left it blank"."""
    said = ((spread.unknown, "did not know"), (spread.none, "said that it does not apply"), (spread.blank, "gave no answer"))
    return ", ".join(f"{n} {what}" for n, what in said if n)


def sentence(spread, names):
    """A spread of raters in a sentence or two."""
    if not spread.count:
        first = "Nobody gave a level."
    else:
        first = f"{spread.count} {'person' if spread.count == 1 else 'people'} gave a level, {reach(spread, names)}."
    others = without_a_level(spread)
    return f"{first} {others[0].upper()}{others[1:]}." if others else first
