"""What curators choose and type when they import resources."""

from datetime import timedelta

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils import timezone

from resources import workbook
from resources.import_apply import dry_run
from resources.import_publish import Care, lacking
from resources.models import Resource
from resources.workbook import WorkbookError

DAY = forms.DateInput({"type": "date"}, "%Y-%m-%d")
ASKED = {"owner": "Select an owner: {} of the drafts have none", "review_on": "Enter a review date: {} of the drafts have none",
         "sign_in": "Select a sign-in label: {} of the drafts have none"}  # fmt: skip


class ImportForm(forms.Form):
    """A file of resources. Valid when it has been looked at: `batch` is the dry run."""

    file = forms.FileField(
        label="File of resources",
        help_text="CSV or an Excel workbook (.xlsx), 5 MB and 20,000 rows at most",
        allow_empty_file=True,
        error_messages={"required": "Select a file"},
        widget=forms.FileInput({"accept": ".csv,.tsv,.txt,.xlsx"}),
    )

    def __init__(self, *args, by=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > workbook.LARGEST:
            raise ValidationError("The file is larger than 5 MB: take out what is not needed")
        try:
            self.batch = dry_run(file.read(), file.name, self.by)
        except WorkbookError as error:
            raise ValidationError(str(error)) from error
        return file


class CareForm(forms.Form):
    """Who looks after the resources of an import, and when readers see them. It is given to those that lack it."""

    owner = forms.ModelChoiceField(get_user_model().objects.none(), required=False, help_text="Who looks after them")
    deputy = forms.ModelChoiceField(get_user_model().objects.none(), required=False, help_text="Asked where the owner has not reviewed them in two weeks")
    review_on = forms.DateField(label="Review due on", required=False, widget=DAY, error_messages={"invalid": "Enter a day"})
    sign_in = forms.ChoiceField(label="Sign-in", required=False, choices=[("", "Leave as it is"), *Resource.SignIn.choices])
    publish_at = forms.DateTimeField(
        label="Publish at",
        required=False,
        help_text="Leave empty to publish at once",
        widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "Enter a day and a time"},
    )

    def __init__(self, *args, batch, by, **kwargs):
        super().__init__(*args, initial={"owner": by.pk, "review_on": timezone.localdate() + timedelta(days=365)}, **kwargs)
        self.batch = batch
        staff = get_user_model().objects.filter(is_staff=True, is_active=True).order_by("email")
        for name in ("owner", "deputy"):
            self.fields[name].queryset, self.fields[name].empty_label = staff, "Leave as it is"

    def clean_review_on(self):
        day = self.cleaned_data["review_on"]
        if day and day <= timezone.localdate():
            raise ValidationError("Enter a day to come")
        return day

    def clean_publish_at(self):
        moment = self.cleaned_data["publish_at"]
        if moment and moment <= timezone.now():
            raise ValidationError("Enter a moment to come, or leave it empty to publish at once")
        return moment

    def clean(self):
        """Nothing goes out that nobody looks after."""
        if "publish" in self.data:
            lacks = lacking(self.batch)
            for name, words in ASKED.items():
                if lacks[name] and name in self.cleaned_data and not self.cleaned_data[name]:
                    self.add_error(name, words.format(lacks[name]))
        return self.cleaned_data

    @property
    def care(self):
        """What was chosen."""
        given = {name: self.cleaned_data[name] for name in ("owner", "deputy", "review_on", "sign_in")}
        moment = self.cleaned_data["publish_at"] or timezone.now()
        return Care(**given, published_at=moment if "publish" in self.data else None)
