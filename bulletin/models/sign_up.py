"""An address that somebody typed, until its owner has confirmed it; and the caps, so that the form bombs nobody's mailbox."""

from datetime import timedelta

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from accounts.tokens import new_token
from bulletin import consent
from bulletin.addresses import hash_of, keyed

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LASTS = timedelta(days=7)
EACH_CLIENT, IN_ALL = 5, 200  # an hour
IMPORTED = 100  # an hour: half of the mails are kept for people who ask just now
MOST_TRIES = 5


class TooMany(Exception):
    """No more confirmations just now. `until` is when there may be."""

    def __init__(self, until):
        super().__init__(until)
        self.until = until


class Gate(models.Model):
    """One row: whoever holds it counts and adds, everybody else waits a moment. So fifty at once are counted as one after the other."""

    passed = models.PositiveBigIntegerField(default=0)

    def __str__(self):
        return "The gate of sign-ups"

    @classmethod
    def hold(cls):
        """Keep the row locked until the transaction ends."""
        if not cls.objects.filter(pk=1).update(passed=F("passed") + 1):
            cls.objects.get_or_create(pk=1)
            cls.objects.filter(pk=1).update(passed=F("passed") + 1)


class SignUpQuerySet(models.QuerySet):
    def asked_since(self, moment):
        """Whatever may have made a mail; what is imported counts from when its mail is due."""
        return self.filter(at__gt=moment).exclude(state=SignUp.State.QUEUED)

    def past(self):
        """Not confirmed within seven days, or confirmed before that: there is no more use for it."""
        return self.filter(at__lte=timezone.now() - LASTS).exclude(state=SignUp.State.QUEUED)

    def open(self):
        """Those whose link works."""
        return self.filter(at__gt=timezone.now() - LASTS).exclude(email="")

    def unsent(self):
        """Mails that should have gone by now: no worker was there, or the mail server was not."""
        return self.filter(state=SignUp.State.WAITING, at__lt=timezone.now() - timedelta(minutes=2), tries__lt=MOST_TRIES).exclude(email="")

    def for_addresses(self, addresses):
        return self.filter(email__in=[address.lower() for address in addresses])

    def forget(self):
        """Take the addresses out. The hashes stay for a week, for the caps."""
        return self.update(email="")

    @transaction.atomic
    def tidy_away(self):
        """Delete them. Of those whose owner subscribes, the unsubscribe link in their mail works on."""
        from bulletin.models import FormerKey, Subscriber  # they are made of this

        theirs = self.filter(address_hash__in=Subscriber.objects.values("address_hash")).values_list("key", "address_hash")
        for key, address_hash in theirs:
            FormerKey.objects.keep([key], address_hash)
        self.delete()

    def ask(self, email, *, client, once, frequency="", topics=None, search="", page=""):
        """Keep that somebody asked, and whether a mail may go. Raises TooMany. The same form sent again is the same request.

        What is done here is the same for every address, whoever it belongs to: the rest happens in the background.
        """
        now, client_hash, address_hash = timezone.now(), keyed("client", client), hash_of(email)
        with transaction.atomic():
            Gate.hold()
            before = self.filter(once=once).first()
            if before:
                return before
            recent = self.asked_since(now - HOUR)
            _refuse_above(EACH_CLIENT, recent.filter(client_hash=client_hash))
            _refuse_above(IN_ALL, recent)
            had = self.asked_since(now - DAY).filter(address_hash=address_hash).exclude(state=SignUp.State.CAPPED).exists()
            return self.create(
                email=email, address_hash=address_hash, client_hash=client_hash, once=once, at=now, frequency=frequency, topics=topics or {}, search=search,
                state=SignUp.State.CAPPED if had else SignUp.State.WAITING, page=page, words=consent.words(search), words_version=consent.VERSION,
            )  # fmt: skip

    def queue(self, addresses, *, page):
        """Keep addresses that were brought in from a list: each is asked by mail, in its turn, and subscribed by nobody but its owner."""
        self.bulk_create(
            [
                SignUp(email=email, address_hash=hash_of(email), once=new_token(), state=SignUp.State.QUEUED, page=page, frequency="weekly",
                       words=consent.BULLETIN, words_version=consent.VERSION)
                for email in addresses
            ],
            batch_size=500,
        )  # fmt: skip

    def release(self):
        """Let some of those brought in have their mail, within the caps. Returns them."""
        now = timezone.now()
        with transaction.atomic():
            Gate.hold()
            recent = self.asked_since(now - HOUR)
            room = min(IMPORTED - recent.filter(client_hash="").count(), IN_ALL - recent.count())
            rows = list(SignUp.objects.filter(state=SignUp.State.QUEUED).exclude(email="").order_by("pk")[: max(room, 0)])
            had = set(self.asked_since(now - DAY).exclude(state=SignUp.State.CAPPED).values_list("address_hash", flat=True))
            for row in rows:
                row.state, row.at = SignUp.State.CAPPED if row.address_hash in had else SignUp.State.WAITING, now
                had.add(row.address_hash)
            SignUp.objects.bulk_update(rows, ["state", "at"])
        return rows


def _refuse_above(most, recent):
    newest = list(recent.order_by("-at").values_list("at", flat=True)[:most])
    if len(newest) >= most:
        raise TooMany(newest[-1] + HOUR)


class SignUp(models.Model):
    """Somebody asked for mail to an address. Nothing more goes there until its owner has confirmed it."""

    class State(models.TextChoices):
        QUEUED = "queued", "Brought in from a list, to be asked in its turn"
        WAITING = "waiting", "Its mail waits to be sent"
        SENDING = "sending", "Its mail is being sent"
        ACCEPTED = "accepted", "Its mail was accepted by the mail server"
        REFUSED = "refused", "Its mail was refused by the mail server"
        CAPPED = "capped", "No mail: one had gone that day"
        UNWANTED = "unwanted", "No mail: the address wants none"

    email = models.EmailField(max_length=254, blank=True, help_text="Blank once its owner has said no")
    address_hash = models.CharField(max_length=64, db_index=True)
    client_hash = models.CharField(max_length=64, blank=True)
    key = models.CharField(max_length=22, unique=True, default=new_token, help_text="The secret part of the link in its mail")
    once = models.CharField(max_length=64, unique=True, help_text="Which form it came by, so that a form sent twice counts once")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now, db_index=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    frequency = models.CharField(max_length=7, blank=True)
    topics = models.JSONField(default=dict, blank=True)
    search = models.CharField(max_length=2000, blank=True, help_text="For an alert: the list it watches, as in its address")
    page = models.CharField(max_length=200, help_text="Where it was asked for")
    words = models.TextField(help_text="What was agreed to, as it stood there")
    words_version = models.CharField(max_length=40)

    objects = SignUpQuerySet.as_manager()

    class Meta:
        verbose_name = "sign-up"
        indexes = [models.Index(fields=["client_hash", "at"], name="sign_up_client")]

    def __str__(self):
        return f"A sign-up of {self.at:%d %B %Y}"

    def claim(self):
        """Be the only one to send its mail."""
        waiting = SignUp.objects.filter(pk=self.pk, state=self.State.WAITING).exclude(email="")
        return bool(waiting.update(state=self.State.SENDING, tries=F("tries") + 1))

    def mark(self, state):
        SignUp.objects.filter(pk=self.pk).update(state=state)
