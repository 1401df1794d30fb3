"""How mail leaves: to a mail server, unless this database is a restored copy; on one's own machine, to files in var/mail/.

A copy of the database on another machine, or an old backup put back, would mail people again what they have had. So the database
says where it is at home, and a file that no backup holds (MAIL_HOME) says the same. Where the two do not agree, nothing is sent
until somebody runs `manage.py allow_mail`.
"""

import json
import re
from email.utils import parseaddr
from smtplib import SMTPException

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import MailHome
from accounts.tokens import new_token

MAIL_HELD = "This database is a restored copy, so no mail is sent. When this is the portal that people use, run python manage.py allow_mail"


class MailHeld(SMTPException):
    """No mail leaves a restored copy."""


class ServerBackend(EmailBackend):
    """Django's own, which first asks whether this database is at home here."""

    def open(self):
        if is_held():
            raise MailHeld(MAIL_HELD)
        settle()
        return super().open()


def is_held():
    """Is this database a copy that was restored, from an older moment or to another place? Where neither row nor file is there yet, it is at home.

    A backup from before the first mail has no row, and the file is still there. On one's own machine mail goes to nobody, so nothing is held.
    """
    if settings.MAIL_IS_LOCAL:
        return False
    home, there = MailHome.objects.first(), settings.MAIL_HOME.exists()
    if home is None or not there:
        return home is not None or there
    file = _read_file()
    return file is None or file["key"] != home.key or file["serial"] > home.serial or home.base_url != _here()


def bump():
    """Say, from time to time, that the portal works here: a backup taken before this moment is older than the file."""
    if not is_held():
        settle()
        MailHome.objects.update(serial=F("serial") + 1)
        _write_file(MailHome.objects.get())


@transaction.atomic
def allow():
    """Make this the database's home from now on."""
    file = _read_file() or {"serial": 0}
    home, _ = MailHome.objects.update_or_create(pk=1, defaults={"key": new_token(), "serial": file["serial"] + 1, "base_url": _here()})
    _write_file(home)


def settle():
    """Be at home here, unless this database has a home."""
    with transaction.atomic():
        home, made = MailHome.objects.get_or_create(pk=1, defaults={"key": new_token(), "base_url": _here()})
    if made:
        _write_file(home)


def _here():
    """Where this portal is: its address, but on one's own machine no port, which changes from start to start."""
    return "http://127.0.0.1" if settings.LOCAL else settings.BASE_URL


def _read_file():
    try:
        held = json.loads(settings.MAIL_HOME.read_text())
        return {"key": str(held["key"]), "serial": int(held["serial"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_file(home):
    beside = settings.MAIL_HOME.with_name(f"{settings.MAIL_HOME.name}.new")
    beside.write_text(json.dumps({"key": home.key, "serial": home.serial}))
    beside.replace(settings.MAIL_HOME)


class FolderBackend(BaseEmailBackend):
    """Writes each message to a file named by its moment, its recipient and its subject."""

    def send_messages(self, messages):
        settings.MAIL_FOLDER.mkdir(exist_ok=True)
        for message in messages:
            to = parseaddr(message.to[0] if message.to else "")[1] or "nobody"
            name = "-".join(re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-")[:60] for part in (to, message.subject))
            path = settings.MAIL_FOLDER / f"{timezone.localtime():%Y%m%d-%H%M%S-%f}-{name}.eml"
            path.touch(mode=0o600)  # it may hold a link that signs somebody in
            path.write_bytes(message.message().as_bytes())
        return len(messages)
