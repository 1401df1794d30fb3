"""One mail to one subscriber: claimed before it goes and marked after, so that none goes twice, and one of which nobody knows says so."""

from datetime import timedelta

from django.db import models
from django.db.models import Count, F, Q
from django.utils import timezone

UNSURE_AFTER = timedelta(minutes=3)  # no mail takes so long: whoever was sending it was killed
SOON = timedelta(minutes=15)
MOST_TRIES = 6


class DeliveryQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(state=Delivery.State.WAITING)

    def ready(self):
        """What can go now, so many and in order; the subscriber with each."""
        return self.waiting().filter(Q(retry_at=None) | Q(retry_at__lte=timezone.now())).select_related("subscriber").order_by("pk")

    def uncertain(self):
        """Begun, and nobody knows whether the mail server took it: the line broke, or the sender was killed."""
        killed = Q(state=Delivery.State.SENDING, claimed_at__lt=timezone.now() - UNSURE_AFTER)
        return self.filter(killed | Q(state=Delivery.State.UNCERTAIN))

    def drop_leavers(self):
        """Whoever has unsubscribed since gets nothing."""
        return self.waiting().filter(subscriber=None).update(state=Delivery.State.LEFT)

    def counts(self):
        """{state: how many}; those of a killed sender are uncertain."""
        found = dict(self.order_by().values_list("state").annotate(Count("pk")))
        killed = self.uncertain().filter(state=Delivery.State.SENDING).count()
        if killed:
            found[Delivery.State.SENDING] -= killed
            found[Delivery.State.UNCERTAIN] = found.get(Delivery.State.UNCERTAIN, 0) + killed
        return {state: found.get(state, 0) for state in Delivery.State.values}


class Delivery(models.Model):
    """An issue's mail to a subscriber, or a week's mail about the searches they watch. It holds no address."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Being sent"
        ACCEPTED = "accepted", "Accepted by the mail server"
        REFUSED = "refused", "Refused by the mail server"
        UNCERTAIN = "uncertain", "Uncertain: begun, and nobody knows whether it went"
        NOTHING = "nothing", "Not sent: nothing of their topics"
        LEFT = "left", "Not sent: unsubscribed meanwhile"

    issue = models.ForeignKey("bulletin.Issue", models.CASCADE, null=True, related_name="deliveries")
    week = models.DateField(null=True, help_text="Of a mail about searches: the Monday of its week")
    subscriber = models.ForeignKey("bulletin.Subscriber", models.SET_NULL, null=True, related_name="deliveries")
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    reply = models.PositiveSmallIntegerField(null=True, help_text="The mail server’s last code")
    made_at = models.DateTimeField(default=timezone.now)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [models.Index(fields=["issue", "state"], name="delivery_issue_state"), models.Index(fields=["week", "state"], name="delivery_week_state")]
        constraints = [
            models.UniqueConstraint(fields=["issue", "subscriber"], name="one_delivery_an_issue"),
            models.UniqueConstraint(fields=["week", "subscriber"], name="one_delivery_a_week"),
            models.CheckConstraint(condition=Q(issue=None, week__isnull=False) | Q(issue__isnull=False, week=None), name="delivery_of_an_issue_or_a_week"),
        ]

    def __str__(self):
        return f"Delivery {self.pk}"

    def claim(self):
        """Be the only one to send it. None can where another sender has it, or its subscriber has left."""
        mine = Delivery.objects.filter(pk=self.pk, state=self.State.WAITING, subscriber__isnull=False)
        return bool(mine.update(state=self.State.SENDING, claimed_at=timezone.now(), tries=F("tries") + 1))

    def mark(self, state, reply=None):
        Delivery.objects.filter(pk=self.pk).update(state=state, reply=reply)

    def put_back(self, reply=None, *, at_once=False):
        """Try again later; at once where only the line broke. After some tries it counts as refused."""
        tries = self.tries + 1
        if tries >= MOST_TRIES:
            return self.mark(self.State.REFUSED, reply)
        wait = timedelta() if at_once and tries < MOST_TRIES // 2 else SOON * tries
        Delivery.objects.filter(pk=self.pk).update(state=self.State.WAITING, reply=reply, retry_at=timezone.now() + wait)
