"""What people type when they agree: an answer, what matters most, a submission."""

from django import forms

from assessments.forms import reason_field
from assessments.models.answer import LONGEST_TEXT, MOST_PRIORITIES, TYPED

TEXTS = {  # field: label, hint
    "reason": ("Why this level?", "What you said to each other, in a few sentences"),
    "evidence": ("Evidence (optional)", "Links and notes, one a line. Do not name patients"),
    "would_change": ("What would change our mind? (optional)", "What you would need to see to choose another level"),
    "dissent": ("Who sees it otherwise? (optional)", "If somebody wishes it kept: who they are, and how they see it"),
}
ORDINALS = ("First", "Second", "Third")
LARGEST_VERSION_DIGITS = 9


def as_shown(values):
    """How the form shows the values of an answer, or of a question in a snapshot, which have the same names."""
    level = values["level"] or ("none" if values["does_not_apply"] else "")
    return {"level": str(level), **{name: values[name] for name in TEXTS}}


def as_saved(answer):
    """How the form shows an answer as it stands, with its version."""
    return {**as_shown({name: getattr(answer, name) for name in TYPED}), "version": str(answer.version)}


class TextField(forms.CharField):
    """A text of several lines, without what a database cannot hold. Each line ends as we keep it, whatever browser sent it."""

    def __init__(self, name, **kwargs):
        label, hint = TEXTS[name]
        too_long = f"“{label.removesuffix(' (optional)')}” must be {LONGEST_TEXT:,} characters or fewer"
        super().__init__(label=label, help_text=hint, required=False, max_length=LONGEST_TEXT, widget=forms.Textarea({"rows": 4}),
                         error_messages={"max_length": too_long}, **kwargs)  # fmt: skip

    def to_python(self, value):
        return super().to_python(value and value.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", ""))


class AnswerForm(forms.Form):
    """What was agreed about one question. Nothing is asked for: a reason without a level is kept as a note."""

    level = forms.ChoiceField(label="What we agree", required=False, error_messages={"invalid_choice": "Select one of the levels shown"},
                              widget=forms.RadioSelect, choices=[*((str(n), n) for n in range(1, 6)), ("none", "It does not apply to us")])  # fmt: skip
    reason = TextField("reason")
    evidence = TextField("evidence")
    would_change = TextField("would_change")
    dissent = TextField("dissent")
    version = forms.Field(required=False, widget=forms.HiddenInput)

    def clean_version(self):
        """Which version the page had shown. One that was tampered with is none, so nothing is overwritten unseen."""
        version = self.cleaned_data["version"] or ""
        return int(version) if version.isascii() and version.isdigit() and len(version) <= LARGEST_VERSION_DIGITS else 0

    @property
    def typed(self):
        """What goes into the answer: each of TYPED."""
        data = self.cleaned_data
        level = int(data["level"]) if data["level"].isdigit() else None
        typed = {"level": level, "does_not_apply": data["level"] == "none", **{name: data[name] for name in TEXTS}}
        return {name: typed[name] for name in TYPED}


class PrioritiesForm(forms.Form):
    """Up to three questions that matter most, in order."""

    def __init__(self, *args, questions=(), **kwargs):
        """`questions`: (number, its words) of each that can be chosen."""
        super().__init__(*args, **kwargs)
        for place, ordinal in enumerate(ORDINALS[:MOST_PRIORITIES], 1):
            self.fields[f"place_{place}"] = forms.ChoiceField(
                label=f"{ordinal}", choices=[("", "No question"), *questions], required=False,
                error_messages={"invalid_choice": f"Select a question from the list for “{ordinal}”"},
            )  # fmt: skip

    def clean(self):
        """`numbers`: those chosen, in order; one left out does not leave a gap."""
        places = (self.cleaned_data.get(f"place_{place}") for place in range(1, MOST_PRIORITIES + 1))
        numbers = [number for number in places if number]
        if len(set(numbers)) != len(numbers):
            raise forms.ValidationError("Select each question once")
        return {**self.cleaned_data, "numbers": numbers}


class ReopenResultForm(forms.Form):
    """Why a submitted result is opened again."""

    reason = reason_field("Why do you reopen it?", "Enter why you reopen the result")
