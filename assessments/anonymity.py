"""Who may be shown apart: groups of raters too small to hide one person are put together. Pure arithmetic, no Django.

A group is shown apart only with FEWEST finished raters or more. All smaller groups are put together; where even together they
are fewer than FEWEST, the smallest group that could stand alone joins them, since its size would otherwise give theirs away by
subtraction from the total. With fewer than FEWEST raters in all nothing is shown.
"""

FEWEST = 5


def put_together(sizes):
    """The groups to show, each a list of names, in the order given; none at all where all together are fewer than FEWEST.

    `sizes`: how many raters each named group has, a dict. Groups with no rater at all are left out.
    """
    sizes = {name: size for name, size in sizes.items() if size}
    if sum(sizes.values()) < FEWEST:
        return []
    small = [name for name, size in sizes.items() if size < FEWEST]
    large = sorted((name for name in sizes if name not in small), key=lambda name: sizes[name])
    if small and sum(sizes[name] for name in small) < FEWEST:
        small.append(large.pop(0))
    order = list(sizes)
    together = [sorted(small, key=order.index)] if small else []
    return sorted([*([name] for name in large), *together], key=lambda names: order.index(names[0]))
