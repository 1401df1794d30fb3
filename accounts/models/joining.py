"""Asking to join: the leads decide; where there is none yet, an administrator does."""

import uuid

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.kinds import REGION
from accounts.models.audit import AuditEntry
from accounts.models.membership import Membership
from accounts.models.organisation import Organisation
from accounts.models.user import User
from accounts.roles import RANK, Role
from accounts.shared_domains import is_shared


class JoinRequestQuerySet(models.QuerySet):
    def waiting(self):
        """Not decided yet."""
        return self.filter(decided_at=None)

    def for_first_lead(self):
        """Waiting at an organisation that nobody leads: an administrator's to decide."""
        led = Membership.objects.current().filter(role=Role.LEAD).values("organisation")
        return self.waiting().exclude(organisation__in=led)


class JoinRequestManager(models.Manager.from_queryset(JoinRequestQuerySet)):
    @transaction.atomic
    def ask(self, organisation, *, by, note=""):
        """`user.join_requests.ask(...)`: ask, or join at once where the organisation lets the domain of a verified address in.

        Returns the membership or the request. Raises ValidationError for a closed organisation, a member, and a second request.
        """
        if not organisation.is_open or organisation.kind == REGION:
            raise ValidationError("Nobody can join this organisation: it is closed")
        if organisation.memberships.current().filter(user=by).exists():
            raise ValidationError("You belong to this organisation already")
        if self.waiting().filter(organisation=organisation).exists():
            raise ValidationError("You have asked to join this organisation already: we will e-mail you when somebody has decided")
        domains = {email.rpartition("@")[2].lower() for email in by.verified_addresses()}
        removed = organisation.log.filter(verb="removed_person", subject=by.public_id).exists()  # a lead decides whether they come back
        if not removed and organisation.join_domains.filter(domain__in=domains).exists():
            membership, _ = Membership.objects.update_or_create(user=by, organisation=organisation, defaults={"role": Role.VIEWER, "ends_on": None})
            AuditEntry.objects.note("joined_by_domain", by=by, organisation=organisation)
            return membership
        request = self.create(user=by, organisation=organisation, note=note)
        AuditEntry.objects.note("asked_to_join", by=by, organisation=organisation)
        return request


class JoinRequest(models.Model):
    """A person asks to belong to an organisation."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="join_requests")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="join_requests")
    note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    granted = models.BooleanField(null=True)

    objects = JoinRequestManager()

    class Meta:
        ordering = ["created_at"]
        constraints = [models.UniqueConstraint("user", "organisation", condition=Q(decided_at=None), name="one_open_request_each")]

    def __str__(self):
        return f"{self.user} asks to join {self.organisation}"

    @transaction.atomic
    def decide(self, grant, *, by, role=Role.VIEWER):
        """A lead says yes, with a role, or no. Where nobody leads, only an administrator decides, and yes makes the first lead."""
        organisation = Organisation.objects.select_for_update().get(pk=self.organisation_id)
        request = JoinRequest.objects.select_for_update().get(pk=self.pk)
        if request.decided_at:
            raise ValidationError("Somebody has decided this already")
        if request.user == by:
            raise ValidationError("Nobody can decide their own request")
        if organisation.has_lead():
            if not organisation.leads().filter(user=by).exists():
                raise ValidationError("This organisation has a lead, who decides who joins it")
        elif not by.is_superuser:
            raise ValidationError("Only an administrator can approve the first lead of an organisation")
        else:
            role = Role.LEAD
        request.decided_at, request.decided_by, request.granted = timezone.now(), by, grant
        request.save()
        if grant:
            held = organisation.memberships.current().filter(user=request.user).first()
            if held is None or RANK[role] > RANK[held.role]:  # an invitation accepted meanwhile may have given more
                Membership.objects.update_or_create(user=request.user, organisation=organisation, defaults={"role": role, "ends_on": None})
        self.granted = grant
        verb = "granted_request" if grant else "declined_request"
        AuditEntry.objects.note(verb, by=by, organisation=organisation, subject=request.user, **({"role": role} if grant else {}))


class FirstLeadRequest(JoinRequest):
    """The same, as an administrator sees those that are theirs to decide."""

    class Meta:
        proxy = True
        verbose_name = "request for a first lead"
        verbose_name_plural = "requests for a first lead"


class JoinDomain(models.Model):
    """An e-mail domain whose verified people join an organisation as viewers at once. Never one that many organisations share."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="join_domains")
    domain = models.CharField(max_length=253)

    class Meta:
        ordering = ["domain"]
        constraints = [models.UniqueConstraint("organisation", "domain", name="a_domain_once")]

    def __str__(self):
        return self.domain

    def clean(self):
        self.domain = self.domain.strip().lower().lstrip("@")
        if "." not in self.domain or " " in self.domain:
            raise ValidationError({"domain": "Enter a domain, such as exampletrust.nhs.uk"})
        if is_shared(self.domain):
            raise ValidationError({"domain": f"{self.domain} is shared by many organisations, so it cannot let people in here"})
