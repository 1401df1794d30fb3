"""The public catalogue: resources by category, component and provider."""

from collections import defaultdict
from datetime import timedelta
from itertools import islice
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Length, Now, Replace
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from resources.review_dates import MONTHS_BETWEEN, in_months


class Component(models.Model):
    """One of the five components of NHS IMPACT."""

    number = models.PositiveSmallIntegerField(unique=True, validators=[MinValueValidator(1), MaxValueValidator(5)])
    slug = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=100)
    meaning = models.TextField(help_text="What the component means, in a sentence or two")
    practices_source = models.TextField(blank=True, help_text="Whose words the practices are, shown under them")
    history = HistoricalRecords()

    class Meta:
        ordering = ["number"]

    def __str__(self):
        return f"{self.number} {self.name}"

    def get_absolute_url(self):
        return reverse("resources:component", args=[self.slug])


class Practice(models.Model):
    """A bullet of "what this looks like in practice"."""

    component = models.ForeignKey(Component, models.CASCADE, related_name="practices")
    position = models.PositiveSmallIntegerField(default=0)
    text = models.TextField()
    history = HistoricalRecords()

    class Meta:
        ordering = ["component", "position", "pk"]

    def __str__(self):
        return self.text if len(self.text) < 80 else f"{self.text[:77]}..."


class Category(models.Model):
    """A kind of resource: courses, tools, reading, case studies, assessment."""

    slug = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(blank=True, help_text="One sentence on what readers find here")
    position = models.PositiveSmallIntegerField(default=0)
    history = HistoricalRecords()

    class Meta:
        ordering = ["position", "name"]
        verbose_name_plural = "categories"

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("resources:category", args=[self.slug])


class ProviderManager(models.Manager):
    MERGED = "Merged into provider "  # and its key: why a line of history says that a provider went

    def successor_of(self, slug):
        """The provider that one of this address was merged into, or into which that was; none where nothing was merged."""
        seen = set()
        while True:
            line = self.model.history.filter(slug=slug, history_type="-", history_change_reason__startswith=self.MERGED).first()
            key = line.history_change_reason.removeprefix(self.MERGED) if line else ""
            if not key.isdecimal() or key in seen:
                return None
            provider = self.filter(pk=key).first()
            if provider:
                return provider
            seen.add(key)
            gone = self.model.history.filter(id=key, history_type="-").first()
            if gone is None:
                return None
            slug = gone.slug


class Provider(models.Model):
    """A body that publishes resources."""

    slug = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200, unique=True)
    history = HistoricalRecords()

    objects = ProviderManager()

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("resources:provider", args=[self.slug])

    def merge_into(self, other, *, by):
        """Go, once the resources are the other's. The history says where, so that the old address can lead there."""
        self._history_user, self._change_reason = by, f"{ProviderManager.MERGED}{other.pk}"
        self.delete()


class Record:
    """What readers may know of one resource, as plain values; see `ResourceQuerySet.records`."""

    def __init__(self, values):
        self.__dict__ = values

    @property
    def host(self):
        """The host of its address, without its www."""
        return (urlsplit(self.url).hostname or "").removeprefix("www.")


class ResourceQuerySet(models.QuerySet):
    def drafts(self):
        """Not yet to be published."""
        return self.filter(published_at=None, withdrawn_at=None)

    def published(self):
        """What readers see: published, and not withdrawn."""
        return self.filter(published_at__lte=Now(), withdrawn_at=None)

    def withdrawn(self):
        """Once published, no longer listed; the address still answers and points on."""
        return self.filter(published_at__lte=Now(), withdrawn_at__isnull=False)

    def scheduled(self):
        """To be published at a moment that has not come."""
        return self.filter(published_at__gt=Now(), withdrawn_at=None)

    def overdue(self):
        """Published, and their review date has passed, the longest ago first."""
        return self.published().filter(review_on__lt=timezone.localdate()).order_by("review_on", "title")

    def due_for_review(self, days=30):
        """Published, and to be reviewed within so many days, overdue ones first."""
        return self.published().filter(review_on__lte=timezone.localdate() + timedelta(days=days)).order_by("review_on", "title")

    def unowned(self):
        """Nobody looks after them, or nobody has said when they are to be reviewed. Withdrawn ones need neither."""
        return self.filter(Q(owner=None) | Q(review_on=None), withdrawn_at=None)

    def thin(self):
        """Published, and saying too little for a reader to choose by: `thin_in` says what each lacks."""
        spaces = Length("summary") - Length(Replace("summary", Value(" "), Value("")))
        said_too_little = Q(cost="") | Q(sign_in="") | Q(spaces_in_summary__lt=FEWEST_WORDS - 1)
        return self.published().annotate(spaces_in_summary=spaces).filter(said_too_little).order_by("title")

    def records(self, at_a_time=2000):
        """What readers may know of each row: the index, pages, files and the API are all drawn from this. Four queries for each 2,000 rows."""
        rows = self.order_by("pk").values(*PLAIN, *DATES, "category__slug", "link__verdict", "link__address").iterator(chunk_size=at_a_time)
        while chunk := list(islice(rows, at_a_time)):
            ids = [row["id"] for row in chunk]
            providers = _related(Resource.providers.through, ids, "provider__slug", "provider__name")
            components = _related(Resource.components.through, ids, "component__number", "component__number")
            related = _related(Resource.related.through, ids, "to_resource_id", "pk", "from_resource")
            for row in chunk:
                yield Record(
                    {
                        **{name: row[name] for name in PLAIN},
                        **{name: row[name] and row[name].isoformat() for name in DATES},
                        "category": row["category__slug"],
                        "broken": row["link__verdict"] == "gone" and row["link__address"] == row["url"],
                        "providers": providers.get(row["id"], []),
                        "components": components.get(row["id"], []),
                        "related": related.get(row["id"], []),
                    }
                )


def _related(through, ids, value, order, source="resource"):
    """{resource: its related values, in order}, from a many-to-many table read once."""
    found = defaultdict(list)
    rows = through.objects.filter(**{f"{source}__in": ids}).order_by(f"{source}_id", order)
    for resource, related in rows.values_list(f"{source}_id", value):
        found[resource].append(related)
    return found


FEWEST_WORDS = 8  # of a summary that says something

PLAIN = ("id", "slug", "title", "credit", "url", "url_confidence", "summary", "audience", "format", "minutes", "cost", "sign_in", "featured")
DATES = ("source_published_on", "starts_on", "ends_on", "review_on", "published_at", "updated_at")


class Resource(models.Model):
    """A guide, course, article, tool or case study that somebody else publishes. What is not known stays blank."""

    class UrlConfidence(models.TextChoices):
        CONFIRMED = "confirmed", "Confirmed"
        INFERRED = "inferred", "Not confirmed"

    class Format(models.TextChoices):
        WEB_PAGE = "web-page", "Web page"
        DOCUMENT = "document", "Document"
        ONLINE_COURSE = "online-course", "Online course"
        LIVE_ONLINE = "live-online", "Live online"
        IN_PERSON = "in-person", "In person"
        VIDEO = "video", "Video"
        PODCAST = "podcast", "Podcast"
        SPREADSHEET = "spreadsheet", "Spreadsheet"
        SOFTWARE = "software", "Software"

    class Cost(models.TextChoices):
        FREE = "free", "Free"
        PAID = "paid", "Paid"

    class SignIn(models.TextChoices):
        NONE = "none", "No sign-in"
        ACCOUNT = "account", "Sign-in needed"
        NHS = "nhs", "NHS sign-in needed"

    title = models.CharField(max_length=300)
    slug = models.SlugField(max_length=100, unique=True, help_text="The last part of its address here. Changing it breaks links people have saved")
    providers = models.ManyToManyField(Provider, related_name="resources")
    credit = models.CharField(max_length=300, blank=True, help_text="How the source names its authors, where that says more than the providers")
    category = models.ForeignKey(Category, models.PROTECT, related_name="resources")
    components = models.ManyToManyField(Component, related_name="resources")
    url = models.URLField("address", max_length=500, validators=[URLValidator(["http", "https"])], help_text="Where the resource is")
    url_confidence = models.CharField("is the address right?", max_length=10, choices=UrlConfidence, default=UrlConfidence.INFERRED)
    summary = models.TextField(help_text="In our words, a sentence or two")
    audience = models.CharField(max_length=200, blank=True, help_text="Only where the source names one")
    format = models.CharField(max_length=20, choices=Format, blank=True)
    minutes = models.PositiveIntegerField("time needed, in minutes", null=True, blank=True, validators=[MinValueValidator(1)])
    cost = models.CharField(max_length=10, choices=Cost, blank=True)
    sign_in = models.CharField("sign-in", max_length=10, choices=SignIn, blank=True)
    source_published_on = models.DateField("published by its source on", null=True, blank=True)
    starts_on = models.DateField(null=True, blank=True, help_text="For a course or event with dates")
    ends_on = models.DateField(null=True, blank=True)
    featured = models.BooleanField("shown first", default=False, help_text="Before the others of its category on component pages")
    related = models.ManyToManyField("self", blank=True, help_text="Shown before the ones the search finds alike")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", help_text="Who looks after this row")
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", help_text="Asked where the owner has not reviewed it in two weeks"
    )
    review_on = models.DateField("review due on", null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True, help_text="Blank is a draft; a moment to come is scheduled")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True, help_text="Shown to readers who follow an old link")
    successor = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+", help_text="What to read instead")
    batch = models.ForeignKey(
        "ImportBatch", models.SET_NULL, null=True, blank=True, editable=False, related_name="resources", help_text="The import it came with"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ResourceQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[providers, components, related])

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | ~Q(withdrawn_reason="") | Q(successor__isnull=False),
                name="withdrawn_points_on",
                violation_error_message="Give a reason or a successor: whoever follows an old link must be told where to go",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on__lte=F("ends_on")),
                name="ends_after_it_starts",
                violation_error_message="The end date must not be before the start date",
            ),
            models.CheckConstraint(condition=~Q(successor=F("id")), name="not_its_own_successor", violation_error_message="A resource cannot replace itself"),
        ]
        indexes = [models.Index(fields=["published_at"], name="resource_published_at")]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("resources:resource", args=[self.slug])

    def clean(self):
        if self.pk and self.successor_id == self.pk:
            raise ValidationError({"successor": "A resource cannot replace itself"})

    def lacks_to_publish(self):
        """What a curator must say before readers see it, in words: nothing goes out that nobody looks after."""
        asked = {"an owner": self.owner_id, "a review date": self.review_on, "a sign-in label": self.sign_in}
        return [words for words, said in asked.items() if not said]

    def review(self, *, by):
        """Somebody has looked it over: the next review is due in a year."""
        self.review_on = in_months(timezone.localdate(), MONTHS_BETWEEN)
        self._history_user, self._change_reason = by, "Reviewed"
        self.save(update_fields=["review_on"])

    def thin_in(self):
        """What a reader misses who must choose, in words; see `ResourceQuerySet.thin`."""
        missing = {"the cost": not self.cost, "a sign-in label": not self.sign_in, "a fuller summary": self.summary.count(" ") < FEWEST_WORDS - 1}
        return [words for words, is_missing in missing.items() if is_missing]

    @property
    def is_overdue(self):
        """Has its review date passed?"""
        return bool(self.review_on and self.review_on < timezone.localdate())

    @property
    def state(self):
        """Draft, scheduled, published or withdrawn."""
        if self.withdrawn_at:
            return "withdrawn"
        if self.published_at is None:
            return "draft"
        return "published" if self.published_at <= timezone.now() else "scheduled"


class CatalogueStamp(models.Model):
    """One row that the database rewrites whenever the catalogue changes; see resources/triggers.py."""

    stamp = models.CharField(max_length=32)

    def __str__(self):
        return self.stamp
