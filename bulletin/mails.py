"""The bulletin's mails: HTML and text, one recipient each, whatever is personal put in last.

What a mail says is drawn and encoded once for all who get the same; a recipient's copy differs in four places, which are put in
as bytes. So a mail costs a small part of a millisecond, and nothing typed by anybody can add a header: what goes in is checked.
"""

import functools
import re
from email import message_from_bytes, policy
from email.utils import format_datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.letters import link, whole_subject
from accounts.tokens import new_token
from bulletin.addresses import PLAIN

KEY = "YOUR-PRIVATE-KEY-HERE-"  # as long as one, and none
TO, MESSAGE_ID, DATE = "recipient@placeholder.invalid", "<message-id@placeholder.invalid>", "Thu, 01 Jan 1970 00:00:00 +0000"
LARGEST = 100_000  # bytes of a whole mail
LONGEST_SUMMARY = 400


class TooLarge(Exception):
    """A mail of more than 100 KB, which mail programs cut off."""


class Mould:
    """What all get who get the same mail: `mould.for_one(address, key)` is a recipient's copy."""

    def __init__(self, template, subject, *, whole=True, **context):
        self.subject = whole_subject(subject) if whole else " ".join(subject.split())
        context = {"subject": self.subject, "links": links(), "contact": settings.CONTACT_EMAIL, "operator": settings.OPERATOR, **context}
        self.text = tidied(render_to_string(f"mail/{template}.txt.jinja", context))
        self.html = render_to_string(f"mail/{template}.html.jinja", context)
        self.raw = self._encoded()
        if len(self.raw) > LARGEST:
            raise TooLarge

    def _encoded(self):
        message = EmailMultiAlternatives(
            self.subject, self.text, to=[TO], headers={**list_headers(), "Message-ID": MESSAGE_ID, "Date": DATE, "Auto-Submitted": "auto-generated"}
        )
        message.attach_alternative(self.html, "text/html")
        return message.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django’s own takes it

    def for_one(self, address, key):
        """One recipient's copy. An address or a key that could be anything else is an error here, and never a header."""
        if not (PLAIN.fullmatch(address) and address.isascii() and re.fullmatch(r"[\w-]{22}", key, re.ASCII)):
            raise ValueError("not an address, or not a key")
        own = {KEY: key, TO: address, MESSAGE_ID: f"<{new_token()}.bulletin@{host()}>", DATE: format_datetime(timezone.now())}
        raw = self.raw
        for placeholder, value in own.items():
            raw = raw.replace(placeholder.encode(), value.encode())
        return Ready(self.subject, self.text.replace(KEY, key), address, raw)


class Ready(EmailMessage):
    """A mail that is encoded already, for any of Django's mail backends."""

    def __init__(self, subject, text, address, raw):
        super().__init__(subject, text, to=[address])
        self.raw = raw

    def message(self):
        return Encoded(self.raw)


class Encoded:
    """What Django's backends ask of a message; parsed only where somebody wants to look at it."""

    def __init__(self, raw):
        self.raw = raw

    def as_bytes(self, unixfrom=False, linesep="\n"):
        return self.raw if linesep == "\r\n" else self.raw.replace(b"\r\n", b"\n")

    @functools.cached_property
    def parsed(self):
        return message_from_bytes(self.raw, policy=policy.default)

    def __getattr__(self, name):
        return getattr(self.parsed, name)

    def __getitem__(self, name):
        return self.parsed[name]


def links():
    """The private pages of a mail's owner, the key still to be put in."""
    return {name: link(f"bulletin:{name}", KEY) for name in ("unsubscribe", "preferences", "confirm")}


def list_headers():
    """What mail programs need to offer one press that ends it (RFC 8058), and to sort it (RFC 2919)."""
    return {
        "List-Unsubscribe": f"<{link('bulletin:unsubscribe', KEY)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<bulletin.{host()}>",
    }


def host():
    return urlsplit(settings.BASE_URL).hostname


def tidied(text):
    """A mail's text with no more than one blank line on end."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def short(summary):
    """A summary of a length that a mail can hold."""
    if len(summary) <= LONGEST_SUMMARY:
        return summary
    return summary[:LONGEST_SUMMARY].rsplit(" ", 1)[0] + " …"
