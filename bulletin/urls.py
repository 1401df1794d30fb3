"""The bulletin's addresses."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path, register_converter
from django.urls.converters import StringConverter
from django.views.decorators.http import require_safe

from bulletin import issue_views, link_views, views

app_name = "bulletin"


class NumberConverter(StringConverter):
    """An issue's number. What cannot be one never reaches the database."""

    regex = "[1-9][0-9]{0,6}"


register_converter(NumberConverter, "number")

urlpatterns = [
    path("bulletin/", issue_views.IssueListView.as_view(), name="issues"),
    path("bulletin/<number:number>/", issue_views.IssueView.as_view(), name="issue"),
    path("bulletin/feed.xml", login_not_required(require_safe(issue_views.IssueFeed())), name="feed"),
    path("bulletin/subscribe/", views.SubscribeView.as_view(), name="subscribe"),
    path("bulletin/watch/", views.WatchView.as_view(), name="watch"),
    path("bulletin/asked/", views.AskedView.as_view(), name="asked"),
    path("bulletin/confirm/<token:token>/", link_views.ConfirmView.as_view(), name="confirm"),
    path("bulletin/preferences/<token:token>/", link_views.PreferencesView.as_view(), name="preferences"),
    path("bulletin/unsubscribe/<token:token>/", link_views.UnsubscribeView.as_view(), name="unsubscribe"),
]
