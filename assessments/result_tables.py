"""The numbers below each chart of a result, as rows of plain texts: (head, rows). Pure: no Django.

Whatever a chart shows stands in its table, and nothing is in a table that the snapshot does not show.
"""

from assessments import level_words


def levels(result):
    """The agreed level of each question."""
    rows = [(f"{q.number} {q.title}", f"{component.number} {component.name}", _level(q)) for component in result.components for q in component.questions]
    return ("Question", "Component", "Agreed level"), rows


def _level(question):
    return level_words.level(question.level, question.names) if question.level else question.agreed


def components(result):
    """How the agreed levels of each component are distributed. The mean is an aid, and stands here only."""
    return ("Component", *result.names, "No level", "Median", "Mean, indicative"), [_component(component) for component in result.components]


def _component(component):
    spread = component.spread
    mean = f"{spread.mean:.1f}" if spread.count else "None"
    return (f"{component.number} {component.name}", *spread.counts, len(component.questions) - spread.count, component.median, mean)


def groups(result):
    """The median of the levels that each group gave to each component, and of how many levels it is the median."""
    rows = []
    for name in result.group_names:
        for component in result.components:
            spread, shown = component.raters(name), component.questions_shown(name)
            words = level_words.median(spread, result.names) if spread and spread.count else "not shown: fewer than five"
            given = f"{spread.count} levels, {shown} of {len(component.questions)} questions" if spread else "none shown"
            rows.append((name, f"{component.number} {component.name}", words[0].upper() + words[1:], given))
    return ("Group", "Component", "Median", "Taken from"), rows


def spreads(result, question):
    """What the raters said to one question: all, and each group that may be shown."""
    shown = [("All", question.spread), *question.groups.items()]
    rows = [(who, *spread.counts, level_words.without_a_level(spread) or "Nobody", _median(spread, result.names)) for who, spread in shown]
    return ("Who", *result.names, "Without a level", "Median"), rows


def _median(spread, names):
    words = level_words.median(spread, names) if spread.count else "none"
    return words[0].upper() + words[1:]


def changes(result):
    """Each question's level in the last round and now, in words."""
    rows = [(f"{question.number} {question.title}", before, question.agreed, change) for question, before, change in result.changes]
    return ("Question", f"{result.last_round['name']}", f"{result.round['name']}", "Change"), rows


def trend(result):
    """The median of each component, round by round."""
    head = ("Round", "Questions", *(f"{component.number} {component.name}" for component in result.components))
    return head, [_round(result, round_) for round_ in result.rounds]


def _round(result, round_):
    spreads = (round_.spreads.get(component.number) for component in result.components)
    return (f"{round_.letter}: {round_.name}", round_.edition, *(_median(s, result.names) if s else "None" for s in spreads))
