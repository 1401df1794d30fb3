"""Who wants no mail, by keyed hashes alone: it outlives the address, so that no list that is brought in later revives it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.tokens import hashed
from bulletin.addresses import hash_of


class SuppressionQuerySet(models.QuerySet):
    def in_force(self):
        return self.filter(lifted_at=None)

    def of(self, address):
        """Those that hold for the mailbox behind an address."""
        return self.in_force().filter(address_hash=hash_of(address))

    def for_addresses(self, addresses):
        return self.filter(address_hash__in={hash_of(address) for address in addresses})

    def forget(self):
        """The hash is what keeps us to their wish, so it stays. Returns how many lost something: none."""
        return 0

    def add(self, address_hash, *, never=False):
        """Keep that this mailbox wants no mail. Twice is once; the stronger wish stays."""
        held, _ = self.get_or_create(address_hash=address_hash, lifted_at=None, defaults={"never": never})
        if never and not held.never:
            self.filter(pk=held.pk).update(never=True)

    def lift(self, address):
        """Somebody who had unsubscribed has signed up and confirmed it."""
        self.of(address).filter(never=False).update(lifted_at=timezone.now())


class Suppression(models.Model):
    """A mailbox that wants no mail. `never`: not even the question whether it does. Else its owner can sign up again."""

    address_hash = models.CharField(max_length=64, db_index=True)
    never = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address_hash"], condition=Q(lifted_at=None), name="one_suppression_in_force")]

    def __str__(self):
        return f"Suppressed {self.address_hash[:8]}"


class FormerKeyManager(models.Manager):
    def keep(self, keys, address_hash):
        """Remember links that have gone out in mails: their unsubscribe works for ever, also after somebody has come back."""
        self.bulk_create([FormerKey(key_hash=hashed(key), address_hash=address_hash) for key in keys], ignore_conflicts=True)


class FormerKey(models.Model):
    """The hash of a private link that is in old mails, and of the mailbox they went to."""

    key_hash = models.CharField(max_length=64, unique=True)
    address_hash = models.CharField(max_length=64)

    objects = FormerKeyManager()

    def __str__(self):
        return f"A former link of {self.address_hash[:8]}"
