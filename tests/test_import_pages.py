"""The pages of an import: for curators alone, with nothing of a file left raw in them, and never a 5xx."""

import re
from html.parser import HTMLParser

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resources.import_apply import apply, dry_run
from resources.import_columns import LABELS
from resources.models import ImportBatch, LinkRun, Resource
from resources.workbook import LARGEST
from tests.imports import as_csv, good_row, here, title_of
from tests.people import browser_of, make_curator, make_person

pytestmark = pytest.mark.django_db
IMPORT = "/admin/resources/importbatch/import/"


@pytest.fixture
def person(db):
    return make_curator()


@pytest.fixture
def desk(person):
    return browser_of(person)


def send(desk, content, name="file.csv"):
    return desk.post(IMPORT, {"file": SimpleUploadedFile(name, content)})


def at(batch, page="batch"):
    return reverse(f"admin:resources_{page}", args=[batch.pk])


def test_only_who_may_add_and_change_resources_comes_in():
    clerk = browser_of(make_curator("clerk@example.org", is_superuser=False))
    assert clerk.get(IMPORT).status_code == clerk.get("/admin/resources/importbatch/").status_code == 403
    assert clerk.get("/admin/resources/importbatch/export.csv").status_code == 403


def test_a_file_is_looked_at_taken_over_published_and_undone(desk, person, text_of):
    looked = send(desk, as_csv([good_row(1), here("team-huddles", cost="Paid"), good_row(3, minutes="x")]), "november <b>.csv")
    batch = ImportBatch.objects.get()
    assert looked["Location"] == at(batch)
    assert "1 new, 1 changed, 0 unchanged, 0 possible duplicates, 1 with errors. Nothing has changed yet." in text_of(desk.get(at(batch)))
    made = desk.post(at(batch, "batch_apply"), follow=True)
    assert "Imported. New drafts: 1. Changed: 1. Left: 1." in text_of(made)
    assert "Waiting to be checked" in text_of(made) and LinkRun.objects.get(batch=batch).by == person
    refused = desk.post(at(batch, "batch_care"), {"owner": "", "review_on": "2020-01-01", "publish": "Publish"})
    for words in ("Select an owner: 1 of the drafts have none", "Enter a day to come", "Select a sign-in label: 1 of the drafts have none"):
        assert words in text_of(refused)
    assert Resource.objects.get(batch=batch).state == "draft"
    care = {"owner": person.pk, "review_on": "2030-01-01", "sign_in": "none", "publish_at": "2031-01-01T09:00", "publish": "Publish"}
    assert "1 resource scheduled" in text_of(desk.post(at(batch, "batch_care"), care, follow=True))
    resource = Resource.objects.get(batch=batch)
    assert (resource.owner, resource.review_on.year, resource.sign_in, resource.state) == (person, 2030, "none", "scheduled")
    assert resource.history.first().history_change_reason == f"{batch.reason}: looked after as a whole"
    assert desk.get(at(batch, "batch_undo")).status_code == 200 and ImportBatch.objects.get().state == "made"
    assert "is undone. Edited since, and left as they are: 0." in text_of(desk.post(at(batch, "batch_undo"), follow=True))
    assert not Resource.objects.filter(batch=batch).exists()
    assert "undone already" in text_of(desk.post(at(batch, "batch_undo"), follow=True))


def test_what_is_edited_after_an_undo_stands_with_both_texts(desk, person, text_of):
    batch = dry_run(as_csv([good_row(1)]), "f.csv", person)
    apply(batch, person)
    resource = batch.resources.get()
    resource.summary = "By hand"
    resource.save()
    page = text_of(desk.post(at(batch, "batch_undo"), follow=True))
    assert "Edited since, and left as they are: 1" in page and "By hand How a ward made handovers quieter." in page


def test_duplicates_are_ticked_on_their_page(desk, person, text_of):
    batch = dry_run(as_csv([good_row(1), good_row(2, url=good_row(1)["url"])]), "f.csv", person)
    assert "Select the rows that are no duplicates" in text_of(desk.post(at(batch, "batch_distinct"), {"row": ["x", "9" * 40, "\x00"]}, follow=True))
    assert "to be imported with the others: 1" in text_of(desk.post(at(batch, "batch_distinct"), {"row": ["3", "2"]}, follow=True))
    assert b"It is a duplicate: row 3" in desk.get(at(batch) + "?kind=new").content
    desk.post(at(batch, "batch_distinct"), {"row": "3", "undo": "1"})
    assert batch.counts() == {"error": 0, "duplicate": 1, "changed": 0, "new": 1, "unchanged": 0}


def test_a_dry_run_is_deleted_and_an_import_is_not(desk, person, text_of):
    looked, made = (dry_run(as_csv([good_row(n)]), "f.csv", person) for n in (1, 2))
    apply(made, person)
    assert "is deleted. Nothing was imported." in text_of(desk.post(at(looked, "batch_discard"), follow=True))
    assert "it can be undone" in text_of(desk.post(at(made, "batch_discard"), follow=True))
    assert list(ImportBatch.objects.all()) == [made]


def test_the_list_exports_what_was_chosen(desk):
    chosen = list(Resource.objects.order_by("title")[:3])
    answer = desk.post("/admin/resources/resource/", {"action": "export_csv", "_selected_action": [resource.pk for resource in chosen]})
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].split(",")[:3] == ["Title", "Slug", "Publishers"] and len(lines) == 4
    assert all(resource.slug in answer.content.decode() for resource in chosen)


def test_a_file_too_large_is_refused_before_it_is_read(desk):
    assert desk.post(IMPORT, data=b"x" * (LARGEST + 200_000), content_type="multipart/form-data; boundary=x").status_code == 413
    assert "larger than 5 MB" in send(desk, b"Title\n" + b"x" * LARGEST).content.decode()


def test_no_file_and_odd_pages_are_said_plainly(desk, person):
    assert b"Select a file" in desk.post(IMPORT).content
    batch = dry_run(as_csv([good_row(1)]), "f.csv", person)
    for odd in ("kind=%00", "kind=none&page=x", "page=99999999999999999999", "kind=new&page=-1"):
        assert desk.get(f"{at(batch)}?{odd}").status_code == 200
    assert desk.get("/admin/resources/importbatch/99999999999999999999999/").status_code == 404
    odd = {"owner": "9" * 40, "deputy": "x", "review_on": "\x00", "sign_in": "y", "publish_at": "9999-99-99", "publish": "1"}
    assert desk.post(at(batch, "batch_care"), odd).status_code == 302
    apply(batch, person)
    assert desk.post(at(batch, "batch_care"), odd).status_code == 200


VECTORS = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)", "<svg/onload=alert(1)>", "{{7*7}}{% debug %}", "</td></table><iframe src=//evil>",
    "javascript:alert(1)", "https://example.org/\"onclick=\"alert(1)", "<a href='javascript:alert(1)'>x</a>", "&lt;script&gt;", "\u202e<b>",
]  # fmt: skip


class Raw(HTMLParser):
    """What a page would run, or show as it must not."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name.startswith("on") or (name in ("href", "src", "action") and re.match(r"\s*javascript:", value or "", re.IGNORECASE)):
                self.found.append((tag, name, value))
        if tag in ("iframe", "b") or (tag == "img" and dict(attributes).get("src") == "x"):
            self.found.append((tag, attributes))


def raw(response):
    assert response.status_code == 200
    parser = Raw()
    parser.feed(response.content.decode())
    return parser.found + (["script"] if b"<script>alert" in response.content else [])


def test_no_text_of_a_file_runs_on_any_page(desk, person):
    rows = [good_row(n, **{name: vector}) for n, (name, vector) in enumerate((name, vector) for name in LABELS for vector in VECTORS)]
    rows += [good_row(1000 + n, title=f"{vector} {n}", providers=vector, credit=vector, audience=vector, summary=vector) for n, vector in enumerate(VECTORS)]
    rows += [
        here("team-huddles", title=VECTORS[0], summary=VECTORS[1]),
        *(good_row(1100 + n, url=good_row(0)["url"], title=vector) for n, vector in enumerate(VECTORS)),
    ]
    send(desk, as_csv(rows), "<script>alert(1)</script>.csv")
    batch = ImportBatch.objects.get()
    pages = [f"?kind={kind}&page={page}" for kind in batch.counts() for page in (1, 2, 3)]
    assert [raw(desk.get(at(batch) + page)) for page in pages] == [[]] * len(pages)
    apply(batch, person)
    Resource.objects.filter(batch=batch).update(summary=VECTORS[1])
    assert [raw(desk.get(at(batch) + page)) for page in pages] == [[]] * len(pages)
    for resource in list(batch.resources.all()):
        resource.credit = VECTORS[3]
        resource.save()
    assert [raw(desk.post(at(batch, "batch_undo"), follow=True)), raw(desk.get("/admin/resources/importbatch/"))] == [[], []]


def test_a_heading_is_shown_and_does_not_run(desk):
    assert raw(send(desk, f'Title,"{VECTORS[0]}"\nx,y\n'.encode())) == []


PLAIN = as_csv([good_row(n) for n in range(2)])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.integers(0, len(PLAIN)),
    damage=st.binary(max_size=8) | st.text(max_size=8).map(lambda text: text.encode("utf-8", "surrogatepass")),
    cut=st.integers(0, 60),
)
def test_a_damaged_file_is_never_half_applied_and_never_a_5xx(place, damage, cut, desk):
    resources = Resource.objects.count()
    answer = send(desk, PLAIN[:place] + damage + PLAIN[place + cut :])
    assert answer.status_code in (200, 302)
    if answer.status_code == 302:
        good = ImportBatch.objects.first().counts()["new"]
        assert desk.get(answer["Location"]).status_code == 200
        assert desk.post(answer["Location"] + "apply/").status_code == 302
        assert Resource.objects.count() == resources + good
        desk.post(answer["Location"] + "undo/")
    assert Resource.objects.count() == resources


@pytest.mark.parametrize("kind", ["new", "changed", "error", "duplicate", "unchanged"])
def test_a_page_of_rows_asks_as_little_for_fifty_as_for_five(kind, desk, person):
    slugs = list(Resource.objects.order_by("slug").values_list("slug", flat=True)[:50])

    def asked(n, start):
        rows = {
            "new": lambda: [good_row(start + i) for i in range(n)],
            "changed": lambda: [here(slug, credit=f"{n}") for slug in slugs[:n]],
            "error": lambda: [good_row(start + i, minutes="x") for i in range(n)],
            "duplicate": lambda: [good_row(start + i, url=Resource.objects.get(slug=slug).url) for i, slug in enumerate(slugs[:n])],
            "unchanged": lambda: [here(slug) for slug in slugs[:n]],
        }[kind]()
        batch = dry_run(as_csv(rows), "f.csv", person)
        assert batch.counts()[kind] == n
        desk.get(at(batch))
        with CaptureQueriesContext(connection) as queries:
            desk.get(f"{at(batch)}?kind={kind}")
        return len(queries)

    assert asked(45, 100) <= asked(5, 0)


def test_a_curator_who_left_is_no_longer_named(desk, person):
    leaver = make_person("leaver@example.org", is_staff=True)
    batch = dry_run(as_csv([good_row(1)]), "f.csv", leaver)
    apply(batch, leaver)
    ImportBatch.objects.filter(pk=batch.pk).update(by=None, made_at=timezone.now())
    assert b"somebody who has left" in desk.get(at(batch)).content
    assert batch.resources.get().title == title_of(1)
