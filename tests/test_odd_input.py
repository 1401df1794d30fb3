"""Whatever arrives, a plain page or a 404: never a 5xx, on either database."""

import time

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_tasks_db.models import DBTaskResult
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.etr import LARGEST
from tests.people import make_curator, signed_in

pytestmark = pytest.mark.django_db

ODD_PAGES = ["0", "-1", "1" * 31, "abc", "%00", "%FF%FE", "１", " 1", "1e3", "1.5", "", "999999"]
LISTS = ["/resources/", "/categories/case-studies/", "/providers/nhs-england/"]


@pytest.mark.parametrize("page", ODD_PAGES)
@pytest.mark.parametrize("address", LISTS)
def test_an_odd_page_number_is_a_plain_page(address, page, client):
    response = client.get(f"{address}?page={page}")
    assert response.status_code == 200
    assert b'class="app-resource"' in response.content


ODD_PATHS = [
    "/resources/%00/",
    "/resources/%FF%FE/",
    "/components/9/",
    "/categories/%E2%80%8E/",
    "/providers/'; drop table/",
    "/" + "a" * 3000 + "/",
    "/%2e%2e/%2e%2e/etc/passwd",
]


@pytest.mark.parametrize("path", ODD_PATHS)
def test_an_unknown_address_is_a_404_with_ways_on(path, client):
    response = client.get(path, follow=True)
    assert response.status_code == 404
    assert b"See all resources" in response.content


ODD_SEARCHES = [
    "%00", "%FF%FE", '"', '"""', "-", "--", '-"', "+", "(", ":)", "title:", "AND OR NOT", "a AND (b", "*", "[* TO *]", "~2", "^3", "\\", "🙂", "🙂" * 100,
    "%E2%80%8Fhuddle%E2%80%8E", "%CC%81" * 200, "Z%CC%81%CC%82" * 100, "'; DROP TABLE resources; --", "%0d%0aSet-Cookie: a=b", "a" * 60_000, "a " * 30_000, '"a' * 20_000, "-a " * 20_000,
    "the", "the of and", "-huddle", '-"team huddles"', "{{7*7}}", "<script>alert(1)</script>",
]  # fmt: skip


@pytest.mark.parametrize("search", ODD_SEARCHES, ids=range(len(ODD_SEARCHES)))
def test_an_odd_search_is_a_plain_page_and_cheap(search, client):
    client.get("/resources/")
    started = time.process_time()
    for address in ("/resources/", "/resources/suggest", "/api/v1/resources", "/feed.xml"):
        response = client.get(f"{address}?q={search}")
        assert response.status_code == 200, address
        assert b"<script>alert" not in response.content or response["Content-Type"] == "application/json"
    assert time.process_time() - started < 4 * 2  # no time is promised here: this only tells a runaway from a page


def test_ten_thousand_values_are_refused_or_read_as_fifty(client):
    assert client.get("/resources/?" + "&".join(f"provider=p{n}" for n in range(10_000))).status_code == 400
    assert client.get("/resources/?" + "&".join(f"provider=p{n}" for n in range(900))).status_code == 200


@pytest.mark.parametrize("key", ["q", "component", "category", "provider", "audience", "cost", "sort", "page", "list", "unheard_of", "exact", "time", "when"])
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.text(max_size=80))
def test_any_text_in_any_key_is_a_plain_page(key, value):
    for address in ("/resources/", "/reading-list/", "/categories/case-studies/", "/resources.csv"):
        assert Client().get(address, {key: value}).status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
@pytest.mark.parametrize("address", ["/", "/resources/", "/resources.csv", "/feed.xml", "/api/v1/resources", "/health"])
def test_reading_pages_take_no_other_method(address, method, client):
    assert getattr(client, method)(address).status_code == 405


class Endless:
    """A body that never ends, and how much was read of it."""

    def __init__(self):
        self.taken = 0

    def read(self, size=-1):
        assert size >= 0, "somebody wanted all of it"
        self.taken += size
        return b"a" * size

    readline = read


def send(address, declared, **options):
    """What a visitor with a cookie for forms and no token gets who sends an endless body, and how much of that was read."""
    client, body = Client(enforce_csrf_checks=True, raise_request_exception=False), Endless()
    client.get("/accounts/login/")
    kind = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": declared, "wsgi.input": body}
    return client.generic("POST", address, **kind, **options), body.taken


@pytest.mark.one_database
@pytest.mark.parametrize("address", ["/accounts/login/", "/", "/resources/", "/admin/", "/no-such-page/", "/organisations/RJ1/people/invite/"])
def test_a_body_too_large_is_refused_unread(address, text_of):
    for declared in ("2500001", "1" * 30):
        response, taken = send(address, declared)
        assert response.status_code == 413
        assert "You sent more than we can take" in text_of(response)
        assert taken == 0
    assert response.headers["Content-Security-Policy"]


@pytest.mark.one_database
@pytest.mark.parametrize("declared", ["", "many", "-1", "1e9"])
def test_a_body_of_no_declared_length_is_not_read(declared):
    response, taken = send("/accounts/login/", declared)
    assert response.status_code in (400, 403)
    assert taken == 0


@pytest.mark.one_database
def test_a_body_of_a_form_s_size_is_read_no_further_than_declared():
    response, taken = send("/accounts/login/", "2500000")
    assert response.status_code in (400, 403)
    assert 0 < taken <= 2_500_000


@pytest.mark.one_database
def test_only_the_import_takes_a_list_of_trusts(client):
    client.force_login(make_curator())
    largest = (b"a" * 999 + b"\n") * (LARGEST // 1000)
    for page, status in (("import/", 200), ("add/", 413)):
        response = client.post(f"/admin/accounts/organisation/{page}", {"file": SimpleUploadedFile("etr.csv", largest), "as_of": "2026-07-31"})
        assert response.status_code == status
    assert send("/admin/accounts/organisation/import/", str(LARGEST + 200_000))[0].status_code == 413


def test_an_unknown_host_is_a_plain_400(client):
    response = client.get("/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert b"evil.example" not in response.content


def test_the_500_page_needs_neither_request_nor_database(client, monkeypatch):
    from resources import views

    monkeypatch.setattr(views.catalogue, "current", lambda: 1 / 0)
    client.raise_request_exception = False
    response = client.get("/resources/")
    assert response.status_code == 500
    assert b"there is a problem with the service" in response.content
    assert b"ZeroDivisionError" not in response.content


def test_an_odd_identifier_of_a_row_that_has_a_uuid_is_no_page_for_a_curator():
    kind = ContentType.objects.get_for_model(DBTaskResult)
    assert signed_in(make_curator()).get(f"/admin/r/{kind.pk}/1/").status_code == 404
