"""What readers tell us, without an account: suggestions, reports, whether a resource was useful, and who waits for a link to be mended."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Sum
from django.utils import timezone

from resources.models.link import Link

ADDRESSES_KEPT = timedelta(days=90)  # of whoever waits for an answer, or for a link to be mended
WORKS = (Link.Verdict.FINE, Link.Verdict.MOVED, Link.Verdict.SIGN_IN)  # verdicts by which a link leads to something
SAME_AGAIN = timedelta(hours=1)  # the same words within it are a form sent twice


class FromReadersQuerySet(models.QuerySet):
    def waiting(self):
        """Not yet dealt with by a curator."""
        return self.filter(handled_at=None)

    def to_answer(self):
        """Answered by a curator, and the mail server has not taken the answer yet."""
        return self.exclude(answer="").exclude(email="")

    def take(self, **typed):
        """Keep what a reader sent. A form sent twice is kept once. Returns whether it was new."""
        if self.filter(made_at__gte=timezone.now() - SAME_AGAIN, **typed).exists():
            return False
        self.create(**typed)
        return True

    def for_addresses(self, addresses):
        """Rows that hold one of these e-mail addresses."""
        return self.filter(email__in=[address.lower() for address in addresses])

    def past(self):
        """Rows whose address has been kept for as long as we say that we keep it."""
        return self.exclude(email="").filter(made_at__lt=timezone.now() - ADDRESSES_KEPT)

    def forget(self):
        """Take the addresses out. Returns how many rows."""
        return self.update(email="")


class FromReader(models.Model):
    """What a reader wrote. The address is there only for an answer, and goes when it is answered."""

    email = models.EmailField("e-mail address", blank=True, help_text="Only for an answer; deleted once answered")
    made_at = models.DateTimeField(default=timezone.now)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    answer = models.TextField(blank=True, max_length=2000, help_text="Sent to the address, where there is one")
    answered_at = models.DateTimeField(null=True, blank=True, help_text="When the mail server took the answer")

    objects = FromReadersQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["made_at", "pk"]

    @property
    def is_waiting(self):
        """Has no curator dealt with it yet?"""
        return self.handled_at is None

    def done(self, *, by, answer=""):
        """Dealt with. Without an answer to send, the address goes at once. Returns whether it still waited: two curators deal with it once."""
        changes = {"handled_at": timezone.now(), "handled_by": by}
        changes |= {"answer": answer} if answer else {"email": ""}
        dealt = type(self).objects.waiting().filter(pk=self.pk).update(**changes)
        self.refresh_from_db()
        return dealt == 1

    def claim_address(self):
        """Take the address out, to be the only one to send the answer. A sender that is killed has taken it for good: nobody knows whether its mail went."""
        taken = type(self).objects.filter(pk=self.pk, email=self.email).exclude(email="").update(email="")
        return self.email if taken else ""

    def mark(self, taken, address):
        """The answer went; or the mail server refused it, and the address is put back for the next run."""
        type(self).objects.filter(pk=self.pk).update(**({"answered_at": timezone.now()} if taken else {"email": address}))

    def answer_in_words(self):
        """What became of the answer."""
        if not self.answer:
            return "None"
        if self.answered_at:
            return f"Sent on {timezone.localtime(self.answered_at):%-d %B %Y}"
        return "On its way" if self.email else "Perhaps sent: the sending was cut off, or the address was erased"


class Suggestion(FromReader):
    """A resource that a reader misses."""

    title = models.CharField(max_length=300)
    url = models.URLField("address", max_length=500, blank=True)
    why = models.TextField(max_length=2000, blank=True)
    resource = models.ForeignKey("Resource", models.SET_NULL, null=True, blank=True, related_name="+", help_text="The row made of it")

    def __str__(self):
        return self.title

    @property
    def about(self):
        """The title they gave."""
        return self.title


class Report(FromReader):
    """A problem that a reader saw with a resource."""

    class Kind(models.TextChoices):
        BROKEN = "broken", "The link does not work"
        WRONG = "wrong", "Something about it is wrong"
        OLD = "old", "It is out of date"
        OTHER = "other", "Something else"

    resource = models.ForeignKey("Resource", models.CASCADE, related_name="reports")
    kind = models.CharField(max_length=6, choices=Kind)
    text = models.TextField(max_length=2000, blank=True)

    def __str__(self):
        return f"{self.get_kind_display()}: {self.resource}"

    @property
    def about(self):
        """The title of the resource."""
        return self.resource.title


class UsefulCountQuerySet(models.QuerySet):
    FEWEST = 5  # readers, before what they said is shown to anybody

    def say(self, resource, *, useful):
        """One reader more who found it useful today, or did not."""
        today, column = timezone.localdate(), "yes" if useful else "no"
        self.bulk_create([self.model(resource=resource, day=today)], ignore_conflicts=True)
        self.filter(resource=resource, day=today).update(**{column: F(column) + 1})

    def by_resource(self):
        """{resource, title, yes, no}: of each that at least five readers spoke of, those with the most "no" first."""
        sums = self.order_by().values("resource", "resource__title").annotate(said_yes=Sum("yes"), said_no=Sum("no"))
        return sums.filter(said_yes__gte=self.FEWEST - F("said_no")).order_by("-said_no", "said_yes", "resource__title")


class UsefulCount(models.Model):
    """How many readers said on one day that a resource was useful to them, or was not. Nothing about who."""

    resource = models.ForeignKey("Resource", models.CASCADE, related_name="useful_counts")
    day = models.DateField()
    yes = models.PositiveIntegerField(default=0)
    no = models.PositiveIntegerField(default=0)

    objects = UsefulCountQuerySet.as_manager()

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["resource", "day"], name="one_useful_count_a_day")]

    def __str__(self):
        return f"{self.resource_id} on {self.day}: {self.yes} yes, {self.no} no"


class MendNoticeQuerySet(models.QuerySet):
    MOST_EACH = 5  # that one address may wait for

    def ask(self, resource, email):
        """Let an address wait for a resource. Whether it does already, or waits for too many, nobody is told."""
        waits = self.filter(email=email)
        if waits.filter(resource=resource).exists() or waits.count() < self.MOST_EACH:
            self.bulk_create([self.model(resource=resource, email=email)], ignore_conflicts=True)

    def mended(self):
        """Those whose link the checker has found to work since they asked, and of which no reader has said otherwise since."""
        works = Link.objects.standing().filter(resource=OuterRef("resource"), verdict__in=WORKS, doubt="", checked_at__gt=OuterRef("asked_at"))
        reported = Report.objects.waiting().filter(resource=OuterRef("resource"), kind=Report.Kind.BROKEN)
        return self.filter(Exists(works), ~Exists(reported))

    def for_addresses(self, addresses):
        """Rows of one of these e-mail addresses."""
        return self.filter(email__in=[address.lower() for address in addresses])

    def past(self):
        """Rows whose address has been kept for as long as we say that we keep it."""
        return self.filter(asked_at__lt=timezone.now() - ADDRESSES_KEPT)

    def forget(self):
        """Delete them: without the address there is nothing to keep. Returns how many."""
        return self.delete()[0]


class MendNotice(models.Model):
    """Somebody who asked to be told when a broken link is mended. Deleted once told."""

    resource = models.ForeignKey("Resource", models.CASCADE, related_name="mend_notices")
    email = models.EmailField("e-mail address")
    asked_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True, help_text="When a sender took it on; told twice is worse than told never")

    objects = MendNoticeQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["resource", "email"], name="one_mend_notice_each")]

    def __str__(self):
        return f"Tell somebody when {self.resource_id} is mended"

    def claim(self):
        """Be the only one to tell them. A sender that is killed has claimed it for good: nobody knows whether its mail went."""
        return MendNotice.objects.filter(pk=self.pk, claimed_at=None).update(claimed_at=timezone.now()) == 1

    def mark(self, taken):
        """Told: delete it. Refused by the mail server: it may be claimed again."""
        if taken:
            self.delete()
        else:
            MendNotice.objects.filter(pk=self.pk).update(claimed_at=None)
