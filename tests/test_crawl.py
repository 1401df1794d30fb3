"""Every link and form on every page leads somewhere real, for readers and for a curator in the admin."""

from collections import deque
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.contrib.staticfiles import finders

from resources.models import Resource
from tests.people import make_curator

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
HOST = "http://testserver"


class Page(HTMLParser):
    """What a page leads to, and the places within it."""

    def __init__(self, html):
        super().__init__()
        self.links, self.files, self.ids, self.forms, self.form = [], [], set(), [], None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        self.ids |= {a["id"]} if a.get("id") else set()
        if tag == "a" and "href" in a:
            self.links.append(a["href"])
        elif tag in ("link", "script", "img") and (a.get("href") or a.get("src")):
            target = a.get("href") or a.get("src")
            (self.links if a.get("rel") in ("canonical", "alternate") else self.files).append(target)
        elif tag == "form":
            self.form = (a.get("action", ""), a.get("method", "get").lower(), [])
            self.forms.append(self.form)
        elif tag in ("input", "select") and self.form and a.get("name") and a.get("type") not in ("checkbox", "radio", "submit"):
            self.form[2].append((a["name"], a.get("value") or ""))


def crawl(client, start, follow, most):
    """Visit every page that `follow` takes, breadth first; yields (address, response, page, where it was found)."""
    waiting, met = deque([(start, "the start")]), {start}
    while waiting and most:
        address, found_on = waiting.popleft()
        response = client.get(address)
        most -= 1
        is_html = response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming
        page = Page(response.content.decode()) if is_html else None
        yield address, response, page, found_on
        leads = [] if page is None else [urljoin(HOST + address, link) for link in page.links]
        leads += [] if page is None else [urljoin(HOST + address, a) + "?" + urlencode(fields) for a, method, fields in page.forms if method == "get"]
        for lead in leads:
            target = urldefrag(lead).url.replace("http://127.0.0.1:8000", HOST)
            path = target.removeprefix(HOST)
            if target.startswith(HOST) and path not in met and follow(path):
                met.add(path)
                waiting.append((path, address))


def one_of_each(path):
    """Follow every page, but of the list's endless addresses only those with a choice or two, and of what readers can say of each resource only one's."""
    split = urlsplit(path)
    if split.path.startswith("/resources/") and split.path.count("/") > 3 and "/team-huddles/" not in split.path:
        return False
    return len(parse_qsl(split.query, keep_blank_values=True)) <= (1 if split.path == "/resources/" else 2)


def test_every_link_and_form_a_reader_meets_leads_somewhere_real(client):
    places, seen = {}, set()
    wanted = []
    for address, response, page, found_on in crawl(client, "/", one_of_each, most=700):
        assert response.status_code in (200, 301, 302), f"{address} on {found_on}: {response.status_code}"
        seen.add(urlsplit(address).path)
        if page is None:
            continue
        places[address] = page.ids
        for link in page.links:
            split = urlsplit(urljoin(HOST + address, link))
            assert split.scheme in ("http", "https", "mailto"), f"{link} on {address}"
            if split.fragment and split.netloc == "testserver":
                wanted.append((f"{split.path}?{split.query}".rstrip("?"), split.fragment, address))
        for file in page.files:
            if urlsplit(file).path.startswith("/assets/"):
                assert finders.find(urlsplit(file).path.removeprefix("/assets/")), f"{file} on {address}"
    for address, fragment, found_on in wanted:
        if address in places:
            assert fragment in places[address], f"#{fragment} is not on {address}, linked from {found_on}"
    assert {r.get_absolute_url() for r in Resource.objects.published()} <= seen


def test_every_link_a_curator_meets_in_the_admin_leads_somewhere_real(client):
    client.force_login(make_curator())
    resource = Resource.objects.first()
    resource.summary += " Changed."
    resource.save()
    follow = lambda path: path.startswith("/admin/") and path.count("=") <= 1 and "logout" not in path  # noqa: E731
    visited = 0
    for address, response, _, found_on in crawl(client, "/admin/", follow, most=120):
        assert response.status_code in (200, 301, 302), f"{address} on {found_on}: {response.status_code}"
        visited += 1
    assert visited == 120


@pytest.mark.parametrize("state", ["draft", "scheduled", "published", "withdrawn"])
def test_a_curator_sees_any_resource_as_a_reader_will(client, state, text_of):
    from django.utils import timezone

    client.force_login(make_curator())
    resource = Resource.objects.get(slug="team-huddles")
    resource.published_at = {"draft": None, "scheduled": timezone.now().replace(year=2099)}.get(state, resource.published_at)
    if state == "withdrawn":
        resource.withdrawn_at, resource.withdrawn_reason = timezone.now(), "Gone"
    resource.save()
    words = text_of(client.get(f"/admin/resources/resource/{resource.pk}/preview/"))
    assert f"This is a preview. The resource is {state}" in words
    assert resource.summary in words


def test_the_admin_opens_to_nobody_else(client):
    person = get_user_model().objects.create_user("reader@example.org", "a long enough password")
    for sign_in in (lambda: None, lambda: client.force_login(person)):
        sign_in()
        for path in ("/admin/", "/admin/resources/resource/", "/admin/resources/resource/1/preview/"):
            response = client.get(path)
            assert response.status_code == 302
            assert response["Location"].startswith(("/accounts/login/", "/admin/login/"))
            assert client.get("/admin/login/").status_code == (403 if "_auth_user_id" in client.session else 302)


def test_a_curator_s_history_says_who_changed_what(client):
    curator = make_curator()
    client.force_login(curator)
    resource = Resource.objects.get(slug="team-huddles")
    resource.summary = "New words."
    resource._history_user = curator
    resource.save()
    page = client.get(f"/admin/resources/resource/{resource.pk}/history/").content.decode()
    assert str(curator) in page
    assert "From the fixtures" in page
