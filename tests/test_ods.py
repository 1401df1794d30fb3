"""The import of the list of NHS trusts: what a dry run shows, what applying it does, and what it never does.

The database starts with the fixture: 199 open English trusts, 3 care trusts, ICBs and regions. tests/data/etr-sample.csv holds real
rows of July 2026 (Contains public sector information licensed under the Open Government Licence v3.0).
"""

import csv
import io
import itertools
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from accounts import etr, ods
from accounts.fixture import load_organisations
from accounts.kinds import CARE_TRUST, FOUNDATION_TRUST, ICB, REGION, TRUST
from accounts.models import AuditEntry, FormerName, Merger, Organisation, Placement, User
from accounts.seed import Counts, FixtureError

pytestmark = pytest.mark.django_db

SAMPLE = (Path(__file__).parent / "data" / "etr-sample.csv").read_bytes()
REAL = settings.BASE_DIR.parent / "shared" / "data" / "etr-2026-07.csv"
FIXTURE = settings.BASE_DIR / "fixtures" / "organisations.json"
AT = {"code": 0, "name": 1, "region": 2, "icb": 3, "opened": 10, "closed": 11}
TABLES = (Organisation, Organisation.history.model, Placement, FormerName, Merger, AuditEntry)


@pytest.fixture(autouse=True)
def on_a_day_in_november():
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False):
        yield


def everything():
    """Every row of every table that an import could touch."""
    return {model: list(model.objects.order_by("pk").values_list()) for model in TABLES}


def listed(*changed, start=SAMPLE, encoding="utf-8"):
    """The sample's bytes with rows changed: each a dict with the code, and the values to put in."""
    rows = list(csv.reader(io.StringIO(start.decode(), newline="")))
    for change in changed:
        row = next((row for row in rows if row[0] == change["code"]), None)
        if row is None:
            rows.append(row := [""] * 27)
        for field, value in change.items():
            row[AT[field]] = value
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode(encoding)


def bring_in(content, as_of=None, **kwargs):
    plan = ods.plan(content, as_of)
    ods.apply(plan, **kwargs)
    return plan


def organisation(code):
    return Organisation.objects.get(code=code)


# Reading --------------------------------------------------------------------------------------------------------------


def test_the_real_list_over_a_fresh_portal():
    if not REAL.exists():
        pytest.skip(f"NOT RUN: {REAL} is not on this machine")
    plan = ods.plan(REAL.read_bytes())
    assert plan.counts() == {"new": 75, "renamed": 0, "moved": 0, "closed": 0, "reopened": 0, "redated": 0, "unchanged": 199, "refused": 0}
    assert {line.code for line in plan.unplaced} == {"RQF", "RT4", "RYT"}
    assert {line.code for line in plan.absent} == {"TAD", "TAH", "TAJ"}
    ods.apply(plan)
    assert ods.plan(REAL.read_bytes()).counts()["unchanged"] == 274
    assert Organisation.objects.filter(kind__in=(TRUST, FOUNDATION_TRUST, CARE_TRUST)).open().count() == 205


def test_the_real_list_into_a_portal_that_holds_regions_and_icbs_only():
    if not REAL.exists():
        pytest.skip(f"NOT RUN: {REAL} is not on this machine")
    Organisation.objects.exclude(kind__in=(ICB, REGION)).delete()
    assert bring_in(REAL.read_bytes()).counts()["new"] == 274
    assert organisation("RJ1").placement.icb.code == "QKK"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_any_sane_encoding_is_read(encoding):
    plan = ods.plan(listed({"code": "RJ1", "name": "CAFÉ KING’S NHS TRUST"}, encoding=encoding))
    assert [line.after for line in plan.having("renamed")] == ["Café King’s NHS Trust"]


def test_other_line_ends_and_blank_lines_are_read():
    plan = ods.plan(SAMPLE.replace(b"\r\n", b"\n\n"))
    assert len(plan.rows) == 27 and not plan.refused


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty"),
        (b"\r\n \r\n", "The file is empty"),
        (b"PK\x03\x04\x81\x8d\xff" * 30, "not CSV text"),
        (b"code,name\nRJ1,Guy's\n", "none of its rows has 27 columns"),
        (b'"RJ1","GUY', "not well-formed CSV"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
    ],
)
def test_what_is_no_such_list_is_refused_in_one_sentence(content, says):
    with pytest.raises(ods.OdsError, match=says):
        ods.plan(content)


@given(st.binary(max_size=300), st.integers(0, len(SAMPLE)), st.integers(0, 300))
def test_no_bytes_at_all_break_the_reading(junk, at, cut):
    """A spoilt list is refused, whole or row by row; every row that is read is sound."""
    try:
        rows, _ = etr.read(SAMPLE[:at] + junk + SAMPLE[at + cut :])
    except etr.OdsError:
        return
    assert all(re.fullmatch("[A-Z0-9]{3,5}", row.code) and 0 < len(row.name) <= 200 and "\x00" not in row.name for row in rows)
    assert len({row.code for row in rows}) == len(rows)


REFUSALS = [
    ({"code": "RJ1", "region": "Y99"}, ("region", "Y99", "There is no region of this code here")),
    ({"code": "RJ1", "icb": "QQQ"}, ("ICB", "QQQ", "There is no ICB of this code here")),
    ({"code": "RJ1", "icb": "Y56"}, ("ICB", "Y56", "There is no ICB of this code here")),
    ({"code": "RJ1", "icb": "Q!"}, ("ICB", "Q!", "A code has 3 to 5 letters and digits")),
    ({"code": "RJ1", "opened": "20260231"}, ("opened", "20260231", "A date is written yyyymmdd")),
    ({"code": "RJ1", "opened": "2026-01-01"}, ("opened", "2026-01-01", "A date is written yyyymmdd")),
    ({"code": "RJ1", "closed": "２０２６０１０１"}, ("closed", "２０２６０１０１", "A date is written yyyymmdd")),
    ({"code": "RJ1", "closed": "19900101"}, ("closed", "19900101", "It would close before it opened")),
    ({"code": "RJ1", "opened": "", "closed": "19900101"}, ("closed", "19900101", "It would close before it opened: here it opened on 1 April 1993")),
    ({"code": "RJ1", "name": ""}, ("name", "", "The name is missing")),
    ({"code": "RJ1", "name": "N" * 201}, ("name", "N" * 201, "A name has 200 characters at most, and this one has 201")),
    ({"code": "RJ1", "name": "GUY\x00S"}, ("name", "GUY\x00S", "It holds a character that cannot be seen")),
    ({"code": "QKK", "name": "A TRUST"}, ("code", "QKK", "another kind of organisation (Integrated care board)")),
]  # fmt: skip


@pytest.mark.parametrize(("change", "says"), REFUSALS, ids=lambda value: value[0] if isinstance(value, tuple) else "")
def test_a_refused_row_says_where_what_and_why_and_changes_nothing(change, says):
    before = everything()
    content = listed(change)
    plan = ods.plan(content)
    (refused,) = plan.refused
    column, value, reason = says
    assert (refused.column, refused.value) == (column, value) and reason in refused.reason
    assert content.decode().splitlines()[refused.row - 1].startswith(f'"{change["code"]}"')
    assert plan.counts()["new"] == 14 and change["code"] not in {c.row.code for c in plan.changes}
    ods.apply(plan)
    assert set(before[Organisation]) <= set(everything()[Organisation])


@pytest.mark.parametrize("code", ["R", "RJ", "RJ1234", "R-1", "ÄBC", "R\x001", ""])
def test_a_bad_code_is_refused(code):
    content = listed() + ('"' + code + '"' + ',"A NAME"' + ',""' * 25 + "\r\n").encode()
    (refused,) = ods.plan(content).refused
    assert (refused.row, refused.column, refused.value) == (28, "code", code)


def test_a_row_of_another_width_and_a_code_listed_twice_are_refused():
    lines = SAMPLE.splitlines(keepends=True)
    plan = ods.plan(SAMPLE + b'"RJ7","TOO FEW"\r\n' + lines[0])
    assert [(r.row, r.column, r.value) for r in plan.refused] == [(28, "columns", "2"), (29, "code", "G6V2S")]
    assert "Row 1 has this code already" in plan.refused[1].reason
    assert len(plan.rows) == 27


def test_a_made_up_organisation_is_never_taken_for_a_real_one():
    Organisation.objects.create(code="ZZ9", name="Fictional", kind=TRUST, fictional=True)
    plan = ods.plan(listed({"code": "ZZ9", "name": "A REAL NHS TRUST"}))
    assert "made-up" in plan.refused[0].reason
    assert plan.open_before == 202


# What changes ---------------------------------------------------------------------------------------------------------


def test_a_dry_run_changes_nothing(capsys, tmp_path):
    before = everything()
    (tmp_path / "etr.csv").write_bytes(listed({"code": "RJ1", "name": "OTHER NHS TRUST", "icb": "QMF", "closed": "20270101"}))
    call_command("import_ods", tmp_path / "etr.csv")
    assert everything() == before
    said = capsys.readouterr().out
    assert "Renamed: 1" in said and "Guy's and St Thomas' NHS Foundation Trust -> Other NHS Trust" in said and "nothing was changed" in said


def test_applying_twice_changes_nothing_the_second_time():
    bring_in(SAMPLE)
    after = everything()
    assert AuditEntry.objects.filter(verb="imported_organisations").count() == 1
    assert not bring_in(SAMPLE).changes
    assert everything() == after
    bring_in(SAMPLE, as_of=date(2026, 7, 31))
    assert everything() == after


def test_new_organisations_have_their_kind_dates_and_first_placement():
    bring_in(listed({"code": "RXX9", "name": "A NEW NHS FOUNDATION TRUST", "region": "Y56", "icb": "QKK", "opened": "20270401"}))
    new = organisation("RXX9")
    assert (new.name, new.kind, new.opened, new.closed) == ("A New NHS Foundation Trust", FOUNDATION_TRUST, date(2027, 4, 1), None)
    assert new.placements.get().since == date(2027, 4, 1)
    assert organisation("RYT").kind == TRUST
    assert organisation("RVJ").placements.get().since == date(2026, 4, 1)


def test_what_closed_before_april_2026_has_no_known_place_and_neither_has_a_welsh_trust():
    plan = bring_in(SAMPLE)
    assert not organisation("RJ5").placements.exists()
    assert not organisation("RNK").placements.exists()
    assert not organisation("RQF").placements.exists()
    assert {line.code: line.after for line in plan.unplaced} == {"RQF": "not known", "RT4": "not known", "RYT": "not known"}


def test_a_blank_place_in_the_list_leaves_the_place_known_here():
    plan = bring_in(listed({"code": "RJ1", "region": "", "icb": ""}))
    assert organisation("RJ1").placement.icb.code == "QKK"
    assert "London (Y56)" in next(line.after for line in plan.unplaced if line.code == "RJ1")


def test_a_rename_leaves_the_former_name_and_people_find_it(django_user_model):
    person = django_user_model.objects.create_user("admin@example.org", is_superuser=True)
    bring_in(listed({"code": "RVJ", "closed": ""}, {"code": "RX3", "name": "TEES VALLEY NHS TRUST"}), by=person)
    renamed = organisation("RX3")
    assert (renamed.name, renamed.kind) == ("Tees Valley NHS Trust", TRUST)
    former = renamed.former_names.get()
    assert (former.name, former.until) == ("Tees, Esk and Wear Valleys NHS Foundation Trust", date(2026, 11, 24))
    assert renamed in Organisation.objects.called("esk wear")
    line = renamed.history.latest("history_id")  # the fixture's own line may be of a later day than this test's
    assert (line.history_user, line.history_type, line.name) == (person, "~", "Tees Valley NHS Trust")
    entry = AuditEntry.objects.get(verb="imported_organisations")
    assert (entry.verb, entry.actor, entry.detail["renamed"], entry.detail["as_of"]) == ("imported_organisations", person.public_id, 1, "2026-11-24")


def test_a_name_that_goes_and_comes_back_is_remembered_once_each():
    for name in ("ONE NHS TRUST", "TWO NHS TRUST", "ONE NHS TRUST", "TWO NHS TRUST"):
        bring_in(listed({"code": "RX3", "name": name}))
    assert set(organisation("RX3").former_names.values_list("name", flat=True)) == {
        "Tees, Esk and Wear Valleys NHS Foundation Trust", "One NHS Trust", "Two NHS Trust",
    }  # fmt: skip


def test_how_an_administrator_capitalises_a_name_stays():
    Organisation.objects.filter(code="RAJ").update(name="Mid And South Essex NHS Foundation Trust")
    assert "RAJ" not in {change.row.code for change in ods.plan(SAMPLE).changes}


def test_a_care_trust_stays_one_when_the_list_names_it():
    bring_in(listed({"code": "TAD", "name": "BRADFORD CARE NHS FOUNDATION TRUST"}))
    assert organisation("TAD").kind == CARE_TRUST


def test_a_move_holds_from_its_day_and_leaves_the_old_place_on_old_days():
    content = listed({"code": "RX3", "region": "Y62", "icb": "QOP"})
    plan = bring_in(content, as_of=date(2026, 10, 1))
    assert plan.having("moved")[0].after == "NHS Greater Manchester Integrated Care Board (QOP), North West (Y62)"
    moved = organisation("RX3")
    assert moved.placement_on(date(2026, 9, 30)).icb.code == "QHM"
    assert moved.placement_on(date(2026, 10, 1)).icb.code == "QOP"
    assert moved.placement_on(date(2026, 3, 31)) is None
    bring_in(listed({"code": "RX3", "region": "Y63", "icb": "QWO"}), as_of=date(2026, 10, 1))  # the same edition, corrected
    assert [p.icb.code for p in moved.placements.all()] == ["QWO", "QHM"]


@pytest.mark.parametrize(("as_of", "says"), [(date(2026, 3, 31), "2026 or a later day"), (date(2026, 11, 25), "today or an earlier day")])
def test_a_list_cannot_be_as_of_any_day(as_of, says):
    with pytest.raises(ods.OdsError, match=says):
        ods.plan(SAMPLE, as_of)


def test_what_has_closed_keeps_the_name_and_the_place_of_its_days():
    bring_in(SAMPLE)
    bring_in(listed({"code": "RVJ", "name": "OTHER NHS TRUST", "region": "Y59", "icb": "QKS"}))
    assert organisation("RVJ").name == "North Bristol NHS Trust"
    assert organisation("RVJ").placements.get().icb.code == "QUY"


def test_a_closing_date_to_come_is_open_until_then():
    plan = bring_in(listed({"code": "RJZ", "closed": "20270331"}))
    assert plan.having("closed")[0].after == "closes 31 March 2027"
    assert organisation("RJZ").is_open
    with time_machine.travel("2027-03-31T12:00:00Z"):
        assert not organisation("RJZ").is_open


def test_a_closing_date_that_is_gone_opens_again_and_a_corrected_one_is_shown():
    bring_in(listed({"code": "RJZ", "closed": "20260930"}))
    assert bring_in(listed({"code": "RJZ", "closed": "20261031"})).having("redated")[0].after == "closed 31 October 2026"
    assert bring_in(listed({"code": "RJZ", "closed": ""})).having("reopened")[0].before == "closed 31 October 2026"
    assert organisation("RJZ").closed is None


def test_a_blank_opening_date_keeps_the_one_known_and_a_new_one_is_taken():
    assert not [c for c in ods.plan(listed({"code": "RJZ", "opened": ""})).changes if c.row.code == "RJZ"]
    bring_in(listed({"code": "TAD", "name": "BRADFORD DISTRICT CARE NHS FOUNDATION TRUST", "opened": "20020401"}))
    assert organisation("TAD").opened == date(2002, 4, 1)


def test_what_the_list_leaves_out_stays_open():
    first_row = SAMPLE.splitlines(keepends=True)[0]
    plan = bring_in(first_row)
    assert len(plan.absent) == 201 and not plan.changes
    assert Organisation.objects.open().count() == 245


def all_trusts(**changes_of_first):
    """A list of all the trusts here; the first few get these values."""
    trusts = Organisation.objects.filter(kind__in=(TRUST, FOUNDATION_TRUST)).order_by("code")
    rows = [{"code": o.code, "name": o.name.upper(), "opened": f"{o.opened:%Y%m%d}"} for o in trusts]
    for number, values in changes_of_first.items():
        for row in rows[: int(number.strip("_"))]:
            row.update(values)
    return listed(*rows, start=b"")


def test_more_than_a_tenth_of_those_open_here_before_do_not_close_unless_allowed():
    assert ods.plan(all_trusts(_20={"closed": "20260930"})).closes_too_many is False  # of 202
    plan = ods.plan(all_trusts(_21={"closed": "20270930"}) + SAMPLE.replace(b"R0C", b"R0Z"))  # new closed ones do not count
    assert (plan.closes_too_many, plan.closing, plan.open_before) == (True, 21, 202)
    before = everything()
    with pytest.raises(ods.OdsError, match="21 of the 202 trusts open here"):
        ods.apply(plan)
    assert everything() == before
    ods.apply(plan, allow_closures=True)
    assert Organisation.objects.filter(closed=date(2027, 9, 30)).count() == 21


# All or nothing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [1, 2, 50, 101, 150, 211])
def test_a_failure_at_any_row_leaves_everything_as_before(k, monkeypatch):
    content = all_trusts(_199={"region": "Y56", "icb": "QKK"}, _3={"name": "RENAMED NHS TRUST"}) + SAMPLE  # the sample's twins are refused
    plan = ods.plan(content)
    assert len(plan.changes) >= 190
    before, taken, add = everything(), itertools.count(1), ods._Batch.add

    def fail_at_k(batch, change):
        if next(taken) == min(k, len(plan.changes)):
            raise RuntimeError("injected")
        add(batch, change)

    monkeypatch.setattr(ods._Batch, "add", fail_at_k)
    with pytest.raises(RuntimeError):
        ods.apply(plan)
    assert everything() == before


def test_a_failure_at_the_very_end_leaves_everything_as_before(monkeypatch):
    before = everything()
    monkeypatch.setattr(ods._Batch, "_remember_names", lambda batch: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        bring_in(SAMPLE)
    assert everything() == before


def test_what_changed_since_the_dry_run_is_looked_at_again():
    plan = ods.plan(SAMPLE)
    ods.apply(ods.plan(SAMPLE))
    with pytest.raises(ods.OdsError, match="have changed since"):
        ods.apply(plan)


def test_the_number_of_queries_hardly_grows(django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        plan = ods.plan(all_trusts(_199={"region": "Y56", "icb": "QKK", "name": "RENAMED NHS TRUST"}))
    with django_assert_max_num_queries(60):
        ods.apply(plan)


# The command ----------------------------------------------------------------------------------------------------------


def test_the_command_applies_with_a_progress_bar(tmp_path, capsys):
    (tmp_path / "etr.csv").write_bytes(listed({"code": "RJ1", "opened": "soon"}))
    call_command("import_ods", tmp_path / "etr.csv", "--apply", "--as-of", "2026-07-31")
    said = capsys.readouterr()
    assert "Done. Organisations made or changed: 14. Rows refused: 1." in said.out
    assert "row 10, opened, 'soon': A date is written yyyymmdd" in said.out
    assert "14/14" in said.err
    assert organisation("RYT").name == "Public Health Wales NHS Trust"


def test_the_command_shows_a_few_of_each_group_or_all(tmp_path, capsys):
    (tmp_path / "etr.csv").write_bytes(SAMPLE)
    call_command("import_ods", tmp_path / "etr.csv")
    few = capsys.readouterr().out
    assert "Open here and not in the list: left as they are: 189" in few and "... and 169 more" in few
    call_command("import_ods", tmp_path / "etr.csv", "--dry-run", verbosity=2)
    all_of_it = capsys.readouterr().out
    assert "more:" not in all_of_it and len(all_of_it.splitlines()) > 189


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["missing.csv"], "There is no file missing.csv"), (["."], "cannot be read"), (["manage.py"], "27 columns"), (["manage.py", "--as-of", "June"], "'June' is not a date")],
)  # fmt: skip
def test_the_command_says_what_is_wrong_in_a_sentence(arguments, says, monkeypatch):
    monkeypatch.chdir(settings.BASE_DIR)
    with pytest.raises(CommandError, match=says):
        call_command("import_ods", *arguments)


def test_the_command_asks_before_closing_many(tmp_path, capsys):
    (tmp_path / "etr.csv").write_bytes(all_trusts(_21={"closed": "20260930"}))
    call_command("import_ods", tmp_path / "etr.csv")
    assert "--apply needs --allow-closures" in capsys.readouterr().out
    with pytest.raises(CommandError, match=r"Nothing was changed\. It would close 21 of the 202"):
        call_command("import_ods", tmp_path / "etr.csv", "--apply")
    call_command("import_ods", tmp_path / "etr.csv", "--apply", "--allow-closures")
    assert Organisation.objects.open().count() == 224


# The fixture ----------------------------------------------------------------------------------------------------------


def test_a_fresh_portal_has_the_open_english_trusts_the_care_trusts_and_the_icbs():
    by_kind = {kind: Organisation.objects.filter(kind=kind).count() for kind in (REGION, ICB, CARE_TRUST)}
    assert by_kind == {REGION: 7, ICB: 36, CARE_TRUST: 3}
    assert Organisation.objects.count() == 245 and Organisation.objects.open().count() == 245
    assert organisation("QKK").name == "NHS South East London Integrated Care Board"
    assert organisation("QKK").placement.region.name == "London" and organisation("QKK").placement.icb is None
    assert organisation("K0N6A").placements.get().since == date(2026, 6, 1)
    assert organisation("TAH") in Organisation.objects.called("sheffield social care")
    assert "Open Government Licence v3.0" in json.loads(FIXTURE.read_text())["attribution"]


def test_the_fixture_never_undoes_an_edit_or_an_import(tmp_path):
    edited = organisation("RJ1")
    edited.name = "Edited by hand"
    edited.save()
    bring_in(listed({"code": "RX3", "name": "TEES VALLEY NHS TRUST", "icb": "QWO"}, {"code": "RJ1", "name": "EDITED BY HAND"}))
    Placement.objects.filter(organisation=edited).delete()
    before = everything()
    fixture = json.loads(FIXTURE.read_text())
    for row in fixture["organisations"]:
        if row["code"] in ("RJ1", "RX3"):
            row["name"] = "From a newer fixture"
    (tmp_path / "organisations.json").write_text(json.dumps(fixture))
    load_organisations(tmp_path / "organisations.json", counts := Counts())
    assert everything() == before
    assert (counts.made, counts.updated, counts.kept) == (0, 0, 2)


@pytest.mark.parametrize(
    ("change", "says"),
    [({"icb": "QQQ"}, "there is no organisation 'QQQ' above it"), ({"opened": "1.4.2026"}, "write dates as"), ({"kind": "RO1"}, "kind: Value 'RO1' is not a valid choice")],
)  # fmt: skip
def test_a_wrong_fixture_says_what_to_change(change, says, tmp_path):
    fixture = json.loads(FIXTURE.read_text())
    fixture["organisations"].append({"code": "RZZ9", "name": "New", "kind": TRUST, **change})
    (tmp_path / "organisations.json").write_text(json.dumps(fixture))
    with pytest.raises(FixtureError, match=rf"organisations\.json, row 246 \(RZZ9\): .*{says}"):
        load_organisations(tmp_path / "organisations.json", Counts())


def test_a_fixture_without_its_list_says_so(tmp_path):
    (tmp_path / "organisations.json").write_text("[]")
    with pytest.raises(FixtureError, match="add the list 'organisations'"):
        load_organisations(tmp_path / "organisations.json", Counts())


# Mergers --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def merged():
    """Lewisham and Greenwich has become part of King's, by two administrators."""
    one, two = (User.objects.create_superuser(f"{name}@example.org") for name in ("one", "two"))
    merger = Merger.objects.create(predecessor=organisation("RJ2"), successor=organisation("RJZ"), on=date(2026, 10, 1), proposed_by=one)
    merger.approve(by=two)
    merger.approved_at = datetime(2026, 4, 2, tzinfo=UTC)  # the database's own clock is not set to November
    merger.save()
    return merger


def test_a_list_that_has_not_heard_of_a_merger_does_not_undo_it(merged):
    for closed in ("", "20260930"):
        content = listed({"code": "RJ2", "name": "OTHER NHS TRUST", "region": "Y56", "icb": "QMF", "opened": "19930401", "closed": closed})
        plan = bring_in(content)
        assert [line.code for line in plan.merged] == ["RJ2"]
    predecessor = organisation("RJ2")
    assert (predecessor.closed, predecessor.name) == (date(2026, 10, 1), "Lewisham and Greenwich NHS Trust")
    assert predecessor.placements.get().icb.code == "QKK"
    merged.refresh_from_db()
    merged.undo(by=merged.approved_by)
    assert organisation("RJ2").is_open


def test_the_table_is_hashed_whole():
    """What `everything` leaves out of the accounts' tables could be changed unseen."""
    tables = {model._meta.db_table for model in TABLES}
    people = ("user", "membership", "invitation", "joinrequest", "joindomain", "attempt", "session", "mailhome")
    others = [t for t in connection.introspection.table_names() if t.startswith("accounts_") and t not in tables]
    assert all(any(word in table for word in people) for table in others), others
