"""An organisation's own pages: people, invitations, requests, domains, the log.

The door (accounts/door.py) has set request.organisation and request.membership. Everything here is reached from those two and
from request.user, never from a model: an import contract forbids it.
"""

import csv

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import FormView, TemplateView, View

from accounts import letters
from accounts.cells import inert
from accounts.forms import ConfirmForm, DecideForm, DomainForm, HandOverForm, InviteForm, RoleForm
from accounts.sessions import kept_text


class OrganisationView(View):
    """A page of an organisation, for members whose role has its verb."""

    verb = "read"

    def dispatch(self, request, *args, **kwargs):
        if not request.membership.can(self.verb):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def organisation(self):
        return self.request.organisation

    def to(self, name, *args):
        """The address of another page of this organisation."""
        return reverse(f"accounts:{name}", args=[self.organisation.code, *args])

    def member(self):
        """The member that the address names."""
        return get_object_or_404(self.organisation.memberships.current().select_related("user", "organisation"), public_id=self.kwargs["member"])

    def invitation(self):
        """The invitation that the address names, still waiting or run out."""
        return get_object_or_404(self.organisation.invitations.filter(accepted_at=None, revoked_at=None), public_id=self.kwargs["invitation"])

    def get_context_data(self, **kwargs):
        return super().get_context_data(organisation=self.organisation, membership=self.request.membership, **kwargs)


class OrganisationPage(OrganisationView, TemplateView):
    """A page of an organisation to read."""


class OrganisationForm(OrganisationView, FormView):
    """A form of an organisation. What the model refuses is shown in the form, and nothing typed is lost."""

    template_name = "form_page.jinja"
    title = button = ""
    lede = hint = ""
    warning = False  # does the button do what cannot be undone?
    then = "people"

    def get_initial(self):
        return {**super().get_initial(), **kept_text(self.request, self.get_form_class())}

    def get_context_data(self, **kwargs):
        page = {name: getattr(self, name) for name in ("title", "button", "lede", "hint", "warning")}
        return super().get_context_data(**{**page, "back": (str(self.organisation), self.organisation.get_absolute_url()), **kwargs})

    def form_valid(self, form):
        try:
            said = self.act(form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        messages.success(self.request, said)
        return redirect(self.after())

    def after(self):
        """Where one goes when it is done."""
        return self.to(self.then)

    def act(self, data):
        """Do it, and say what was done."""
        raise NotImplementedError


class OrganisationHomeView(OrganisationPage):
    """What the organisation is, who belongs to it, and what waits for an answer."""

    template_name = "accounts/organisation_detail.jinja"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            placement=self.organisation.placement,
            members=self.organisation.memberships.current().count(),
            leads=self.organisation.leads().count(),
            requests=self.organisation.join_requests.waiting().select_related("user") if self.request.membership.can("decide_requests") else [],
            successors=self.organisation.successors(),
            predecessors=self.organisation.predecessors(),
            to_share=self.organisation.mergers_out.standing().filter(shared_at=None).select_related("successor")
            if self.request.membership.can("share_after_merger")
            else [],
            **kwargs,
        )


class PeopleView(OrganisationPage):
    """Everybody who belongs here; for a lead, the invitations and requests too."""

    template_name = "accounts/membership_list.jinja"

    def get_context_data(self, **kwargs):
        can = self.request.membership.can
        open_invitations = self.organisation.invitations.filter(accepted_at=None, revoked_at=None).select_related("invited_by")
        return super().get_context_data(
            members=self.organisation.memberships.current().select_related("user").order_by("user__name", "user__email"),
            invitations=open_invitations if can("invite") else [],
            requests=self.organisation.join_requests.waiting().select_related("user") if can("decide_requests") else [],
            **kwargs,
        )


class InviteView(OrganisationForm):
    """Invite one address to one role."""

    verb, form_class = "invite", InviteForm
    title, button = "Invite somebody", "Send the invitation"

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "highest": self.request.membership.role}

    def act(self, data):
        invitation, token = self.organisation.invitations.invite(data["email"], data["role"], by=self.request.user, member_until=data["member_until"])
        if letters.send_invitation(invitation, token, by=self.request.user):
            return f"The invitation to {invitation.email} is on its way."
        return f"The mail server refused {invitation.email}: check the address, take the invitation back and send another."


class InvitationResendView(OrganisationView):
    """Send an invitation again: with a new link, since the old one dies."""

    verb, http_method_names = "invite", ["post"]

    def post(self, request, **kwargs):
        invitation = self.invitation()
        try:
            token = invitation.renew()
        except ValidationError as error:
            messages.error(request, error.messages[0])
            return redirect(self.to("people"))
        self.organisation.log.note("resent_invitation", by=request.user, invitation=str(invitation.public_id))
        if letters.send_invitation(invitation, token, by=request.user):
            messages.success(request, f"A new link is on its way to {invitation.email}; the old one no longer works.")
        else:
            messages.error(request, f"The mail server refused {invitation.email}: check the address.")
        return redirect(self.to("people"))


class InvitationRevokeView(OrganisationView):
    """Take an invitation back."""

    verb, http_method_names = "invite", ["post"]

    def post(self, request, **kwargs):
        invitation = self.invitation()
        try:
            invitation.revoke(by=request.user)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(request, f"The invitation to {invitation.email} no longer works.")
        return redirect(self.to("people"))


class RequestView(OrganisationForm):
    """Decide whether somebody who asks may join."""

    verb, form_class = "decide_requests", DecideForm
    template_name = "accounts/request_form.jinja"
    button = "Save the decision"

    def get_object(self):
        return get_object_or_404(self.organisation.join_requests.waiting().select_related("user", "organisation"), public_id=self.kwargs["asked"])

    def get_context_data(self, **kwargs):
        asked = self.get_object()
        return super().get_context_data(title=f"{asked.user} asks to join", asked=asked, **kwargs)

    def act(self, data):
        asked = self.get_object()
        grant = data["role"] != "no"
        asked.decide(grant, by=self.request.user, **({"role": data["role"]} if grant else {}))
        letters.tell_of_decision(asked)
        if data["role"] == "lead":
            letters.tell_of_new_lead(self.organisation, asked.user, by=self.request.user)
        return f"{asked.user} now belongs to {self.organisation}." if grant else f"You declined the request of {asked.user}."


class MemberView(OrganisationForm):
    """Change a member's role, from their next request on."""

    verb, form_class = "change_roles", RoleForm
    button = "Save"

    def get_initial(self):
        return {"role": self.member().role, **super().get_initial()}

    def get_context_data(self, **kwargs):
        member = self.member()
        mine = member == self.request.membership
        links = [("Leave this organisation", self.to("leave")) if mine else (f"Remove {member.user}", self.to("remove", member.public_id))]
        return super().get_context_data(title=f"The role of {member.user}", links=links, **kwargs)

    def act(self, data):
        member = self.member()
        was = member.role
        member.change_role(data["role"], by=self.request.user)
        if member.role == "lead" != was:
            letters.tell_of_new_lead(self.organisation, member.user, by=self.request.user)
        return f"{member.user} is a {member.get_role_display().lower()} now."


class RemoveView(OrganisationForm):
    """End somebody's membership at once."""

    verb, form_class, warning = "remove_people", ConfirmForm, True
    button = "Remove"
    hint = "They can no longer open anything of this organisation, from their next click on. What they did stays in the log."

    def get_context_data(self, **kwargs):
        return super().get_context_data(**{"title": f"Remove {self.member().user}", **kwargs})

    def act(self, data):
        member = self.member()
        member.remove(by=self.request.user)
        return f"{member.user} no longer belongs to {self.organisation}."


class LeaveView(RemoveView):
    """End one's own membership."""

    verb, button = "read", "Leave"
    hint = "You can no longer open anything of this organisation. To come back, ask again or be invited."

    def member(self):
        return self.request.membership

    def get_context_data(self, **kwargs):
        return super().get_context_data(title=f"Leave {self.organisation}", **kwargs)

    def form_valid(self, form):
        response = super().form_valid(form)
        return redirect("work") if response.status_code == 302 else response


class HandOverView(OrganisationForm):
    """Make another member the lead and become a contributor."""

    verb, form_class = "hand_over", HandOverForm
    title, button = "Hand over", "Hand over"
    hint = "They become a lead and you become a contributor, at once."
    then = "organisation"

    def others(self):
        return list(self.organisation.memberships.current().exclude(pk=self.request.membership.pk).select_related("user"))

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "members": self.others()}

    def act(self, data):
        other = next(m for m in self.others() if str(m.public_id) == data["member"])
        self.request.membership.hand_over(other, by=self.request.user)
        letters.tell_of_new_lead(self.organisation, other.user, by=self.request.user)
        return f"{other.user} leads {self.organisation} now."


class DomainsView(OrganisationForm):
    """The e-mail domains whose verified people join as viewers at once."""

    verb, form_class, template_name = "set_domains", DomainForm, "accounts/domain_form.jinja"
    title, button = "E-mail domains that may join", "Add the domain"
    hint = (
        "Whoever shows that they have an address at one of these domains becomes a viewer as soon as they ask. "
        "Choose only domains that your organisation alone uses."
    )
    then = "domains"

    def get_context_data(self, **kwargs):
        return super().get_context_data(domains=self.organisation.join_domains.all(), **kwargs)

    def act(self, data):
        domain = self.organisation.join_domains.model(organisation=self.organisation, domain=data["domain"])
        domain.full_clean()
        domain.save()
        self.organisation.log.note("added_domain", by=self.request.user, domain=domain.domain)
        return f"People with an address at {domain.domain} can join now."


class DomainRemoveView(OrganisationView):
    """Stop a domain from letting people in; those who are in stay."""

    verb, http_method_names = "set_domains", ["post"]

    def post(self, request, domain, **kwargs):
        row = get_object_or_404(self.organisation.join_domains, pk=domain)
        row.delete()
        self.organisation.log.note("removed_domain", by=request.user, domain=row.domain)
        messages.success(request, f"Addresses at {row.domain} no longer let anybody in. Those who joined stay.")
        return redirect(self.to("domains"))


class LogView(OrganisationPage):
    """Who did what, when: fifty lines a page, newest first."""

    verb, template_name = "read_log", "accounts/log.jinja"

    def get_context_data(self, **kwargs):
        page = Paginator(self.organisation.log.all(), 50).get_page(self.request.GET.get("page"))
        return super().get_context_data(page=page, lines=self.organisation.log.in_words(page.object_list), **kwargs)


class LogFileView(OrganisationView):
    """The whole log as CSV."""

    verb = "read_log"

    def get(self, request):
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="log-{self.organisation.code}.csv"'
        response.write("\ufeff")
        writer = csv.writer(response)
        writer.writerow(["when", "who", "their number", "what", "detail"])
        for line in self.organisation.log.in_words(self.organisation.log.all()):
            writer.writerow([line.at.isoformat(timespec="seconds"), *map(inert, (line.who, line.number, line.what, line.detail))])
        return response


class ShareView(OrganisationView):
    """Let the successor of a merger read what this organisation submitted."""

    verb, http_method_names = "share_after_merger", ["post"]

    def post(self, request, merger, **kwargs):
        row = get_object_or_404(self.organisation.mergers_out.standing().filter(shared_at=None), pk=merger)
        try:
            row.share(by=request.user)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            self.organisation.log.note("shared_after_merger", by=request.user, successor=row.successor.code)
            messages.success(request, f"{row.successor} can now read what {self.organisation} submitted.")
        return redirect(self.to("organisation"))
