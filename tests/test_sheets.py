"""Paper sheets: made, printed, keyed in once, sealed like any other rating, made void."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import AuditEntry, Membership
from assessments.models.rating import Said
from tests.people import make_person
from tests.rounds import make_framework, make_lead, rate, start_round

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def signed_in(person):
    browser = Client()
    browser.person = person
    browser.force_login(person)
    return browser


@pytest.fixture
def lead():
    return signed_in(make_lead())


@pytest.fixture
def assessment(lead):
    return start_round(lead.person, make_framework())


@pytest.fixture
def here(assessment):
    return f"{assessment.get_absolute_url()}sheets/"


@pytest.fixture
def make(lead, assessment, here):
    """Make sheets as a lead does."""

    def sheets(how_many, group="Staff"):
        return lead.post(here, {"how_many": how_many, "group": assessment.groups.get(name=group).pk}, follow=True)

    return sheets


@pytest.fixture
def contributor(lead):
    person = make_person("contributor@example.org")
    Membership.objects.create(user=person, organisation=lead.person.organisation, role="contributor")
    return signed_in(person)


def codes(assessment):
    return list(assessment.raters.on_paper().values_list("sheet_code", flat=True))


def key_in(browser, here, code):
    return browser.post(f"{here}key-in/", {"code": code})


# Making ---------------------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_each_sheet_has_a_code_of_its_own_that_cannot_be_misread(make, assessment, text_of):
    assert "20 sheets are ready to print" in text_of(make(20))
    made = codes(assessment)
    assert len(set(made)) == 20
    assert all(re.fullmatch(r"[BCDFGHJKMNPQRTVWXY34679]{3}-[BCDFGHJKMNPQRTVWXY34679]{3}", code) for code in made)
    assert AuditEntry.objects.first().detail == {"round": 1, "sheets": 20}
    assert set(assessment.groups.counted().values_list("name", "asked")) >= {("Staff", 20)}


@pytest.mark.both_databases
def test_a_code_that_is_taken_is_not_used_again(make, assessment, monkeypatch):
    waiting = ["AAA-AAA", "AAA-AAA", "BBB-BBB", "AAA-AAA", "CCC-CCC"]
    monkeypatch.setattr("assessments.models.rater.new_sheet_code", lambda: waiting.pop(0))
    make(1)
    make(2)
    assert codes(assessment) == ["AAA-AAA", "BBB-BBB", "CCC-CCC"]


@pytest.mark.parametrize("how_many", ["", "0", "21", "-1", "1e3", "9" * 400, "two", "1.5", "\x00"])
def test_one_to_twenty_are_made_at_a_time(how_many, make, assessment, text_of):
    assert "Enter a number from 1 to 20" in text_of(make(how_many)) or how_many == "\x00"
    assert codes(assessment) == []


@pytest.mark.both_databases
def test_a_round_has_at_most_a_hundred(make, assessment, text_of, lead):
    for _ in range(5):
        make(20)
    assert "A round has at most 100 paper sheets, and 100 are made. Make unused ones void first" in text_of(make(1))
    assert len(codes(assessment)) == 100


def test_a_contributor_makes_none(contributor, here, assessment):
    assert contributor.post(here, {"how_many": 1, "group": assessment.groups.first().pk}).status_code == 403
    assert codes(assessment) == []


# Printing -------------------------------------------------------------------------------------------------------------


def test_a_sheet_is_a_cover_and_a_page_for_each_component_with_the_code_on_each(make, assessment, lead, here, text_of):
    make(2)
    make(1, "Board and executive")
    staff = assessment.groups.get(name="Staff").pk
    page = lead.get(f"{here}print/?group={staff}")
    words, html = text_of(page), page.content.decode()
    for sheet in assessment.raters.on_paper().filter(group=staff):
        assert words.count(sheet.sheet_code) == 1 + 3  # a cover, and the small framework has three components
    assert "How does Our Trust improve?" in words
    assert "Ours, for tests" in words
    assert "Hand it back to whoever gave it to you, or to Lee Lead (lead@example.org)" in words
    assert "Nobody sees what you say until the round has closed" in words
    assert words.count("1.2 at level 5") == 2
    assert html.count('class="app-box"') == 2 * 4 * 7
    assert "This sheet is for: Board" not in words


def test_a_sheet_that_is_keyed_in_is_not_printed_again(make, assessment, lead, here, text_of):
    make(2)
    done, other = assessment.raters.on_paper()
    rate(done, "1234")
    words = text_of(lead.get(f"{here}print/"))
    assert other.sheet_code in words
    assert done.sheet_code not in words


@pytest.mark.parametrize("group", ["x", "-1", "1" * 60, "%00", "1e3", "٣"])
@pytest.mark.both_databases
def test_an_odd_group_to_print_is_a_plain_page(group, make, lead, here):
    make(1)
    assert lead.get(f"{here}print/?group={group}").status_code == 200


# Keying in ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [lambda code: code, str.lower, lambda code: code.replace("-", ""), lambda code: f" {code[:3]} - {code[4:]} ", lambda code: code.replace("-", "–").lower()],
)
@pytest.mark.both_databases
def test_a_code_opens_its_sheet_however_it_is_typed(written, make, assessment, contributor, here):
    make(1)
    (code,) = codes(assessment)
    there = key_in(contributor, here, written(code))
    assert re.fullmatch(r"/rate/[\w-]{22}/", there["Location"])
    assert contributor.get(there["Location"]).status_code == 200
    assert not assessment.raters.get().link_shown


def test_what_is_keyed_in_counts_like_any_other_and_leaves_no_line_in_the_log(make, assessment, contributor, here):
    make(1)
    lines = AuditEntry.objects.count()
    start = key_in(contributor, here, codes(assessment)[0])["Location"]
    contributor.post(f"{start}1/", {"choice-1.1": "4", "comment-1.1": "From paper", "version-1.1": "0"})
    sheet = assessment.raters.get()
    assert [(rating.choice, rating.comment) for rating in sheet.ratings.all()] == [("4", "From paper")]
    assert AuditEntry.objects.count() == lines


def test_a_sheet_can_be_gone_on_with_until_it_is_finished_and_then_it_is_sealed(make, assessment, contributor, lead, here, text_of):
    make(1)
    sheet = assessment.raters.get()
    sheet.ratings.save_all({assessment.framework.questions.first(): Said("2", "", 0)})
    assert key_in(contributor, here, sheet.sheet_code).status_code == 302
    rate(sheet, "1234")
    for browser in (contributor, lead):
        page = key_in(browser, here, sheet.sheet_code)
        assert "This sheet has been keyed in already, and is sealed" in text_of(page)
    assert "Keyed in" in text_of(lead.get(here))


@pytest.mark.parametrize("code", ["", "K7F-3MQ", "x" * 39, "' or 1=1", "\x00", "日本語日本語", "9" * 41])
@pytest.mark.both_databases
def test_a_code_that_is_none_says_what_to_do(code, make, contributor, here, text_of):
    make(1)
    page = key_in(contributor, here, code)
    assert page.status_code == 200
    assert "There is a problem" in text_of(page)


def test_the_code_of_another_round_opens_nothing_here(make, assessment, here, contributor, text_of):
    other = start_round(make_lead("CD1", "Theirs", "other@example.org"), assessment.framework)
    other.raters.make_sheets(1, other.groups.first().pk, by=other.started_by)
    assert "No sheet of this round has that code" in text_of(key_in(contributor, here, codes(other)[0]))


# Void -----------------------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_finished_sheet_can_be_made_void_by_a_lead_to_be_keyed_in_again(make, assessment, lead, contributor, here, text_of):
    make(1)
    sheet = assessment.raters.get()
    rate(sheet, "1234")
    page = f"{assessment.get_absolute_url()}raters/{sheet.public_id}/remove/"
    assert contributor.post(page).status_code == 403
    assert "what has been keyed in from it is deleted" in text_of(lead.get(page))
    assert f"Sheet {sheet.sheet_code} is void." in text_of(lead.post(page, follow=True))
    assert codes(assessment) == []
    assert AuditEntry.objects.first().verb == "voided_sheet"
    assert "No sheet of this round has that code" in text_of(key_in(contributor, here, sheet.sheet_code))


@pytest.mark.both_databases
def test_unused_sheets_are_made_void_together_and_used_ones_stay(make, assessment, lead, here, text_of):
    make(4)
    finished, begun, *_ = assessment.raters.on_paper()
    rate(finished, "1234")
    begun.ratings.save_all({assessment.framework.questions.first(): Said("2", "", 0)})
    assert "2 unused sheets are void." in text_of(lead.post(f"{here}void/", follow=True))
    assert codes(assessment) == sorted([finished.sheet_code, begun.sheet_code])
    assert AuditEntry.objects.first().detail == {"round": 1, "sheets": 2}
    assert "0 unused sheets are void." in text_of(lead.post(f"{here}void/", follow=True))
    assert AuditEntry.objects.filter(verb="voided_sheet").count() == 1


def test_a_sheet_is_sent_no_mail_and_has_no_link_to_copy(make, assessment, lead, here):
    make(1)
    sheet = assessment.raters.get()
    raters = f"{assessment.get_absolute_url()}raters/"
    for act in ("send", "copy"):
        assert lead.post(f"{raters}{sheet.public_id}/{act}/").status_code == 404
    assert lead.post(f"{raters}{sheet.public_id}/replace/", {"name": "", "email": "ann@x.org"}).status_code in (200, 404)
    assert codes(assessment) == [sheet.sheet_code]


def test_once_nobody_rates_no_sheet_is_made(assessment, lead):
    assessment.close(by=lead.person, reason="Done")
    with pytest.raises(ValidationError):
        assessment.raters.make_sheets(1, assessment.groups.first().pk, by=lead.person)
