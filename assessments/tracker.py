"""How far a round is: who was asked and who has finished, by group.

Nothing here knows what anybody said, so whoever works on the round may see it at any time.
"""

from dataclasses import dataclass, field

from assessments.anonymity import FEWEST, put_together
from resources.wording import in_words, join_words


@dataclass
class Tracker:
    """The counts of a round, and what they mean in words. `groups`: the round's groups as `counted()` has them."""

    assessment: object
    asked: int
    finished: int
    groups: list = field(default_factory=list)

    @classmethod
    def of(cls, assessment):
        groups = list(assessment.groups.counted())
        return cls(assessment, sum(group.asked for group in groups), sum(group.finished for group in groups), groups)

    @property
    def rows(self):
        """The counts as a table has them, all together last."""
        rows = [(group.name, group.asked, group.finished) for group in self.groups]
        return [*rows, ("All", self.asked, self.finished)] if len(rows) > 1 else rows

    @property
    def have_finished(self):
        """9 of 12 have finished."""
        if not self.asked:
            return "Nobody has been asked to rate yet."
        return f"{self.finished} of {self.asked} {'has' if self.finished == 1 else 'have'} finished."

    @property
    def sentence(self):
        """Where the round stands."""
        round = self.assessment
        if round.abandoned_at:
            return f"Abandoned on {in_words(round.abandoned_at)}. It has no result, and what was rated stays sealed for good."
        if round.submitted_at:
            return f"The result was submitted on {in_words(round.submitted_at)}."
        if round.is_rating:
            return f"{self.have_finished} People can rate until the end of {in_words(round.closes_on)}."
        ended = f"Rating ended on {in_words(round.closed_at or round.closes_on)}. {self.finished} of {self.asked} finished."
        return f"{ended} Agreement has begun." if round.agreeing_at else ended

    @property
    def warnings(self):
        """What an anonymous round could not show as things are, and why."""
        if not self.assessment.anonymous or not self.asked:
            return []
        sizes = {group.name: group.asked for group in self.groups}
        if self.asked < FEWEST:
            return [
                f"Only {self.asked} {'person is' if self.asked == 1 else 'people are'} on the list. "
                f"With fewer than {in_letters(FEWEST)} in all, nothing of what they say can be shown."
            ]
        return [self._merged(names, sizes) for names in put_together(sizes) if len(names) > 1]

    def _merged(self, names, sizes):
        small = join_words([f"{name} ({sizes[name]})" for name in names if sizes[name] < FEWEST])
        together = "all groups would be" if len(names) == sum(1 for size in sizes.values() if size) else f"{join_words(names)} would be"
        return (
            f"Fewer than {in_letters(FEWEST)} people are on the list in {small}. "
            f"So that nobody can tell who said what, {together} shown together as one. What counts in the end is how many finish."
        )


def in_letters(number):
    return {5: "five"}.get(number, str(number))
