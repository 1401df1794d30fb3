"""Runs of the link checker: what is due, once, politely, written as it goes; killed, repeated, without a way out, and switched off."""

import io
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from resources import catalogue, link_run, link_tasks
from resources.link_visit import FINE, GONE, MOVED, SLOW, Finding
from resources.models import CatalogueStamp, ImportBatch, Link, LinkCheck, LinkRun, Resource
from tests.link_sites import Sites, serving, visitor_of

pytestmark = pytest.mark.django_db

Verdict = Link.Verdict


class Visits:
    """Somebody who visits without going anywhere: what each address answers, else fine. `asked` holds the addresses."""

    def __init__(self, **answers):
        self.answers, self.usual, self.asked = answers, Finding(FINE, status=200), []

    def visit(self, address):
        self.asked.append(address)
        answer = self.answers.get(address.rsplit("/", 1)[-1], self.usual)
        return answer() if callable(answer) else answer


@pytest.fixture
def three():
    """Three resources of three sites, and no others; their links."""
    Resource.objects.update(withdrawn_at=timezone.now(), withdrawn_reason="Not of this test")
    for number, resource in enumerate(Resource.objects.all()[:3], start=1):
        resource.url, resource.withdrawn_at = f"https://site{number}.example/{number}", None
        resource.save()
    Link.objects.make_missing()
    Link.objects.update(due_at=timezone.make_aware(datetime(2026, 1, 1)))
    return list(Link.objects.order_by("address"))


def run(by, **options):
    return link_run.check(LinkRun.objects.create(), Link.objects.all(), by=by, **options)


def day_after_day(findings, start="2026-11-03 03:00"):
    """One run a day, the link of "1" found so."""
    with time_machine.travel(start, tick=False) as clock:
        for finding in findings:
            run(Visits(**{"1": finding}))
            clock.shift(timedelta(days=1))


def verdict_of(link):
    link.refresh_from_db()
    return link.verdict


# Verdicts, kept -------------------------------------------------------------------------------------------------------


def test_a_link_is_gone_after_three_days_and_fine_at_the_first_good_answer(three):
    link, gone = three[0], Finding(GONE, "404 Not Found", 404)
    day_after_day([gone, gone])
    assert verdict_of(link) == Verdict.UNCHECKED
    assert (link.doubt, link.doubted_days) == (Verdict.GONE, 2)
    day_after_day([gone], "2026-11-05 03:00")
    assert verdict_of(link) == Verdict.GONE
    assert timezone.localdate(link.verdict_at).isoformat() == "2026-11-05"
    assert [str(check.at.date()) for check in link.resource.link_checks.all()] == ["2026-11-05", "2026-11-04", "2026-11-03"]
    assert list(Link.objects.broken()) == list(Link.objects.to_look_at()) == [link]
    assert catalogue.current().index.get(link.resource.slug).broken
    day_after_day([Finding(FINE, status=200)], "2026-11-06 03:00")
    assert verdict_of(link) == Verdict.FINE
    assert not Link.objects.broken().exists()
    assert not catalogue.current().index.get(link.resource.slug).broken


def test_three_checks_of_one_day_are_one(three):
    for hour in ("01", "09", "17"):
        day_after_day([Finding(GONE, status=404)], f"2026-11-03 {hour}:00")
        Link.objects.update(due_at=timezone.make_aware(datetime(2026, 1, 1)))
    assert LinkCheck.objects.count() == 9
    assert verdict_of(three[0]) == Verdict.UNCHECKED


def test_a_check_that_changes_no_verdict_has_nobody_make_the_catalogue_anew(three):
    day_after_day([Finding(FINE, status=200)])
    stamp = CatalogueStamp.objects.get().stamp
    Link.objects.update(due_at=timezone.now())
    run(Visits(**{"1": Finding(GONE, status=404)}))
    assert LinkCheck.objects.count() == 6
    assert CatalogueStamp.objects.get().stamp == stamp


def test_a_new_address_is_proposed_after_two_days(three):
    there = Finding(MOVED, status=200, final_address="https://site1.example/new")
    day_after_day([there])
    assert (verdict_of(three[0]), three[0].moved_to) == (Verdict.FINE, "")
    day_after_day([there], "2026-11-04 03:00")
    assert (verdict_of(three[0]), three[0].moved_to) == (Verdict.MOVED, "https://site1.example/new")
    assert list(Link.objects.moved()) == [three[0]]


def test_what_is_due_next(three):
    """A day where something is in doubt; a week, spread, where all is well."""
    day_after_day([Finding(SLOW)])
    start = timezone.make_aware(datetime(2026, 11, 3, 3))
    doubted, *fine = Link.objects.order_by("address")
    assert doubted.due_at < start + timedelta(days=1)
    assert all(timedelta(days=6) <= link.due_at - start <= timedelta(days=8) for link in fine)


def test_another_address_starts_afresh_and_is_due_at_once(three):
    gone = Finding(GONE, status=404)
    day_after_day([gone] * 3)
    resource = three[0].resource
    resource.url = "https://site1.example/elsewhere"
    resource.save()
    assert not Link.objects.broken().exists()
    assert not catalogue.current().index.get(resource.slug).broken
    with time_machine.travel("2026-11-05 04:00"):
        visits = Visits(elsewhere=gone)
        run(visits)
    assert visits.asked == [resource.url]
    assert (verdict_of(three[0]), three[0].address, three[0].doubted_days) == (Verdict.UNCHECKED, resource.url, 1)


def test_an_address_changed_during_the_visit_is_not_judged_by_the_old_one_s_answer(three):
    Resource.objects.filter(pk=three[0].resource_id).update(url="https://new.example/")
    link_run.keep_check(three[0], "https://site1.example/1", Finding(FINE, status=200))
    assert verdict_of(three[0]) == Verdict.UNCHECKED


def test_what_a_curator_has_seen_is_not_called_gone_until_the_checker_sees_it_too(three):
    link = three[0]
    link.look(by=None)
    link.keep()
    day_after_day([Finding(GONE, status=404)] * 5, timezone.now() + timedelta(days=1))
    assert verdict_of(link) == Verdict.ROBOTS
    run_day = timezone.now() + timedelta(days=20)
    day_after_day([Finding(FINE, status=200)], run_day)
    assert (verdict_of(link), link.by_hand_on) == (Verdict.FINE, None)
    day_after_day([Finding(GONE, status=404)] * 4, run_day + timedelta(days=9))
    assert verdict_of(link) == Verdict.GONE


def test_whoever_waits_is_told_when_it_works_again(three, monkeypatch):
    told = []
    monkeypatch.setattr(link_run, "mended", told.append)
    day_after_day([Finding(FINE, status=200)])
    told.clear()
    day_after_day([Finding(GONE, status=404)] * 3, "2026-11-20 03:00")
    assert told == []
    day_after_day([Finding(FINE, status=200)], "2026-11-23 03:00")
    assert told == [three[0].resource]


# A run ----------------------------------------------------------------------------------------------------------------


def test_a_run_asks_each_due_address_once_and_says_what_came_of_it(three):
    visits = Visits(**{"2": Finding(GONE, "404 Not Found", 404)})
    done = run(visits)
    assert sorted(visits.asked) == [link.address for link in three]
    assert (done.state, done.total, done.done) == ("finished", 3, 3)
    assert done.note == "Answered: 2; Says there is nothing: 1"
    again = Visits()
    assert run(again).note == "Nothing was due"
    assert again.asked == []


def test_a_run_has_a_cap_and_the_next_goes_on(three):
    first, second = Visits(), Visits()
    run(first, limit=2)
    run(second, limit=2)
    assert (len(first.asked), sorted(first.asked + second.asked)) == (2, [link.address for link in three])


def test_two_runs_at_once_do_not_ask_the_same_address_twice(three):
    """While the first is at its first address, a second run begins and ends."""
    second = Visits()
    due = list(Link.objects.due().select_related("resource"))
    errand = link_run.Errand(LinkRun.objects.create(total=3), due, Visits(), lambda finding: None)
    claimed = errand._next("site1.example")
    run(second)
    assert claimed.address not in second.asked
    assert len(second.asked) == 2
    errand.go()
    assert errand.visitor.asked == []
    assert errand.found["elsewhere"] == 2


def test_a_run_that_is_killed_is_seen_as_such_and_the_next_one_goes_on(three):
    class Killed(BaseException):
        pass

    def die():
        raise Killed

    row = LinkRun.objects.create()
    with pytest.raises(Killed):
        link_run.check(row, Link.objects.all(), by=Visits(**{"2": die}))
    row.refresh_from_db()
    done = LinkCheck.objects.count()
    assert (row.finished_at, row.state, done < 3) == (None, "under way", True)
    with time_machine.travel(timezone.now() + timedelta(minutes=15)):
        assert row.state == "stopped"
        visits = Visits()
        run(visits)
        assert "https://site2.example/2" in visits.asked
        assert len(visits.asked) == 3 - done


def test_without_a_way_out_nothing_is_held_against_anybody(three):
    nobody = Visits(**{n: Finding(GONE, "Its name does not exist") for n in "123"})
    for day in range(4):
        with time_machine.travel(timezone.now() + timedelta(days=day)):
            assert run(nobody).note == link_run.NO_WAY_OUT
    assert {link.verdict for link in Link.objects.all()} == {Verdict.UNCHECKED}
    assert Link.objects.filter(doubt="").count() == 3


def test_the_silence_of_one_alone_counts_only_where_somebody_answered_since_yesterday(three):
    nobody = Visits(**{"1": Finding(GONE, "Its name does not exist")})
    Link.objects.exclude(pk=three[0].pk).update(due_at=timezone.now() + timedelta(days=9))
    assert run(nobody).note == link_run.NO_WAY_OUT
    Link.objects.update(due_at=timezone.make_aware(datetime(2026, 1, 1)))
    run(Visits())
    Link.objects.filter(pk=three[0].pk).update(due_at=timezone.make_aware(datetime(2026, 1, 1)))
    run(nobody)
    assert Link.objects.get(doubt=Verdict.GONE) == three[0]


def test_silence_of_some_counts_where_others_answer(three):
    run(Visits(**{n: Finding(GONE, "Its name does not exist") for n in "12"}))
    assert Link.objects.filter(doubt=Verdict.GONE, doubted_days=1).count() == 2


def test_a_real_run_over_a_real_server_is_polite(three):
    """Several addresses of one host, their redirects and robots.txt: a second apart, as the server counts."""
    Resource.objects.filter(withdrawn_at=None).update(url="")
    for number, resource in enumerate(Resource.objects.filter(withdrawn_at=None)):
        Resource.objects.filter(pk=resource.pk).update(url=f"http://one.example/{number}")
    sites = Sites()
    for number in range(3):
        sites[f"/{number}"] = 301, {"Location": f"/{number}/"}, b""
        sites[f"/{number}/"] = 200, {}, b""
    with serving(sites) as port:
        visitor = visitor_of(port)
        sites.clock = visitor.turns.clock
        done = run(visitor)
    times = [at for at, *_ in sites.asked]
    assert times == [1000 + second for second in range(7)]
    assert done.note == "Says it has moved for good: 3"


# Words, switches, tasks -----------------------------------------------------------------------------------------------


@pytest.fixture
def visits(monkeypatch, settings):
    settings.LINK_CHECKS = True
    visits = Visits()
    monkeypatch.setattr(link_run, "visitor", lambda: visits)
    return visits


def check_links(*arguments):
    out = io.StringIO()
    call_command("check_links", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_checks_what_is_due_or_all_or_one(three, visits):
    assert check_links() == "3 checked. Answered: 3.\n"
    assert check_links() == "0 checked. Nothing was due.\n"
    assert check_links("--all", "--limit", "2").startswith("2 checked.")
    assert check_links("--resource", three[0].resource.slug).startswith("1 checked.")
    with pytest.raises(CommandError, match="no resource nowhere"):
        check_links("--resource", "nowhere")


def test_where_it_is_switched_off_nobody_goes_out_and_it_says_how_to_turn_it_on(three, visits, settings):
    settings.LINK_CHECKS = False
    assert "LINK_CHECKS=1" in check_links("--all")
    link_tasks.check_links_due.call()
    assert LinkRun.objects.get().note == link_run.OFF
    assert visits.asked == []


def test_a_batch_is_checked_at_once_and_alone(three, visits):
    batch = ImportBatch.objects.create(file_name="new.csv")
    check_links()
    visits.asked.clear()
    Resource.objects.filter(pk=three[1].resource_id).update(batch=batch)
    link_tasks.check_batch.call(batch.pk)
    assert visits.asked == [three[1].address]
    assert batch.link_runs.get().state == "finished"


def test_checks_are_kept_for_400_days(three):
    for days in (399, 401):
        three[0].resource.link_checks.create(address=three[0].address, outcome=FINE, at=timezone.now() - timedelta(days=days))
        LinkRun.objects.create(started_at=timezone.now() - timedelta(days=days))
    call_command("tidy")
    assert (LinkCheck.objects.count(), LinkRun.objects.count()) == (1, 1)


def test_what_a_curator_is_to_look_at(three):
    one, two, three = three
    Link.objects.filter(pk=one.pk).update(verdict=Verdict.SIGN_IN)
    Link.objects.filter(pk=two.pk).update(verdict=Verdict.ROBOTS)
    Link.objects.filter(pk=three.pk).update(verdict=Verdict.SLOW)
    Resource.objects.update(sign_in="")
    assert set(Link.objects.to_look_at()) == {one, two}
    Resource.objects.update(sign_in="account")
    Link.objects.filter(pk=two.pk).update(by_hand_on=timezone.localdate() - timedelta(days=179))
    assert not Link.objects.to_look_at().exists()
    Link.objects.filter(pk=two.pk).update(by_hand_on=timezone.localdate() - timedelta(days=181))
    assert set(Link.objects.to_look_at()) == {two}
