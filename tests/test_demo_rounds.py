"""What `make run` shows of the self-assessment before anybody has done anything: two fictional organisations at work."""

import pytest

from accounts.demo import make_demo
from assessments.models import Assessment, Submission
from impact_portal.management.commands.prepare import fill_demo

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(tmp_path):
    make_demo(tmp_path / "accounts.csv")
    fill_demo()


def test_one_fictional_organisation_has_submitted_a_round_and_closed_another_and_in_the_other_people_rate(demo):
    stages = {(a.organisation.code, a.stage) for a in Assessment.objects.select_related("organisation")}
    assert stages == {("DEMO1", "Submitted"), ("DEMO1", "Closed: agreement can begin"), ("DEMO2", "People rate")}
    data = Submission.objects.get().data
    assert all(question["level"] for question in data["questions"]) and len(data["questions"]) == 22
    assert [priority["number"] for priority in data["priorities"]] == ["2.3", "3.3", "4.3"]
    assert len(data["actions"]) == 3


def test_a_second_run_adds_nothing(demo):
    before = set(Assessment.objects.values_list("pk", flat=True))
    fill_demo()
    assert set(Assessment.objects.values_list("pk", flat=True)) == before
