"""Which pages are private, that one signs in for them, and that nobody may keep a copy of them."""

from django.contrib.auth.middleware import LoginRequiredMiddleware

OWN_ROOMS = ("/accounts/", "/admin/")


def is_private(request, view):
    """Does the view need a person who has signed in, or does it deal with signing in?"""
    return request.path.startswith(OWN_ROOMS) or getattr(view, "login_required", True)


class SignedInMiddleware(LoginRequiredMiddleware):
    """Django's own asks who is there before it asks whether that matters: two queries, and `Vary: Cookie`, on every public page."""

    def process_view(self, request, view_func, view_args, view_kwargs):
        if getattr(view_func, "login_required", True):
            return super().process_view(request, view_func, view_args, view_kwargs)
        return None


class PrivatePagesMiddleware:
    """Tells browsers and proxies to keep nothing of a private page, nor of any page that sets a cookie."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        match = request.resolver_match
        if response.cookies or request.path.startswith(OWN_ROOMS) or (match and is_private(request, match.func)):
            response["Cache-Control"] = "private, no-store"
        return response
