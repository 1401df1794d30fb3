"""The work queue: what waits, how much of it, and one press for each; the curators' group and who is made a curator."""

import io
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import curators
from accounts.models import AuditEntry, User
from resources.models import FailedSearch, ImportBatch, Link, Report, Resource, SearchDecision, Suggestion
from resources.review_dates import in_months, spread
from tests.people import browser_of, make_curator, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator(db):
    """One of the group, and no administrator."""
    person = make_curator(is_superuser=False, name="Cara Curator")
    person.groups.add(curators.curators())
    return person


@pytest.fixture
def desk(curator):
    return browser_of(curator)


def fill(owner, count=1):
    """So many of everything that can wait."""
    today = timezone.localdate()
    resources = list(Resource.objects.published().order_by("pk")[:count])
    for number, resource in enumerate(resources):
        Resource.objects.filter(pk=resource.pk).update(owner=owner, review_on=today - timedelta(days=number))
        known = {"verdict": "moved", "moved_to": "https://new.example.org/", "verdict_at": timezone.now()}
        Link.objects.update_or_create(resource=resource, defaults={"address": resource.url, **known})
        Report.objects.create(resource=resource, kind="broken")
        Suggestion.objects.create(title=f"Suggested {number}")
        ImportBatch.objects.create(file_name=f"{number}.csv", by=owner)
        FailedSearch.objects.create(words=f"words {number}", day=today, times=number + 1)
        SearchDecision.objects.create(words=f"wanted {number}", kind="wanted", by=owner)
    return resources


def test_the_queue_is_the_curators_home_with_counts_and_what_to_do(desk, curator, text_of):
    (resource,) = fill(curator)
    page = text_of(desk.get("/admin/"))
    for words in (
        f"Links broken or moved 1 {resource.title} Moved. Proposed: https://new.example.org/",
        f"Due for review 1 Open each, follow its link, and press when it is right. {resource.title} Due on",
        "Reported by readers 1",
        "Suggested by readers 1 Suggested 0",
        "Imports not finished 1 0.csv",
        "Searched for but not found 1 words 0 1 time in 90 days",
        "Asked for 1 wanted 0",
        "136 resources have no owner or no review date",
    ):
        assert words in page, words
    assert "Everything else" in page


def test_a_moved_link_takes_the_proposed_address_in_one_press_from_the_queue(desk, curator):
    (resource,) = fill(curator)
    response = desk.post(f"/admin/resources/link/{resource.pk}/", {"take": "https://new.example.org/", "next": "/admin/"})
    assert response["Location"] == "/admin/"
    resource.refresh_from_db()
    assert resource.url == "https://new.example.org/"
    assert f'formaction="/admin/resources/link/{resource.pk}/" name="take"' not in desk.get("/admin/").content.decode()


def test_what_waits_for_nobody_is_one_line_and_not_a_wall_of_empty_boxes(desk, text_of):
    page = text_of(desk.get("/admin/"))
    assert re.search("Nothing waits here: .*links broken or moved.*due for review", page)
    assert "Links broken or moved 0" not in page


def test_a_curator_begins_an_import_or_an_issue_from_the_desk(desk, text_of):
    assert "Begin something: import resources , add one , write an issue of the bulletin ." in text_of(desk.get("/admin/"))


def test_a_section_shows_ten_at_most_and_leads_to_the_rest(desk, curator):
    fill(curator, 12)
    page = desk.get("/admin/").content.decode()
    assert page.count("I have reviewed it") == 10
    assert "?needs=review" in page
    assert "words 11" in page and "words 0<" not in page  # most often first


def test_the_queue_costs_the_same_for_one_of_everything_and_for_twenty(desk, curator):
    counts = []
    for number in (1, 19):
        for model in (Report, Suggestion, ImportBatch, FailedSearch, SearchDecision):
            model.objects.all().delete()
        fill(curator, number)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            desk.get("/admin/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 30, counts


def test_one_press_says_that_a_resource_is_reviewed_and_comes_back_to_the_queue(desk, curator):
    (resource,) = fill(curator)
    response = desk.post(f"/admin/resources/resource/{resource.pk}/reviewed/", {"reviewed": "yes", "next": "/admin/"})
    assert response["Location"] == "/admin/"
    resource.refresh_from_db()
    assert resource.review_on == in_months(timezone.localdate(), 12)
    line = resource.history.first()
    assert (line.history_user, line.history_change_reason, line.review_on) == (curator, "Reviewed", resource.review_on)
    assert desk.post(f"/admin/resources/resource/{resource.pk}/reviewed/", {"next": "//evil.example"})["Location"].startswith("/admin/resources/")


def test_the_first_137_are_shared_out_in_a_press_or_two_with_dates_over_the_year(desk, curator, text_of):
    page = text_of(desk.get("/admin/resources/resource/share/"))
    assert "137 resources have no owner or no review date" in page
    first = timezone.localdate() + timedelta(days=30)
    typed = {"owner": curator.pk, "deputy": "", "first": first.isoformat(), "months": 12, "category": "", "component": "", "provider": ""}
    shown = desk.post("/admin/resources/resource/share/", {**typed, "step": "show"})
    assert "137 resources would change" in text_of(shown)
    assert not Resource.objects.filter(owner=curator).exists()
    done = desk.post("/admin/resources/resource/share/", {**typed, "step": "do", "shown": shown.context["plan"].fingerprint}, follow=True)
    assert "137 resources changed" in text_of(done)
    assert not Resource.objects.unowned().exists()
    days = list(Resource.objects.order_by("review_on").values_list("review_on", flat=True))
    assert days[0] >= first and days[-1] < in_months(first, 12) + timedelta(days=2)
    assert max(map(days.count, days)) <= 3
    assert Resource.history.filter(history_change_reason="Shared out with others", history_user=curator).count() == 137


@pytest.mark.one_database
def test_reviews_are_spread_over_working_days_and_a_year_has_a_last_day_of_february():
    days = spread(timezone.localdate().replace(year=2027, month=1, day=31), 12, 24)
    assert len(days) == 24 and days == sorted(days) and all(day.weekday() < 5 for day in days)
    assert in_months(days[0].replace(year=2028, month=2, day=29), 12).isoformat() == "2029-02-28"


def test_whoever_has_no_part_in_the_catalogue_sees_no_queue(text_of):
    office = make_curator(is_superuser=False)
    office.groups.add(Group.objects.create(name="Others"))
    assert "Due for review" not in text_of(browser_of(office).get("/admin/"))


# Who is a curator -----------------------------------------------------------------------------------------------------


def test_a_new_curator_is_made_from_the_server_and_told_how_to_come_in(capsys):
    call_command("make_curator", "new@example.org", name="Nia New")
    call_command("make_curator", "NEW@example.org")  # twice is once
    person = User.objects.get(email="new@example.org")
    assert person.is_staff and not person.is_superuser and not person.has_usable_password()
    assert [group.name for group in person.groups.all()] == ["Curators"]
    out = capsys.readouterr().out
    assert "/accounts/password/reset/" in out and "second factor" in out
    assert mail.outbox[0].to == ["new@example.org"] and "/accounts/password/reset/" in mail.outbox[0].body
    assert AuditEntry.objects.filter(verb="made_curator", subject=person.public_id).count() == 1


def test_somebody_who_is_here_already_is_promoted_and_keeps_their_password():
    person = make_person("ann@example.org")
    call_command("make_curator", "Ann@Example.org", stdout=io.StringIO())
    person.refresh_from_db()
    assert person.is_staff and person.has_usable_password()


@pytest.mark.parametrize("nonsense", ["ann", "", "ann@", "a@b@c.org", "ann@example.org\nBcc: x@example.org", "x" * 300 + "@example.org", "\x00@example.org"])
def test_nonsense_is_refused_in_words(nonsense):
    with pytest.raises(CommandError, match="is not an e-mail address"):
        call_command("make_curator", nonsense)


def test_a_closed_account_is_not_opened_by_the_way():
    make_person("gone@example.org", is_active=False)
    with pytest.raises(CommandError, match="is closed"):
        call_command("make_curator", "gone@example.org")


def test_a_group_made_earlier_gets_what_a_migrate_makes_and_keeps_an_administrator_s_ticks():
    from django.apps import apps
    from django.db.migrations.loader import MigrationLoader

    group = curators.curators()
    unticked = Permission.objects.get(codename="delete_resource")
    group.permissions.remove(unticked, *Permission.objects.filter(content_type__model="suggestion"))
    assert not curators.curators().permissions.filter(pk=unticked.pk).exists()
    plan = [(MigrationLoader(connection).get_migration("resources", "0002_curators_desk"), False)]
    curators.give_new_models(apps.get_app_config("resources"), plan=plan)
    held = set(group.permissions.values_list("codename", flat=True))
    assert "change_suggestion" in held and "delete_resource" not in held
    curators.give_new_models(apps.get_app_config("accounts"), plan=plan)
    assert not any(codename.endswith("_organisation") for codename in group.permissions.values_list("codename", flat=True))
