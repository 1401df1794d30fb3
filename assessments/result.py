"""A result as pages show it, read from its snapshot (assessments/snapshot.py) and from nothing else. Pure: no Django.

So an old result renders the same for ever, whatever became of its organisation, its framework, the catalogue or its raters.
"""

from dataclasses import dataclass
from functools import cached_property

from assessments import evidence, level_words
from assessments.anonymity import FEWEST
from assessments.levels import LEVELS, NONE, Spread
from assessments.trend import rounds_of

FORMATS = (1,)  # the shapes of a snapshot that are understood here
STATES = {"todo": "to do", "doing": "being done", "done": "done", "stopped": "stopped"}


class UnknownFormat(ValueError):
    """A snapshot of a shape that this code does not know: it was written by a newer portal."""


@dataclass(frozen=True)
class Question:
    """One question with what was agreed, and what raters said where that may be shown."""

    row: dict
    names: list
    crowds_only: bool = False

    def __getattr__(self, name):
        """What the snapshot says by that name: number, title, asks, level, does_not_apply, reason, would_change, dissent."""
        try:
            return self.row[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def choice(self):
        """The agreed answer as the arithmetic takes it."""
        return str(self.level) if self.level else NONE if self.does_not_apply else ""

    @property
    def agreed(self):
        """The agreed answer in words."""
        return self.level_name or ("Does not apply" if self.does_not_apply else "Not agreed yet")

    @property
    def level_name(self):
        return self.names[self.level - 1] if self.level else ""

    @property
    def level_text(self):
        """What the agreed level looks like, in the framework's words."""
        return self.row["levels"][self.level - 1] if self.level else ""

    @property
    def next_level(self):
        """The next level up, its name and what it looks like, or none at the top and where there is no level."""
        level = (self.level or len(LEVELS)) + 1
        return (level, self.names[level - 1], self.row["levels"][level - 1]) if level <= len(LEVELS) else None

    @property
    def spread(self):
        """The raters' spread, or none where it may not be shown."""
        spread = self.row["spread"] and Spread.from_row(self.row["spread"])
        return None if spread and self.crowds_only and spread.count < FEWEST else spread

    @cached_property
    def groups(self):
        """The spread of each group that may be shown, by its name."""
        return {} if self.crowds_only else {name: Spread.from_row(row) for name, row in self.row["groups"]}

    @property
    def evidence(self):
        """What was given as evidence, line by line, with its links."""
        return evidence.pieces(self.row["evidence"])


@dataclass(frozen=True)
class Component:
    """A component with its questions."""

    number: int
    name: str
    questions: list
    names: list

    @cached_property
    def spread(self):
        """The agreed levels of its questions."""
        return Spread.of(question.choice for question in self.questions)

    @property
    def middle(self):
        """The lower of its two middle levels, or none."""
        return self.spread.median and self.spread.median[0]

    @property
    def has_two_middles(self):
        return bool(self.spread.median) and self.spread.median[0] != self.spread.median[1]

    @property
    def median(self):
        """Its median in words, from a capital letter."""
        words = level_words.median(self.spread, self.names) if self.spread.count else "no level"
        return words[0].upper() + words[1:]

    @property
    def sentence(self):
        """What was agreed, in a sentence."""
        questions = f"{len(self.questions)} question{'s' if len(self.questions) > 1 else ''}"
        if not self.spread.count:
            return f"{questions}, none with a level"
        some = f"{questions}, " if self.spread.count == len(self.questions) else f"{questions}, {self.spread.count} with a level: "
        return some + level_words.reach(self.spread, self.names)

    def raters(self, group):
        """All levels that a group's raters gave to its questions, taken together, of the questions for which they may be shown; or none."""
        shown = [question.groups[group] for question in self.questions if group in question.groups]
        return sum(shown, Spread()) if shown else None

    def questions_shown(self, group):
        """For how many of its questions a group's levels may be shown."""
        return sum(group in question.groups for question in self.questions)


class Result:
    """A whole result.

    In an open round raters were told that those who work on the self-assessment see what each of them said. To everybody else it shows
    no group, and no figure that stands for fewer than five (`insider=False`).
    """

    def __init__(self, data, insider=False):
        if data.get("format") not in FORMATS:
            raise UnknownFormat(f"a snapshot of format {data.get('format')!r}")
        self.data = data
        self.organisation, self.framework, self.round = data["organisation"], data["framework"], data["round"]
        self.names = self.framework["level_names"]
        self.anonymous, self.finished = self.round["anonymous"], self.round["rated"].get("finished", 0)
        self.crowds_only = not (self.anonymous or insider)
        self.questions = [Question(row, self.names, self.crowds_only) for row in data["questions"]]

    @cached_property
    def components(self):
        """Its components in the order of their questions."""
        found = {}
        for question in self.questions:
            found.setdefault((question.component["number"], question.component["name"]), []).append(question)
        return [Component(number, name, questions, self.names) for (number, name), questions in found.items()]

    @property
    def reference(self):
        """The reference as it is cited."""
        version = self.data["version"]
        return self.data["reference"] if version == 1 else f"{self.data['reference']}, version {version}"

    def numbered(self, number):
        """The question of a number."""
        return next(question for question in self.questions if question.number == number)

    @property
    def priorities(self):
        """What matters most, in order: (question, resources that fit its next level)."""
        return [(self.numbered(row["number"]), row["resources"]) for row in self.data["priorities"]]

    @property
    def actions(self):
        """What is done about the gaps, as it stood. Who sees to it is left out: that can change, and a result cannot."""
        return self.data.get("actions", [])

    @staticmethod
    def state_of(action):
        return STATES[action["state"]]

    # What the raters said, where it may be shown ------------------------------------------------------------------------

    @property
    def group_names(self):
        """The groups of which something is shown, in their order."""
        shown = {name for question in self.questions for name in question.groups}
        return [name for name, _ in self.round["rated"].get("groups", []) if name in shown]

    @property
    def nothing_shown(self):
        """Why nothing of what raters said is shown, or blank."""
        if not self.finished:
            return "Nobody finished rating, so there is nothing to show of what raters said."
        if (self.anonymous or self.crowds_only) and self.finished < FEWEST:
            return f"Fewer than five people finished rating. {self._why_hidden}, so nothing of what they said is shown."
        return ""

    @property
    def _why_hidden(self):
        return "The round was anonymous" if self.anonymous else "Only those who work on the self-assessment see what each of so few said"

    def not_shown(self, question):
        """Why a question shows no spread, or not that of every group; blank where all is shown."""
        if self.nothing_shown:
            return self.nothing_shown
        if question.spread is None:
            return f"Fewer than five people gave this question a level. {self._why_hidden}, so what raters said to it is not shown."
        lacking = [name for name in self.group_names if name not in question.groups]
        if not lacking:
            return ""
        return f"Not shown for this question: {'; '.join(lacking)}. Too few in a group gave it a level for that group, or another, to stay anonymous."

    @property
    def no_groups(self):
        """Why no group is shown, or blank."""
        if self.nothing_shown or self.group_names:
            return self.nothing_shown
        if self.crowds_only:
            return "The groups are shown only to those who work on the self-assessment."
        if len(self.round["rated"].get("groups", [])) > 1:
            return "Too few in each group gave a level for a group to be shown on its own."
        if self.anonymous:
            return "The groups are not shown one by one: fewer than five people finished in all but one of them, or there was only one."
        return "All raters were in one group."

    @cached_property
    def widest_apart(self):
        """The components on which the groups' medians are furthest apart, as (component, lowest, highest); empty where they are alike."""
        apart = []
        for component in self.components:
            medians = [spread.median[0] for name in self.group_names if (spread := component.raters(name)) and spread.count]
            if len(medians) > 1 and min(medians) < max(medians):
                apart.append((component, min(medians), max(medians)))
        most = max((high - low for _, low, high in apart), default=0)
        return [row for row in apart if row[2] - row[1] == most]

    def cells(self, group):
        """A group's column of the heat map: (component, the levels it gave, or none)."""
        return [(component, component.raters(group)) for component in self.components]

    # Over rounds --------------------------------------------------------------------------------------------------------

    @property
    def last_round(self):
        """The round before, as it stood when this one was submitted, or none."""
        return self.data["history"][-1] if self.data["history"] else None

    @property
    def has_changed_questions(self):
        """Did the round before ask other questions?"""
        return bool(self.last_round) and self.last_round["framework"] != self.framework["slug"]

    @property
    def changes(self):
        """(question, last level in words, change in words) since the last round, where that asked the same questions."""
        if not self.last_round or self.has_changed_questions:
            return []
        return [(question, *self._change(question)) for question in self.questions]

    @property
    def changes_in_words(self):
        """How many questions went up, stayed and went down."""
        kinds = [change.split()[0] for _, _, change in self.changes]
        up, down, same = kinds.count("Up"), kinds.count("Down"), kinds.count("No")
        not_compared = len(kinds) - up - down - same
        words = f"Of {len(kinds)} questions, {up} went up, {same} stayed and {down} went down since {self.last_round['name']}"
        return f"{words}; {not_compared} had no level in one of the rounds." if not_compared else f"{words}."

    def _change(self, question):
        last = self.last_round["levels"].get(question.number)
        if not last:
            return "No level", "Not compared"
        if not question.level:
            return self.names[last - 1], "Not compared"
        steps = question.level - last
        levels = f"{abs(steps)} level{'' if abs(steps) == 1 else 's'}"
        return self.names[last - 1], f"Up {levels}" if steps > 0 else f"Down {levels}" if steps < 0 else "No change"

    @cached_property
    def rounds(self):
        """The last rounds up to this one, oldest first."""
        return rounds_of(self.data)

    def middles(self, component):
        """The lower middle level of a component in each round, or none."""
        return [spread.median[0] if (spread := round_.spreads.get(component.number)) and spread.count else None for round_ in self.rounds]

    @property
    def comparable(self):
        """Of each round: did it ask the same questions as the one before?"""
        return [round_.comparable for round_ in self.rounds]
