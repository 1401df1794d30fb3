"""An invitation to an organisation: for one address, one role, once, for seven days."""

import uuid
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models.audit import AuditEntry
from accounts.models.membership import Membership
from accounts.models.organisation import Organisation
from accounts.models.user import User
from accounts.roles import RANK, Role
from accounts.tokens import hashed, new_token

LASTS = timedelta(days=7)


class InvitationQuerySet(models.QuerySet):
    def waiting(self):
        """Sent, and neither taken, taken back nor run out."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())

    def for_addresses(self, addresses):
        """Those sent to any of these addresses."""
        return self.filter(email__in=[address.lower() for address in addresses])

    def forget(self):
        """Take the address out, and let the link die. Returns how many there were."""
        now = timezone.now()
        self.filter(accepted_at=None, revoked_at=None).update(revoked_at=now)
        return self.update(email="erased@erased.invalid")

    def for_token(self, token):
        """Those that this private link opens: one or none."""
        return self.waiting().filter(token_hash=hashed(token))


class InvitationManager(models.Manager.from_queryset(InvitationQuerySet)):
    @transaction.atomic
    def invite(self, email, role, *, by, member_until=None):
        """`organisation.invitations.invite(...)`: a new invitation and the token of its link, which is kept nowhere.

        Raises ValidationError for a role above the inviter's and for an address that is invited or belongs here already.
        """
        organisation, email = self.instance, email.strip().lower()
        inviter = organisation.memberships.current().get(user=by)
        if RANK[role] > RANK[inviter.role]:
            raise ValidationError("You cannot invite somebody to a role above your own")
        if organisation.memberships.current().filter(user__email__iexact=email).exists():
            raise ValidationError(f"{email} belongs to this organisation already")
        if self.waiting().filter(email__iexact=email).exists():
            raise ValidationError(f"{email} has an invitation already: send it again instead")
        self.filter(email__iexact=email, accepted_at=None, revoked_at=None).update(revoked_at=timezone.now())  # those that have run out
        invitation = self.model(organisation=organisation, email=email, role=role, invited_by=by, member_until=member_until)
        token = invitation.renew()
        AuditEntry.objects.note("invited", by=by, organisation=organisation, invitation=str(invitation.public_id), role=role)
        return invitation, token


class Invitation(models.Model):
    """A lead's invitation of one address to one role."""

    class Delivery(models.TextChoices):
        NOT_SENT = "", "Not sent yet"
        ACCEPTED = "accepted", "Accepted by the mail server"
        REFUSED = "refused", "Refused by the mail server"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=11, choices=Role)
    member_until = models.DateField(null=True, blank=True, help_text="The last day of the membership, for somebody who comes to help")
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    delivery = models.CharField(max_length=8, choices=Delivery, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationManager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint("organisation", Lower("email"), condition=Q(accepted_at=None, revoked_at=None), name="one_open_invitation_each"),
        ]

    def __str__(self):
        return f"{self.email} to {self.organisation}"

    @property
    def is_waiting(self):
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > timezone.now()

    def renew(self):
        """Make a new link and let the old one die. Returns the token; only its hash is kept."""
        token = new_token()
        self.token_hash, self.expires_at, self.delivery = hashed(token), timezone.now() + LASTS, ""
        if self.pk is None:
            self.save()
        else:
            self._change_while_open(token_hash=self.token_hash, expires_at=self.expires_at, delivery="")
        return token

    def _change_while_open(self, **changes):
        """Change only what is named, and only if nobody has accepted or revoked it meanwhile."""
        if not Invitation.objects.filter(pk=self.pk, accepted_at=None, revoked_at=None).update(**changes):
            raise ValidationError("This invitation has been used or taken back already")

    def revoke(self, *, by):
        """Take it back."""
        self.revoked_at = timezone.now()
        self._change_while_open(revoked_at=self.revoked_at)
        AuditEntry.objects.note("revoked_invitation", by=by, organisation=self.organisation, invitation=str(self.public_id))

    @transaction.atomic
    def accept(self, *, by):
        """Join, once, as somebody whose verified address is the one invited. Raises ValidationError otherwise."""
        invitation = Invitation.objects.select_for_update().get(pk=self.pk)
        if not invitation.is_waiting:
            raise ValidationError("This invitation has been used, taken back or has run out: ask for a new one")
        inviter = invitation.organisation.memberships.current().filter(user=invitation.invited_by, user__is_active=True).first()
        if inviter is None or RANK[inviter.role] < RANK[invitation.role] or not inviter.can("invite"):
            raise ValidationError("Whoever invited you can no longer do so: ask a lead for a new invitation")
        if not by.has_verified(invitation.email):
            raise ValidationError("This invitation is for another e-mail address: sign in with that one")
        organisation = invitation.organisation
        membership, made = Membership.objects.get_or_create(
            user=by, organisation=organisation, defaults={"role": invitation.role, "ends_on": invitation.member_until}
        )
        if not made:  # a membership that had ended, or a request granted meanwhile: never a lower role than was held
            ended = membership.ends_on is not None and membership.ends_on < timezone.localdate()
            if ended or RANK[invitation.role] > RANK[membership.role]:
                membership.role, membership.ends_on = invitation.role, invitation.member_until
                membership.save()
        invitation.accepted_at = timezone.now()
        invitation.save()
        AuditEntry.objects.note("accepted_invitation", by=by, organisation=organisation, invitation=str(invitation.public_id), role=membership.role)
        return membership
