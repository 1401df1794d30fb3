"""Two people save the form of one resource at the same moment."""

from functools import partial

from resources.models import Resource
from tests.committed import at_once, own_database
from tests.people import browser_of, make_curator
from tests.test_resource_admin import address, form_of


def test_of_two_who_save_at_the_same_moment_one_is_shown_the_other_s_text(tmp_path, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), own_database(tmp_path):
        resource = Resource.objects.get(slug="team-huddles")
        ann, ben = (browser_of(make_curator(f"{name}@example.org")) for name in ("ann", "ben"))
        for number in range(3):
            typed = form_of(ann, address(resource))
            assert sorted(at_once(*(partial(save, client, resource, typed, f"Round {number}, by {n}.") for n, client in enumerate((ann, ben))))) == [302, 409]


def save(client, resource, typed, summary):
    return client.post(address(resource), {**typed, "summary": summary}).status_code
