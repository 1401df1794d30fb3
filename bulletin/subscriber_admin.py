"""Subscribers in the admin: how many there are. No address is shown to anybody, but an administrator can look one up to answer its owner."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.template.response import TemplateResponse
from django.urls import path

from accounts.only_read import OnlyRead
from bulletin import topics
from bulletin.addresses import LONGEST, NO_ADDRESS, as_kept
from bulletin.models import Alert, Frequency, SignUp, Subscriber, Suppression


class LookUpForm(forms.Form):
    """One address, whole."""

    email = forms.CharField(
        label="E-mail address",
        max_length=LONGEST,
        widget=forms.EmailInput({"autocomplete": "off"}),
        error_messages={"required": "Enter the whole e-mail address", "max_length": NO_ADDRESS, "null_characters_not_allowed": NO_ADDRESS},
    )

    def clean_email(self):
        return as_kept(self.cleaned_data["email"])


@admin.register(Subscriber)
class SubscriberAdmin(OnlyRead, admin.ModelAdmin):
    """Counts, for curators; and a way for administrators to answer somebody who asks what is held about their address."""

    def get_urls(self):
        return [path("", self.admin_site.admin_view(self.changelist_view), name="bulletin_subscriber_changelist")]

    def has_module_permission(self, request):
        return request.user.has_perm("bulletin.view_issue")

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request)

    def changelist_view(self, request, extra_context=None):
        """How many get what. Administrators ask about one address by POST, so that it stands in no address of a page and in no log."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        may = request.user.is_superuser
        if request.method == "POST" and not may:
            raise PermissionDenied
        form = LookUpForm(request.POST or None) if may else None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Subscribers",
            "counts": counts(),
            "form": form,
            "held": held_about(form.cleaned_data["email"]) if form and form.is_valid() else None,
        }
        return TemplateResponse(request, "admin/bulletin/subscriber/counts.html", context)


def counts():
    """[(what, how many)]."""
    by_frequency = dict(Subscriber.objects.getting_mail().order_by().values_list("frequency").annotate(Count("pk")))
    return [
        ("Get the bulletin weekly", by_frequency.get(Frequency.WEEKLY, 0)),
        ("Get the bulletin monthly", by_frequency.get(Frequency.MONTHLY, 0)),
        ("Watch searches", Subscriber.objects.with_alerts().count()),
        ("Searches watched", Alert.objects.count()),
        ("Stopped, since their address was refused time and again", Subscriber.objects.filter(stopped_at__isnull=False).count()),
        ("Asked, and not confirmed yet", SignUp.objects.open().filter(confirmed_at=None).count()),
        ("Unsubscribed, or want no mail at all", Suppression.objects.in_force().count()),
    ]


def held_about(email):
    """[line]: what is held about one address, in words."""
    lines = []
    for subscriber in Subscriber.objects.for_addresses([email]).prefetch_related("alerts", "consents"):
        lines.append(f"Subscribed since {subscriber.since:%d %B %Y}: {subscriber.get_frequency_display().lower()}.")
        lines.append(f"Topics: {', '.join(topics.in_words(subscriber.topics)) or 'everything'}.")
        lines += [f"Watches the search {alert.search}." for alert in subscriber.alerts.all()]
        lines += [f"Agreed on {c.confirmed_at:%d %B %Y}, asked on {c.page}, words of version {c.words_version}: {c.words}" for c in subscriber.consents.all()]
        if subscriber.stopped_at:
            lines.append(f"Stopped on {subscriber.stopped_at:%d %B %Y}: mail servers say that there is no such address.")
    lines += [f"Asked on {s.at:%d %B %Y}: {s.get_state_display().lower()}." for s in SignUp.objects.for_addresses([email])]
    for suppression in Suppression.objects.for_addresses([email]):
        lifted = f", lifted on {suppression.lifted_at:%d %B %Y}" if suppression.lifted_at else ""
        lines.append(f"{'Wants no mail at all' if suppression.never else 'Unsubscribed'} since {suppression.at:%d %B %Y}{lifted}.")
    return lines
