"""Your work: whoever is asked to rate, or leads a round, finds it there and needs no mail to go on."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.models import Rater
from tests.people import browser_of, make_person
from tests.rounds import add_rater, make_framework, make_lead, start_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(lead):
    """Somebody with an account and no organisation, who is on the list of a round."""
    person = make_person("rater-1@example.org", name="Rae Rater")
    person.rater = add_rater(start_round(lead, make_framework()), 1)
    return person


def test_somebody_asked_to_rate_goes_to_their_own_ratings(asked, text_of):
    client = browser_of(asked)
    page = client.get("/your-work/")
    assert "Autumn 2026" in text_of(page)
    response = client.post(f"/your-work/rate/{asked.rater.public_id}/")
    token = response["Location"].split("/")[-2]
    assert Rater.objects.for_token(token).get() == asked.rater
    assert client.get(response["Location"]).status_code == 200


def test_whoever_has_finished_or_whose_round_has_closed_is_not_asked_again(asked, lead, text_of):
    asked.rater.finish()
    assert "Rounds you are asked" not in text_of(browser_of(asked).get("/your-work/"))
    Rater.objects.update(finished_on=None)
    asked.rater.assessment.close(by=lead, reason="Enough")
    assert "Rounds you are asked" not in text_of(browser_of(asked).get("/your-work/"))


def test_nobody_goes_to_the_ratings_of_somebody_else(asked, lead):
    for person in (lead, make_person("other@example.org")):
        assert browser_of(person).post(f"/your-work/rate/{asked.rater.public_id}/").status_code == 404


def test_an_address_that_is_not_verified_opens_nothing(asked):
    asked.emailaddress_set.update(verified=False)
    assert browser_of(asked).post(f"/your-work/rate/{asked.rater.public_id}/").status_code == 404


def test_a_lead_finds_the_rounds_they_lead(asked, lead, text_of):
    own = add_rater(asked.rater.assessment, 2)
    Rater.objects.filter(pk=own.pk).update(email=lead.email)
    assert "Self-assessments you lead Autumn 2026" in text_of(browser_of(lead).get("/your-work/"))


def test_the_page_asks_the_same_of_the_database_for_one_round_and_for_many(asked, lead, django_assert_num_queries):
    client = browser_of(asked)
    client.get("/your-work/")
    with CaptureQueriesContext(connection) as one:
        client.get("/your-work/")
    for number in range(3):
        other = make_lead(f"XY{number}", f"Trust {number}", f"lead-{number}@example.org")
        add_rater(start_round(other, asked.rater.assessment.framework), 1)
    with django_assert_num_queries(len(one)):
        client.get("/your-work/")
