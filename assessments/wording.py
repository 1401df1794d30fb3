"""What a round promises, in words that the lead who starts it and everybody who rates in it both read."""

from resources.wording import in_words

SEALED = "Nobody sees what you say until the round has closed, not even the person who asked you: until then the lead sees only whether you have finished."
ANONYMOUS = (
    "Afterwards the people who work on the self-assessment at your organisation see how many people chose each level, by group where a group has five "
    "or more people, and the comments in mixed order. The comments also stand in the workbook of the result, which every member of your organisation "
    "here can open. Nobody sees who said what, and that cannot be changed later; so leave out of a comment what would "
    "give you away."
)
OPEN = "Afterwards the people who work on the self-assessment at your organisation see what you chose and what you wrote, with your name."
OUTSIDE = (
    "Nobody outside your organisation sees what any one person chose or wrote. The result that your organisation agrees says how many people chose each level, "
    "and it may share that result."
)
PRACTICE = "This is a practice round: nothing in it counts."


def who_sees_what(anonymous, practice):
    """Who will see what a rater says, in one paragraph."""
    return " ".join([*([PRACTICE] if practice else []), SEALED, ANONYMOUS if anonymous else OPEN, OUTSIDE])


def until(assessment):
    """How long people can rate: "the end of 30 November 2026"."""
    return f"the end of {in_words(assessment.closes_on)}"
