"""Who rates in a round: people with a private link of their own, or a paper sheet with a code."""

import secrets
import uuid

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.tokens import hashed, new_token
from assessments.models.assessment import Assessment

CODE_LETTERS = "BCDFGHJKMNPQRTVWXY34679"  # nothing that is read as another, and no words
MOST_GROUPS = 8


class RaterGroupQuerySet(models.QuerySet):
    def counted(self):
        """With how many were asked, and how many have finished."""
        return self.annotate(asked=Count("raters"), finished=Count("raters", filter=Q(raters__finished_on__isnull=False)))


class RaterGroup(models.Model):
    """A group that raters belong to, so that the board's view and the staff's can be set side by side."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="groups")
    name = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField()

    objects = RaterGroupQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint("assessment", Lower("name"), name="one_group_of_each_name", violation_error_message="Two groups have the same name")
        ]

    def __str__(self):
        return self.name


class RaterQuerySet(models.QuerySet):
    def finished(self):
        return self.filter(finished_on__isnull=False)

    def unfinished(self):
        return self.filter(finished_on=None)

    def by_mail(self):
        """Those who have a link by e-mail, not a paper sheet."""
        return self.exclude(email="")

    def on_paper(self):
        return self.exclude(sheet_code="")

    def for_token(self, token):
        """The one whose private link this is, or none."""
        return self.filter(token_hash=hashed(token))


class Rater(models.Model):
    """Somebody who rates in one round. What they say is theirs alone until the round has closed."""

    class Delivery(models.TextChoices):
        NOT_SENT = "", "Not sent yet"
        ACCEPTED = "accepted", "Accepted by the mail server"
        REFUSED = "refused", "Refused by the mail server"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="raters")
    group = models.ForeignKey(RaterGroup, models.PROTECT, related_name="raters")
    name = models.CharField(max_length=150, blank=True)
    email = models.EmailField(blank=True)
    sheet_code = models.CharField(max_length=7, blank=True, help_text="Stands on the paper sheet of a rater without a link")
    token_hash = models.CharField(max_length=64, unique=True, null=True, blank=True)
    link_shown = models.BooleanField(default=False, help_text="Somebody else has seen the link: it is exchanged for the rater's own when they begin")
    delivery = models.CharField(max_length=8, choices=Delivery, blank=True)
    reminded_on = models.DateField(null=True, blank=True)
    finished_on = models.DateField(null=True, blank=True, help_text="The day and no more: the hour could tell who said what")

    objects = RaterQuerySet.as_manager()

    class Meta:
        ordering = ["group", "name", "email", "sheet_code"]
        constraints = [
            models.UniqueConstraint("assessment", Lower("email"), condition=~Q(email=""), name="each_address_rates_once"),
            models.UniqueConstraint("assessment", "sheet_code", condition=~Q(sheet_code=""), name="each_sheet_once"),
            models.CheckConstraint(condition=Q(email="") ^ Q(sheet_code=""), name="by_link_or_on_paper"),
        ]

    def __str__(self):
        return self.name or self.email or f"sheet {self.sheet_code}"

    @property
    def has_begun(self):
        return self.finished_on is not None or self.ratings.exists()

    def renew_link(self, *, shown=False):
        """Make a new private link and let the old one die. Returns its token; only the hash is kept.

        A link that somebody other than the rater gets to see (`shown`) opens what was said so far, so it is refused once
        they have begun: raises ValidationError.
        """
        if shown and self.has_begun:
            raise ValidationError(f"{self} has begun to rate, so a link that you can see would show you their ratings")
        token = new_token()
        self.token_hash, self.link_shown = hashed(token), shown
        self.save(update_fields=["token_hash", "link_shown"])
        return token

    def finish(self):
        """Say that all is said; it can still be changed until the round closes."""
        if self.finished_on is None:
            self.finished_on = timezone.localdate()
            self.save(update_fields=["finished_on"])


def new_sheet_code():
    """A code to read out and type in: K7F-3MQ."""
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(6))
    return f"{letters[:3]}-{letters[3:]}"
