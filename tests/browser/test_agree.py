"""From the close to a second version of the result, in browsers: a lead at a desk, a contributor on a phone, and the same without script."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from accounts.models import Membership
from assessments.models import Submission
from tests.browser.conftest import PHONE
from tests.people import make_person
from tests.rounds import add_rater, make_framework, make_lead, rate, start_round, submit

NUMBERS = ("1.1", "1.2", "2.1", "5.4")
STAFF = [
    ["3", "1", "2", "1"],
    ["3", "1", "2", "2"],
    ["3", "2", "3", "3"],
    ["4", "5", "3", "4"],
    ["3", "5", "3", "2"],
    ["4", "5", "2", "2"],
    ["3", "4", "2", "4"],
]
BOARD = [["3", "5", "3", "5"], ["3", "4", "3", "4"], ["4", "5", "2", "5"], ["3", "5", "3", "4"], ["4", "3", "3", "5"]]
MOST_CLICKS = 14  # of the lead's outside the meeting: close 2, begin 2, what matters most 5, submit 2, and three to spare


@pytest.fixture
def word():
    """A word of this test's own, since all browser tests share a database."""
    return uuid.uuid4().hex[:5]


@pytest.fixture
def lead(word):
    return make_lead(word.upper(), f"Trust {word}", f"lead-{word}@example.org")


@pytest.fixture
def contributor(word, lead):
    person = make_person(f"contributor-{word}@example.org", name=f"Con {word}")
    Membership.objects.create(user=person, organisation=lead.organisation, role="contributor")
    return person


@pytest.fixture
def framework(word):
    return make_framework(f"small-{word}", NUMBERS)


def rated(lead, framework, name="Autumn 2026"):
    """A round in which seven of the staff and five of the board have rated, and which is still open."""
    assessment = start_round(lead, framework, name=name)
    for group, rows in (("Staff", STAFF), ("Board and executive", BOARD)):
        for row in rows:
            number = assessment.raters.count() + 1
            rate(add_rater(assessment, number, group), row, [f"Comment {number} on 1.1"])
    return assessment


class Hand:
    """Clicks as a person does, and counts them."""

    def __init__(self, page):
        self.page, self.clicks = page, 0

    def press(self, role, name, exact=False):
        self.clicks += 1
        self.page.get_by_role("main").get_by_role(role, name=name, exact=exact).first.click()

    def choose(self, label, number):
        self.clicks += 1
        words = self.page.get_by_label(label, exact=True).get_by_role("option", name=re.compile(f"^{number}")).inner_text()
        self.page.get_by_label(label, exact=True).select_option(words)


def test_from_the_close_to_a_second_version(word, lead, contributor, framework, browser_of, assert_accessible, allow_problems):
    assessment = rated(lead, framework)
    here = assessment.get_absolute_url()
    desk = browser_of(lead)
    hand = Hand(desk)

    desk.goto(here)
    hand.press("link", "Close the round now")
    desk.get_by_label(re.compile("Why|reason", re.IGNORECASE)).fill("Everybody has rated")
    hand.press("button", "Close the round now")
    hand.press("link", "Open the ratings and begin to agree")
    assert_accessible(desk)
    hand.press("button", "Open the ratings and begin")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Agree on each question")
    assert_accessible(desk)
    outside = hand.clicks

    # the meeting
    hand.press("button", "Accept the 2 questions on which everybody was within one level")
    expect(desk.get_by_text("2 of 4 agreed")).to_be_visible()
    assert_accessible(desk)
    hand.press("link", "1.2 Title 1.2")
    assert_accessible(desk)
    phone = browser_of(contributor, **PHONE)
    phone.goto(f"{here}agree/1.2/")
    assert_accessible(phone)
    phone.get_by_label("2 Developing").check()
    phone.get_by_label("Why this level?").fill("The wards say so")
    phone.get_by_role("button", name="Save", exact=True).click()
    expect(phone.get_by_text("1.2 is saved.")).to_be_visible()
    assert_accessible(phone)
    desk.get_by_label("3 Progressing").check()
    desk.get_by_label("Why this level?").fill("The board and five wards")
    desk.get_by_label("Evidence (optional)").fill("https://example.org/report and a note")
    with allow_problems("409"):
        hand.press("button", "Save", exact=True)
        expect(desk.get_by_role("alert")).to_contain_text(f"Con {word} saved it")
    expect(desk.locator(".app-beside dd").first).to_have_text("Developing")
    expect(desk.get_by_label("Why this level?")).to_have_value("The board and five wards")
    assert_accessible(desk)
    hand.press("button", "Save mine and go to the next that is not agreed")
    expect(desk.get_by_role("heading", level=1)).to_contain_text("5.4 Title 5.4")
    desk.get_by_label("4 Spreading").check()
    hand.press("button", "Save and go to the next that is not agreed")
    expect(desk.get_by_text("4 of 4 agreed")).to_be_visible()

    hand.clicks = outside
    hand.press("link", "Choose what matters most")
    assert_accessible(desk)
    for label, number in (("First", "1.2"), ("Second", "2.1"), ("Third", "1.1")):
        hand.choose(label, number)
    hand.press("button", "Save")
    expect(desk.get_by_role("heading", name="2.1 Title 2.1")).to_be_visible()
    assert_accessible(desk)
    hand.press("link", "Look at the whole result and submit it")
    assert_accessible(desk)
    hand.press("button", "Submit the result as")
    first = Submission.objects.get(assessment=assessment)
    expect(desk.get_by_text(f"Its reference is {first.reference}.")).to_be_visible()
    assert_accessible(desk)
    assert hand.clicks <= MOST_CLICKS, f"{hand.clicks} clicks"

    desk.goto(here)
    hand.press("link", "Reopen the result")
    assert_accessible(desk)
    hand.press("button", "Reopen the result")
    expect(desk.get_by_role("alert")).to_contain_text("Enter why you reopen the result")
    assert_accessible(desk)
    desk.get_by_label("Why do you reopen it?").fill("A figure was wrong")
    hand.press("button", "Reopen the result")
    hand.press("link", "5.4 Title 5.4")
    desk.get_by_label("2 Developing").check()
    hand.press("button", "Save", exact=True)
    hand.press("link", "submit the result")
    hand.press("button", f"Submit the result as {first.reference}, version 2")
    expect(desk.get_by_text(f"Its reference is {first.reference}, version 2.")).to_be_visible()
    levels = [[q["level"] for q in s.data["questions"]] for s in Submission.objects.filter(assessment=assessment).order_by("version")]
    assert levels == [[3, 3, 3, 4], [3, 3, 3, 2]]


@pytest.mark.parametrize(
    "options",
    [{"viewport": {"width": 320, "height": 640}}, {"viewport": {"width": 375, "height": 812}, "java_script_enabled": False}],
    ids=["narrow", "without script"],
)
def test_everything_works_on_any_screen_and_without_script(options, lead, framework, browser_of, assert_accessible, assert_fits):
    first = rated(lead, framework, "Spring 2026")
    first.close(by=lead, reason="Done")
    first.begin_agreeing(by=lead)
    for answer in first.answers.all():
        typed = {"reason": "Last time\nwe said so", "evidence": f"https://example.org/{'long-' * 30}", "would_change": "", "dissent": ""}
        answer.agree(by=lead, version=1, level=2, does_not_apply=False, **typed)
    submit(first, lead)
    second = rated(lead, framework)
    second.close(by=lead, reason="Done")
    page = browser_of(lead, **options)
    here = second.get_absolute_url()

    def look(path=""):
        if path:
            assert page.goto(here + path).status == 200
        assert_fits(page)
        if "java_script_enabled" not in options:
            assert_accessible(page)

    look("agree/begin/")
    page.get_by_role("button", name="Open the ratings and begin").click()
    look()
    page.get_by_role("button", name=re.compile("Accept the")).click()
    page.get_by_role("link", name="1.2 Title 1.2").click()
    look()
    page.get_by_role("link", name="Use last round’s answer").click()
    expect(page.get_by_text("it is not saved yet")).to_be_visible()
    look()
    assert page.get_by_label("2 Developing").is_checked()
    page.get_by_role("button", name="Save and go to the next that is not agreed").click()
    page.get_by_label("It does not apply to us").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("4 of 4 agreed")).to_be_visible()
    look("priorities/")
    page.get_by_label("First", exact=True).select_option(index=1)
    page.get_by_role("main").get_by_role("button", name="Save").click()
    look()
    look("submit/")
    page.get_by_role("button", name=re.compile("Submit the result as")).first.click()
    expect(page.get_by_text(re.compile("Its reference is"))).to_be_visible()
    look("reopen-result/")
