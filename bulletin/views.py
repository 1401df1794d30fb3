"""Signing up: for the bulletin, and for what is new in a search. The answer is the same whoever an address belongs to."""

import math
from datetime import timedelta

from allauth.core.internal.ratelimit import get_ip
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.generic import TemplateView

from bulletin import consent, watching
from bulletin.forms import AlertForm, SubscribeForm
from bulletin.models import SignUp, TooMany
from bulletin.tasks import send_confirmation
from resources.wording import clock

TOO_MANY = "There have been too many sign-ups just now. What you typed is still here: try again after {}."


@method_decorator(login_not_required, name="dispatch")
class AskView(View):
    """A page that asks for an address. What becomes of it is done in the background, so neither page nor clock tells whose it is."""

    http_method_names = ["get", "head", "options", "post"]

    def post(self, request):
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self.page(form)
        try:
            with transaction.atomic():
                sign_up = SignUp.objects.ask(form.cleaned_data["email"], client=get_ip(request), once=form.cleaned_data["once"], **self.wanted(form))
                send_confirmation.enqueue(sign_up.pk)
        except TooMany as refused:
            return self.too_many(form, refused.until)
        return redirect("bulletin:asked")

    def too_many(self, form, until):
        """Say when there may be more, and keep what was typed."""
        form.add_error(None, TOO_MANY.format(clock(until + timedelta(minutes=1))))
        response = self.page(form, status=429)
        response["Retry-After"] = str(max(math.ceil((until - timezone.now()).total_seconds()), 1))
        return response


class SubscribeView(AskView):
    """Subscribe to the bulletin."""

    form_class = SubscribeForm

    def get(self, request):
        return self.page(SubscribeForm())

    def wanted(self, form):
        return {"frequency": form.cleaned_data["frequency"], "topics": form.topics, "page": reverse("bulletin:subscribe")}

    def page(self, form, status=200):
        return render(self.request, "bulletin/subscribe.jinja", {"form": form, "words": consent.BULLETIN}, status=status)


class WatchView(AskView):
    """Be told of what is new in a search, which stands in the address as it does in that of the list."""

    form_class = AlertForm

    def setup(self, request):
        super().setup(request)
        self.watched = watching.read(request.GET)

    def get(self, request):
        return self.page(AlertForm())

    def post(self, request):
        if self.watched is None:
            return HttpResponseRedirect(request.get_full_path())
        return super().post(request)

    def wanted(self, form):
        return {"search": self.watched.search, "page": reverse("bulletin:watch")}

    def page(self, form, status=200):
        return render(self.request, "bulletin/watch.jinja", {"form": form, "words": consent.ALERT, "watched": self.watched}, status=status)


@method_decorator(login_not_required, name="dispatch")
class AskedView(TemplateView):
    """What everybody sees who has signed up."""

    http_method_names = ["get", "head", "options"]
    template_name = "bulletin/asked.jinja"
