"""E-mail addresses: as they are kept, as they are counted, and what stands for one that is kept no more."""

import hashlib
import hmac
import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

LONGEST = 254
PLAIN = re.compile(r"[^\s\"<>(),:;\\\[\]@\x00-\x1f\x7f]+@[^\s\"<>(),:;\\\[\]@\x00-\x1f\x7f]+")
NO_ADDRESS = "Enter an e-mail address in the form name@example.org"


def as_kept(typed):
    """An address as it is kept: small letters, and a domain as mail servers write it. Raises ValidationError, in words.

    Quoted names, which hardly anybody has and which can hold anything, are refused.
    """
    text = typed.strip().lower()
    if not PLAIN.fullmatch(text):
        raise ValidationError(NO_ADDRESS)
    name, _, domain = text.rpartition("@")
    try:
        address = f"{name}@{domain.encode('idna').decode('ascii').lower()}"
        validate_email(address)
    except (UnicodeError, ValidationError) as error:
        raise ValidationError(NO_ADDRESS) from error
    if len(address) > LONGEST or not address.isascii():
        raise ValidationError(NO_ADDRESS)
    return address


def mailbox(address):
    """The mailbox behind an address, for counting: ann+news@example.org is ann@example.org's."""
    name, _, domain = address.lower().rpartition("@")
    return f"{name.partition('+')[0] or name}@{domain}"


def hash_of(address):
    """What stands for the mailbox behind an address once the address is gone. Nobody finds the address from it without SUPPRESSION_KEY."""
    return keyed("address", mailbox(address))


def keyed(kind, text):
    return hmac.new(settings.SUPPRESSION_KEY.encode(), f"{kind} {text}".encode(), hashlib.sha256).hexdigest()
