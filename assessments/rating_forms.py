"""What a rater types on a page, question by question, and which e-mail address they say is theirs."""

import hashlib
from dataclasses import dataclass

from django import forms

from assessments.models.rating import LONGEST_COMMENT, Rating, Said

NO_ADDRESS = "Enter an e-mail address in the form name@example.org"
CHOICES = frozenset(["", *Rating.Choice.values])


def choice_names(level_names):
    """The name of every choice, by what a form sends for it: the five levels from the lowest, then the two that are none."""
    others = (Rating.Choice.DO_NOT_KNOW, Rating.Choice.DOES_NOT_APPLY)
    return {**{str(level): name for level, name in enumerate(level_names, 1)}, **{choice.value: choice.label for choice in others}}


def as_kept(text):
    """A text as it is kept: a line's end is one character, and nothing is in it that a database cannot hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return text.encode("utf-8", "replace").decode().strip()


def length(text):
    """How long browsers find a text: what lies beyond the first 65,536 characters of Unicode, such as an emoji, counts as two."""
    return len(text.encode("utf-16-le")) // 2


def mark(version, choice, comment):
    """What a page notes about a question as it was shown: its version, and a trace of what stood there."""
    return f"{version}-{hashlib.blake2b(f'{choice} {comment}'.encode(), digest_size=8).hexdigest()}"


@dataclass
class Entry:
    """One question on a page: what stands in its fields, and what is to be said about it."""

    question: object
    choice: str = ""
    comment: str = ""
    version: int = 0  # the one that was shown
    seen: str = ""  # the mark that came back from the page
    error: str = ""
    replaced: object = None  # what another page of the same rater had saved meanwhile

    @classmethod
    def kept(cls, question, said):
        """As the database has it: `said` is its choice, comment and version, or none."""
        return cls(question, *(said or ()))

    @classmethod
    def typed(cls, question, data):
        """As a page sent it, or none where it said nothing of this question."""
        number = question.number
        if f"comment-{number}" not in data and f"choice-{number}" not in data:
            return None
        seen = data.get(f"version-{number}", "")
        version = seen.partition("-")[0]
        entry = cls(question, data.get(f"choice-{number}", ""), as_kept(data.get(f"comment-{number}", "")), seen=seen)
        entry.version = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
        entry.error = entry.fault()
        return entry

    def fault(self):
        """What is wrong with what was typed, as what to do about it."""
        if self.choice not in CHOICES:
            self.choice = ""
            return f"Select one of the answers to {self.question.number}"
        over = length(self.comment) - LONGEST_COMMENT
        if over > 0:
            return f"Shorten your comment on {self.question.number} by {over:,} character{'' if over == 1 else 's'}"
        return ""

    @property
    def mark(self):
        return mark(self.version, self.choice, self.comment)

    @property
    def touched(self):
        """Does it differ from what the page had shown? What nobody touched must not overwrite what was said elsewhere meanwhile."""
        return self.seen.partition("-")[2] != self.mark.partition("-")[2]

    @property
    def said(self):
        return Said(self.choice, self.comment, self.version)


class LostLinkForm(forms.Form):
    """The address that the link went to, or should have."""

    email = forms.EmailField(
        label="Your e-mail address",
        max_length=254,
        help_text="The address at which you were asked to rate",
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"required": "Enter your e-mail address", "invalid": NO_ADDRESS, "max_length": NO_ADDRESS},
    )
