"""How long a person stays signed in, and what becomes of text they sent too late.

A session ends after SESSION_IDLE_SECONDS without a request, and SESSION_COOKIE_AGE after signing in, busy or not. The store
itself sees to it, so that no view can forget. Reading the public catalogue is no request here: it does not ask who reads.

What was typed into a form by then is kept with the anonymous session that follows, for the same person alone, once, and the
form shows it again: a view says `initial = kept_text(request, FormClass)`.
"""

import time

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import QueryDict
from django.shortcuts import resolve_url

from accounts.private import OWN_ROOMS, is_private

MINUTE = 60  # how often, at most, being seen is written down
KEPT = "kept_text"
KEPT_SECONDS = 3600


class SessionStore(DatabaseStore):
    """Sessions in the database that are gone when their time is over. Anonymous ones have no time but the cookie's."""

    ended_for = None  # the key of the person whose session ended as it was read

    def load(self):
        data = super().load()
        if SESSION_KEY not in data:
            return data
        now = time.time()
        if now - data.get("seen_at", now) > settings.SESSION_IDLE_SECONDS + MINUTE or now - data.get("signed_in_at", now) > settings.SESSION_COOKIE_AGE:
            self.ended_for = data[SESSION_KEY]
            self.delete(self.session_key)
            self._session_key = None
            return {}
        if now - data.get("seen_at", 0) >= MINUTE:
            data["seen_at"] = now
            self.modified = True
        return data

    def save(self, must_create=False):
        if SESSION_KEY in self and "signed_in_at" not in self:
            self["signed_in_at"] = self["seen_at"] = time.time()
        super().save(must_create)


class KeptTextMiddleware:
    """Keeps what somebody sent whose session had ended, and sends them to sign in and back to the form."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not is_private(request, view):
            return None
        session = request.session
        if SESSION_KEY in session and not request.user.is_authenticated:
            session.flush()  # the person was disabled, or their password changed
        if KEPT in session and request.user.is_authenticated and session[KEPT]["user"] != session[SESSION_KEY]:
            del session[KEPT]
        if request.method != "POST" or session.ended_for is None or request.path.startswith(OWN_ROOMS):
            return None
        session[KEPT] = {"user": session.ended_for, "path": request.path, "text": typed(request.POST), "at": time.time()}
        readable = hasattr(getattr(view, "view_class", None), "get")
        return redirect_to_login(request.get_full_path() if readable else resolve_url(settings.LOGIN_REDIRECT_URL))


def typed(data):
    """What a person typed into a form, as a query: no token, and nothing named like a secret."""
    kept = data.copy()
    for name in data:
        if name == "csrfmiddlewaretoken" or "password" in name.lower():
            del kept[name]
    return kept.urlencode()


def kept_text(request, form_class, prefix=None):
    """What this person had typed into the form of this page when their session ended, as its `initial`: once, then no more.

    The page says that it is so: templates/form_page.jinja looks at `request.text_was_kept`.
    """
    if request.method != "GET" or not request.user.is_authenticated or KEPT not in request.session:
        return {}
    kept = request.session[KEPT]
    if kept["path"] != request.path:
        return {}
    del request.session[KEPT]
    if kept["user"] != request.session[SESSION_KEY] or time.time() - kept["at"] > KEPT_SECONDS:
        return {}
    request.text_was_kept = True
    data = QueryDict(kept["text"])
    form = form_class if hasattr(form_class, "base_fields") else None
    fields = form.base_fields.items() if form else ()
    names = {name: f"{prefix}-{name}" if prefix else name for name, _ in fields}
    return {
        name: field.widget.value_from_datadict(data, {}, names[name])
        for name, field in fields
        if not field.widget.value_omitted_from_data(data, {}, names[name])
    }
