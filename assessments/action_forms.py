"""What people type about an action. Whatever is refused is refused in words, and nothing typed is lost."""

import unicodedata
import uuid
from datetime import date, timedelta

from django import forms
from django.utils import timezone

from assessments.models import Action, Framework
from assessments.models.action import TYPED
from resources.wording import in_words

EARLIEST, LONGEST = date(2020, 1, 1), 20 * 366  # days from today
LARGEST_VERSION_DIGITS = 9
LONGEST_NOTE = 5000
NAMES = {  # what the fields are called in a sentence
    "title": "What will be done",
    "question": "Question it serves",
    "owner": "Member who sees to it",
    "owner_name": "Somebody else who sees to it",
    "due_on": "Due date",
    "state": "How it stands",
    "stopped_reason": "Why it was stopped",
}


def plain(text):
    """A text of several lines as it is kept, whatever browser sent it: without what a database or a spreadsheet cannot hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


class LineField(forms.CharField):
    """A text of one line."""

    def to_python(self, value):
        return " ".join(plain(super().to_python(value)).split())


class TextField(forms.CharField):
    """A text of several lines."""

    def __init__(self, *, rows, **kwargs):
        super().__init__(widget=forms.Textarea({"rows": rows}), **kwargs)

    def to_python(self, value):
        return plain(super().to_python(value)).strip()


class ActionForm(forms.Form):
    """A new action: what, about which question, who, until when."""

    title = LineField(
        label="What will be done?",
        max_length=200,
        help_text="Begin with a verb, such as: coach every ward manager",
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": "Enter what will be done", "max_length": "Enter what will be done in 200 characters or fewer"},
    )
    question = forms.ChoiceField(
        label="Question it serves", required=False, error_messages={"invalid_choice": "Select a question from the list, or “No question”"}
    )
    owner = forms.ChoiceField(
        label="Who sees to it?",
        required=False,
        help_text="A lead or contributor here. They get a weekly mail while something is due, and can stop it",
        error_messages={"invalid_choice": "Select a member from the list, or enter a name below"},
    )
    owner_name = LineField(
        label="Or somebody else (optional)",
        max_length=100,
        required=False,
        help_text="A name or a job title, where they are not in the list",
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"max_length": "Enter a name of 100 characters or fewer"},
    )
    due_on = forms.DateField(
        label="Due date (optional)",
        help_text="For example, 27 3 2027",
        required=False,
        widget=forms.SelectDateWidget,
        error_messages={"invalid": "Enter a real date, such as 27 3 2027"},
    )
    state = forms.ChoiceField(
        label="How does it stand?",
        choices=[choice for choice in Action.State.choices if choice[0] != Action.State.STOPPED],
        widget=forms.RadioSelect,
        error_messages={"required": "Select how it stands", "invalid_choice": "Select how it stands"},
    )
    key = LineField(required=False, widget=forms.HiddenInput)  # so that a form sent twice makes one action

    def __init__(self, *args, members=(), framework=None, owner=None, **kwargs):
        """`members`: those who can see to something; `owner`: who does so far, member or not; `framework`: none for the newest."""
        super().__init__(*args, **kwargs)
        framework = framework or Framework.objects.published().first()
        self.questions = {question.number: question for question in framework.questions.all()} if framework else {}
        self.members = {str(person.public_id): person for person in members}
        if owner:
            self.members.setdefault(str(owner.public_id), owner)
        self.fields["question"].choices = [("", "No question"), *((number, str(question)) for number, question in self.questions.items())]
        self.fields["owner"].choices = [("", "Nobody from the list"), *((key, str(person)) for key, person in self.members.items())]

    def clean_question(self):
        return self.questions.get(self.cleaned_data["question"])

    def clean_owner(self):
        return self.members.get(self.cleaned_data["owner"])

    def clean_due_on(self):
        day = self.cleaned_data["due_on"]
        if day and not EARLIEST <= day <= timezone.localdate() + timedelta(days=LONGEST):
            raise forms.ValidationError("Enter a due date between 2020 and 20 years from now")
        return day

    def clean_key(self):
        try:
            return uuid.UUID(self.cleaned_data["key"])
        except ValueError:
            return uuid.uuid4()

    def clean(self):
        data = super().clean()
        if data.get("owner") and data.get("owner_name"):
            self.add_error("owner_name", "Select a member or enter a name, not both")
        return data

    @property
    def typed(self):
        """What goes into the action: each of TYPED."""
        return {name: self.cleaned_data.get(name, "") for name in TYPED}


class ActionChangeForm(ActionForm):
    """What stands of an action, to be changed."""

    stopped_reason = TextField(
        label="If it is stopped: why?",
        rows=3,
        max_length=1000,
        required=False,
        help_text="Everybody who works on the self-assessment here can read it",
        error_messages={"max_length": "Enter why it was stopped in 1,000 characters or fewer"},
    )
    version = LineField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = Action.State.choices
        del self.fields["key"]

    def clean_version(self):
        """Which version the page had shown. One that was tampered with is none, so nothing is overwritten unseen."""
        version = self.cleaned_data["version"]
        return int(version) if version.isascii() and version.isdigit() and len(version) <= LARGEST_VERSION_DIGITS else 0

    def clean(self):
        data = super().clean()
        if data.get("state") == Action.State.STOPPED and not data.get("stopped_reason") and "stopped_reason" not in self.errors:
            self.add_error("stopped_reason", "Enter why it was stopped")
        elif data.get("state") and data["state"] != Action.State.STOPPED and data.get("stopped_reason"):
            if "stopped_reason" in self.changed_data:
                self.add_error("state", "Select “Stopped”, or clear the box for why it was stopped")
            else:
                data["stopped_reason"] = ""  # taken up again: the page writes the reason down as a note
        return data


def as_saved(action):
    """How the form shows an action as it stands, with its version."""
    return {
        **{name: getattr(action, name) for name in ("title", "owner_name", "due_on", "state", "stopped_reason")},
        "question": action.question.number if action.question else "",
        "owner": str(action.owner.public_id) if action.owner else "",
        "version": str(action.version),
    }


def in_words_of(values):
    """What stands of an action, or the values of TYPED that were typed, by the name of each."""
    values = values if isinstance(values, dict) else {name: getattr(values, name) for name in TYPED}
    shown = {**values, "due_on": values["due_on"] and in_words(values["due_on"]), "state": dict(Action.State.choices)[values["state"]]}
    return [(NAMES[name], str(shown[name] or "")) for name in TYPED]


class NoteForm(forms.Form):
    """How an action goes."""

    text = TextField(
        label="Add a note",
        rows=4,
        max_length=LONGEST_NOTE,
        help_text="How it goes. Do not name patients. A note cannot be changed later",
        error_messages={"required": "Enter a note", "max_length": f"Enter a note of {LONGEST_NOTE:,} characters or fewer"},
    )


class FeedForm(forms.Form):
    """What a calendar link shows."""

    what = forms.ChoiceField(
        label="Which actions?",
        choices=[("mine", "Those that I see to"), ("all", "All of them")],
        initial="mine",
        widget=forms.RadioSelect,
        error_messages={"required": "Select which actions the calendar shows", "invalid_choice": "Select which actions the calendar shows"},
    )
