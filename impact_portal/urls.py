"""Every address of the portal."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.sitemaps import views as sitemaps
from django.urls import include, path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from accounts.account import AccountView, NameView, SecondFactorNeededView
from impact_portal import views
from impact_portal.sitemaps import SITEMAPS
from resources.feeds import ResourceFeed


def public(view):
    """A library's view that anybody may read."""
    return login_not_required(require_safe(view))


handler400 = "impact_portal.errors.bad_request"
handler403 = "impact_portal.errors.permission_denied"
handler404 = "impact_portal.errors.not_found"
handler429 = "impact_portal.errors.too_many_requests"  # allauth's: too many attempts
handler500 = "impact_portal.errors.server_error"

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("", include("resources.urls")),
    path("", include("accounts.urls")),
    path("", include("assessments.urls")),
    path("", include("bulletin.urls")),
    path("your-work/", views.WorkView.as_view(), name="work"),
    path("your-work/rate/<uuid:rater>/", views.RateView.as_view(), name="work_rate"),
    path("feed.xml", public(ResourceFeed()), name="feed"),
    path("health", views.health, name="health"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", public(sitemaps.index), {"sitemaps": SITEMAPS, "sitemap_url_name": "sitemap_section"}, name="sitemap"),
    path("sitemap-<section>.xml", public(sitemaps.sitemap), {"sitemaps": SITEMAPS}, name="sitemap_section"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path(".well-known/change-password", public(RedirectView.as_view(pattern_name="account_change_password")), name="change_password"),
    path("accounts/", AccountView.as_view(), name="account"),
    path("accounts/name/", NameView.as_view(), name="name"),
    path("accounts/second-factor/", SecondFactorNeededView.as_view(), name="account_second_factor"),
    path("accounts/", include("allauth.urls")),
    path("favicon.ico", public(RedirectView.as_view(url="/assets/favicon.svg")), name="favicon"),
    path("admin/", admin.site.urls),
    path("<slug:slug>/", views.PageView.as_view(), name="page"),
]
