"""A subscriber: an address whose owner has said that they want mail, what they want, and with which words they said it."""

from datetime import timedelta

from django.db import models, transaction
from django.utils import timezone

from accounts.tokens import hashed, new_token
from bulletin.models.sign_up import SignUp
from bulletin.models.suppression import FormerKey, Suppression

MOST_REFUSALS = 3  # in a row, of the address for good: then we stop
KEPT_STOPPED = timedelta(days=90)
MOST_ALERTS = 20


class Frequency(models.TextChoices):
    WEEKLY = "weekly", "Once a week"
    MONTHLY = "monthly", "Once a month"
    NONE = "", "Not at all: only the searches I watch"


class SubscriberQuerySet(models.QuerySet):
    def getting_mail(self):
        """Those whose address has not been refused time and again."""
        return self.filter(stopped_at=None)

    def for_edition(self, edition):
        """Whom an edition goes to: weekly, monthly, or both."""
        frequencies = [Frequency.WEEKLY, Frequency.MONTHLY] if edition == "both" else [edition]
        return self.getting_mail().filter(frequency__in=frequencies)

    def with_alerts(self):
        return self.getting_mail().filter(alerts__isnull=False).distinct()

    def long_stopped(self):
        """Addresses that no mail has reached for long: nothing is kept of them."""
        return self.filter(stopped_at__lt=timezone.now() - KEPT_STOPPED)

    def for_addresses(self, addresses):
        return self.filter(email__in=[address.lower() for address in addresses])

    def forget(self):
        """Take them out, so that no list revives them. Returns how many there were."""
        rows = list(self)
        for subscriber in rows:
            leave(subscriber.key)
        return len(rows)

    @transaction.atomic
    def confirm(self, sign_up):
        """The owner of an address says yes: subscribed as they asked. Twice is once. Returns the subscriber."""
        subscriber, made = self.get_or_create(email=sign_up.email, defaults={"key": sign_up.key, "address_hash": sign_up.address_hash})
        if sign_up.confirmed_at and not made:
            return subscriber
        kept = True
        if sign_up.search:
            kept = subscriber.alerts.watch(sign_up.search)
        else:
            subscriber.frequency, subscriber.topics = sign_up.frequency, sign_up.topics
        subscriber.refusals, subscriber.stopped_at = 0, None
        subscriber.save()
        if not made:
            FormerKey.objects.keep([sign_up.key], subscriber.address_hash)
        now = timezone.now()
        if kept:
            subscriber.consents.create(
                words=sign_up.words, words_version=sign_up.words_version, page=sign_up.page, asked_at=sign_up.at, confirmed_at=now, search=sign_up.search
            )
        Suppression.objects.lift(sign_up.email)
        SignUp.objects.filter(pk=sign_up.pk).update(confirmed_at=now)
        return subscriber


class Subscriber(models.Model):
    """Somebody who gets the bulletin, is told of what is new in searches, or both. Unsubscribing deletes the row."""

    email = models.EmailField(max_length=254, unique=True)
    address_hash = models.CharField(max_length=64, db_index=True)
    key = models.CharField(max_length=22, unique=True, default=new_token, help_text="The secret part of the links in their mails, for good")
    frequency = models.CharField(max_length=7, choices=Frequency, blank=True, default=Frequency.NONE)
    topics = models.JSONField(default=dict, blank=True, help_text="Nothing is everything")
    since = models.DateTimeField(default=timezone.now)
    refusals = models.PositiveSmallIntegerField(default=0, help_text="How often in a row a mail server has said that there is no such address")
    stopped_at = models.DateTimeField(null=True, blank=True)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["frequency"], name="subscriber_frequency")]

    def __str__(self):
        return f"Subscriber {self.pk}"

    def count_refusal(self):
        """A mail server says that there is no such address; after a few times we believe it."""
        self.refusals += 1
        self.stopped_at = timezone.now() if self.refusals >= MOST_REFUSALS else None
        Subscriber.objects.filter(pk=self.pk).update(refusals=self.refusals, stopped_at=self.stopped_at)

    def reached(self):
        if self.refusals:
            Subscriber.objects.filter(pk=self.pk).update(refusals=0)

    @transaction.atomic
    def erase(self):
        """Delete all we hold, the hash too that would keep their wish for good."""
        SignUp.objects.filter(email=self.email).forget()
        self.delete()


@transaction.atomic
def leave(key, *, never=False):
    """End every mail to the owner of a private link, and delete their address. A link that we do not know, or that was used, does nothing."""
    known = Subscriber.objects.filter(key=key).first() or SignUp.objects.filter(key=key).first()
    former = None if known else FormerKey.objects.filter(key_hash=hashed(key)).first()
    if not (known or former):
        return
    address_hash = (known or former).address_hash
    theirs = Subscriber.objects.filter(email=known.email) if known and known.email else Subscriber.objects.filter(address_hash=address_hash)
    if never:
        theirs = Subscriber.objects.filter(address_hash=address_hash)
    asked = SignUp.objects.filter(address_hash=address_hash)
    if theirs or never or (known and known.email):
        Suppression.objects.add(address_hash, never=never)
    FormerKey.objects.keep([*theirs.values_list("key", flat=True), *asked.values_list("key", flat=True)], address_hash)
    asked.forget()
    theirs.delete()


class OfSubscribers(models.QuerySet):
    """Rows that belong to a subscriber."""

    def for_addresses(self, addresses):
        return self.filter(subscriber__email__in=[address.lower() for address in addresses])

    def forget(self):
        return self.delete()[0]


class Consent(models.Model):
    """When, with which words and from where somebody agreed to be mailed."""

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="consents")
    words = models.TextField()
    words_version = models.CharField(max_length=40)
    page = models.CharField(max_length=200)
    search = models.CharField(max_length=2000, blank=True)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField()

    objects = OfSubscribers.as_manager()

    def __str__(self):
        return f"A consent of {self.confirmed_at:%d %B %Y}"


class AlertManager(models.Manager.from_queryset(OfSubscribers)):
    def watch(self, search):
        """`subscriber.alerts.watch(...)`: watch a search from now on. Twice is once, and more than so many are not kept. Is it watched?"""
        if self.filter(search=search).exists() or self.count() < MOST_ALERTS:
            self.get_or_create(search=search)
            return True
        return False


class Alert(models.Model):
    """A list of resources that somebody watches, as its address says it."""

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="alerts")
    search = models.CharField(max_length=2000)
    seen_until = models.DateTimeField(default=timezone.now, help_text="What was published up to here is not new to them")

    objects = AlertManager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["subscriber", "search"], name="one_alert_a_search")]

    def __str__(self):
        return f"Alert {self.pk}"
