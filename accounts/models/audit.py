"""The audit log: who did what, when. The database itself refuses to change or delete a row; see accounts/triggers.py."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models

from accounts.models.user import User


@dataclass
class Line:
    """A line of the log as people read it."""

    at: datetime
    who: str
    number: str  # the beginning of the actor's opaque id: a name can be changed, this cannot
    what: str
    detail: str


class AuditQuerySet(models.QuerySet):
    def in_words(self, entries):
        """The entries as lines to read: names are looked up now, in one query, and somebody erased has none."""
        entries = list(entries)
        ids = {i for entry in entries for i in (entry.actor, entry.subject) if i}
        names = {user.public_id: str(user) for user in User.objects.filter(public_id__in=ids)} if ids else {}

        def name(i):
            return names.get(i) or (f"somebody who has been erased ({str(i)[:8]})" if i else "the portal's operator")

        return [
            Line(
                e.at,
                name(e.actor),
                str(e.actor or "")[:8],
                AuditEntry.VERBS[e.verb].format(subject=name(e.subject)),
                ", ".join(f"{k}: {v}" for k, v in e.detail.items() if k not in ("invitation", "rater")),
            )
            for e in entries
        ]


class AuditManager(models.Manager.from_queryset(AuditQuerySet)):
    def note(self, verb, *, by, organisation=None, subject=None, **detail):
        """Write a line; `organisation.log.note(...)` writes it into that organisation's log. It holds opaque ids and no name, so that erasing a
        person changes no row."""
        if verb not in AuditEntry.VERBS:
            raise ValueError(f"the log has no verb {verb!r}")
        return self.create(
            verb=verb, actor=by.public_id if by else None, organisation=organisation, subject=subject.public_id if subject else None, detail=detail
        )


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
        "made_curator": "made {subject} a curator, from the server",
        "imported_organisations": "imported organisations",
        "exported_log": "exported the log",
        "started_round": "started a round of the self-assessment",
        "changed_groups": "changed the groups of a round",
        "asked_raters": "put people on the list of a round",
        "sent_links": "sent private links to raters",
        "reminded_raters": "reminded raters who had not finished",
        "copied_link": "copied a rater's private link",
        "replaced_rater": "replaced a rater",
        "removed_rater": "took a rater off the list",
        "printed_sheets": "made paper sheets",
        "voided_sheet": "made a paper sheet void",
        "extended_round": "gave raters until another day",
        "closed_round": "closed a round",
        "reopened_round": "reopened a round",
        "abandoned_round": "abandoned a round",
        "imported_framework": "imported a framework of the self-assessment",
        "published_framework": "published a framework of the self-assessment",
        "agreeing_round": "opened the ratings and began agreement",
        "agreed_answer": "wrote an agreed answer",
        "accepted_answers": "accepted answers on which all were within one level",
        "chose_priorities": "chose what matters most",
        "submitted_result": "submitted a result",
        "again_round": "reopened a submitted result",
        "added_action": "added an action",
        "changed_action": "changed an action",
        "noted_action": "wrote a note to an action",
        "made_action_feed": "made a private link to a calendar of the actions",
        "revoked_action_feed": "revoked a private link to a calendar of the actions",
        "stopped_action_mail": "stopped their weekly mail about actions",
        "started_action_mail": "started their weekly mail about actions again",
        "made_reading_link": "made a link to read a result",
        "revoked_reading_link": "revoked a link to read a result",
    }

    at = models.DateTimeField(auto_now_add=True)
    actor = models.UUIDField(null=True)
    verb = models.CharField(max_length=30)
    organisation = models.ForeignKey("accounts.Organisation", models.PROTECT, null=True, related_name="log")
    subject = models.UUIDField(null=True)
    detail = models.JSONField(default=dict)

    objects = AuditManager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "audit entries"

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb}"
