"""Organisations' addresses: everything an organisation owns lives under /organisations/<code>/."""

from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from accounts import joining_views, views

app_name = "accounts"


class CodeConverter(StringConverter):
    """An ODS code. What cannot be one is an address that does not exist, and never reaches the database."""

    regex = "[A-Za-z0-9]{3,5}"


register_converter(CodeConverter, "code")

organisation = [
    path("", views.OrganisationHomeView.as_view(), name="organisation"),
    path("people/", views.PeopleView.as_view(), name="people"),
    path("people/invite/", views.InviteView.as_view(), name="invite"),
    path("people/leave/", views.LeaveView.as_view(), name="leave"),
    path("people/hand-over/", views.HandOverView.as_view(), name="hand_over"),
    path("people/<uuid:member>/", views.MemberView.as_view(), name="member"),
    path("people/<uuid:member>/remove/", views.RemoveView.as_view(), name="remove"),
    path("invitations/<uuid:invitation>/resend/", views.InvitationResendView.as_view(), name="resend"),
    path("invitations/<uuid:invitation>/revoke/", views.InvitationRevokeView.as_view(), name="revoke"),
    path("requests/<uuid:asked>/", views.RequestView.as_view(), name="request"),
    path("domains/", views.DomainsView.as_view(), name="domains"),
    path("domains/<int:domain>/remove/", views.DomainRemoveView.as_view(), name="domain_remove"),
    path("log/", views.LogView.as_view(), name="log"),
    path("log.csv", views.LogFileView.as_view(), name="log_file"),
    path("mergers/<int:merger>/share/", views.ShareView.as_view(), name="share"),
]

urlpatterns = [
    path("organisations/<code:ods_code>/", include(organisation)),
    path("join/", joining_views.JoinView.as_view(), name="join"),
    path("join/<code:code>/", joining_views.AskView.as_view(), name="ask"),
    path("invitations/<str:token>/", joining_views.InvitationView.as_view(), name="invitation"),
]
