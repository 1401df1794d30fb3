"""Who is asking: a person who signs in by e-mail."""

import unicodedata
import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


def one_line(text):
    """A name as one line of visible characters: a line break or a mark that turns the writing round could make a mail say another thing."""
    return " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text if unicodedata.category(c) != "Cf").split())


class UserManager(BaseUserManager):
    """Makes people; an e-mail address is one address however it is capitalised."""

    def create_user(self, email, password=None, **fields):
        if not email:
            raise ValueError("A user needs an e-mail address")
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
        user.emailaddress_set.create(email=user.email, primary=True, verified=True)  # whoever runs this vouches for the address
        return user

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # what the audit log knows a person by
    email = models.EmailField("e-mail address", unique=True, error_messages={"unique": "Somebody already has this e-mail address"})
    name = models.CharField(max_length=150, blank=True, help_text="As colleagues know them")
    is_staff = models.BooleanField("may use the admin", default=False)
    is_active = models.BooleanField("active", default=True, help_text="Untick this rather than deleting somebody who has left")
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_person_an_address", violation_error_message="Somebody already has this e-mail address")
        ]

    def __str__(self):
        return self.name or self.email

    def has_verified(self, email):
        """Have they shown that this address is theirs?"""
        return self.emailaddress_set.filter(email__iexact=email, verified=True).exists()

    def verified_addresses(self):
        """The addresses they have shown to be theirs."""
        return list(self.emailaddress_set.filter(verified=True).values_list("email", flat=True))

    @property
    def erased_address(self):
        """What stands in place of the address of somebody who has been erased."""
        return f"{self.public_id}@erased.invalid"

    def end_sessions(self, but=None):
        """Sign them out everywhere, or everywhere but in one session, at their next click."""
        for session in Session.objects.exclude(session_key=but).iterator():
            if session.get_decoded().get("_auth_user_id") == str(self.pk):
                session.delete()

    def save(self, *args, **kwargs):
        self.name = one_line(self.name)
        super().save(*args, **kwargs)

    def forget(self):
        """Leave a pseudonym where a person was."""
        self.email, self.name = self.erased_address, f"A person who has been erased ({str(self.public_id)[:8]})"
        self.is_active = self.is_staff = self.is_superuser = False
        self.set_unusable_password()
        self.save()
        self.groups.clear()
        self.user_permissions.clear()

    def get_full_name(self):
        return str(self)

    def get_short_name(self):
        return str(self)
