"""The pack's own tables, beside those that the result page shows (assessments/result_tables.py): (head, rows) of plain values. Pure: no Django."""

from assessments import level_words
from assessments.pack import sentences
from resources.wording import in_words

NOBODY, NO_DAY = "Nobody named", "No day set"


ENDS = ("Lowest", "Median", "Highest")


def _level_heads(result):
    return [level_words.level(level, result.names) for level in range(1, 6)]


def components(result):
    """How the agreed levels of each component are distributed."""
    head = ("Component", *ENDS, *_level_heads(result), "No level")
    rows = [(f"{c.number} {c.name}", *ends(result, c.spread), *c.spread.counts, len(c.questions) - c.spread.count) for c in result.components]
    return head, rows


def _spread_head(result):
    return ("Who", *_level_heads(result), "Did not know", "Does not apply", "No answer")


def _shown(question):
    return [("All", question.spread), *question.groups.items()] if question.spread else []


def spread(result, question):
    """What raters said to one question, where that may be shown: all of them, then each group."""
    return (*_spread_head(result), "Median"), [(who, *spread.row, ends(result, spread)[1]) for who, spread in _shown(question)]


def spreads(result):
    """The same of every question, with the lowest and the highest level."""
    rows = [(question.number, who, *spread.row, *ends(result, spread)) for question in result.questions for who, spread in _shown(question)]
    return ("Question", *_spread_head(result), *ENDS), rows


def ends(result, spread):
    """The lowest level of a spread, its median and its highest, in words."""
    if not spread.count:
        return ("None",) * 3
    median = level_words.median(spread, result.names)
    return result.names[spread.lowest - 1], median[0].upper() + median[1:], result.names[spread.highest - 1]


ACTIONS_HEAD = ("Action", "Question", "Who", "Due", "State", "Why stopped")


def actions(result):
    """What is done about the gaps, and who sees to it, as it stood."""
    return ACTIONS_HEAD, [_action(result, row) for row in result.data["actions"]]


def _action(result, row):
    due = in_words(row["due_on"]) if row["due_on"] else NO_DAY
    past = " (past its day)" if sentences.is_late(result, row) else ""
    state = result.state_of(row)
    return row["title"], row["question"] or "None", row["owner"] or NOBODY, due + past, state[0].upper() + state[1:], row["stopped_reason"]


def priorities(result):
    """What matters most: where it stands and what comes next, in the framework's words."""
    head = ("Place", "Question", "Title", "Now", "Now, in words", "Next", "Next, in words")
    return head, [(place, q.number, q.title, q.agreed, q.level_text, *_next(q)) for place, (q, _) in enumerate(result.priorities, 1)]


def _next(question):
    following = question.next_level
    return (following[1], following[2]) if following else ("", str(sentences.following(question).text))


def resources(result):
    """What may help with what matters most, as the catalogue stood."""
    rows = [(q.number, fit["title"], fit["provider"], fit["category"], fit["why"]) for q, fits in result.priorities for fit in fits]
    return ("Question", "Resource", "Publisher", "Kind", "Why it fits"), rows


def history(result):
    """Every earlier level, round by round and question by question, and this round's."""
    head = ("Reference", "Version", "Round", "Submitted on", "Edition", "Same questions as now", "Question", "Component", "Level", "Level in words")
    rows = []
    for past in result.data["history"]:
        same = past["framework"] == result.framework["slug"]
        start = (past["reference"], past["version"], past["name"], in_words(past["submitted_on"]), past["edition"], "Yes" if same else "No")
        rows += [(*start, number, past["components"][number], *_past(result, level, same)) for number, level in past["levels"].items()]
    return head, rows


def _past(result, level, same):
    """A past level; its name only where the questions are the same, since another framework may name levels otherwise."""
    return ("", "No level") if level is None else (level, result.names[level - 1] if same else "Named by its own edition")


def medians(result, most, shorter=str):
    """The median of each component in the last rounds, `most` of them, a round a column."""
    rounds = result.rounds[-most:]
    asked = [*(past["framework"] for past in result.data["history"]), result.framework["slug"]][-len(rounds) :]
    alike = [slug == result.framework["slug"] for slug in asked]
    head = ("Median of component", *(shorter(round_.name) + ("" if same else " (other questions)") for round_, same in zip(rounds, alike, strict=True)))
    rows = [
        (f"{c.number} {c.name}", *(_median(result, round_.spreads.get(c.number), same) for round_, same in zip(rounds, alike, strict=True)))
        for c in result.components
    ]
    return head, rows


def _median(result, spread, same):
    """A component's median in a round: by number where the round's own framework may name levels otherwise."""
    if not spread or not spread.count:
        return "No level"
    if same:
        return ends(result, spread)[1]
    lower, upper = spread.median
    return f"Level {lower}" if lower == upper else f"Levels {lower} and {upper}"
