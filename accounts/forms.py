"""What people type on an organisation's pages."""

from django import forms
from django.utils import timezone

from accounts.roles import RANK, ROLE_HINTS, Role


class InviteForm(forms.Form):
    """One address, one role, and a last day for somebody who comes to help."""

    email = forms.EmailField(
        label="E-mail address",
        help_text="We send a link that works once, for 7 days",
        widget=forms.EmailInput({"autocomplete": "off"}),
        error_messages={"required": "Enter the e-mail address of the person to invite", "invalid": "Enter an e-mail address, such as name@example.nhs.uk"},
    )
    role = forms.ChoiceField(label="What may they do?", widget=forms.RadioSelect, error_messages={"required": "Select what they may do"})
    member_until = forms.DateField(
        label="Last day, if they only come to help (optional)",
        help_text="For example, 27 3 2027. Leave it blank for a colleague",
        required=False,
        widget=forms.SelectDateWidget,
        error_messages={"invalid": "Enter a real date, such as 27 3 2027"},
    )
    nhs = {"role": {"hints": ROLE_HINTS}}

    def __init__(self, *args, highest, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in Role if RANK[role] <= RANK[highest]]

    def clean_member_until(self):
        day = self.cleaned_data["member_until"]
        if day and day < timezone.localdate():
            raise forms.ValidationError("The last day must be today or later")
        return day


class RoleForm(forms.Form):
    """Another role for a member."""

    role = forms.ChoiceField(label="What may they do?", choices=Role.choices, widget=forms.RadioSelect, error_messages={"required": "Select what they may do"})
    nhs = {"role": {"hints": ROLE_HINTS}}


class HandOverForm(forms.Form):
    """Which member leads from now on."""

    member = forms.ChoiceField(label="Who leads from now on?", widget=forms.RadioSelect, error_messages={"required": "Select who leads from now on"})

    def __init__(self, *args, members, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["member"].choices = [(str(m.public_id), f"{m.user} ({m.get_role_display().lower()})") for m in members]


class DecideForm(forms.Form):
    """Yes with a role, or no."""

    role = forms.ChoiceField(label="Let them in?", widget=forms.RadioSelect, error_messages={"required": "Select whether to let them in"})
    nhs = {"role": {"hints": {**ROLE_HINTS, "no": "We tell them that you said no"}}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [*((role.value, f"Yes, as a {role.label.lower()}") for role in reversed(Role)), ("no", "No")]


class DomainForm(forms.Form):
    """A domain whose verified people join as viewers at once."""

    domain = forms.CharField(
        label="E-mail domain",
        max_length=253,
        help_text="What stands after the @, such as exampletrust.nhs.uk",
        error_messages={"required": "Enter an e-mail domain"},
    )


class AskForm(forms.Form):
    """A few words to those who decide."""

    note = forms.CharField(
        label="A few words to those who decide (optional)",
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="Such as your job, or who asked you to join",
    )


class ConfirmForm(forms.Form):
    """Nothing to fill in: the button is the answer."""
