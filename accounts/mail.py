"""Mail on one's own machine: each message is a file in var/mail/, for whoever tries the portal to open."""

import re
from email.utils import parseaddr

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone


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
