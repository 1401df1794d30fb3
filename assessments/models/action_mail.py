"""The weekly mail to whoever sees to actions: one row for each mail, so that none goes twice, and a row for whoever wants none."""

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.tokens import hashed, new_token


def week_of(day):
    """A week by its Monday."""
    return day - timedelta(days=day.weekday())


class ActionMailManager(models.Manager):
    def claim(self, person, week):
        """Be the only one to mail somebody this week: (the mail, the token of its stop link), or none where another run has done so.

        A mail that the server refused can be claimed again. One of which nobody knows, since the run was killed, cannot.
        """
        token = new_token()
        try:
            with transaction.atomic():
                return self.create(user=person, week=week, token_hash=hashed(token)), token
        except IntegrityError:
            refused = self.filter(user=person, week=week, state=ActionMail.State.REFUSED)
            claimed = refused.update(state=ActionMail.State.SENDING, token_hash=hashed(token))
        return (self.get(user=person, week=week), token) if claimed else None

    def for_token(self, token):
        """The mail with this stop link, or none."""
        return self.filter(token_hash=hashed(token)).select_related("user").first()


class ActionMail(models.Model):
    """One mail to one person in one week. Its stop link works for good."""

    class State(models.TextChoices):
        SENDING = "sending", "Being sent"  # and for good where the run was killed: nobody knows whether it went
        ACCEPTED = "accepted", "Accepted by the mail server"
        REFUSED = "refused", "Refused by the mail server"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    week = models.DateField(help_text="The Monday of the week")
    state = models.CharField(max_length=8, choices=State, default=State.SENDING)
    token_hash = models.CharField(max_length=64, unique=True, help_text="Of the stop link in it")

    objects = ActionMailManager()

    goes_with = "user"  # see accounts/personal_data.py

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "week"], name="one_action_mail_a_week")]

    def __str__(self):
        return f"The mail about actions to {self.user_id} in the week of {self.week}"

    def mark(self, taken):
        """Keep whether the mail server took it."""
        self.state = self.State.ACCEPTED if taken else self.State.REFUSED
        self.save(update_fields=["state"])


class ActionMailStopManager(models.Manager):
    """`person.action_mail_stops`: one row, or none."""

    @transaction.atomic
    def stop(self):
        """Send this person no more of it. Twice is once."""
        _, made = self.get_or_create()
        if made:
            AuditEntry.objects.note("stopped_action_mail", by=self.instance)

    @transaction.atomic
    def start(self):
        """Send it again."""
        if self.all().delete()[0]:
            AuditEntry.objects.note("started_action_mail", by=self.instance)


class ActionMailStop(models.Model):
    """Somebody who wants no weekly mail about their actions, in any organisation."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="action_mail_stops")
    at = models.DateTimeField(default=timezone.now)

    objects = ActionMailStopManager()

    goes_with = "user"

    class Meta:
        constraints = [models.UniqueConstraint("user", name="one_action_mail_stop_each")]

    def __str__(self):
        return f"No mail about actions to {self.user_id}"
