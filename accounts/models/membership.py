"""Who belongs to which organisation, and what their role lets them do."""

import uuid

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models.audit import AuditEntry
from accounts.models.organisation import Organisation
from accounts.models.user import User
from accounts.roles import RANK, VERBS, WHEN_CLOSED, Role


class MembershipQuerySet(models.QuerySet):
    def current(self):
        """Not ended as of today: the end date is the last day."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=timezone.localdate()))


class Membership(models.Model):
    """A person's place in an organisation. Their role says which verbs; the organisation says which rows."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=11, choices=Role)
    ends_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["role", "pk"]
        constraints = [models.UniqueConstraint("user", "organisation", name="one_membership_each")]

    def __str__(self):
        return f"{self.user}, {self.get_role_display().lower()} of {self.organisation}"

    def can(self, verb):
        """May this person do it here? A closed organisation can only be read, and its last lead can still share its work."""
        return verb in VERBS[self.role] and (self.organisation.is_open or verb in WHEN_CLOSED)

    @property
    def is_last_lead(self):
        return self.role == Role.LEAD and not self.organisation.leads().exclude(pk=self.pk).exists()

    @transaction.atomic
    def change_role(self, role, *, by):
        """Give another role, from the next request on in every session. The last lead stays lead; nobody raises themselves."""
        self._lock()
        if self.user == by and RANK[role] > RANK[self.role]:
            raise ValidationError("Nobody can give themselves a higher role")
        if self.role == Role.LEAD and role != Role.LEAD and self.is_last_lead:
            raise ValidationError("The last lead cannot give the role up: make somebody else a lead first")
        before, self.role = self.role, role
        self.save()
        AuditEntry.objects.note("changed_role", by=by, organisation=self.organisation, subject=self.user, **{"from": before, "to": role})

    @transaction.atomic
    def remove(self, *, by):
        """End the membership at once. The last lead cannot be removed, nor leave."""
        self._lock()
        if self.is_last_lead:
            raise ValidationError("The last lead cannot leave: hand over to somebody else first")
        AuditEntry.objects.note("left" if self.user == by else "removed_person", by=by, organisation=self.organisation, subject=self.user, role=self.role)
        self.delete()

    @transaction.atomic
    def hand_over(self, other, *, by):
        """Make another member the lead and become a contributor, in one step."""
        self._lock()
        other = self.organisation.memberships.current().filter(pk=other.pk, user__is_active=True).exclude(pk=self.pk).first()
        if self.role != Role.LEAD or other is None:
            raise ValidationError("Choose another member of this organisation who can sign in")
        other.role, self.role = Role.LEAD, Role.CONTRIBUTOR
        other.ends_on = None
        other.save()
        self.save()
        AuditEntry.objects.note("handed_over", by=by, organisation=self.organisation, subject=other.user)

    def _lock(self):
        """Let nobody else change this organisation's leads until we are done: two leads leaving at once would leave none."""
        Organisation.objects.select_for_update().get(pk=self.organisation_id)
        self.refresh_from_db()
