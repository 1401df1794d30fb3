"""Organisations in the admin: looked up, imported from a file in two steps, and merged by two administrators."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts import ods, organisation_admin
from accounts.models import AuditEntry, FormerName, Membership, Merger, Organisation
from tests.people import make_curator, make_person, signed_in
from tests.test_ods import SAMPLE, all_trusts, everything, listed, organisation

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

LIST = "/admin/accounts/organisation/"
IMPORT = f"{LIST}import/"
MERGERS = "/admin/accounts/merger/"


@pytest.fixture
def administrator():
    return make_curator("administrator@example.org")


@pytest.fixture
def desk(administrator):
    """The browser of an administrator who has signed in."""
    return signed_in(administrator)


def upload(desk, content, as_of="2026-07-31"):
    return desk.post(IMPORT, {"file": SimpleUploadedFile("etr.csv", content), "as_of": as_of})


def held(response):
    return unescape(re.search(r'name="held" value="([^"]*)"', response.content.decode())[1])


# The import -----------------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_an_administrator_uploads_looks_and_confirms(desk, administrator, text_of):
    assert IMPORT in desk.get(LIST).content.decode()
    assert "Show what would change" in desk.get(IMPORT).content.decode()
    before = everything()
    shown = upload(desk, listed({"code": "RX3", "name": "TEES VALLEY NHS TRUST"}, {"code": "RJ1", "opened": "soon"}))
    words = text_of(shown)
    assert "New: 14" in words and "Renamed: 1" in words and "Refused: 1" in words
    assert "RX3 Tees Valley NHS Trust Tees, Esk and Wear Valleys NHS Foundation Trust Tees Valley NHS Trust" in words
    assert "10 opened soon A date is written yyyymmdd" in words
    assert everything() == before
    done = desk.post(IMPORT, {"held": held(shown)}, follow=True)
    assert "Imported. Organisations made or changed: 15. Rows refused: 1." in text_of(done)
    assert organisation("RX3").history.first().history_user == administrator
    assert organisation("RX3").former_names.get().until.isoformat() == "2026-07-31"
    assert AuditEntry.objects.get(verb="imported_organisations").actor == administrator.public_id


def test_what_is_confirmed_is_what_was_uploaded_byte_for_byte(desk):
    content = listed({"code": "RJ1", "name": "CAFÉ ‘X’ NHS TRUST"}, encoding="cp1252")
    assert organisation_admin.let_go(held(upload(desk, content)))[0] == content


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:50] + ("A" if text[50] != "A" else "B") + text[51:],
        lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
        lambda text: "",
        lambda text: signing.dumps({"content": "x", "as_of": "2026-07-31", "shown": ""}, salt="another"),
    ],
)
def test_altered_text_is_refused(desk, spoil, text_of):
    shown = upload(desk, SAMPLE)
    before = everything()
    response = desk.post(IMPORT, {"held": spoil(held(shown))})
    assert response.status_code == 400 and "Nothing was imported: choose the file again" in text_of(response)
    assert everything() == before


def test_a_dry_run_is_confirmed_within_the_hour(desk):
    text = held(upload(desk, SAMPLE))
    before = everything()
    with time_machine.travel(timezone.now() + timedelta(minutes=61)), pytest.raises(signing.SignatureExpired):
        organisation_admin.let_go(text)
    assert everything() == before


@pytest.mark.both_databases
def test_what_has_changed_since_is_shown_anew(desk, text_of):
    text = held(upload(desk, SAMPLE))
    ods.apply(ods.plan(listed({"code": "RX3", "name": "TEES VALLEY NHS TRUST"})))
    before = everything()
    again = desk.post(IMPORT, {"held": text})
    assert "have changed meanwhile. Nothing was imported" in text_of(again) and "Renamed: 1" in text_of(again)
    assert everything() == before
    desk.post(IMPORT, {"held": held(again)})
    assert organisation("RX3").name == "Tees, Esk and Wear Valleys NHS Foundation Trust"


def test_closing_many_needs_a_tick(desk, text_of):
    shown = upload(desk, all_trusts(_21={"closed": "20260731"}))
    assert "21 of the 202 trusts open here would close" in text_of(shown)
    refused = desk.post(IMPORT, {"held": held(shown)})
    assert "Nothing was imported. It would close 21" in text_of(refused)
    desk.post(IMPORT, {"held": held(refused), "allow_closures": "on"})
    assert Organisation.objects.open().count() == 224


@pytest.mark.parametrize(
    ("content", "as_of", "says"),
    [
        (b"code,name\n", "2026-07-31", "none of its rows has 27 columns"),
        (b" ", "2026-07-31", "The file is empty"),
        (b"", "2026-07-31", "The submitted file is empty"),
        (b"x" * (5 * 1024 * 1024 + 1), "2026-07-31", "Choose a file of 5 MB at most"),
        (SAMPLE, "2026-03-31", "2026 or a later day"),
        (SAMPLE, "soon", "Enter a valid date"),
    ],
)
def test_a_wrong_file_or_day_says_what_to_do(desk, content, as_of, says, text_of):
    response = upload(desk, content, as_of)
    assert says in text_of(response) and "Error:" in response.content.decode()


def test_a_list_too_large_to_hold_is_for_the_command(desk, monkeypatch, text_of):
    monkeypatch.setattr(organisation_admin, "HELD_AT_MOST", 100)
    assert "use manage.py import_ods" in text_of(upload(desk, SAMPLE))


def test_hostile_names_are_shown_as_text(desk):
    page = (
        upload(desk, listed({"code": "RJ1", "name": "<SCRIPT>ALERT(1)</SCRIPT>"}, {"code": "RJ2", "name": "X", "region": '"><img src=x>'}))
        .content.decode()
        .lower()
    )
    assert "<script>alert" not in page and "<img src=x" not in page


def test_the_import_is_for_administrators_alone(client):
    curator = make_curator("only-a-curator@example.org", is_superuser=False)
    desk = signed_in(curator)
    for response in (desk.get(IMPORT), upload(desk, SAMPLE), desk.post(IMPORT, {"held": "x"}), desk.get(MERGERS), desk.get(f"{MERGERS}add/")):
        assert response.status_code == 403
    assert client.get(IMPORT).status_code == 302
    assert not Organisation.objects.filter(code="RJ5").exists()


# Looking up and correcting --------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_organisations_are_found_by_code_name_and_former_name(desk, text_of):
    FormerName.objects.create(organisation=organisation("RJ1"), name="Old Lambeth Infirmary")
    for words in ("RJ1", "st thomas", "lambeth infirmary"):
        found = text_of(desk.get(LIST, {"q": words}))
        assert re.search(r"\b1 organisation\b", found) and "London NHS South East London Integrated Care Board 1 April 1993" in found


@pytest.mark.parametrize(("query", "number"), [("open=yes", 245), ("open=no", 0), ("region=Y63", 36), ("kind__exact=RO318", 36)])
@pytest.mark.both_databases
def test_organisations_are_filtered(desk, query, number, text_of):
    expected = Organisation.objects.filter(placements__region__code="Y63").count() if "Y63" in query else number
    assert f"{expected} organisation" in text_of(desk.get(f"{LIST}?{query}"))


@pytest.mark.both_databases
def test_no_organisation_is_deleted(desk):
    pk = organisation("RJ1").pk
    assert desk.post(f"{LIST}{pk}/delete/", {"post": "yes"}).status_code == 403
    assert f"{LIST}{pk}/delete/" not in desk.get(f"{LIST}{pk}/change/").content.decode()


@pytest.mark.both_databases
def test_a_name_changed_by_hand_leaves_the_former_name(desk):
    row = organisation("RJ1")
    data = {"code": "RJ1", "name": "New Name", "kind": row.kind, "opened": "1993-04-01", "closed": ""}
    placement = row.placements.get()
    inlines = {
        "placements-TOTAL_FORMS": 1,
        "placements-INITIAL_FORMS": 1,
        "placements-0-id": placement.pk,
        "placements-0-organisation": row.pk,
        "placements-0-icb": placement.icb_id,
        "placements-0-region": placement.region_id,
        "placements-0-since": "2026-04-01",
        "former_names-TOTAL_FORMS": 0,
        "former_names-INITIAL_FORMS": 0,
    }
    assert desk.post(f"{LIST}{row.pk}/change/", {**data, **inlines}).status_code == 302
    former = organisation("RJ1").former_names.get()
    assert (former.name, former.until) == ("Guy's and St Thomas' NHS Foundation Trust", timezone.localdate())


# Mergers --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def second_desk():
    return signed_in(make_curator("second@example.org"))


@pytest.fixture
def proposed(desk):
    """Proposed by the administrator at the first desk: Lewisham and Greenwich becomes part of King's."""
    answer = {"predecessor": organisation("RJ2").pk, "successor": organisation("RJZ").pk, "on": timezone.localdate().isoformat()}
    assert desk.post(f"{MERGERS}add/", answer).status_code == 302
    return Merger.objects.get()


def act(desk, action, merger):
    return desk.post(MERGERS, {"action": action, "_selected_action": [merger.pk], "index": 0}, follow=True)


def verbs():
    return list(AuditEntry.objects.filter(organisation__code="RJ2").order_by("pk").values_list("verb", flat=True))


@pytest.mark.both_databases
def test_one_administrator_proposes_and_another_approves(desk, second_desk, administrator, proposed, text_of):
    assert proposed.proposed_by == administrator
    assert "Somebody else must approve what you proposed" in text_of(act(desk, "approve", proposed))
    assert organisation("RJ2").is_open and verbs() == ["proposed_merger"]
    assert "approved a merger" in text_of(act(second_desk, "approve", proposed))
    predecessor = organisation("RJ2")
    assert predecessor.closed == timezone.localdate() and verbs() == ["proposed_merger", "approved_merger"]
    assert (predecessor.name, predecessor.placement.icb.code, predecessor.placement.region.code) == ("Lewisham and Greenwich NHS Trust", "QKK", "Y56")
    assert [o.code for o in predecessor.successors()] == ["RJZ"]
    assert "has been decided already" in text_of(act(second_desk, "approve", proposed))


@pytest.mark.both_databases
def test_a_merger_is_undone_whole(desk, second_desk, proposed, text_of):
    before = everything()[Organisation]
    act(second_desk, "approve", proposed)
    act(second_desk, "share", proposed)
    act(desk, "undo", proposed)
    proposed.refresh_from_db()
    assert proposed.undone_at and proposed.shared_at is None
    assert everything()[Organisation] == before
    assert not organisation("RJ2").successors().exists()
    assert verbs() == ["proposed_merger", "approved_merger", "shared_after_merger", "undid_merger"]
    assert "has been undone already" in text_of(act(desk, "undo", proposed))


def test_work_is_shared_by_a_second_administrator_or_the_last_lead(desk, second_desk, proposed, text_of):
    assert "Two administrators must agree the merger first" in text_of(act(second_desk, "share", proposed))
    act(second_desk, "approve", proposed)
    assert "last lead or a second administrator" in text_of(act(desk, "share", proposed))
    act(second_desk, "share", proposed)
    proposed.refresh_from_db()
    assert proposed.shared_at
    lead = make_person("lead@example.org")
    Membership.objects.create(user=lead, organisation=organisation("RJ2"), role="lead")
    proposed.share(by=lead)
    assert proposed.shared_by == lead


@pytest.mark.both_databases
def test_a_merger_into_itself_or_twice_is_refused_in_the_form(desk, proposed, text_of):
    today, pk = timezone.localdate().isoformat(), organisation("RJ2").pk
    assert "Choose two different organisations" in text_of(desk.post(f"{MERGERS}add/", {"predecessor": pk, "successor": pk, "on": today}))
    again = desk.post(f"{MERGERS}add/", {"predecessor": pk, "successor": organisation("RJZ").pk, "on": today})
    assert "has been proposed already" in text_of(again) and Merger.objects.count() == 1


def test_a_merger_before_the_predecessor_opened_is_refused_in_the_form(desk, text_of):
    answer = {"predecessor": organisation("RJ2").pk, "successor": organisation("RJZ").pk, "on": "1990-01-01"}
    assert "Enter a day after the predecessor opened" in text_of(desk.post(f"{MERGERS}add/", answer))


@pytest.mark.both_databases
def test_odd_filters_show_everything(desk, text_of):
    assert "245 organisations" in text_of(desk.get(f"{LIST}?region=%00&open=%00"))


@pytest.mark.both_databases
def test_a_merger_is_never_edited_or_deleted(desk, proposed):
    assert desk.post(f"{MERGERS}{proposed.pk}/delete/", {"post": "yes"}).status_code == 403
    assert desk.post(f"{MERGERS}{proposed.pk}/change/", {"on": "2020-01-01"}).status_code == 403
    page = desk.get(f"{MERGERS}{proposed.pk}/change/")
    assert page.status_code == 200 and "waits for a second administrator" in page.content.decode()
