"""The portal's own pages: home, policies, health, and what machines ask for."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.models import Count, Q
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView, View

from accounts.models import Invitation
from assessments.models import Action, Assessment, Rater
from impact_portal.models import Page
from impact_portal.pages import fill_in
from resources import catalogue
from resources.facets import FEWEST
from resources.markdown import render_markdown


@method_decorator(login_not_required, name="dispatch")
class HomeView(TemplateView):
    """What this is, for whom, and a way into every category and component."""

    template_name = "home.jinja"

    def get_context_data(self, **kwargs):
        held = catalogue.current()
        return super().get_context_data(catalogue=held, new=block(held, "new"), upcoming=block(held, "upcoming"), **kwargs)


def block(held, moment):
    """The first three of what is new or coming up, where there are at least two."""
    if held.counts["when"].get(moment, 0) < FEWEST:
        return []
    return held.index.search(filters={"when": [moment]}, order="newest" if moment == "new" else "soonest", size=3).records


@method_decorator(login_not_required, name="dispatch")
class PageView(TemplateView):
    """A page of the portal itself: privacy, cookies, accessibility and the like."""

    template_name = "page.jinja"

    def get_context_data(self, slug, **kwargs):
        page = get_object_or_404(Page, slug=slug)
        return super().get_context_data(page=page, title=fill_in(page.title), body=render_markdown(fill_in(page.body)), **kwargs)


class WorkView(TemplateView):
    """The home of somebody signed in: their organisations, and what waits. Somebody with one organisation and nothing waiting lands on it."""

    template_name = "work.jinja"

    def get(self, request, *args, **kwargs):
        context = self.get_context_data(**kwargs)
        only = context["memberships"][0].organisation if len(context["memberships"]) == 1 else None
        waits = context["requests"] or context["invitations"] or context["to_rate"]
        if only and not waits and not request.user.is_staff:
            return redirect(only)
        return self.render_to_response(context)

    def get_context_data(self, **kwargs):
        user = self.request.user
        waiting = Count("organisation__join_requests", filter=Q(organisation__join_requests__decided_at=None, role="lead"), distinct=True)
        addresses = user.verified_addresses()
        return super().get_context_data(
            to_rate=Rater.objects.for_addresses(addresses).still_to_finish().select_related("assessment__organisation"),
            rounds=Assessment.objects.open().led_by(user).select_related("organisation"),
            actions=list(Action.objects.live().owned_by_members().filter(owner=user).counted_by_organisation()),
            memberships=list(user.memberships.current().select_related("organisation").annotate(waiting=waiting).order_by("organisation__name")),
            requests=list(user.join_requests.waiting().select_related("organisation")),
            invitations=list(Invitation.objects.waiting().for_addresses(addresses).select_related("organisation")),
            **kwargs,
        )


class RateView(View):
    """Go to one's own ratings of a round: whoever has shown that an address is theirs needs no mail to get a new link."""

    http_method_names = ["post"]

    def post(self, request, rater):
        mine = Rater.objects.for_addresses(request.user.verified_addresses())
        row = get_object_or_404(mine, public_id=rater)
        return redirect("assessments:rate", row.renew_link())


@login_not_required
@require_safe
def health(request):
    """Is it up, and does its database answer? No details."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "the database does not answer"}, status=503)
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def robots(request):
    """Search engines are welcome on a real deployment, and nowhere else."""
    rules = ["Disallow: /admin/", f"Sitemap: {settings.BASE_URL}{reverse('sitemap')}"] if settings.INDEXABLE else ["Disallow: /"]
    return HttpResponse("\n".join(["User-agent: *", *rules, ""]), content_type="text/plain")


@login_not_required
@require_safe
def security_txt(request):
    """Where to report a weakness (RFC 9116)."""
    expires = (timezone.now() + timedelta(days=180)).strftime("%Y-%m-%dT00:00:00Z")
    lines = [
        f"Contact: mailto:{settings.CONTACT_EMAIL}",
        f"Expires: {expires}",
        "Preferred-Languages: en",
        f"Canonical: {settings.BASE_URL}{reverse('security_txt')}",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
