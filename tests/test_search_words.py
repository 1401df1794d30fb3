"""What readers search with: failed searches grouped, each answered with a synonym, a wish or nothing; synonyms that are live at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.curators import curators
from resources.models import FailedSearch, SearchDecision, Synonym
from tests.people import browser_of, make_curator

pytestmark = pytest.mark.django_db
LIST = "/admin/resources/failedsearch/"


@pytest.fixture
def desk(db):
    person = make_curator(is_superuser=False, name="Cara Curator")
    person.groups.add(curators())
    return browser_of(person)


def searched(words, *days_ago, times=1):
    for days in days_ago:
        FailedSearch.objects.create(words=words, day=timezone.localdate() - timedelta(days=days), times=times)


def test_searches_are_grouped_over_90_days_the_most_often_first(desk, text_of):
    searched("sepsis bundle", 0, 3, 89)
    searched("hoshin kanri", 1, times=9)
    searched("long ago", 91, times=500)
    page = text_of(desk.get(LIST))
    assert page.index("hoshin kanri 9 times") < page.index("sepsis bundle 3 times, last on")
    assert "long ago" not in page


def test_a_reader_s_failed_search_is_on_the_queue_at_once(client, desk, text_of):
    client.get("/resources/", {"q": "zzyzzx quux"})
    assert "zzyzzx quux 1 time in 90 days" in text_of(desk.get("/admin/"))


@pytest.mark.parametrize("kind", ["wanted", "dismissed"])
def test_what_is_decided_does_not_come_back_until_that_is_taken_back(kind, desk, client, text_of):
    searched("sepsis bundle", 0)
    assert desk.post(f"{LIST}decide/", {kind: "sepsis bundle", "next": "/admin/"})["Location"] == "/admin/"
    searched("sepsis bundle", 1)
    desk.get(LIST)  # where it is said
    assert "sepsis bundle" not in text_of(desk.get(LIST))
    assert "sepsis bundle" in text_of(desk.get(f"{LIST}?show={kind}"))
    assert SearchDecision.objects.get().by.name == "Cara Curator"
    desk.post(f"{LIST}decide/", {"taken_back": "sepsis bundle"})
    assert "sepsis bundle 2 times" in text_of(desk.get(LIST))


def test_words_that_say_who_somebody_is_are_deleted_in_one_press(desk):
    searched("my neighbour mrs ash", 0, 5)
    desk.post(f"{LIST}decide/", {"dismissed": "my neighbour mrs ash"})
    desk.post(f"{LIST}decide/", {"deleted": "my neighbour mrs ash"})
    assert not FailedSearch.objects.filter(words__contains="ash").exists() and not SearchDecision.objects.exists()


def test_a_synonym_is_offered_with_the_words_and_what_they_find_now_and_is_live_at_once(desk, client, text_of):
    searched("zzyzx quux", 0)
    form = desk.get("/admin/resources/synonym/add/?term=zzyzx+quux%0Ahuddle")
    assert 'value="zzyzx quux' in form.content.decode()
    assert "Search for “zzyzx quux huddle”" in text_of(form)
    assert "Search for “zzyzx quux”: nothing" in text_of(desk.get("/admin/resources/synonym/add/?term=zzyzx+quux"))
    desk.post("/admin/resources/synonym/add/", {"term": "zzyzx quux", "means": "team huddles", "note": ""})
    assert "Team Huddles" in text_of(client.get("/resources/", {"q": "zzyzx quux"}))
    desk.get(LIST)  # where it is said that it was added
    assert "zzyzx quux" not in text_of(desk.get(LIST))
    change = desk.get(f"/admin/resources/synonym/{Synonym.objects.get(term='zzyzx quux').pk}/change/")
    assert "Search for “team huddles”:" in text_of(change)


@pytest.mark.parametrize(
    "typed", [{}, {"wanted": "never searched"}, {"wanted": "x" * 5000}, {"dismissed": "\x00"}, {"taken_back": "\x00"}, {"wanted": "\ud800"}]
)
def test_odd_presses_decide_nothing_and_are_no_error(typed, desk):
    typed = {name: value.encode("utf-8", "surrogatepass") for name, value in typed.items()}
    assert desk.post(f"{LIST}decide/", typed).status_code in (302, 400)
    assert not SearchDecision.objects.exists()


def test_somebody_who_may_only_look_decides_nothing(text_of):
    from django.contrib.auth.models import Permission

    reader = make_curator("reader@example.org", is_superuser=False)
    reader.user_permissions.add(Permission.objects.get(codename="view_failedsearch"))
    searched("sepsis bundle", 0)
    browser = browser_of(reader)
    assert "Dismiss" not in browser.get(LIST).content.decode().replace("?show=dismissed", "").replace("Dismissed", "")
    assert browser.post(f"{LIST}decide/", {"dismissed": "sepsis bundle"}).status_code == 403
