"""No mail came? Somebody types their address, and the link is sent again. Neither page nor clock tells whether the address is on a list."""

import hashlib

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.shortcuts import render

from accounts.letters import send
from assessments.door import DoorView
from assessments.models import Rater
from assessments.rating_forms import LostLinkForm
from assessments.sending import send_again

HOUR = 3600
TOO_MANY = "There have been too many requests from your connection. Wait an hour and try again, or ask the person who wants you to rate"


class LostLinkView(DoorView):
    """Type the address at which one was asked; every round on whose list it is sends it a new link."""

    template_name = "assessments/rate_lost_link.jinja"

    def get(self, request):
        return self.page(LostLinkForm())

    def post(self, request):
        form = LostLinkForm(request.POST)
        if not form.is_valid():
            return self.page(form)
        if not ratelimit.consume(request, app="allauth.account", action="lost_link"):
            form.add_error(None, TOO_MANY)
            return self.page(form, 429)
        send_links(form.cleaned_data["email"])
        return self.page(form, sent=True)

    def page(self, form, status=200, **context):
        return render(self.request, self.template_name, {"form": form, **context}, status=status)


def send_links(email):
    """Mail an address a new link for each round in which it can rate, or that there is none: once an hour, whoever asks how often."""
    key = f"lost-link:{hashlib.sha256(email.lower().encode()).hexdigest()}"
    if not cache.add(key, True, HOUR):
        return
    asked = Rater.objects.by_mail().filter(email__iexact=email, assessment__practice=False).select_related("assessment__organisation")
    raters = [rater for rater in asked if rater.assessment.is_rating]
    for rater in raters:
        send_again(rater)
    if not raters:
        work_as_for_a_rater(key)
        send("no_rating", email, "the link you asked for")


def work_as_for_a_rater(key):
    """Write as often as for somebody on a list, so that the clock does not tell."""
    for name in ("link", "delivery"):
        cache.set(f"{key}:{name}", True, HOUR)
