"""What curators do to many resources at once: each form says what it would make of one resource."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Count
from django.urls import Resolver404, resolve
from django.utils import timezone

from resources.choices import SeveralRows
from resources.models import Category, Component, Provider, Resource
from resources.review_dates import MONTHS_BETWEEN, in_months, spread

AS_IT_IS = ("", "Leave as it is")


def curators():
    """Who may look after resources: whoever uses the admin. Who else has an account here is nobody's business."""
    return get_user_model().objects.filter(is_staff=True, is_active=True).order_by("name", "email")


def day_field(**kwargs):
    """A date by the browser's own picker."""
    return forms.DateField(widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), **kwargs)


class BulkForm(forms.Form):
    """A change to many resources: `new_values` of one, in resources.plan's words; `reason` stands in the history of each."""

    title = verb = reason = ""

    def prepare(self, resources):
        """Look at all of them together before `new_values` is asked of each."""

    def new_values(self, resource, now):
        """{field: new value} of one resource, or why it stays as it is."""
        raise NotImplementedError


class TagForm(BulkForm):
    """Say of many what they are about and what they ask of a reader."""

    title, verb, reason = "Tag resources", "Tag", "Tagged with others"
    add = SeveralRows(Component.objects.all(), required=False, label="Add to components", widget=forms.CheckboxSelectMultiple)
    remove = SeveralRows(Component.objects.all(), required=False, label="Take out of components", widget=forms.CheckboxSelectMultiple)
    category = forms.ModelChoiceField(Category.objects.all(), required=False, empty_label=AS_IT_IS[1])
    cost = forms.ChoiceField(choices=[AS_IT_IS, *Resource.Cost.choices], required=False)
    sign_in = forms.ChoiceField(choices=[AS_IT_IS, *Resource.SignIn.choices], required=False, label="Sign-in")
    format = forms.ChoiceField(choices=[AS_IT_IS, *Resource.Format.choices], required=False)

    def clean(self):
        super().clean()
        said = self.cleaned_data
        if not self.errors and not any(said.values()):
            raise ValidationError("Choose at least one thing to change")
        if set(said.get("add") or ()) & set(said.get("remove") or ()):
            self.add_error("remove", "Choose different components to take out than to add")
        return said

    def new_values(self, resource, now):
        said = self.cleaned_data
        components = set(now["components"]) | {c.pk for c in said["add"]}
        components -= {c.pk for c in said["remove"]}
        if not components:
            return "It would be in no component: each needs one at least"
        new = {name: said[name] for name in ("cost", "sign_in", "format") if said[name]}
        return {**new, "components": tuple(sorted(components)), **({"category": said["category"].pk} if said["category"] else {})}


class ReassignForm(BulkForm):
    """Give many to somebody else."""

    title, verb, reason = "Give resources to an owner", "Give over", "Given over with others"
    owner = forms.ModelChoiceField(curators(), required=False, empty_label=AS_IT_IS[1])
    deputy = forms.ModelChoiceField(curators(), required=False, empty_label=AS_IT_IS[1], help_text="Asked where the owner has not reviewed it in two weeks")

    def clean(self):
        super().clean()
        said = self.cleaned_data
        if not self.errors and not any(said.values()):
            raise ValidationError("Choose an owner, a deputy or both")
        return said

    def new_values(self, resource, now):
        new = {name: person.pk for name, person in self.cleaned_data.items() if person}
        both = {**now, **new}
        return "Its owner would be its own deputy: choose somebody else for one of them" if both["owner"] and both["owner"] == both["deputy"] else new


class ReviewForm(BulkForm):
    """Say that many have been reviewed, or when they are to be."""

    title, verb, reason = "Review resources", "Set review dates", "Review date set with others"
    HOW = [
        ("reviewed", f"I have reviewed them: next review in {MONTHS_BETWEEN} months"),
        ("spread", "Spread their next reviews over some months"),
        ("one", "All on one day"),
    ]
    how = forms.ChoiceField(choices=HOW, initial="reviewed", widget=forms.RadioSelect, label="What to do")
    first = day_field(required=False, label="On, or the first on", help_text="For the second and third choice")
    months = forms.IntegerField(
        min_value=1, max_value=36, required=False, initial=MONTHS_BETWEEN, label="Over how many months", help_text="For the second choice"
    )

    def clean(self):
        super().clean()
        said = self.cleaned_data
        needs = {"spread": ("first", "months"), "one": ("first",)}.get(said.get("how", ""), ())
        for name in needs:
            if name not in self.errors and not said.get(name):
                self.add_error(name, "Enter a date" if name == "first" else "Enter a number of months")
        check_day(self, said.get("first") if needs else None)
        return said

    def prepare(self, resources):
        said = self.cleaned_data
        days = {
            "reviewed": lambda: [in_months(timezone.localdate(), MONTHS_BETWEEN)] * len(resources),
            "spread": lambda: spread(said["first"], said["months"], len(resources)),
            "one": lambda: [said["first"]] * len(resources),
        }[said["how"]]()
        self.days = dict(zip((resource.pk for resource in resources), days, strict=True))

    def new_values(self, resource, now):
        return {"review_on": self.days[resource.pk]}


def check_day(form, day):
    """A review date is neither past nor beyond what anybody plans for."""
    if day and not timezone.localdate() <= day <= in_months(timezone.localdate(), 60):
        form.add_error("first", "Enter a date from today to five years ahead")


class WithdrawForm(BulkForm):
    """Take many out of the lists. Their addresses go on answering, and say why or point on."""

    title, verb, reason = "Withdraw resources", "Withdraw", "Withdrawn"
    why = forms.CharField(max_length=300, required=False, label="Reason", help_text="Shown to readers who follow an old link")
    successor = forms.CharField(
        max_length=300, required=False, label="What to read instead", help_text="Its address on this site, such as /resources/team-huddles/"
    )

    def clean_successor(self):
        typed = self.cleaned_data["successor"].strip()
        if not typed:
            return None
        found = Resource.objects.published().filter(slug=slug_in(typed)).first()
        if found is None:
            raise ValidationError("Enter the address of a published resource on this site, such as /resources/team-huddles/")
        return found

    def clean(self):
        super().clean()
        said = self.cleaned_data
        if not self.errors and not said.get("why") and not said.get("successor"):
            raise ValidationError("Enter a reason or what to read instead: whoever follows an old link must be told where to go")
        return said

    def new_values(self, resource, now):
        successor = self.cleaned_data["successor"]
        if resource.withdrawn_at:
            return "It is withdrawn already"
        if successor and successor.pk == resource.pk:
            return "It cannot replace itself"
        return {"withdrawn_at": timezone.now(), "withdrawn_reason": self.cleaned_data["why"], "successor": successor.pk if successor else None}


def slug_in(typed):
    """The last part of a resource's address, of an address or of itself."""
    try:
        return resolve(urlsplit(typed).path).kwargs.get("slug", "")
    except (Resolver404, ValueError):
        return typed.strip("/")


class PublishForm(BulkForm):
    """Show many to readers now. What nobody looks after stays a draft."""

    title, verb, reason = "Publish resources", "Publish", "Published with others"

    def new_values(self, resource, now):
        if resource.withdrawn_at:
            return "It is withdrawn: take that back in its own form first"
        if resource.state == "published":
            return {}
        lacks = resource.lacks_to_publish()
        return f"It lacks {', '.join(lacks)}" if lacks else {"published_at": timezone.now()}


class HostForm(BulkForm):
    """Replace one host in every address: a publisher has moved its site."""

    title, verb, reason = "Replace a host everywhere", "Replace", "Host replaced everywhere"
    old = forms.CharField(max_length=255, label="Host that is no more", help_text="Such as www.england.nhs.uk")
    new = forms.CharField(max_length=255, label="Host in its place")

    def clean_old(self):
        return host_in(self.cleaned_data["old"])

    def clean_new(self):
        return host_in(self.cleaned_data["new"])

    def clean(self):
        super().clean()
        said = self.cleaned_data
        if not self.errors and said["old"] == said["new"]:
            self.add_error("new", "Enter another host than the old one")
        if not self.errors and not self.selected().exists():
            self.add_error("old", f"No resource has an address at {said['old']}. Enter a host as it stands in their addresses")
        return said

    def selected(self):
        """The resources that have an address at the old host, whatever their state."""
        likely = Resource.objects.filter(url__icontains=self.cleaned_data["old"])
        keys = [pk for pk, url in likely.values_list("pk", "url") if hostname(url) == self.cleaned_data["old"]]
        return Resource.objects.filter(pk__in=keys).order_by("title", "pk")

    def prepare(self, resources):
        urls = {pk: moved(resource.url, self.cleaned_data["new"]) for pk, resource in ((r.pk, r) for r in resources)}
        self.urls = urls
        self.taken = dict(Resource.objects.filter(url__in=urls.values()).exclude(pk__in=urls).values_list("url", "title"))

    def new_values(self, resource, now):
        url = self.urls[resource.pk]
        if url in self.taken:
            return f"“{self.taken[url]}” has that address already: withdraw one of them"
        try:
            Resource._meta.get_field("url").clean(url, resource)
        except ValidationError:
            return "The new address would be none that a browser can open"
        return {"url": url, "url_confidence": Resource.UrlConfidence.INFERRED.value}


def hostname(url):
    """The host of an address, in small letters; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "") if urlsplit(url).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def host_in(typed):
    """The host that somebody typed or pasted with more round it. Raises ValidationError."""
    typed = typed.strip()
    host = hostname(typed if "://" in typed else f"https://{typed}")
    try:
        URLValidator(["http", "https"])(f"https://{host}/")
    except ValidationError as error:
        raise ValidationError("Enter a host, such as www.england.nhs.uk") from error
    return host


def moved(url, host):
    """An address with another host, all else as it was."""
    parts = urlsplit(url)
    port = re.search(r":[0-9]+$", parts.netloc)  # as it stands there: one that is no port at all is not ours to judge
    return parts._replace(netloc=f"{host}{port[0] if port else ''}").geturl()


class ShareForm(BulkForm):
    """Share out what nobody looks after: an owner, a deputy, and review dates spread so that they do not all fall due at once."""

    title, verb, reason = "Share out resources", "Share out", "Shared out with others"
    category = forms.ChoiceField(required=False, label="Only this category")
    component = forms.ChoiceField(required=False, label="Only this component")
    provider = forms.ChoiceField(required=False, label="Only this publisher")
    owner = forms.ModelChoiceField(curators(), error_messages={"required": "Select an owner"})
    deputy = forms.ModelChoiceField(curators(), required=False, help_text="Asked where the owner has not reviewed it in two weeks")
    first = day_field(label="First review on")
    months = forms.IntegerField(min_value=1, max_value=36, initial=MONTHS_BETWEEN, label="Spread over how many months")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["first"].initial = timezone.localdate() + timedelta(days=30)
        for name, model, related in (("category", Category, "category"), ("component", Component, "components"), ("provider", Provider, "providers")):
            counts = dict(Resource.objects.unowned().order_by().values_list(related).annotate(Count("pk", distinct=True)))
            some = [(str(row.pk), f"{row} ({counts[row.pk]})") for row in model.objects.filter(pk__in=[pk for pk in counts if pk])]
            self.fields[name].choices = [("", "Any"), *some]

    def clean(self):
        super().clean()
        said = self.cleaned_data
        check_day(self, said.get("first"))
        if said.get("owner") and said.get("owner") == said.get("deputy"):
            self.add_error("deputy", "Select somebody other than the owner")
        if not self.errors and not self.selected().exists():
            raise ValidationError("Nothing without an owner or a review date is in all of what you chose: choose less")
        return said

    def selected(self):
        """Those of them without an owner or review date."""
        chosen = {"category": self.cleaned_data["category"], "components": self.cleaned_data["component"], "providers": self.cleaned_data["provider"]}
        return Resource.objects.unowned().filter(**{name: value for name, value in chosen.items() if value}).order_by("title", "pk")

    def prepare(self, resources):
        undated = [resource.pk for resource in resources if not resource.review_on]
        self.days = dict(zip(undated, spread(self.cleaned_data["first"], self.cleaned_data["months"], len(undated)), strict=True))

    def new_values(self, resource, now):
        """What is there stays: somebody has said it."""
        owner, deputy = now["owner"] or self.cleaned_data["owner"].pk, now["deputy"]
        if not deputy and self.cleaned_data["deputy"] and self.cleaned_data["deputy"].pk != owner:
            deputy = self.cleaned_data["deputy"].pk
        return {"owner": owner, "deputy": deputy, "review_on": now["review_on"] or self.days[resource.pk]}


FORMS = {"tag": TagForm, "reassign": ReassignForm, "review": ReviewForm, "withdraw": WithdrawForm, "publish": PublishForm}  # of resources chosen in the list
WHOLE = {"share": ShareForm, "host": HostForm}  # which choose their resources themselves
