"""What a reader types for the curators. No account, and an address only where they want an answer."""

from django import forms

from resources.models import Report, Suggestion

NO_ADDRESS = "Enter an e-mail address in the form name@example.org"
TOO_LONG = "Write no more than %(limit_value)d characters: this has %(show_value)d"
ODD = "Take out the characters that cannot be shown"


class ReaderForm(forms.Form):
    """A form that anybody may send. Its last box is for robots, which fill in everything."""

    leave_empty = forms.CharField(
        label="Leave this box empty. It is there to catch robots", required=False, widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"})
    )

    def clean_leave_empty(self):
        if self.cleaned_data["leave_empty"]:
            raise forms.ValidationError("Empty the last box, which is there to catch robots")
        return ""

    def clean_email(self):
        return self.cleaned_data["email"].lower()

    def typed(self):
        """What they wrote."""
        return {name: value for name, value in self.cleaned_data.items() if name != "leave_empty"}


class LongText(forms.CharField):
    """A text of several lines, as long as the table takes; the end of a line counts as one character, as the page counts it."""

    def __init__(self, **options):
        words = {"max_length": TOO_LONG, "null_characters_not_allowed": ODD}
        super().__init__(max_length=2000, widget=forms.Textarea({"rows": 5}), error_messages=words, required=False, **options)

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


def address_for_an_answer():
    """Their e-mail address, if they want an answer."""
    return forms.EmailField(
        label="Your e-mail address (optional)",
        help_text="Only if you want an answer. We delete it once we have answered, or after 90 days",
        required=False,
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={"invalid": f"{NO_ADDRESS}, or leave it empty", "max_length": NO_ADDRESS, "null_characters_not_allowed": NO_ADDRESS},
    )


class SuggestionForm(ReaderForm):
    """A resource that should be here."""

    title = forms.CharField(
        label="What is it called?",
        max_length=Suggestion._meta.get_field("title").max_length,
        error_messages={"required": "Enter what the resource is called", "max_length": TOO_LONG, "null_characters_not_allowed": ODD},
    )
    url = forms.URLField(
        label="Its web address (optional)",
        help_text="If you know it, such as https://www.example.nhs.uk/guide",
        required=False,
        max_length=Suggestion._meta.get_field("url").max_length,
        assume_scheme="https",
        widget=forms.TextInput({"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "invalid": "Enter a web address, such as https://www.example.nhs.uk/guide, or leave it empty",
            "max_length": TOO_LONG,
            "null_characters_not_allowed": ODD,
        },
    )
    why = LongText(label="Why should it be here? (optional)", help_text="For example, whom it helps and with what. Do not write about patients")
    email = address_for_an_answer()
    field_order = ("title", "url", "why", "email", "leave_empty")

    def clean_url(self):
        url = self.cleaned_data["url"]
        if url and not url.startswith(("http://", "https://")):
            raise forms.ValidationError(self.fields["url"].error_messages["invalid"])
        return url


class ReportForm(ReaderForm):
    """Something is wrong with a resource."""

    kind = forms.ChoiceField(
        label="What is wrong?",
        choices=Report.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select what is wrong", "invalid_choice": "Select what is wrong"},
    )
    text = LongText(label="Tell us more", help_text="What did you see, and what should it say? Do not write about patients")
    email = address_for_an_answer()
    field_order = ("kind", "text", "email", "leave_empty")

    def clean(self):
        kind = self.cleaned_data.get("kind")
        if kind and kind != Report.Kind.BROKEN and self.cleaned_data.get("text") == "":
            self.add_error("text", "Enter what is wrong, so that a curator can put it right")


class UsefulForm(ReaderForm):
    """Yes or no."""

    useful = forms.ChoiceField(
        label="Was it useful to you?",
        choices=[("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select yes or no", "invalid_choice": "Select yes or no"},
    )
    nhs = {"useful": {"inline": True}}
    field_order = ("useful", "leave_empty")


class TellMeForm(ReaderForm):
    """Where to send the one mail."""

    email = forms.EmailField(
        label="Your e-mail address",
        help_text="We use it for this one mail, and delete it when the mail is sent, or after 90 days",
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={"required": NO_ADDRESS, "invalid": NO_ADDRESS, "max_length": NO_ADDRESS, "null_characters_not_allowed": NO_ADDRESS},
    )
    field_order = ("email", "leave_empty")
