"""An organisation's self-assessment, round after round."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Organisation
from assessments.models.framework import Framework
from assessments.publishing import publish_round
from resources.wording import in_words

GROUPS = ("Board and executive", "Leaders and managers", "Staff", "People with lived experience and partners")  # to begin with; a lead can change them


def end_of(day):
    """The moment a day ends in England: whoever is on time has until 23:59:59."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


class Sealed(Exception):
    """Somebody asked for ratings of a round in which people still rate."""


class AssessmentQuerySet(models.QuerySet):
    def open(self):
        """Neither submitted nor abandoned."""
        return self.filter(submitted_at=None, abandoned_at=None)

    def led_by(self, person):
        """Of organisations that somebody leads today."""
        return self.filter(organisation__in=Organisation.objects.filter(memberships__in=person.memberships.current().filter(role="lead")))

    def real(self):
        """Not for practice."""
        return self.filter(practice=False)


class AssessmentManager(models.Manager.from_queryset(AssessmentQuerySet)):
    def of_predecessors(self):
        """`organisation.assessments.of_predecessors()`: rounds with a submitted result of what became part of it and shared its work."""
        shared = self.instance.mergers_in.standing().filter(shared_at__isnull=False)
        rounds = Assessment.objects.filter(organisation__mergers_out__in=shared, submissions__isnull=False).distinct()
        return rounds.select_related("organisation").order_by("organisation__name", "-number")

    @transaction.atomic
    def start(self, *, by, name, framework, closes_on, anonymous, practice=False):
        """`organisation.assessments.start(...)`: a new round with the usual groups. Raises ValidationError where one is open already."""
        organisation = Organisation.objects.select_for_update().get(pk=self.instance.pk)
        if self.open().filter(practice=practice).exists():
            raise ValidationError("A practice round is open already" if practice else "A round is open already: finish or abandon it before you start another")
        if not framework.is_published:
            raise ValidationError("Choose a framework that is published")
        placement = organisation.placement
        assessment = self.create(
            number=(self.aggregate(last=Max("number"))["last"] or 0) + 1,
            organisation_name=organisation.name,
            region_name=str(placement.region or "") if placement else "",
            icb_name=str(placement.icb or "") if placement else "",
            name=name,
            framework=framework,
            closes_at=end_of(closes_on),
            anonymous=anonymous,
            practice=practice,
            started_by=by,
        )
        assessment.answers.bulk_create(assessment.answers.model(assessment=assessment, question=question) for question in framework.questions.all())
        assessment.groups.bulk_create(assessment.groups.model(assessment=assessment, name=group, position=n) for n, group in enumerate(GROUPS, 1))
        AuditEntry.objects.note("started_round", by=by, organisation=organisation, round=assessment.number)
        return assessment


class Assessment(models.Model):
    """An organisation's self-assessment: open while people rate, then agreed, then submitted and fixed."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="assessments")
    number = models.PositiveSmallIntegerField(help_text="The organisation's first, second ... round; its address")
    name = models.CharField(max_length=100)
    framework = models.ForeignKey(Framework, models.PROTECT, related_name="+")
    anonymous = models.BooleanField(help_text="Nobody learns who said what; never loosened later")
    practice = models.BooleanField(default=False)
    closes_at = models.DateTimeField(help_text="The end of the last day on which people rate")
    closed_at = models.DateTimeField(null=True, blank=True, help_text="When a lead closed it before its day")
    agreeing_at = models.DateTimeField(null=True, blank=True, help_text="When agreement began: from then on nobody rates")
    rated = models.JSONField(default=dict, help_text="How many finished, by the groups that may be shown; written when agreement began")
    submitted_at = models.DateTimeField(null=True, blank=True)
    abandoned_at = models.DateTimeField(null=True, blank=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)
    organisation_name = models.CharField(max_length=200, help_text="What the organisation was called in this round")
    region_name = models.CharField(max_length=200, blank=True)
    icb_name = models.CharField(max_length=200, blank=True)

    objects = AssessmentManager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint("organisation", "number", name="one_round_of_each_number"),
            models.UniqueConstraint("organisation", condition=Q(submitted_at=None, abandoned_at=None, practice=False), name="one_open_assessment"),
            models.UniqueConstraint("organisation", condition=Q(submitted_at=None, abandoned_at=None, practice=True), name="one_open_practice_round"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("assessments:assessment", args=[self.organisation.code, self.number])

    # Where it stands --------------------------------------------------------------------------------------------------

    @property
    def closes_on(self):
        """The last day on which people rate."""
        return timezone.localdate(self.closes_at - timedelta(seconds=1))

    @property
    def is_open(self):
        return self.submitted_at is None and self.abandoned_at is None

    @property
    def is_rating(self):
        """May raters still save?"""
        return self.is_open and self.closed_at is None and self.agreeing_at is None and timezone.now() < self.closes_at and self.organisation.is_open

    @property
    def stage(self):
        """Where it stands, in a few words."""
        if self.abandoned_at:
            return "Abandoned"
        if self.submitted_at:
            return "Submitted"
        if self.agreeing_at:
            return "Agreeing"
        return "People rate" if self.is_rating else "Closed: agreement can begin"

    @property
    def can_reopen(self):
        """May a lead let people rate again? Until agreement has begun."""
        return self.is_open and not self.is_rating and self.agreeing_at is None and self.organisation.is_open

    # What a lead decides ----------------------------------------------------------------------------------------------

    def lock(self):
        """See the round as it is now, and let nobody change it, nor any rater save, until we are done."""
        Assessment.objects.select_for_update().get(pk=self.pk)
        self.refresh_from_db()

    def _must_be_rating(self):
        if not self.is_rating:
            raise ValidationError("This round is closed already")

    def happened(self, kind, by, reason=""):
        self.events.create(kind=kind, reason=reason, by=by)
        AuditEntry.objects.note(f"{kind}_round", by=by, organisation=self.organisation, round=self.number)

    @transaction.atomic
    def extend(self, *, by, closes_on):
        """Give everybody until another day."""
        self.lock()
        self._must_be_rating()
        if closes_on < timezone.localdate():
            raise ValidationError("The last day must be today or later")
        self.closes_at = end_of(closes_on)
        self.save(update_fields=["closes_at"])
        self.happened("extended", by, f"Until the end of {in_words(closes_on)}")

    @transaction.atomic
    def close(self, *, by, reason):
        """End the rating now, and open the ratings."""
        self.lock()
        self._must_be_rating()
        self.closed_at = timezone.now()
        self.save(update_fields=["closed_at"])
        self.happened("closed", by, reason)

    @transaction.atomic
    def reopen(self, *, by, reason, closes_on):
        """Seal the ratings again and let people rate until a day. Not once agreement has begun."""
        self.lock()
        if not self.can_reopen:
            raise ValidationError("This round cannot be reopened: agreement has begun" if self.agreeing_at else "This round cannot be reopened")
        if closes_on < timezone.localdate():
            raise ValidationError("The last day must be today or later")
        self.closed_at, self.closes_at = None, end_of(closes_on)
        self.save(update_fields=["closed_at", "closes_at"])
        self.happened("reopened", by, reason)

    @transaction.atomic
    def abandon(self, *, by, reason):
        """End the round without a result. What was rated stays sealed for good."""
        self.lock()
        if not self.is_open:
            raise ValidationError("This round has ended already")
        self.abandoned_at = timezone.now()
        self.save(update_fields=["abandoned_at"])
        self.happened("abandoned", by, reason)

    # Agreement --------------------------------------------------------------------------------------------------------

    @property
    def is_agreeing(self):
        """May people write what they agree?"""
        return self.is_open and self.agreeing_at is not None and self.organisation.is_open

    @property
    def can_begin_agreeing(self):
        return self.can_reopen

    @transaction.atomic
    def begin_agreeing(self, *, by):
        """Open the ratings: work out what may be shown of them, once. From now on nobody rates, and the round cannot be reopened to raters."""
        self.lock()
        if not self.can_begin_agreeing:
            raise ValidationError("People still rate: close the round first" if self.is_rating else "Agreement has begun already")
        self.rated = publish_round(self)
        self.agreeing_at = timezone.now()
        self.save(update_fields=["rated", "agreeing_at"])
        self.happened(RoundEvent.Kind.AGREEING, by)

    def lock_for_agreeing(self):
        """Let nobody else write an answer or submit until we are done. Raises ValidationError where nobody may write."""
        self.lock()
        if not self.is_agreeing:
            raise ValidationError("This result is submitted: nothing of it changes any more" if self.submitted_at else "Agreement has not begun")

    # What the raters said ---------------------------------------------------------------------------------------------

    def finished_raters(self):
        """The raters whose ratings count. Raises Sealed while people still rate, and for good where the round was abandoned."""
        if self.is_rating or self.abandoned_at:
            raise Sealed
        return self.raters.finished()


class RoundEvent(models.Model):
    """A turn a lead gave to a round, and why."""

    class Kind(models.TextChoices):
        EXTENDED = "extended", "Extended"
        CLOSED = "closed", "Closed"
        REOPENED = "reopened", "Reopened"
        ABANDONED = "abandoned", "Abandoned"
        AGREEING = "agreeing", "Agreement begun"
        RESULT_REOPENED = "again", "Result reopened"

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind)
    reason = models.TextField(blank=True, max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self):
        return f"{self.assessment} {self.kind}"
