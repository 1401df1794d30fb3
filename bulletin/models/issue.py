"""An issue of the bulletin: made of the catalogue's resources, edited by hand, sent once, and kept as it was sent."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Max, Q
from django.urls import reverse
from django.utils import timezone

from bulletin import topics
from bulletin.models.delivery import Delivery
from bulletin.models.subscriber import Subscriber
from resources.models import Resource

SINCE = timedelta(days=30)
MOST_ITEMS = 50
AT_A_TIME = 1000
AT_WORK = timedelta(minutes=3)  # a sender that has said nothing for so long is dead

EMPTY = "There is nothing in this issue. Put in at least one resource that readers can see, then send it."


class IssueQuerySet(models.QuerySet):
    def public(self):
        """Those on the site: sent, or being sent."""
        return self.filter(state__in=[Issue.State.SENDING, Issue.State.SENT])

    def due(self):
        return self.filter(state=Issue.State.SCHEDULED, scheduled_for__lte=timezone.now())

    def left_alone(self):
        """Being sent, and nobody is at it: the sender was killed, or waits for a mail server that was busy."""
        return self.filter(state=Issue.State.SENDING).exclude(worked_at__gt=timezone.now() - AT_WORK)


class Issue(models.Model):
    """One issue. It goes to weekly subscribers, to monthly ones, or to both."""

    class Edition(models.TextChoices):
        WEEKLY = "weekly", "Weekly subscribers"
        MONTHLY = "monthly", "Monthly subscribers"
        BOTH = "both", "All subscribers, weekly and monthly"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SCHEDULED = "scheduled", "Scheduled"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"

    number = models.PositiveIntegerField(unique=True, null=True, editable=False)
    edition = models.CharField("goes to", max_length=7, choices=Edition, default=Edition.WEEKLY)
    subject = models.CharField(max_length=120, help_text="The subject of the mail and the title of its page")
    intro = models.TextField("introduction", max_length=5000, blank=True, help_text="Markdown, as on the portal’s own pages. It stands above the resources")
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT, editable=False)
    scheduled_for = models.DateTimeField(null=True, blank=True, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)
    worked_at = models.DateTimeField(null=True, editable=False, help_text="When a sender was last at it")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = IssueQuerySet.as_manager()

    class Meta:
        ordering = [F("number").desc(nulls_first=True), "-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "scheduled"], number=None, started_at=None)
                | Q(state__in=["sending", "sent"], number__isnull=False, started_at__isnull=False),
                name="issue_has_a_number_once_it_goes",
            ),
            models.CheckConstraint(condition=~Q(state="scheduled") | Q(scheduled_for__isnull=False), name="scheduled_issue_has_a_moment"),
        ]

    def __str__(self):
        return self.subject

    def get_absolute_url(self):
        return reverse("bulletin:issue", args=[self.number])

    def clean(self):
        self.subject = " ".join(self.subject.split())

    @property
    def is_draft(self):
        return self.state == self.State.DRAFT

    # What is in it ----------------------------------------------------------------------------------------------------

    def since(self):
        """From when on a resource is new to whoever gets this edition: their last issue, or 30 days."""
        editions = list(self.Edition) if self.edition == self.Edition.BOTH else [self.edition, self.Edition.BOTH]
        last = Issue.objects.public().filter(edition__in=editions).aggregate(last=Max("started_at"))["last"]
        return last or timezone.now() - SINCE

    @transaction.atomic
    def fill(self):
        """Put in what is new and not in it yet, by kind and title, up to the most there may be. Returns how many came in."""
        room = max(MOST_ITEMS - self.items.count(), 0)
        last = self.items.aggregate(last=Max("position"))["last"] or 0
        new = Resource.objects.published().filter(published_at__gt=self.since()).exclude(pk__in=self.items.values("resource"))
        new = list(new.select_related("category").prefetch_related("providers", "components").order_by("category__position", "title")[:room])
        for place, resource in enumerate(new, last + 1):
            item = IssueItem(issue=self, resource=resource, position=place)
            item.take()
            item.save()
        return len(new)

    def with_items(self):
        """Its items in order. What is not sent yet says of each resource what the catalogue says now."""
        items = list(self.items.select_related("resource__category").prefetch_related("resource__providers", "resource__components"))
        if self.state in (self.State.DRAFT, self.State.SCHEDULED):
            for item in items:
                item.take()
            items = [item for item in items if item.is_readable]
        return items

    # Its life ---------------------------------------------------------------------------------------------------------

    def schedule(self, moment):
        """Send it at a moment to come. Raises ValidationError in words."""
        if moment <= timezone.now():
            raise ValidationError("Enter a date and time to come")
        if not self.with_items():
            raise ValidationError(EMPTY)
        if not Issue.objects.filter(pk=self.pk, state=self.State.DRAFT).update(state=self.State.SCHEDULED, scheduled_for=moment):
            raise ValidationError("Only a draft can be scheduled")

    def cancel(self):
        """Make it a draft again. Was it in time?"""
        return bool(Issue.objects.filter(pk=self.pk, state=self.State.SCHEDULED).update(state=self.State.DRAFT, scheduled_for=None))

    @transaction.atomic
    def start(self, *, by_itself=False):
        """Fix its words and make one delivery a recipient. Whoever comes second finds it begun. Raises ValidationError where nothing is in it.

        `by_itself`: only if its moment has come, and nobody has put it off or made it a draft again.
        """
        row = Issue.objects.select_for_update().get(pk=self.pk)
        put_off = by_itself and not Issue.objects.due().filter(pk=self.pk).exists()
        if row.state in (self.State.SENDING, self.State.SENT) or put_off:
            self.refresh_from_db()
            return
        items = row.with_items()
        if not items:
            raise ValidationError(EMPTY)
        row.items.exclude(pk__in=[item.pk for item in items]).delete()
        IssueItem.objects.bulk_update(items, IssueItem.TAKEN)
        row.number = (Issue.objects.aggregate(last=Max("number"))["last"] or 0) + 1
        row.state, row.started_at, row.scheduled_for = self.State.SENDING, timezone.now(), None
        row.save()
        row._make_deliveries(items)
        self.refresh_from_db()

    def _make_deliveries(self, items):
        """A row for each subscriber of this edition, so many at a time; whoever has no item of theirs gets none, and is counted."""
        kinds = {(item.category, tuple(item.components)) for item in items}
        rows = []
        for pk, chosen in Subscriber.objects.for_edition(self.edition).order_by("pk").values_list("pk", "topics").iterator(AT_A_TIME):
            some = any(topics.fits(chosen, category=category, components=components) for category, components in kinds)
            rows.append(Delivery(issue=self, subscriber_id=pk, state=Delivery.State.WAITING if some else Delivery.State.NOTHING))
            if len(rows) == AT_A_TIME:
                Delivery.objects.bulk_create(rows)
                rows = []
        Delivery.objects.bulk_create(rows)

    def at_work(self):
        """Say that a sender is at it."""
        Issue.objects.filter(pk=self.pk).update(worked_at=timezone.now())

    def finish(self):
        """It is sent when nothing waits any more."""
        if not self.deliveries.waiting().exists():
            Issue.objects.filter(pk=self.pk, state=self.State.SENDING).update(state=self.State.SENT, sent_at=timezone.now())

    @transaction.atomic
    def send_uncertain_again(self):
        """A curator would rather mail somebody twice than not at all. Returns how many wait again."""
        again = self.deliveries.uncertain().update(state=Delivery.State.WAITING, retry_at=timezone.now())
        if again:
            Issue.objects.filter(pk=self.pk, state=self.State.SENT).update(state=self.State.SENDING, sent_at=None, worked_at=None)
        return again


class IssueItem(models.Model):
    """A resource in an issue, in the curator's words or the catalogue's, with its title, publisher and address as they were when it was sent."""

    TAKEN = ("title", "publisher", "slug", "summary", "category", "components")

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="items")
    resource = models.ForeignKey(Resource, models.SET_NULL, null=True, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    words = models.TextField(max_length=600, blank=True, help_text="Instead of the summary in the catalogue")
    title = models.CharField(max_length=300, editable=False)
    publisher = models.CharField(max_length=500, editable=False)
    slug = models.CharField(max_length=100, editable=False)
    summary = models.TextField(editable=False)
    category = models.CharField(max_length=100, editable=False)
    components = models.JSONField(default=list, editable=False)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["issue", "resource"], name="a_resource_once_in_an_issue")]

    def __str__(self):
        return self.title or str(self.resource or "")

    def take(self):
        """Say of the resource what the catalogue says now."""
        if self.resource:
            self.title, self.slug, self.summary = self.resource.title, self.resource.slug, self.resource.summary
            self.publisher = ", ".join(provider.name for provider in self.resource.providers.all())[:500]
            self.category = self.resource.category.slug
            self.components = [component.number for component in self.resource.components.all()]

    @property
    def is_readable(self):
        """Can readers open its page now?"""
        return self.resource is not None and self.resource.state == "published"

    @property
    def address(self):
        return settings.BASE_URL + reverse("resources:resource", args=[self.slug])
