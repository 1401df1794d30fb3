"""How somebody comes to belong to an organisation: by asking, or by an invitation."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import FormView, TemplateView

from accounts import letters
from accounts.forms import AskForm
from accounts.joining_tasks import tell_of_request
from accounts.models import Invitation, Membership, Organisation
from accounts.sessions import kept_text

MOST_FOUND = 20


class JoinView(TemplateView):
    """Find one's organisation by its name, an old name or its code."""

    template_name = "accounts/join.jinja"

    def get_context_data(self, **kwargs):
        text = self.request.GET.get("q", "")[:200]
        found = list(Organisation.objects.open().that_people_join().called(text)[: MOST_FOUND + 1]) if text.strip() else []
        return super().get_context_data(text=text, found=found[:MOST_FOUND], more=len(found) > MOST_FOUND, **kwargs)


class AskView(FormView):
    """Ask to join one organisation. The words are the same whether or not anybody there uses the portal."""

    template_name, form_class = "form_page.jinja", AskForm

    def get_initial(self):
        return {**super().get_initial(), **kept_text(self.request, self.get_form_class())}

    def get_object(self):
        return get_object_or_404(Organisation.objects.open().that_people_join(), code=self.kwargs["code"].upper())

    def get_context_data(self, **kwargs):
        organisation = self.get_object()
        hint = (
            f"We pass your request on to those who decide for {organisation}: its leads or, where it has none yet, an administrator of this portal. "
            f"They see your name and your e-mail address, {self.request.user.email}. We e-mail you when they have decided."
        )
        return super().get_context_data(
            title=f"Ask to join {organisation}", button="Ask to join", hint=hint, back=("Find your organisation", "/join/"), **kwargs
        )

    def form_valid(self, form):
        organisation = self.get_object()
        try:
            made = self.request.user.join_requests.ask(organisation, by=self.request.user, note=form.cleaned_data["note"])
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        if isinstance(made, Membership):
            messages.success(self.request, f"Your e-mail domain lets you in: you are a viewer of {organisation} now.")
            return redirect(organisation)
        tell_of_request.enqueue(made.pk)
        messages.success(self.request, f"We have passed on your request to join {organisation}. We will e-mail you at {self.request.user.email}.")
        return redirect("work")


class InvitationView(TemplateView):
    """An invitation opened from its mail. Reading it changes nothing; the button accepts it."""

    template_name = "accounts/invitation_detail.jinja"

    def get_object(self):
        return Invitation.objects.for_token(self.kwargs["token"]).select_related("organisation", "invited_by").first()

    def get_context_data(self, **kwargs):
        invitation = self.get_object()
        fits = invitation is not None and self.request.user.has_verified(invitation.email)
        return super().get_context_data(invitation=invitation, fits=fits, **kwargs)

    def render_to_response(self, context, **kwargs):
        return super().render_to_response(context, status=200 if context["invitation"] else 404, **kwargs)

    def post(self, request, *args, **kwargs):
        invitation = self.get_object()
        if invitation is None:
            return self.get(request, *args, **kwargs)
        try:
            membership = invitation.accept(by=request.user)
        except ValidationError as error:
            messages.error(request, error.messages[0])
            return redirect(request.path)
        if membership.role == "lead":
            letters.tell_of_new_lead(membership.organisation, request.user, by=invitation.invited_by)
        messages.success(request, f"You belong to {membership.organisation} now.")
        return redirect(membership.organisation)
