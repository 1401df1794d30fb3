"""What may be shown of an anonymous round, so that nothing shown tells what one rater said. Pure: no Django.

FEWEST people are the fewest that a figure may stand for. The rules, in this order:

1. Fewer than FEWEST finished raters in all: nothing is shown.
2. Groups with fewer than FEWEST finished raters are put together. Where even together they are fewer, the smallest group that could
   stand alone joins them, since the total less the others would otherwise give them away (`put_together`).
3. For each question, a group (or groups put together) in which fewer than FEWEST gave a level is left out; where all that is left out
   comes to fewer than FEWEST levels, the smallest that could be shown is left out too, for the same reason: the total is shown
   (`publish`).
4. A question to which fewer than FEWEST gave a level shows none of them.

What is published is worked out once, when agreement begins and nobody can rate any more, and kept; every page and file is drawn from
what was kept. So nobody can compare a result before and after one more person joined, changed their mind or was erased.
"""

from dataclasses import dataclass

from assessments.levels import Spread

FEWEST = 5


def put_together(sizes):
    """The groups to show, each a list of names, in the order given; none at all where all together are fewer than FEWEST.

    `sizes`: how many raters each named group has, a dict. Groups with no rater at all are left out.
    """
    sizes = {name: size for name, size in sizes.items() if size}
    if sum(sizes.values()) < FEWEST:
        return []
    small = [name for name, size in sizes.items() if size < FEWEST]
    large = sorted((name for name in sizes if name not in small), key=sizes.__getitem__)
    if small and sum(sizes[name] for name in small) < FEWEST:
        small.append(large.pop(0))
    order = list(sizes)
    together = [sorted(small, key=order.index)] if small else []
    return sorted([*([name] for name in large), *together], key=lambda names: order.index(names[0]))


@dataclass(frozen=True)
class Published:
    """What is shown of one question: the spread of all, and that of each group that may be shown, by the group's name."""

    total: Spread | None
    groups: dict[str, Spread]


def publish(choices_by_group):
    """What may be shown of one question. `choices_by_group`: each group as it is shown (after `put_together`), and what its raters chose."""
    spreads = {name: Spread.of(choices) for name, choices in choices_by_group.items()}
    total = sum(spreads.values(), Spread())
    if total.count < FEWEST:
        return Published(None, {})
    left_out = {name for name, spread in spreads.items() if spread.count < FEWEST}
    shown = sorted((name for name in spreads if name not in left_out), key=lambda name: spreads[name].count)
    while shown and left_out and 0 < sum(spreads[name].count for name in left_out) < FEWEST:
        left_out.add(shown.pop(0))
    if len(spreads) == 1:
        left_out = set(spreads)  # one group alone is the total
    return Published(total, {name: spread for name, spread in spreads.items() if name not in left_out})
