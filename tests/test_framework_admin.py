"""Frameworks in the admin: for administrators alone, looked at before they come in, published after asking, and never edited."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import AuditEntry
from assessments.admin import let_go
from assessments.framework_file import as_file, read
from assessments.framework_import import publish, write
from assessments.framework_text import FrameworkText
from assessments.models import Framework, Question
from resources.models import Component
from tests.people import make_curator, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

LIST = "/admin/assessments/framework/"
IMPORT = f"{LIST}import/"


@pytest.fixture
def administrator():
    return make_curator("administrator@example.org")


@pytest.fixture
def desk(administrator):
    """The browser of an administrator who has signed in."""
    return signed_in(administrator)


@pytest.fixture
def published():
    return Framework.objects.get(slug="working-edition")


@pytest.fixture
def draft(published):
    return write(words(published, slug="draft"))


def words(published, **others):
    return replace(FrameworkText.of(published), **others)


def upload(desk, content, name="framework.yaml"):
    return desk.post(IMPORT, {"file": SimpleUploadedFile(name, content)})


def held(response):
    return unescape(re.search(r'name="held" value="([^"]*)"', response.content.decode())[1])


# The import -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".yaml", ".xlsx"])
@pytest.mark.both_databases
def test_an_administrator_uploads_looks_and_confirms(suffix, desk, administrator, published, text_of):
    assert IMPORT in desk.get(LIST).content.decode()
    text = words(published, slug="official", title="Official", questions=FrameworkText.of(published).questions[:5])
    shown = upload(desk, as_file(text, suffix), f"official{suffix}")
    page = text_of(shown)
    assert "Title: Official" in page and "Address: /self-assessment/official/" in page and "Questions: 5 1 Building a shared purpose and vision: 4" in page
    assert "It is new here." in page and Framework.objects.count() == 1
    done = desk.post(IMPORT, {"held": held(shown)}, follow=True)
    assert "Imported as a draft. Read it through, then publish it." in text_of(done)
    framework = Framework.objects.get(slug="official")
    assert not framework.is_published and FrameworkText.of(framework) == text
    assert AuditEntry.objects.get(verb="imported_framework").actor == administrator.public_id


@pytest.mark.both_databases
def test_a_draft_is_replaced_and_the_dry_run_says_so(desk, published, draft, text_of):
    shown = upload(desk, as_file(words(published, slug="draft", title="Better"), ".yaml"))
    assert "It replaces the draft that is here (22 questions)." in text_of(shown)
    desk.post(IMPORT, {"held": held(shown)})
    assert Framework.objects.get(slug="draft").title == "Better" and Question.objects.filter(framework__slug="draft").count() == 22


def test_a_draft_that_changed_meanwhile_is_shown_anew(desk, published, draft, text_of):
    shown = upload(desk, as_file(words(published, slug="draft", title="Mine"), ".yaml"))
    Framework.objects.filter(slug="draft").update(title="Theirs")
    again = desk.post(IMPORT, {"held": held(shown)})
    assert "The draft here has changed meanwhile. Nothing was imported" in text_of(again)
    assert Framework.objects.get(slug="draft").title == "Theirs"
    desk.post(IMPORT, {"held": held(again)})
    assert Framework.objects.get(slug="draft").title == "Mine"


@pytest.mark.both_databases
def test_a_draft_published_meanwhile_is_not_touched(desk, published, draft, text_of):
    shown = upload(desk, as_file(words(published, slug="draft", title="Mine"), ".yaml"))
    publish("draft")
    assert "Nothing was imported. draft: This framework is published and cannot change" in text_of(desk.post(IMPORT, {"held": held(shown)}))
    assert Framework.objects.get(slug="draft").title == published.title


def test_every_fault_of_a_file_is_listed_with_its_place(desk, published, text_of):
    content = as_file(words(published), ".yaml").replace(b"number: '2.1'", b"number: two")
    response = upload(desk, content)
    page = text_of(response)
    assert "Error:" in response.content.decode() and "Faults in the file: 2" in page
    assert "slug working-edition This framework is published and cannot change: new wording is a new framework" in page
    assert "question two, number two Write the number as 2.3" in page


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("framework.yaml", b"", "The submitted file is empty"),
        ("framework.yaml", b"x" * (5 * 1024 * 1024 + 1), "Choose a file of 5 MB at most"),
        ("framework.xlsx", b"PK nothing", "The file is not an Excel workbook"),
        ("framework.exe", b"x", "Choose a file whose name ends in .yaml, .yml or .xlsx"),
        ("framework.yaml", b"slug: a\x00b", "It holds a character that YAML does not allow"),
        ("framework.yaml", b"<script>alert(1)</script>", "Write keys and values"),
    ],
)
def test_a_wrong_file_says_what_to_do(name, content, says, desk, text_of):
    response = upload(desk, content, name)
    assert response.status_code == 200 and says in text_of(response) and "<script>alert" not in response.content.decode()


@pytest.mark.parametrize("spoil", [lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"), lambda text: "", lambda text: "\x00", lambda text: "🙂" * 50])
def test_altered_text_is_refused(spoil, desk, published, text_of):
    shown = upload(desk, as_file(words(published, slug="new"), ".yaml"))
    response = desk.post(IMPORT, {"held": spoil(held(shown))})
    assert response.status_code == 400 and "Nothing was imported: choose the file again" in text_of(response)
    assert not Framework.objects.filter(slug="new").exists()


def test_a_dry_run_is_confirmed_within_the_hour(desk, published):
    text = held(upload(desk, as_file(words(published, slug="new"), ".yaml")))
    with time_machine.travel(timezone.now() + timedelta(minutes=61)), pytest.raises(signing.SignatureExpired):
        let_go(text)


# Looking, taking out, publishing --------------------------------------------------------------------------------------


def test_frameworks_are_listed_with_edition_state_and_questions(desk, draft, text_of):
    page = text_of(desk.get(LIST))
    assert "working edition, November 2026 working-edition 22 published" in page and "draft 22 draft" in page


def test_a_framework_is_read_whole_and_nothing_can_be_typed(desk, published, text_of):
    response = desk.get(f"{LIST}{published.pk}/change/")
    page = text_of(response)
    assert "This framework is published and cannot change." in page and "Coaching is how people are led, recruited and appraised." in page
    assert "<textarea" not in response.content.decode() and 'name="title"' not in response.content.decode()


@pytest.mark.parametrize("suffix", [".yaml", ".xlsx"])
def test_a_draft_is_taken_out_as_a_file_too(suffix, desk, draft):
    components = dict(Component.objects.values_list("slug", "number"))
    file = desk.get(f"{LIST}{draft.pk}/export{suffix}")
    assert read(file.content, f"x{suffix}", components=components) == FrameworkText.of(draft)


def test_publishing_asks_first(desk, administrator, draft, client, text_of):
    address = f"{LIST}{draft.pk}/publish/"
    assert "nothing of it can ever change" in text_of(desk.get(address)) and not Framework.objects.get(pk=draft.pk).is_published
    done = desk.post(address, follow=True)
    assert "Published: anybody can read it at /self-assessment/draft/" in text_of(done)
    assert client.get("/self-assessment/draft/").status_code == 200
    assert AuditEntry.objects.latest("pk").actor == administrator.public_id
    assert "cannot change: new wording is a new framework" in text_of(desk.post(address, follow=True))


@pytest.mark.both_databases
def test_a_draft_that_lacks_a_level_is_not_published(desk, draft, text_of):
    draft.questions.first().levels.first().delete()
    assert "It was not published. Give five levels to 1.1." in text_of(desk.post(f"{LIST}{draft.pk}/publish/", follow=True))


@pytest.mark.both_databases
def test_a_published_framework_is_neither_changed_nor_deleted_and_the_page_says_why(desk, published, text_of):
    before = FrameworkText.of(published)
    assert "cannot change: new wording is a new framework" in text_of(desk.post(f"{LIST}{published.pk}/change/", {"title": "Other"}, follow=True))
    for answer in (desk.get(f"{LIST}{published.pk}/delete/", follow=True), desk.post(f"{LIST}{published.pk}/delete/", {"post": "yes"}, follow=True)):
        assert "This framework is published: rounds use it and reports cite it, so it is never deleted." in text_of(answer)
    desk.post(LIST, {"action": "delete_selected", "_selected_action": [published.pk], "post": "yes"})
    assert FrameworkText.of(Framework.objects.get(pk=published.pk)) == before


@pytest.mark.both_databases
def test_a_draft_is_not_edited_by_hand_but_can_go(desk, draft, text_of):
    assert "Nothing is edited here" in text_of(desk.post(f"{LIST}{draft.pk}/change/", {"title": "Other"}, follow=True))
    assert desk.get(f"{LIST}add/").status_code == 403
    assert "were deleted" in (page := text_of(desk.post(f"{LIST}{draft.pk}/delete/", {"post": "yes"}, follow=True))) or "was deleted" in page
    assert not Framework.objects.filter(slug="draft").exists()


def test_it_is_for_administrators_alone(client, published, draft):
    curator = signed_in(make_curator("only-a-curator@example.org", is_superuser=False))
    addresses = [LIST, IMPORT, *(f"{LIST}{draft.pk}/{page}" for page in ("change/", "delete/", "publish/", "export.yaml", "export.xlsx", "history/"))]
    for address in addresses:
        assert curator.get(address).status_code == curator.post(address, {"post": "yes"}).status_code == 403, address
        assert client.get(address).status_code == 302, address
    assert not Framework.objects.get(pk=draft.pk).is_published
    assert LIST not in curator.get("/admin/").content.decode()


@pytest.mark.parametrize("address", ["999999/change/", "999999/delete/", "%00/change/", "1e3/publish/", "9" * 30 + "/change/"])
@pytest.mark.both_databases
def test_a_framework_that_is_not_there_is_no_error(address, desk):
    assert desk.get(f"{LIST}{address}").status_code in (302, 404)


@pytest.mark.parametrize("page", ["publish/", "export.yaml", "export.xlsx"])
def test_a_page_of_one_that_is_not_there_does_not_exist(page, desk):
    for pk in (999_999, 10**18, 10**30):
        assert desk.get(f"{LIST}{pk}/{page}").status_code == 404
