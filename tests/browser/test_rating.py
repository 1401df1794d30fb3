"""A rater in a browser: on a phone without script, with script and a shaky connection, in two windows."""

import itertools
import re

import pytest
from django.utils import timezone

from assessments.models import Framework, Rater
from tests.browser.conftest import PHONE
from tests.rounds import make_lead, start_round

numbers = itertools.count(1)


@pytest.fixture
def rater(portal):
    """Somebody asked to rate by the working edition, in an organisation of this test's own: `rater.here` is their private link."""
    number = next(numbers)
    lead = make_lead(f"R{number:03}", f"Rating Trust {number}", f"rating-lead-{number}@example.org")
    assessment = start_round(lead, Framework.objects.get(slug="working-edition"))
    rater = assessment.raters.create(group=assessment.groups.first(), email=f"rating-{number}@example.org")
    rater.lead, rater.here = lead, f"/rate/{rater.renew_link()}/"
    return rater


def said(rater):
    return {rating.question.number: (rating.choice, rating.comment) for rating in rater.ratings.select_related("question")}


def question(page, number):
    return page.locator(f'[data-question="{number}"]')


def choose(page, number, label):
    question(page, number).get_by_label(label, exact=True).check()


def comment_on(page, number):
    return question(page, number).get_by_label("Comment (optional)")


def heading(page):
    return page.get_by_role("heading", level=1)


def saved(page):
    return page.locator("[data-saved]")


def until_saved(page):
    saved(page).filter(has_text=re.compile(r"^Saved at \d\d:\d\d$")).wait_for()


# Without script -------------------------------------------------------------------------------------------------------


def test_a_rater_on_a_phone_without_script_goes_through_all_eight_pages(rater, new_page, assert_accessible, assert_fits):
    phone = new_page(**PHONE, java_script_enabled=False)
    phone.goto(rater.here)
    seen = []

    def look():
        seen.append(heading(phone).inner_text())
        assert_fits(phone)
        if len(seen) == 2:  # the pages of questions are of one kind; the others are looked at below, with script
            assert_accessible(phone)

    look()
    phone.get_by_role("button", name="Start").click()
    for page in range(1, 6):
        look()
        choose(phone, f"{page}.1", "Progressing")
        choose(phone, f"{page}.2", "I do not know")
        comment_on(phone, f"{page}.1").fill(f"Comment {page}\nin two lines")
        phone.get_by_role("button", name="Save and continue").click()
    look()
    assert phone.get_by_text("You have answered 10 of 22 questions").is_visible()
    phone.get_by_role("link", name="Change 2.3 Coaching leadership").click()
    choose(phone, "2.3", "It does not apply to us")
    phone.get_by_role("button", name="Save and continue").click()
    assert phone.get_by_text("You have answered 11 of 22 questions").is_visible()
    phone.get_by_role("button", name="Finish").click()
    look()
    assert [re.search(r"Page (\d) of 8", words)[1] for words in seen] == list("12345678")
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Download your answers").click()
    assert download.value.suggested_filename == "my-answers.txt"
    assert "Comment 5\nin two lines" in download.value.path().read_text(encoding="utf-8")
    rater.refresh_from_db()
    assert rater.finished_on == timezone.localdate()
    assert len(said(rater)) == 11 and said(rater)["2.3"] == ("none", "") and said(rater)["1.1"] == ("3", "Comment 1\nin two lines")
    assert [cookie["name"] for cookie in phone.context.cookies()] == ["__Host-csrftoken"]


def test_without_script_too_long_a_comment_keeps_everything_typed(rater, page_without_script, assert_accessible):
    page = page_without_script
    page.goto(f"{rater.here}1/")
    choose(page, "1.1", "Spreading")
    comment_on(page, "1.1").fill("x" * 5001)
    choose(page, "1.2", "Starting")
    page.get_by_role("button", name="Save and continue").click()
    assert page.get_by_role("link", name="Shorten your comment on 1.1 by 1 character").is_visible()
    assert comment_on(page, "1.1").input_value() == "x" * 5001 and question(page, "1.1").get_by_label("Spreading").is_checked()
    assert said(rater) == {"1.2": ("1", "")}
    assert_accessible(page)


def test_a_copied_link_becomes_the_raters_own_with_a_press(rater, page_without_script, assert_accessible, allow_problems):
    page = page_without_script
    shown = f"/rate/{rater.copy_link(by=rater.lead)}/"
    page.goto(shown)
    assert_accessible(page)
    page.get_by_role("button", name="Start").click()
    assert page.get_by_text("This is your own private link now").is_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Continue").click()
    assert "Page 2 of 8" in heading(page).inner_text()
    with allow_problems("404"):
        assert page.goto(shown).status == 404


# With script ----------------------------------------------------------------------------------------------------------


def test_what_one_types_is_saved_and_is_there_when_one_comes_back(rater, new_page, assert_accessible):
    page = new_page()
    page.goto(f"{rater.here}2/")
    box = comment_on(page, "2.3")
    choose(page, "2.3", "Developing")
    until_saved(page)
    assert said(rater) == {"2.3": ("2", "")}
    box.click()
    box.press_sequentially("We have begun", delay=5)
    page.wait_for_function("() => !document.querySelector('[data-saved]').textContent.includes('Not')")
    wait_until(lambda: said(rater) == {"2.3": ("2", "We have begun")})
    assert box.evaluate("box => document.activeElement === box"), "the focus stays where it was"
    assert saved(page).inner_text() in times_about_now()
    assert_accessible(page)
    page.close()
    again = new_page()
    again.goto(f"{rater.here}2/")
    assert comment_on(again, "2.3").input_value() == "We have begun" and question(again, "2.3").get_by_label("Developing").is_checked()


def times_about_now():
    now = timezone.localtime()
    return {f"Saved at {now - timezone.timedelta(minutes=ago):%H:%M}" for ago in (0, 1)}


def wait_until(true, tries=100):
    import time

    for _ in range(tries):
        if true():
            return
        time.sleep(0.05)
    assert true()


def test_typing_then_pressing_at_once_saves_everything_and_warns_of_nothing(rater, page):
    page.goto(f"{rater.here}1/")
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.accept()))
    choose(page, "1.1", "Starting")
    comment_on(page, "1.4").fill("Typed just before")
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_url(f"**{rater.here}2/")
    assert said(rater) == {"1.1": ("1", ""), "1.4": ("", "Typed just before")}
    assert set(rater.ratings.values_list("version", flat=True)) == {1}, "what was saved by script is not saved twice"
    assert not dialogs


def test_save_and_come_back_later_works_with_script_too(rater, page, assert_accessible):
    page.goto(f"{rater.here}1/")
    choose(page, "1.1", "Starting")
    page.get_by_role("button", name="Save and come back later").click()
    page.wait_for_url(f"**{rater.here}?later")
    assert "Your answers are saved" in heading(page).inner_text()
    assert_accessible(page)


def test_offline_keeps_the_text_says_so_and_saves_when_back(rater, page, allow_problems):
    page.goto(f"{rater.here}3/")
    with allow_problems("ERR_INTERNET_DISCONNECTED"):
        page.context.set_offline(True)
        comment_on(page, "3.2").fill("Typed in the lift")
        saved(page).filter(has_text="Not saved yet: there is no connection").wait_for()
        page.get_by_role("button", name="Save and continue").click()
        page.wait_for_timeout(300)
        assert page.url.endswith("/3/") and comment_on(page, "3.2").input_value() == "Typed in the lift"
        assert said(rater) == {}
        page.context.set_offline(False)
        until_saved(page)
    assert said(rater) == {"3.2": ("", "Typed in the lift")}


def test_leaving_with_something_unsaved_is_warned_of_and_otherwise_not(rater, page, allow_problems):
    page.goto(f"{rater.here}3/")
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.dismiss()))
    choose(page, "3.1", "Starting")
    until_saved(page)
    page.goto(f"{rater.here}3/")
    assert not dialogs
    with allow_problems("ERR_INTERNET_DISCONNECTED"):
        page.context.set_offline(True)
        comment_on(page, "3.2").click()  # a browser warns only on pages that somebody has touched
        comment_on(page, "3.2").fill("Not saved")
        saved(page).filter(has_text="Not saved yet").wait_for()
        page.close(run_before_unload=True)
        page.wait_for_timeout(300)
        assert dialogs == ["beforeunload"]
        page.context.set_offline(False)
        until_saved(page)


def test_in_two_windows_the_later_wins_and_says_what_it_replaced(rater, new_page, assert_accessible):
    first, second = new_page(), new_page()
    first.goto(f"{rater.here}1/")
    second.goto(f"{rater.here}1/")
    comment_on(first, "1.1").fill("From the first window")
    choose(first, "1.2", "Spreading")
    wait_until(lambda: len(said(rater)) == 2)
    comment_on(second, "1.1").fill("From the second window")
    question(second, "1.1").get_by_text("You had also answered 1.1 in another window").wait_for()
    assert question(second, "1.1").get_by_text("From the first window").is_visible()
    assert_accessible(second)
    assert said(rater) == {"1.1": ("", "From the second window"), "1.2": ("4", "")}
    second.get_by_role("button", name="Save and continue").click()
    second.wait_for_url(f"**{rater.here}2/")
    assert said(rater) == {"1.1": ("", "From the second window"), "1.2": ("4", "")}, "what nobody touched here stays as it was said there"


def test_too_long_a_comment_is_said_while_typing_and_saved_once_shortened(rater, page):
    page.goto(f"{rater.here}1/")
    comment_on(page, "1.1").fill("x" * 5002)
    saved(page).filter(has_text="Not saved yet: shorten your comment on 1.1 by 2 characters").wait_for()
    comment_on(page, "1.1").fill("x" * 5000)
    until_saved(page)
    assert said(rater)["1.1"] == ("", "x" * 5000)


def test_a_round_that_closes_while_one_types_hands_the_text_back(rater, page, allow_problems, assert_accessible):
    page.goto(f"{rater.here}1/")
    rater.assessment.close(by=rater.lead, reason="Done")
    with allow_problems("409"):
        comment_on(page, "1.1").fill("Too late")
        saved(page).filter(has_text="Not saved: this round has closed").wait_for()
        page.get_by_role("button", name="Save and continue").click()
        page.get_by_role("heading", name="This round has closed").wait_for()
    assert "Too late" in page.get_by_label("What you typed").input_value()
    assert_accessible(page)


def test_a_new_link_while_one_types_hands_the_text_back(rater, page, allow_problems, assert_accessible):
    page.goto(f"{rater.here}1/")
    Rater.objects.get(pk=rater.pk).renew_link()
    with allow_problems("404"):
        comment_on(page, "1.1").fill("By the old link")
        saved(page).filter(has_text="Not saved: this link no longer works").wait_for()
        page.get_by_role("button", name="Save and continue").click()
        page.get_by_role("heading", name="This link does not work").wait_for()
    assert "By the old link" in page.get_by_label("What you typed").input_value()
    assert_accessible(page)


def test_a_cookie_that_is_gone_mends_itself(rater, page, allow_problems):
    page.goto(f"{rater.here}1/")
    page.context.clear_cookies()
    with allow_problems("403"):
        comment_on(page, "1.1").fill("Without a cookie")
        until_saved(page)
    assert said(rater) == {"1.1": ("", "Without a cookie")}
    page.context.clear_cookies()
    choose(page, "1.2", "Starting")
    with allow_problems("403"):
        page.get_by_role("button", name="Save and continue").click()
        page.wait_for_url(f"**{rater.here}2/")
    assert said(rater)["1.2"] == ("1", "")


def test_without_script_a_cookie_that_is_gone_costs_one_more_press(rater, page_without_script, allow_problems, assert_accessible):
    page = page_without_script
    page.goto(f"{rater.here}1/")
    page.context.clear_cookies()
    comment_on(page, "1.1").fill("Without a cookie")
    with allow_problems("403"):
        page.get_by_role("button", name="Save and continue").click()
        assert "could not save that yet" in heading(page).inner_text()
        assert_accessible(page)
        page.get_by_role("button", name="Send it again").click()
    assert page.url.endswith("/2/") and said(rater) == {"1.1": ("", "Without a cookie")}


def test_a_lost_link_is_asked_for(page_without_script, rater, assert_accessible):
    page = page_without_script
    page.goto("/rate/")
    assert_accessible(page)
    page.get_by_role("button", name="Send me a new link").click()
    assert page.get_by_role("link", name="Enter your e-mail address").is_visible()
    assert_accessible(page)
    page.get_by_label("Your e-mail address").fill("nobody-at-all@example.org")
    page.get_by_role("button", name="Send me a new link").click()
    assert "Look in your mail" in heading(page).inner_text()
    assert_accessible(page)


@pytest.mark.parametrize("place", ["", "1/", "check/", "thanks/"])
def test_a_raters_pages_in_forced_colours_and_at_320(rater, new_page, assert_accessible, assert_fits, place):
    page = new_page(viewport={"width": 320, "height": 640}, forced_colors="active")
    page.goto(rater.here + place)
    assert_accessible(page)
    assert_fits(page)
