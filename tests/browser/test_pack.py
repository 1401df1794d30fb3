"""From a submitted result to its pack: the board page that prints on one side of A4, and a file that is kept."""

import uuid
from io import BytesIO

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.packs import hostile, make_submission
from tests.people import PASSWORD, make_person


@pytest.fixture
def code():
    """An organisation of this test's own, since all browser tests share a database."""
    return uuid.uuid4().hex[:4].upper()


@pytest.fixture
def reader(new_page):
    """A browser in which a viewer of an organisation has signed in."""

    def sign_in(organisation, **options):
        viewer = make_person(f"viewer-{organisation.code}@example.org".lower(), name="Vi Viewer")
        organisation.memberships.create(user=viewer, role="viewer")
        page = new_page(**options)
        page.goto("/accounts/login/")
        page.get_by_label("E-mail address").fill(viewer.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/organisations/**")
        return page

    return sign_in


def submitted(code, **options):
    lead, submission = make_submission(code=code, email=f"lead-{code}@example.org".lower(), **options)
    return lead.organisation, submission


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}], ids=["with script", "without"])
def test_a_viewer_goes_from_the_result_to_the_pack_reads_the_board_page_and_keeps_a_file(code, reader, options, assert_accessible, assert_fits, tmp_path):
    organisation, submission = submitted(code)
    page = reader(organisation, **options)
    page.goto(submission.get_absolute_url())
    page.get_by_role("link", name="Pack for the board").click()
    if not options:
        assert_accessible(page)
    page.get_by_role("link", name="The board page", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Our Trust: how we improve")
    assert_accessible(page)
    assert_fits(page, 375, 1280)
    page.get_by_role("link", name="All files of the pack").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="The workbook").click()
    kept = tmp_path / download.value.suggested_filename
    download.value.save_as(kept)
    assert kept.name == f"{code}-{timezone.localdate().year}-2-v1-workbook.xlsx"
    assert kept.read_bytes().startswith(b"PK")


def at_length(number, field):
    """As much as anybody can write."""
    return hostile("2.1", field)


LONG = {
    "words": at_length,
    "title": ("=cmd() " + "a very long title " * 12)[:194],
    "organisation": ("The Extraordinarily Long Name Of A Trust That Covers Many Counties " * 4)[:200],
    "name": ("A round with a name that goes on and on " * 3)[:100],
    "crowd": {f"{name} {'and more ' * 5}"[:60]: 7 for name in ("Board", "Leaders", "Staff", "Partners", "People", "Others")},
}
FEW = {"crowd": {"Staff": 3}, "before": False}


@pytest.mark.parametrize("options", [{}, LONG, FEW, {"anonymous": False}], ids=["usual", "long", "few", "open"])
def test_the_board_page_prints_on_one_side_of_a4_and_says_where_the_rest_is(code, reader, options):
    organisation, submission = submitted(code, **options)
    page = reader(organisation)
    page.goto(f"{submission.get_absolute_url()}pack/board/")
    printed = page.pdf(prefer_css_page_size=True)
    pages = PdfReader(BytesIO(printed)).pages
    assert len(pages) == 1
    assert [round(float(side)) for side in pages[0].mediabox[2:]] == [595, 842]
    words = pages[0].extract_text()
    assert submission.reference in words and "Since last round" in words
    if options is LONG:
        assert "the rest is in the report, 1.2" in " ".join(words.split())
