"""Organisations' addresses: everything an organisation owns lives under /organisations/<code>/."""

from django.urls import include, path

from accounts import joining_views, views

app_name = "accounts"

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
    path("organisations/<str:ods_code>/", include(organisation)),
    path("join/", joining_views.JoinView.as_view(), name="join"),
    path("join/<str:code>/", joining_views.AskView.as_view(), name="ask"),
    path("invitations/<str:token>/", joining_views.InvitationView.as_view(), name="invitation"),
]
