"""The portal's addresses and one more: a view that does nothing, the yardstick of every other page."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.urls import include, path

handler404 = "impact_portal.errors.not_found"
handler500 = "impact_portal.errors.server_error"


@login_not_required
def trivial(request):
    """As little as a view can do; what is left is Django and the portal's middleware."""
    return HttpResponse(b"ok")


urlpatterns = [
    path("benchmark-trivial", trivial),
    path("", include("impact_portal.urls")),
]
