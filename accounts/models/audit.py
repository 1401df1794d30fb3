"""The audit log: who did what, when. The database itself refuses to change or delete a row; see accounts/triggers.py."""

from django.db import models


class AuditQuerySet(models.QuerySet):
    def note(self, verb, *, by, organisation=None, subject=None, **detail):
        """Write a line. It holds opaque ids and no name, so that erasing a person changes no row."""
        return self.create(verb=verb, actor=by.public_id if by else None, organisation=organisation, subject=subject.public_id if subject else None, detail=detail)


class AuditEntry(models.Model):
    """One thing that one person did."""

    VERBS = {
        "asked_to_join": "asked to join",
        "joined_by_domain": "joined as a viewer by their e-mail domain",
        "granted_request": "let {subject} in",
        "declined_request": "declined the request of {subject}",
        "invited": "invited somebody",
        "resent_invitation": "sent an invitation again",
        "revoked_invitation": "took an invitation back",
        "accepted_invitation": "accepted an invitation",
        "changed_role": "changed the role of {subject}",
        "removed_person": "removed {subject}",
        "left": "left",
        "handed_over": "handed the lead over to {subject}",
        "added_domain": "let an e-mail domain join",
        "removed_domain": "stopped an e-mail domain from joining",
        "proposed_merger": "proposed a merger",
        "approved_merger": "approved a merger",
        "undid_merger": "undid a merger",
        "shared_after_merger": "shared submitted work with the successor",
        "imported_organisations": "imported organisations",
        "exported_log": "exported the log",
    }

    at = models.DateTimeField(auto_now_add=True)
    actor = models.UUIDField(null=True)
    verb = models.CharField(max_length=30)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, null=True, related_name="log")
    subject = models.UUIDField(null=True)
    detail = models.JSONField(default=dict)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "audit entries"

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb}"
