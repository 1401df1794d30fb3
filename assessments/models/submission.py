"""A result that cannot shift: the snapshot of what was submitted, and links to read it by."""

import json
import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.models import AuditEntry
from accounts.tokens import hashed, new_token
from assessments.models.assessment import Assessment, RoundEvent
from assessments.snapshot import build, canonical, fingerprint, with_names

CHANGED = (
    "Somebody has changed an answer since you opened this page, or a recommended resource has changed, or a new day has begun. "
    "Look at the result again, then submit it"
)


class SubmissionQuerySet(models.QuerySet):
    def before(self, assessment):
        """Of the same organisation's earlier rounds, practice apart: oldest first, each round's versions in order."""
        earlier = self.filter(assessment__organisation=assessment.organisation, assessment__practice=False, assessment__number__lt=assessment.number)
        return earlier.order_by("assessment__number", "version")

    def latest_of_each_round(self):
        """The version that stands of each round, newest round first."""
        newer = Submission.objects.filter(assessment=models.OuterRef("assessment"), version__gt=models.OuterRef("version"))
        return self.filter(~models.Exists(newer)).order_by("-assessment__number")


class SubmissionManager(models.Manager.from_queryset(SubmissionQuerySet)):
    """`assessment.submissions`: what was submitted of one round."""

    def earlier(self):
        """What the same organisation submitted of its earlier rounds, the version that stands of each, newest round first."""
        return Submission.objects.before(self.instance).latest_of_each_round()

    def draft(self, day=None):
        """The next version as it would be submitted on a day (today): (its values to read, their canonical text)."""
        assessment, day = self.instance, day or timezone.localdate()
        last = self.order_by("version").last()
        reference = last.reference if last else self._next_reference(day.year)
        data = build(assessment, reference=reference, version=last.version + 1 if last else 1, day=day, history=Submission.objects.before(assessment))
        return with_names(data), canonical(data)

    def _next_reference(self, year):
        organisation = self.instance.organisation
        start = f"{organisation.code}-{year}-"
        used = Submission.objects.filter(assessment__organisation=organisation, reference__startswith=start).values("reference").distinct().count()
        return f"{start}{used + 1}"

    @transaction.atomic
    def submit(self, *, by, sha256, day=None):
        """Fix the result for good, as its signer saw it, as of a day (today).

        Raises ValidationError naming what is still blank, and where something has changed since.
        """
        assessment = self.instance
        assessment.lock_for_agreeing()
        if assessment.practice:
            raise ValidationError("A practice round is not submitted: abandon it when you have seen enough")
        blank = list(assessment.answers.unanswered().values_list("question__number", flat=True))
        if blank:
            raise ValidationError(f"Agree an answer to {', '.join(blank)} first")
        data, text = self.draft(day)
        if fingerprint(text) != sha256:
            raise ValidationError(CHANGED)
        submission = self.create(reference=data["reference"], version=data["version"], snapshot=text, sha256=sha256, submitted_by=by, reason=self._why_again())
        assessment.submitted_at = submission.submitted_at
        assessment.save(update_fields=["submitted_at"])
        AuditEntry.objects.note("submitted_result", by=by, organisation=assessment.organisation, round=assessment.number, reference=str(submission))
        return submission

    def _why_again(self):
        """Why the version before was reopened, or blank."""
        again = self.instance.events.filter(kind=RoundEvent.Kind.RESULT_REOPENED).last()
        return again.reason if again else ""

    @transaction.atomic
    def reopen(self, *, by, reason):
        """Let people agree again, for a next version; the versions before stay readable. Refused while another round is open."""
        assessment = self.instance
        assessment.lock()
        if assessment.submitted_at is None:
            raise ValidationError("This result is not submitted")
        assessment.submitted_at = None
        try:
            with transaction.atomic():
                assessment.save(update_fields=["submitted_at"])
        except IntegrityError:
            raise ValidationError("Another round is open: finish or abandon it before you reopen this result") from None
        assessment.happened(RoundEvent.Kind.RESULT_REOPENED, by, reason)


class Submission(models.Model):
    """One version of a submitted result. Every later page and file is drawn from its snapshot, and the database refuses to change it."""

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="submissions")
    reference = models.CharField(max_length=20, help_text="Such as RXX-2026-1: code, year, and which submission of the year")
    version = models.PositiveSmallIntegerField(default=1)
    snapshot = models.TextField(help_text="Canonical JSON: see assessments/snapshot.py")
    sha256 = models.CharField(max_length=64, help_text="Of the snapshot's bytes in UTF-8")
    reason = models.TextField(blank=True, help_text="Why the version before was reopened")
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(default=timezone.now)

    of_the_organisation = {"snapshot", "reason"}  # not handed to whoever wrote it: see accounts/personal_data.py

    objects = SubmissionManager()

    class Meta:
        ordering = ["-submitted_at", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["reference", "version"], name="one_submission_of_each_version"),
            models.UniqueConstraint(fields=["assessment", "version"], name="one_version_of_each_round"),
        ]

    def __str__(self):
        return self.reference if self.version == 1 else f"{self.reference}, version {self.version}"

    def get_absolute_url(self):
        return reverse("assessments:result_version", args=[self.assessment.organisation.code, self.assessment.number, self.version])

    @cached_property
    def data(self):
        """The snapshot as it is read."""
        return with_names(json.loads(self.snapshot))


class ReadingLinkQuerySet(models.QuerySet):
    def working(self):
        """Neither run out nor revoked."""
        return self.filter(revoked_at=None, until__gte=timezone.localdate())

    def for_token(self, token):
        return self.working().filter(token_hash=hashed(token))


class ReadingLinkManager(models.Manager.from_queryset(ReadingLinkQuerySet)):
    @transaction.atomic
    def make(self, *, by, who, until):
        """`assessment.reading_links.make(...)`: a link for somebody until a day. Returns its token: it is to be had now and never again."""
        assessment = self.instance
        if assessment.practice or (assessment.abandoned_at and not assessment.submissions.exists()):
            raise ValidationError("This round will have no submitted result, so there is nothing to read by a link")
        link = self.model(assessment=assessment, who=who, until=until, made_by=by)
        token = link.renew()
        link.save()
        AuditEntry.objects.note("made_reading_link", by=by, organisation=assessment.organisation, round=assessment.number, until=until.isoformat())
        return token


class ReadingLink(models.Model):
    """A private link by which somebody without an account reads one round's submitted result, and nothing else, until a day."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="reading_links")
    who = models.CharField(max_length=100, help_text="Whom it is for")
    token_hash = models.CharField(max_length=64, unique=True)
    until = models.DateField(help_text="The last day on which it works")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ReadingLinkManager()

    class Meta:
        ordering = ["-made_at"]

    def __str__(self):
        return self.who

    @property
    def is_working(self):
        return self.revoked_at is None and self.until >= timezone.localdate()

    def renew(self):
        """Give it a link. Returns the token; only its hash is kept."""
        token = new_token()
        self.token_hash = hashed(token)
        return token

    @transaction.atomic
    def revoke(self, *, by):
        """Let it open nothing from now on. Revoked twice, it is revoked once."""
        if ReadingLink.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=timezone.now()):
            AuditEntry.objects.note("revoked_reading_link", by=by, organisation=self.assessment.organisation, round=self.assessment.number)
