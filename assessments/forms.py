"""What a lead types to run a round. What a rater types is in rating_forms.py."""

from datetime import timedelta

from django import forms
from django.utils import timezone

from assessments import addresses
from assessments.models import Framework
from assessments.models.rater import MOST_GROUPS
from assessments.wording import who_sees_what

LONGEST_ROUND = 366  # days: nobody means a year of the next century
MOST_FAULTS = 20  # wrong lines named at a time
MOST_SHEETS_AT_A_TIME = 20
NO_PLAIN_TEXT = "Paste plain text: this has a character that no text holds"


class LastDayField(forms.DateField):
    """The last day on which people rate: today or later, and within a year."""

    def __init__(self, **kwargs):
        super().__init__(
            label=kwargs.pop("label", "Last day to rate"),
            help_text="People can rate until the end of this day. For example, 27 3 2027",
            widget=forms.SelectDateWidget,
            error_messages={"required": "Enter the last day to rate", "invalid": "Enter a real date, such as 27 3 2027"},
            **kwargs,
        )

    def clean(self, value):
        day = super().clean(value)
        today = timezone.localdate()
        if day and not today <= day <= today + timedelta(days=LONGEST_ROUND):
            raise forms.ValidationError("The last day must be today or later" if day < today else "The last day must be within a year from now")
        return day


def reason_field(label, required):
    return forms.CharField(
        label=label,
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
        help_text="Whoever works on the self-assessment can read it",
        error_messages={"required": required, "max_length": "Enter 1,000 characters or fewer"},
    )


class StartForm(forms.Form):
    """A round: its name, its last day, its questions, and who will see what."""

    name = forms.CharField(
        label="Name of the round",
        max_length=100,
        help_text="Everybody who rates sees it",
        error_messages={"required": "Enter a name for the round, such as Autumn 2026", "max_length": "Enter a name of 100 characters or fewer"},
    )
    closes_on = LastDayField()
    framework = forms.ChoiceField(label="Questions", widget=forms.RadioSelect, error_messages={"required": "Select which questions people answer"})
    anonymous = forms.ChoiceField(
        label="Who will see who said what?",
        help_text="These are the words that everybody who rates will read. You cannot change this once the round has started",
        choices=[("yes", "Nobody: ratings are anonymous"), ("no", "Everybody who works on the self-assessment: ratings are open")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select who will see who said what"},
    )
    nhs = {"anonymous": {"hints": {"yes": who_sees_what(True, False), "no": who_sees_what(False, False)}}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.frameworks = {framework.slug: framework for framework in Framework.objects.published()}
        self.fields["framework"].choices = [(slug, str(framework)) for slug, framework in self.frameworks.items()]
        if len(self.frameworks) == 1:
            self.fields["framework"].initial = next(iter(self.frameworks))
        self.nhs = {**self.nhs, "framework": {"hints": {slug: framework.note for slug, framework in self.frameworks.items()}}}

    def clean_framework(self):
        return self.frameworks[self.cleaned_data["framework"]]

    def clean_anonymous(self):
        return self.cleaned_data["anonymous"] == "yes"


class GroupsForm(forms.Form):
    """The groups of a round: of each its name and its place. A name left blank takes the group away."""

    nhs = {f"place_{n}": {"width": 2} for n in range(1, MOST_GROUPS + 1)}

    def __init__(self, *args, groups=(), **kwargs):
        super().__init__(*args, **kwargs)
        for n, group in enumerate(groups, 1):
            self.initial = {f"key_{n}": group.pk, f"name_{n}": group.name, f"place_{n}": n, **self.initial}

    def rows(self):
        """The fields of each group, to draw them together."""
        return [(n, self[f"key_{n}"], self[f"name_{n}"], self[f"place_{n}"]) for n in range(1, MOST_GROUPS + 1)]

    def clean(self):
        data = super().clean()
        seen = {}
        for n in range(1, MOST_GROUPS + 1):
            name = " ".join(data.get(f"name_{n}", "").split())
            if name.lower() in seen:
                self.add_error(f"name_{n}", f"“{name}” is there twice. Give each group a name of its own")
            elif name:
                seen[name.lower()] = name
        if not seen and not self.errors:
            raise forms.ValidationError("Enter at least one group")
        return data

    def in_order(self):
        """What was typed, as (key or none, name) in the order asked for, and the keys of groups to take away."""
        data = self.cleaned_data
        rows = [(data[f"place_{n}"] or MOST_GROUPS + 1, n, data[f"key_{n}"], " ".join(data[f"name_{n}"].split())) for n in range(1, MOST_GROUPS + 1)]
        return [(key, name) for _, _, key, name in sorted(rows, key=lambda row: row[:2]) if name], [key for _, _, key, name in rows if key and not name]


for n in range(1, MOST_GROUPS + 1):  # on the class, so that accounts.sessions finds them and keeps what was typed when a session ends
    GroupsForm.base_fields[f"key_{n}"] = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=2**62)
    GroupsForm.base_fields[f"name_{n}"] = forms.CharField(label=f"Group {n}", required=False, max_length=60)
    GroupsForm.base_fields[f"place_{n}"] = forms.IntegerField(
        label="Place",
        required=False,
        min_value=1,
        max_value=MOST_GROUPS,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), f"Enter a place from 1 to {MOST_GROUPS}"),
    )


class GroupField(forms.ChoiceField):
    """One of the round's groups."""

    def __init__(self, **kwargs):
        super().__init__(label="Which group?", widget=forms.RadioSelect, error_messages={"required": "Select a group"}, **kwargs)


def choices_of(groups):
    return [(str(group.pk), group.name) for group in groups]


class RatersForm(forms.Form):
    """People to put on the list, all in one group."""

    people = forms.CharField(
        label="People",
        help_text="One a line, or copied from a mail program or a spreadsheet, with or without names. Nothing is sent yet",
        widget=forms.Textarea({"rows": 12, "spellcheck": "false", "autocomplete": "off"}),
        error_messages={"required": "Enter the e-mail address of at least one person", "null_characters_not_allowed": NO_PLAIN_TEXT},
    )
    group = GroupField()

    def __init__(self, *args, groups=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["group"].choices = choices_of(groups)

    def clean_people(self):
        text = self.cleaned_data["people"]
        if len(text) > addresses.LONGEST_TEXT:
            raise forms.ValidationError("This is too much text. Enter names and e-mail addresses alone, of 200 people or fewer at a time")
        pasted = addresses.read(text)
        faults = [str(fault) for fault in pasted.faults]
        if pasted.too_many:
            there = f"You entered {len(pasted.people)} people, and {addresses.MOST} is the most at a time"
            faults.insert(0, f"{there}. Take out {pasted.too_many}, and add {'that person' if pasted.too_many == 1 else 'those people'} afterwards")
        if len(faults) > MOST_FAULTS:
            faults[MOST_FAULTS:] = [f"{len(faults) - MOST_FAULTS} more lines cannot be used: put these right first"]
        if faults:
            raise forms.ValidationError(faults)
        return pasted


class RaterForm(forms.Form):
    """Somebody in another's place."""

    name = forms.CharField(label="Name (optional)", max_length=150, required=False, widget=forms.TextInput({"autocomplete": "off"}))
    email = forms.CharField(
        label="E-mail address",
        widget=forms.EmailInput({"autocomplete": "off"}),
        error_messages={"required": "Enter the e-mail address of the person"},
    )

    def clean_name(self):
        return " ".join(self.cleaned_data["name"].split())

    def clean_email(self):
        pasted = addresses.read(self.cleaned_data["email"])
        if pasted.faults or len(pasted.people) != 1:
            what_to_do = pasted.faults[0].what_to_do if pasted.faults else "enter one"
            raise forms.ValidationError(f"Enter an e-mail address, such as name@example.nhs.uk: {what_to_do}")
        return pasted.people[0].email


class SheetsForm(forms.Form):
    """Paper sheets to make."""

    how_many = forms.IntegerField(
        label="How many sheets?",
        help_text=f"1 to {MOST_SHEETS_AT_A_TIME} at a time",
        min_value=1,
        max_value=MOST_SHEETS_AT_A_TIME,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), f"Enter a number from 1 to {MOST_SHEETS_AT_A_TIME}"),
    )
    group = GroupField()
    nhs = {"how_many": {"width": 2}}

    def __init__(self, *args, groups=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["group"].choices = choices_of(groups)


class CodeForm(forms.Form):
    """The code that stands on a paper sheet."""

    code = forms.CharField(
        label="Code on the sheet",
        help_text="It stands at the top of each page, such as K7F-3MQ",
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": "Enter the code that stands at the top of the sheet",
            "max_length": "Enter the 6 letters and digits at the top of the sheet",
        },
    )
    nhs = {"code": {"width": 10}}

    def clean_code(self):
        """As it is kept, whatever case, dash and blanks it was typed with."""
        letters = "".join(letter for letter in self.cleaned_data["code"].upper() if letter.isalnum())
        return f"{letters[:3]}-{letters[3:]}"


class ExtendForm(forms.Form):
    """Another last day."""

    closes_on = LastDayField(label="New last day to rate")


class CloseForm(forms.Form):
    """Why rating ends now."""

    reason = reason_field("Why do you close it now?", "Enter why you close the round now, such as: everybody has finished")


class ReopenForm(forms.Form):
    """Why people may rate again, and until when."""

    reason = reason_field("Why do you reopen it?", "Enter why you reopen the round, such as: night staff were not asked")
    closes_on = LastDayField(label="New last day to rate")


class AbandonForm(forms.Form):
    """Why a round ends without a result."""

    reason = reason_field("Why do you abandon it?", "Enter why you abandon the round")
