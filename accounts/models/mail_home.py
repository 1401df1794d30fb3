"""Where this database is at home, so that a restored copy of it mails nobody."""

from django.db import models


class MailHome(models.Model):
    """One row. A file outside the database holds the same; see accounts/mail.py."""

    key = models.CharField(max_length=64)
    serial = models.PositiveBigIntegerField(default=0, help_text="Goes up while the portal works: a backup has a smaller one")
    base_url = models.URLField(max_length=300)

    def __str__(self):
        return f"At home at {self.base_url}"
