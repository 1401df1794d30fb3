"""What the private links of mails open, for whoever has one, without signing in. Opening one changes nothing: mail scanners open links."""

from django.contrib.auth.decorators import login_not_required
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from assessments.faults import private
from bulletin import topics, watching
from bulletin.forms import PreferencesForm, WatchForm
from bulletin.models import SignUp, Subscriber
from bulletin.models.subscriber import MOST_ALERTS, leave

NO_SEARCH = "Enter words to watch for, or the address of a list that you have filtered"
FULL = f"You watch {MOST_ALERTS} searches, which is the most. Remove one first"


def kept_by_nobody(response):
    """No browser, proxy or search engine keeps it, and no other website hears its address. Ours does: our forms are refused without."""
    response = private(response)
    response["Referrer-Policy"] = "same-origin"
    return response


@method_decorator(login_not_required, name="dispatch")
class LinkView(View):
    """A page behind a private link, of which nobody keeps a copy and which says nothing of whose it is."""

    http_method_names = ["get", "head", "options", "post"]

    def page(self, template, status=200, **context):
        return kept_by_nobody(render(self.request, f"bulletin/{template}.jinja", context, status=status))


class ConfirmView(LinkView):
    """Say yes to what was asked for, or no for good."""

    def get(self, request, token):
        sign_up = SignUp.objects.open().filter(key=token).first()
        if sign_up is None:
            return self.page("dead_link", status=404)
        if sign_up.confirmed_at:
            return self.confirmed(sign_up)
        watched = watching.read(sign_up.search) if sign_up.search else None
        return self.page("confirm", sign_up=sign_up, watched=watched, topics=topics.in_words(sign_up.topics))

    def post(self, request, token):
        if request.POST.get("do") == "never":
            leave(token, never=True)
            return self.page("left", never=True)
        sign_up = SignUp.objects.open().filter(key=token).first()
        if sign_up is None:
            return self.page("dead_link", status=404)
        Subscriber.objects.confirm(sign_up)
        return self.confirmed(sign_up)

    def confirmed(self, sign_up):
        subscriber = Subscriber.objects.filter(email=sign_up.email).first()
        if subscriber is None:
            return self.page("dead_link", status=404)
        full = sign_up.search and not subscriber.alerts.filter(search=sign_up.search).exists()
        return self.page("confirmed", subscriber=subscriber, search=sign_up.search, full=full)


@method_decorator(csrf_exempt, name="dispatch")
class UnsubscribeView(LinkView):
    """One press ends every mail, for whoever has any link that ever went out. Mail programs press it too, with no cookie (RFC 8058)."""

    def get(self, request, token):
        return self.page("unsubscribe")

    def post(self, request, token):
        leave(token)
        return self.page("left")


class PreferencesView(LinkView):
    """What a subscriber gets: how often, of what, which searches; and the end of it."""

    def setup(self, request, token):
        super().setup(request, token)
        self.subscriber = Subscriber.objects.filter(key=token).first()

    def get(self, request, token):
        if self.subscriber is None:
            return self.page("dead_link", status=404)
        return self.preferences(saved=request.GET.get("saved") == "yes")

    def post(self, request, token):
        """Each button of the page says what it does; what says nothing saves."""
        if self.subscriber is None:
            return self.page("dead_link", status=404)
        acts = {"unwatch": self.unwatch, "watch": self.watch, "leave": self.leave, "erase": self.erase}
        return acts.get(request.POST.get("do", ""), self.save)()

    def save(self):
        form = PreferencesForm(self.request.POST, subscriber=self.subscriber)
        if not form.is_valid():
            return self.preferences(form=form)
        Subscriber.objects.filter(pk=self.subscriber.pk).update(frequency=form.cleaned_data["frequency"], topics=form.topics)  # none where they have just left
        return self.saved()

    def watch(self):
        """Watch one search more: words, or the part of a list's address after the question mark."""
        form = WatchForm(self.request.POST)
        if form.is_valid():
            typed = form.cleaned_data["search"]
            query = QueryDict(typed.partition("?")[2]) if "?" in typed and "=" in typed else QueryDict(mutable=True)
            if not query:
                query = QueryDict(mutable=True)
                query["q"] = typed
            watched = watching.read(query)
            if watched is None:
                form.refuse(NO_SEARCH)
            elif not self.subscriber.alerts.watch(watched.search):
                form.refuse(FULL)
            else:
                return self.saved()
        return self.preferences(watch_form=form)

    def unwatch(self):
        number = self.request.POST.get("alert", "")
        if number.isascii() and number.isdigit() and len(number) < 19:
            self.subscriber.alerts.filter(pk=number).delete()
        return self.saved()

    def leave(self):
        leave(self.subscriber.key)
        return self.page("left")

    def erase(self):
        self.subscriber.erase()
        return self.page("left", erased=True)

    def saved(self):
        return kept_by_nobody(redirect(f"{self.request.path}?saved=yes"))

    def preferences(self, *, saved=False, form=None, watch_form=None):
        alerts = [(alert, watching.read(alert.search)) for alert in self.subscriber.alerts.all()]
        return self.page(
            "preferences",
            form=form or PreferencesForm(subscriber=self.subscriber),
            watch_form=watch_form or WatchForm(),
            alerts=alerts,
            saved=saved,
        )
