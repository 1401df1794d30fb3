"""Loading the fixtures again never undoes a curator's work, and a wrong fixture says what to change."""

import json
import shutil

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from impact_portal.models import Page
from resources.models import Practice, Provider, Resource, Synonym

pytestmark = pytest.mark.django_db


@pytest.fixture
def fixtures(tmp_path):
    """A copy of the fixtures to spoil, and a way to change a row of one."""
    copy = tmp_path / "fixtures"
    shutil.copytree(settings.BASE_DIR / "fixtures", copy)

    def change(name, at, **values):
        rows = json.loads((copy / name).read_text())
        rows[at].update(values)
        (copy / name).write_text(json.dumps(rows))

    copy_and_change = (copy, change)
    return copy_and_change


def test_loading_again_changes_nothing(capsys):
    call_command("load_catalogue")
    assert "0 rows made, 0 brought up to date, 0 left" in capsys.readouterr().out


def test_what_a_curator_edited_stays_edited(fixtures, capsys):
    directory, change = fixtures
    resource = Resource.objects.get(slug="team-huddles")
    resource.summary = "A curator's own words."
    resource.save()
    change("resources.json", 19, summary="A newer fixture's words.")
    call_command("load_catalogue", directory)
    resource.refresh_from_db()
    assert resource.summary == "A curator's own words."
    assert "1 left as curators have them" in capsys.readouterr().out


def test_what_nobody_edited_follows_a_newer_fixture(fixtures):
    directory, change = fixtures
    rows = json.loads((directory / "resources.json").read_text())
    change("resources.json", 0, summary="A newer fixture's words.", providers=["NHS England", "A New Body"], components=[5])
    call_command("load_catalogue", directory)
    resource = Resource.objects.get(slug=rows[0]["slug"])
    assert resource.summary == "A newer fixture's words."
    assert {p.name for p in resource.providers.all()} == {"NHS England", "A New Body"}
    assert [c.number for c in resource.components.all()] == [5]


@pytest.mark.parametrize(
    "row",
    [
        ("resource", "team-huddles"),
        ("synonym", "PDSA"),
        ("provider", "Turas"),
        ("practice", "Offer training and support in that method to everyone."),
        ("page", "terms"),
    ],
)
def test_what_a_curator_deleted_stays_deleted(row):
    kind, key = row
    model, field = {
        "resource": (Resource, "slug"), "synonym": (Synonym, "term"), "provider": (Provider, "name"), "practice": (Practice, "text"), "page": (Page, "slug"),
    }[kind]  # fmt: skip
    model.objects.get(**{field: key}).delete()
    call_command("prepare")
    assert not model.objects.filter(**{field: key}).exists()


def test_a_practice_reworded_by_a_curator_does_not_come_back(fixtures):
    practice = Practice.objects.filter(component__number=3).first()
    before = Practice.objects.count()
    practice.text = "In better words."
    practice.save()
    call_command("load_catalogue")
    assert Practice.objects.count() == before


@pytest.mark.parametrize(
    ("file", "number", "values", "says"),
    [
        ("resources.json", 11, {"category": "podcasts"}, "there is no category 'podcasts'. Use one of: assessment-and-improvement, case-studies"),
        ("resources.json", 11, {"components": [6]}, "there is no component 6. Use one of: 1, 2, 3, 4, 5"),
        ("resources.json", 11, {"url": "javascript:alert(1)", "slug": "new-one"}, "url: Enter a valid URL"),
        ("resources.json", 11, {"title": "", "slug": "new-one"}, "title: This field cannot be blank"),
        ("components.json", 2, {"number": 9, "slug": "ninth"}, "number: Ensure this value is less than or equal to 5"),
    ],
)
def test_a_wrong_row_stops_with_its_place_and_what_to_change_and_nothing_is_loaded(fixtures, file, number, values, says):
    directory, change = fixtures
    change("synonyms.json", 0, term="brand new")
    change(file, number, **values)
    with pytest.raises(CommandError) as error:
        call_command("load_catalogue", directory)
    assert str(error.value).startswith(f"Nothing was loaded. {file}, row {number + 1}")
    assert says in str(error.value)
    assert not Synonym.objects.filter(term="brand new").exists()


def test_a_missing_or_broken_file_says_so(fixtures):
    directory, _ = fixtures
    (directory / "categories.json").write_text("[{")
    with pytest.raises(CommandError, match=r"categories\.json is not valid JSON"):
        call_command("load_catalogue", directory)
    (directory / "categories.json").unlink()
    with pytest.raises(CommandError, match=r"categories\.json is missing"):
        call_command("load_catalogue", directory)
    shutil.copy(settings.BASE_DIR / "fixtures" / "categories.json", directory)
    rows = json.loads((directory / "resources.json").read_text())
    del rows[4]["url"]
    (directory / "resources.json").write_text(json.dumps(rows))
    with pytest.raises(CommandError, match=r"resources\.json, row 5: add url"):
        call_command("load_catalogue", directory)
