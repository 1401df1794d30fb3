"""What people type: an address and what they want, and later what else they want."""

import re

from django import forms
from django.core.exceptions import ValidationError

from accounts.tokens import new_token
from bulletin import topics
from bulletin.addresses import LONGEST, NO_ADDRESS, as_kept
from bulletin.models import Frequency

ASKED = ((Frequency.WEEKLY.value, Frequency.WEEKLY.label), (Frequency.MONTHLY.value, Frequency.MONTHLY.label))
NO_FREQUENCY = {"required": "Select how often you want the bulletin", "invalid_choice": "Select how often you want the bulletin"}
GONE = {"invalid_choice": "Select from what is listed: one of your choices is no longer there"}


class TopicsForm(forms.Form):
    """What somebody wants to hear of."""

    component = forms.MultipleChoiceField(
        label="Components of NHS IMPACT (optional)",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Choose nothing here or below to get everything. Of several, you get what fits any of them.",
        error_messages=GONE,
    )
    category = forms.MultipleChoiceField(label="Kinds of resource (optional)", required=False, widget=forms.CheckboxSelectMultiple, error_messages=GONE)
    nhs = {"component": {"small": True}, "category": {"small": True}}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for facet, choices in topics.choices().items():
            self.fields[facet].choices = choices

    @property
    def topics(self):
        return topics.chosen(component=self.cleaned_data["component"], category=self.cleaned_data["category"])


class AddressForm(forms.Form):
    """An address to ask. `once` tells a form that is sent twice from two forms."""

    email = forms.CharField(
        label="Your e-mail address",
        max_length=LONGEST,
        help_text="We send a link to it. Nothing else comes until you have opened the link and pressed a button.",
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"required": "Enter your e-mail address", "max_length": NO_ADDRESS, "null_characters_not_allowed": NO_ADDRESS},
    )
    once = forms.CharField(widget=forms.HiddenInput, initial=new_token, required=False)
    field_order = ["email"]

    def clean_email(self):
        return as_kept(self.cleaned_data["email"])

    def clean_once(self):
        once = self.cleaned_data["once"]
        return once if re.fullmatch(r"[\w-]{22}", once, re.ASCII) else new_token()


class SubscribeForm(AddressForm, TopicsForm):
    """The bulletin: where to, how often, what of."""

    frequency = forms.ChoiceField(label="How often?", choices=ASKED, initial="weekly", widget=forms.RadioSelect, error_messages=NO_FREQUENCY)
    field_order = ["email", "frequency", "component", "category", "once"]


class AlertForm(AddressForm):
    """A search to watch: where to. The search stands in the page's address."""


class PreferencesForm(TopicsForm):
    """What a subscriber gets."""

    frequency = forms.ChoiceField(label="How often?", choices=Frequency.choices, required=False, widget=forms.RadioSelect, error_messages=NO_FREQUENCY)
    field_order = ["frequency", "component", "category"]

    def __init__(self, *args, subscriber=None, **kwargs):
        if subscriber:
            kwargs["initial"] = {"frequency": subscriber.frequency, **subscriber.topics}
        super().__init__(*args, **kwargs)
        if subscriber and not subscriber.alerts.exists():
            self.fields["frequency"].choices = [*ASKED, ("", "Not at all for now")]


class WatchForm(forms.Form):
    """Words to watch for, or the address of a list that was narrowed."""

    search = forms.CharField(
        label="Watch another search",
        max_length=2500,
        help_text="Type words, or paste the address of a list of resources that you have filtered",
        error_messages={
            "required": "Enter words to watch for, or the address of a list",
            "max_length": "Enter a shorter search",
            "null_characters_not_allowed": "Enter words to watch for, or the address of a list",
        },
    )

    def refuse(self, words):
        self.add_error("search", ValidationError(words))
