"""What curators type about a link."""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from resources.models import Resource


class AddressForm(forms.Form):
    """Another address for a resource."""

    url = forms.URLField(
        label="New address",
        max_length=500,
        assume_scheme="https",
        validators=[URLValidator(["http", "https"])],
        error_messages={"required": "Enter the new address", "invalid": "Enter a web address, such as https://example.org/guide"},
    )

    def __init__(self, resource, data=None):
        super().__init__(data)
        self.resource = resource

    def clean_url(self):
        if self.cleaned_data["url"] == self.resource.url:
            raise ValidationError("Enter another address: this is the one that it has")
        return self.cleaned_data["url"]


class WithdrawForm(forms.Form):
    """Withdraw a resource whose link does not work: with a reason, or with what to read instead."""

    why = forms.CharField(max_length=300, required=False, label="Reason", help_text="Shown to readers who follow an old link")
    successor = forms.CharField(
        max_length=300, required=False, label="What to read instead", help_text="Its address on this site, such as /resources/team-huddles/"
    )

    def __init__(self, resource, data=None):
        super().__init__(data)
        self.resource = resource

    def clean_successor(self):
        typed = self.cleaned_data["successor"].strip()
        if not typed:
            return None
        slug = typed.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
        found = Resource.objects.published().exclude(pk=self.resource.pk).filter(slug=slug).first()
        if found is None:
            raise ValidationError("Enter the address of another published resource on this site, such as /resources/team-huddles/")
        return found

    def clean(self):
        said = super().clean()
        if not self.errors and not said.get("why") and not said.get("successor"):
            raise ValidationError("Enter a reason or what to read instead: whoever follows an old link must be told where to go")
        return said


class SignInForm(forms.Form):
    """Which sign-in a resource needs."""

    sign_in = forms.ChoiceField(
        choices=[choice for choice in Resource.SignIn.choices if choice[0] != Resource.SignIn.NONE],
        error_messages={"required": "Select which sign-in it needs"},
    )
