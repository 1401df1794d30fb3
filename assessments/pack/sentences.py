"""What a result says in sentences, each with its receipt: the questions, or the count, that it rests on. Page, PDF and slides all say these.

Pure: no Django models. `result` is always an assessments.result.Result.
"""

from dataclasses import dataclass

from assessments import level_words
from assessments.pack.words import aside
from assessments.result import STATES
from resources.wording import in_words, join_words

RATERS, ACTIONS = "count of raters", "count of actions"


@dataclass(frozen=True)
class Sentence:
    """A sentence, and the questions (by number) or the count that it rests on."""

    text: str
    rests_on: str

    def __str__(self):
        return f"{self.text} [{self.rests_on}]"


def receipt(result, questions):
    """The numbers of these questions; three or more in a row as "1.1 to 1.4"."""
    order = {question.number: place for place, question in enumerate(result.questions)}
    runs = []
    for number in sorted((question.number for question in questions), key=order.__getitem__):
        if runs and order[number] == order[runs[-1][-1]] + 1 and number[0] == runs[-1][-1][0]:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs)


def _questions(count):
    return f"{count} question{'' if count == 1 else 's'}"


# Who rated ------------------------------------------------------------------------------------------------------------


def raters(result):
    """How many finished, by when, and how."""
    people = f"{result.finished:,} {'person' if result.finished == 1 else 'people'}"
    return Sentence(
        f"{people} finished rating by {in_words(result.round['closed_on'])}. The ratings were {'anonymous' if result.anonymous else 'open'}.", RATERS
    )


# The profile ----------------------------------------------------------------------------------------------------------


def profile(result):
    """Which components stand lowest and highest, by their medians, and what does not apply."""
    said = []
    with_level = [component for component in result.components if component.spread.count]
    by_median = sorted(with_level, key=_middle)
    if len(by_median) > 1:
        if _middle(by_median[0]) == _middle(by_median[-1]):
            said.append(_stand(result, by_median, "stand alike"))
        else:
            said.append(_stand(result, [c for c in with_level if _middle(c) == _middle(by_median[0])], "lowest"))
            said.append(_stand(result, [c for c in with_level if _middle(c) == _middle(by_median[-1])], "highest"))
    without = [question for question in result.questions if question.does_not_apply]
    if without:
        apply = "does not apply" if len(without) == 1 else "do not apply"
        said.append(Sentence(f"{_questions(len(without))} {apply} to {aside(result.organisation['name'])}.", receipt(result, without)))
    return said


def _middle(component):
    """Where a component's median stands, so that one between two levels comes between them."""
    return sum(component.spread.median)


def _stand(result, components, how):
    """One or several components that stand at one median."""
    names = join_words(component.number for component in components)
    one = len(components) == 1
    subject = f"Component {names}, {components[0].name}," if one else f"Components {names}"
    stand = how if how == "stand alike" else f"{'stands' if one else 'stand'} {how}"
    median = level_words.median(components[0].spread, result.names)
    rests_on = receipt(result, [q for c in components for q in c.questions])
    return Sentence(f"{subject} {stand}: {'its median is' if one else 'their median is'} {median}.", rests_on)


def component(result, component):
    """How one component's agreed levels lie."""
    return Sentence(f"Component {component.number}, {component.name}: {component.sentence}.", receipt(result, component.questions))


# Where people disagreed -----------------------------------------------------------------------------------------------


def disputed(result, most):
    """The questions on which raters were furthest apart, the most disputed first."""
    apart = [question for question in result.questions if question.spread and question.spread.disagreement > 0]
    return sorted(apart, key=lambda question: -question.spread.disagreement)[:most]


def disagreement(result, question):
    """How far raters were apart on one question, and what was then agreed."""
    spread = question.spread
    people = f"{spread.count:,} {'person' if spread.count == 1 else 'people'} gave a level, {level_words.reach(spread, result.names)}."
    return Sentence(f"{people} Agreed: {question.agreed}.", question.number)


def groups(result, question):
    """Who saw it how, as (group, words, how many gave a level), for each group that may be shown."""
    return [(name, level_words.median(spread, result.names), spread.count) for name, spread in question.groups.items() if spread.count]


def not_disputed(result):
    """Why no question is named as disputed, or of how many nothing can be said."""
    if result.nothing_shown:
        return [Sentence(result.nothing_shown, RATERS)]
    hidden = [question for question in result.questions if question.spread is None]
    said = []
    if not disputed(result, 1):
        said.append(Sentence("On every question that can be shown, all raters who gave a level gave the same.", RATERS))
    if hidden:
        said.append(Sentence(f"Too few people gave a level to {_questions(len(hidden))} to show what they said.", receipt(result, hidden)))
    return said


# What matters most ----------------------------------------------------------------------------------------------------


def now(question):
    """Where a question stands, in the framework's words."""
    return Sentence(f"Now: {question.agreed}. {question.level_text}".strip(), question.number)


def following(question):
    """Its next level in words."""
    if question.next_level:
        return Sentence(f"Next: {question.next_level[1]}. {question.next_level[2]}", question.number)
    if question.level:
        return Sentence("This is the highest level. What matters now is to hold it.", question.number)
    return Sentence("It has no level, so no next one.", question.number)


# Actions --------------------------------------------------------------------------------------------------------------


def actions(result):
    """How many actions there were, how they stood, and how many were past their day."""
    rows = result.data["actions"]
    if not rows:
        return Sentence("No action had been written down when this was submitted.", ACTIONS)
    stood = [f"{n} {words}" for state, words in STATES.items() if (n := sum(row["state"] == state for row in rows))]
    late = sum(is_late(result, row) for row in rows)
    past = f" {late} {'was' if late == 1 else 'were'} past {'its' if late == 1 else 'their'} day." if late else ""
    return Sentence(f"{len(rows)} action{'' if len(rows) == 1 else 's'}: {', '.join(stood)}.{past}", ACTIONS)


def is_late(result, row):
    """Was this action still to be done after its day, when the result was submitted?"""
    return row["state"] in ("todo", "doing") and row["due_on"] is not None and row["due_on"] < result.data["submitted_on"]


# Over rounds ----------------------------------------------------------------------------------------------------------


def change(result):
    """What is higher, lower, the same, or not to be compared since the last round."""
    last = result.last_round
    if not last:
        return [Sentence("This is the first round with a submitted result, so there is nothing to compare it with.", "no earlier round")]
    reference = last["reference"] + ("" if last["version"] == 1 else f", version {last['version']}")
    if result.has_changed_questions:
        other = f"The last round, {aside(last['name'])}, asked other questions ({aside(last['edition'])})."
        return [Sentence(f"{other} Its levels mean something else, so they are not compared with these.", reference)]
    since = f"than in {aside(last['name'])} ({reference})"
    ways = {f"higher {since}": "Up", f"lower {since}": "Down", f"at the same level as in {aside(last['name'])}": "No change"}
    said = [_changed(result, words, start) for words, start in ways.items()]
    said.append(_changed(result, "", "Not compared"))
    return [sentence for sentence in said if sentence]


def _changed(result, words, start):
    found = [question for question, _, change in result.changes if change.startswith(start)]
    if not found:
        return None
    stand = "stands" if len(found) == 1 else "stand"
    text = f"{_questions(len(found))} {stand} {words}." if words else f"{_questions(len(found))} had no level in one of the two rounds, so nothing is compared."
    return Sentence(text, receipt(result, found))
