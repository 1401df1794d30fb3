"""What a lead types to let somebody read a result by a link."""

from datetime import timedelta

from django import forms
from django.utils import timezone

USUAL, LONGEST = 30, 365  # days


def in_a_month():
    return timezone.localdate() + timedelta(days=USUAL)


class ReadingLinkForm(forms.Form):
    """For whom, and until when."""

    who = forms.CharField(
        label="Who is it for?",
        max_length=100,
        help_text="Such as: Ann Ash, non-executive director. Only leads see it",
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": "Enter who the link is for", "max_length": "Enter 100 characters or fewer"},
    )
    until = forms.DateField(
        label="Last day on which it works",
        help_text="Up to a year from now. For example, 27 3 2027",
        initial=in_a_month,
        widget=forms.SelectDateWidget,
        error_messages={"required": "Enter the last day on which the link works", "invalid": "Enter a real date, such as 27 3 2027"},
    )

    nhs = {"who": {"width": 30}}

    def clean_who(self):
        return " ".join(self.cleaned_data["who"].split())

    def clean_until(self):
        day, today = self.cleaned_data["until"], timezone.localdate()
        if not today <= day <= today + timedelta(days=LONGEST):
            raise forms.ValidationError("The last day must be today or later" if day < today else "The last day must be within a year from now")
        return day
