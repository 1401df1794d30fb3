"""The framework as data: the working edition that comes with the portal, its public pages, and how frameworks come in and go out by command."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.seed import Counts, FixtureError
from assessments.framework_file import as_file, read
from assessments.framework_import import publish, write
from assessments.framework_text import FrameworkText
from assessments.models import Framework
from assessments.seed import load_frameworks
from resources.models import Component

pytestmark = pytest.mark.django_db

LIST, PAGE = "/self-assessment/", "/self-assessment/working-edition/"
SHIPPED = settings.BASE_DIR / "fixtures" / "frameworks"
NOTE = "This is a working edition, in our own words. It is not NHS England’s wording, and NHS England has not checked it."
TITLES = """\
1.1 Board sets purpose
1.2 Work follows priorities
1.3 Co-design, share, celebrate
1.4 Lived experience drives it
2.1 Attention to culture
2.2 What matters to people
2.3 Coaching leadership
2.4 Staff able to improve
3.1 Leadership strategy
3.2 Board development
3.3 Go and see
3.4 Values and behaviours
3.5 Leading in partnership
4.1 Capability strategy
4.2 Method and training
4.3 Measured with data
4.4 Co-production
4.5 Daily huddles
5.1 Aligned goals
5.2 Planning and knowing status
5.3 Local and national priorities
5.4 Improvement in everything""".splitlines()


def shipped():
    return FrameworkText.of(Framework.objects.get(slug="working-edition"))


def a_draft(slug="next-edition", **others):
    """The working edition's words at another address, not published."""
    return write(replace(shipped(), slug=slug, **others))


# What comes with the portal -------------------------------------------------------------------------------------------


def test_the_working_edition_has_the_22_questions_and_is_published():
    framework, text = Framework.objects.get(), shipped()
    assert framework.is_published and framework.slug == "working-edition"
    assert [f"{question.number} {question.title}" for question in text.questions] == TITLES
    assert list(text.by_component().values()) == [4, 4, 5, 5, 4]
    assert list(text.by_component()) == list(Component.objects.values_list("slug", flat=True))
    assert text.level_names == ("Starting", "Developing", "Progressing", "Spreading", "Improving and sustaining")


def test_its_words_are_those_agreed():
    """A few, from each end and the middle: the questions as asked, and levels word for word."""
    questions = {question.number: question for question in shipped().questions}
    assert questions["1.1"].asks == "Do the board and executives create, know and live one shared purpose?"
    assert questions["3.3"].asks == "Do leaders regularly visit where work happens, to learn and unblock?"
    assert questions["5.4"].asks == "Is improvement part of planning, assurance and daily management?"
    assert questions["1.1"].levels[0] == "A purpose may be written down, but few outside the executive know it."
    assert questions["2.3"].levels == (
        "Managers solve problems themselves.",
        "Some leaders are trained to coach.",
        "Coaching habits are seen in several areas and practised at the workplace.",
        "Most leaders coach; staff say so.",
        "Coaching is how people are led, recruited and appraised.",
    )
    assert questions["5.4"].levels[4] == "It is simply how the organisation is run."
    assert all(2 <= len(question.examples) <= 3 and len(set(question.levels)) == 5 for question in questions.values())


def test_it_says_that_it_is_ours_and_where_it_comes_from():
    text = shipped()
    assert text.note == NOTE
    assert "Written for this portal" in text.source and "https://www.england.nhs.uk/nhsimpact/self-assessment/" in text.source
    assert "Open Government Licence v3.0" in text.source


# Reading age ----------------------------------------------------------------------------------------------------------


def syllables(word):
    """A count by ear's rules of thumb: groups of vowels, without a silent e or -ed."""
    word = word.lower()
    count = len(re.findall(r"[aeiouy]+", word))
    silent = (word.endswith("e") and not word.endswith("le")) or re.search(r"[^td]ed$", word)
    return max(count - bool(silent), 1)


def grade(*texts):
    """The Flesch-Kincaid grade, plus 5 the age of a reader: 0.39 words a sentence + 11.8 syllables a word - 15.59. A semicolon ends a sentence, as it does to a reader."""
    sentences = [part for text in texts for part in re.split(r"[.;:?!]\W*", text) if part]
    words = [word for sentence in sentences for word in re.findall(r"[A-Za-z’]+", sentence)]
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_it_can_be_read_at_the_age_of_12():
    """The NHS writes for readers of 9 to 11. Our examples keep to that, question by question (grade 6 at most). The levels and what
    each question asks were given to us, and hold words such as "organisational" that no rewording of ours may take out: with them a
    question as a whole is allowed grade 7, all that is asked together grade 8. What a single question asks can be above that."""
    questions = shipped().questions
    assert {q.number: grade(*q.examples) for q in questions if grade(*q.examples) > 6} == {}
    assert {q.number: grade(q.asks, *q.examples, *q.levels) for q in questions if grade(q.asks, *q.examples, *q.levels) > 7} == {}
    assert grade(*(q.asks for q in questions)) <= 8
    assert max(len(example.split()) for q in questions for example in q.examples) <= 20
    assert grade("Organisational improvement capability necessitates multidisciplinary prioritisation.") > 20 > 3 > grade("The cat sat on the mat.")


# Loading, again and again ---------------------------------------------------------------------------------------------


def test_loading_again_changes_nothing(tmp_path):
    before, counts = Framework.objects.values().get(), Counts()
    load_frameworks(SHIPPED, counts)
    assert Framework.objects.values().get() == before
    assert (counts.made, counts.updated, counts.kept, counts.notes) == (0, 0, 0, [])


def test_a_file_that_differs_from_what_is_published_is_told_of_and_changes_nothing(tmp_path, capsys):
    (tmp_path / "working-edition.yaml").write_bytes(as_file(replace(shipped(), title="Other words"), ".yaml"))
    before, counts = shipped(), Counts()
    load_frameworks(tmp_path, counts)
    assert counts.notes == ["working-edition.yaml: its words differ from the framework published here, which stays as it is: new wording is a new framework"]
    assert shipped() == before


def test_a_file_that_has_become_wrong_does_not_stop_a_portal_where_it_is_published(tmp_path):
    (tmp_path / "working-edition.yaml").write_text("slug: [")
    counts = Counts()
    load_frameworks(tmp_path, counts)
    assert len(counts.notes) == 1
    (tmp_path / "new.yaml").write_text("slug: new")
    with pytest.raises(FixtureError, match=r"new\.yaml: line 1: Add title"):
        load_frameworks(tmp_path, counts)


def test_a_draft_of_the_same_address_is_left_alone(tmp_path):
    a_draft("mine", title="Somebody’s work")
    (tmp_path / "mine.yaml").write_bytes(as_file(replace(shipped(), slug="mine"), ".yaml"))
    counts = Counts()
    load_frameworks(tmp_path, counts)
    assert "a draft of this address is here" in counts.notes[0]
    assert not Framework.objects.get(slug="mine").is_published and Framework.objects.get(slug="mine").title == "Somebody’s work"


def test_a_new_file_is_loaded_and_published_under_its_own_name(tmp_path):
    content = as_file(replace(shipped(), slug="other"), ".yaml")
    (tmp_path / "misnamed.yaml").write_bytes(content)
    with pytest.raises(FixtureError, match=r"name the file other\.yaml"):
        load_frameworks(tmp_path, Counts())
    (tmp_path / "misnamed.yaml").rename(tmp_path / "other.yaml")
    load_frameworks(tmp_path, Counts())
    assert Framework.objects.get(slug="other").is_published


def test_prepare_says_what_differs(monkeypatch, tmp_path, capsys):
    Framework.objects.filter(slug="nothing").delete()
    monkeypatch.setattr("impact_portal.management.commands.prepare.load_frameworks", lambda path, counts: counts.notes.append("the file differs"))
    call_command("prepare")
    assert "the file differs" in capsys.readouterr().out


# By command -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".yaml", ".yml", ".xlsx"])
def test_an_export_at_another_address_comes_in_as_a_draft(suffix, tmp_path, capsys):
    a_draft("mine")
    file = tmp_path / f"mine{suffix}"
    call_command("export_framework", "mine", file)
    Framework.objects.get(slug="mine").delete()
    call_command("import_framework", file)
    shown = capsys.readouterr().out
    assert "Self-assessment on the five components of NHS IMPACT, working edition, November 2026" in shown
    assert "Questions: 22" in shown and "2 Investing in people and culture: 4" in shown and "It is new here." in shown and "nothing was changed" in shown
    assert not Framework.objects.filter(slug="mine").exists()
    call_command("import_framework", file, "--apply")
    framework = Framework.objects.get(slug="mine")
    assert not framework.is_published and replace(FrameworkText.of(framework), slug="working-edition") == shipped()
    assert AuditEntry.objects.latest("pk").verb == "imported_framework" and AuditEntry.objects.latest("pk").detail == {"framework": "mine"}


def test_an_import_replaces_a_draft_and_can_publish_it(tmp_path, capsys):
    a_draft("mine", questions=shipped().questions[:1])
    file = tmp_path / "mine.yaml"
    file.write_bytes(as_file(replace(shipped(), slug="mine", title="Longer"), ".yaml"))
    call_command("import_framework", file, "--publish")
    assert "It replaces the draft that is here." in capsys.readouterr().out
    framework = Framework.objects.get(slug="mine")
    assert framework.is_published and framework.title == "Longer" and framework.questions.count() == 22
    assert list(AuditEntry.objects.order_by("-pk").values_list("verb", flat=True)[:2]) == ["published_framework", "imported_framework"]


def test_a_published_address_is_refused(tmp_path):
    file = tmp_path / "again.yaml"
    call_command("export_framework", "working-edition", file)
    with pytest.raises(CommandError, match="new wording is a new framework, so give it another address"):
        call_command("import_framework", file, "--apply")


def test_a_command_names_every_fault_and_changes_nothing(tmp_path):
    file = tmp_path / "wrong.yaml"
    file.write_bytes(as_file(replace(shipped(), slug="wrong"), ".yaml").replace(b"number: '2.1'", b"number: two").replace(b"  - Starting", b"  -"))
    with pytest.raises(CommandError) as raised:
        call_command("import_framework", file, "--publish")
    assert "line 19, level_names: Enter the level’s name" in str(raised.value) and "question two, number: 'two': Write the number as 2.3" in str(raised.value)
    assert not Framework.objects.filter(slug="wrong").exists()


def test_an_import_that_fails_half_way_leaves_what_was_here(tmp_path, monkeypatch):
    a_draft("mine", title="Before")
    file = tmp_path / "mine.yaml"
    file.write_bytes(as_file(replace(shipped(), slug="mine", title="After"), ".yaml"))
    monkeypatch.setattr("assessments.framework_import.Level.objects.bulk_create", lambda levels: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        call_command("import_framework", file, "--apply")
    assert FrameworkText.of(Framework.objects.get(slug="mine")) == replace(shipped(), slug="mine", title="Before")


@pytest.mark.parametrize(
    ("command", "arguments", "says"),
    [
        ("import_framework", ["/nowhere/file.yaml"], "There is no file /nowhere/file.yaml: check the path"),
        ("import_framework", ["/"], "cannot be read"),
        ("export_framework", ["nothing", "file.yaml"], "There is no framework 'nothing': use one of working-edition"),
        ("export_framework", ["working-edition", "/nowhere/file.yaml"], "cannot be written"),
        ("export_framework", ["working-edition", "file.pdf"], "Choose a file whose name ends in"),
    ],
)
def test_a_wrong_argument_says_what_to_do(command, arguments, says):
    with pytest.raises(CommandError, match=re.escape(says)):
        call_command(command, *arguments)


# In public ------------------------------------------------------------------------------------------------------------


def test_the_first_page_says_what_it_is_and_leads_on(client, text_of):
    response = client.get(LIST)
    words = text_of(response)
    assert (
        "Nobody collects the answers" in words
        and "in a practice round" in words
        and "sealed until the round closes" in words
        and "They need no account" in words
    )
    assert NOTE in words and "22 questions, published" in words
    assert f'href="{PAGE}"' in response.content.decode() and 'href="/your-work/"' in response.content.decode()


def test_the_newest_edition_stands_first_and_a_draft_nowhere(client):
    a_draft("draft")
    publish(a_draft("newer", edition="second edition").slug)
    page = client.get(LIST).content.decode()
    assert page.index("/self-assessment/newer/") < page.index(PAGE) and "/self-assessment/draft/" not in page


def test_an_edition_s_page_holds_every_word_of_it(client, text_of):
    text, words = shipped(), text_of(client.get(PAGE))
    for question in text.questions:
        for part in (f"{question.number} {question.title}", question.asks, *question.examples, *question.levels):
            assert part in words, part
    for part in (text.title, text.note, *text.level_names, *text.source.split("\n")):
        assert part in words, part


def test_each_question_and_component_has_an_address_and_a_line_in_the_contents(client):
    page = client.get(PAGE).content.decode()
    for name in (*(f"q{title.split()[0].replace('.', '-')}" for title in TITLES), *(f"component-{n}" for n in range(1, 6))):
        assert page.count(f'id="{name}"') == 1 and page.count(f'href="#{name}"') == 1, name


def test_it_says_how_to_cite_it_with_its_note_and_its_day(client, text_of):
    words = text_of(client.get(PAGE))
    day = f"{timezone.localdate().day} {timezone.localdate():%B %Y}"
    assert f"Self-assessment on the five components of NHS IMPACT : working edition, November 2026. Published {day}. {settings.BASE_URL}{PAGE}" in words
    assert words.index(NOTE) < words.index("How to cite it") < words.index("Component 1")


def test_what_is_downloaded_opens_and_equals_the_page(client):
    components = dict(Component.objects.values_list("slug", "number"))
    page = client.get(PAGE).content.decode()
    for suffix, name in ((".yaml", "YAML"), (".xlsx", "Excel workbook")):
        file = client.get(f"/self-assessment/working-edition{suffix}")
        assert read(file.content, f"x{suffix}", components=components) == shipped()
        assert file["Content-Disposition"] == f'attachment; filename="working-edition{suffix}"'
        assert f"Download as {name} ({round(len(file.content) / 1000)}&nbsp;kB)" in page


@pytest.mark.parametrize(
    "address", ["draft/", "draft.yaml", "draft.xlsx", "nothing/", "nothing.yaml", "coming/", "%00/", "%ed%a0%80/", "a" * 300 + "/", "1e3.yaml"]
)
def test_a_draft_or_an_unknown_edition_does_not_exist(address, client):
    a_draft("draft")
    a_draft("coming")
    Framework.objects.filter(slug="coming").update(published_at=timezone.now() + timedelta(days=1))
    assert client.get(f"/self-assessment/{address}").status_code == 404


def test_hostile_words_are_shown_as_text(client):
    evil = "<script>alert(1)</script>"
    text = shipped()
    question = replace(text.questions[0], title=evil, asks=evil, examples=(evil,), levels=(evil,) * 5)
    publish(write(replace(text, slug="evil", title=evil, edition=evil, source=f"{evil} javascript:alert(1)", note=evil, questions=(question,))).slug)
    for address in (LIST, "/self-assessment/evil/"):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page and 'href="javascript' not in page and "&lt;script&gt;" in page


def test_public_pages_set_no_cookie_need_no_session_and_are_compressed(client):
    for address in (LIST, PAGE, "/self-assessment/working-edition.yaml"):
        response = client.get(address, headers={"Accept-Encoding": "br"})
        assert not response.cookies and "Cookie" not in response.get("Vary", "") and "Cache-Control" not in response
        assert response["Content-Encoding"] == "br"
    assert client.post(PAGE).status_code == 405 and client.head(PAGE).status_code == 200


def queries(client, address):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_a_page_asks_the_database_as_often_for_one_question_as_for_22(client):
    publish(a_draft("short", questions=shipped().questions[:1]).slug)
    assert queries(client, "/self-assessment/short/") == queries(client, PAGE) == 3
    assert queries(client, "/self-assessment/short.xlsx") == queries(client, "/self-assessment/working-edition.xlsx") == 3
    before = queries(client, LIST)
    publish(a_draft("third").slug)
    assert queries(client, LIST) == before == 1


def test_search_engines_find_the_published_editions(client):
    a_draft("draft")
    sections = client.get("/sitemap-frameworks.xml").content.decode() + client.get("/sitemap-start.xml").content.decode()
    assert PAGE in sections and f"{LIST}<" in sections and "draft" not in sections


def test_the_way_in_stands_in_the_header_and_on_a_component_s_page(client):
    assert client.get("/about/").content.decode().count(f'href="{LIST}"') == 1
    assert client.get("/components/investing-in-people-and-culture/").content.decode().count(f'href="{LIST}"') == 2


def test_a_component_that_a_question_is_about_is_not_deleted():
    with pytest.raises(ProtectedError):
        Component.objects.get(number=5).delete()
