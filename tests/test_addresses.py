"""Whatever a lead pastes is read as people, or named with what to do; and nothing that comes of it can harm a mail."""

import time

import pytest
from django.core.mail.message import sanitize_address
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from assessments.addresses import LONGEST_TEXT, MOST, read

pytestmark = pytest.mark.one_database


def people(text):
    pasted = read(text)
    assert not pasted.faults, [str(fault) for fault in pasted.faults]
    return [(person.name, person.email) for person in pasted.people]


ONE = [("Ann Ash", "ann@x.org")]
TWO = [("Ann Ash", "ann@x.org"), ("Bo Bell", "bo@y.org")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ann@x.org", [("", "ann@x.org")]),
        ("  <ann@x.org>  ", [("", "ann@x.org")]),
        ("Ann Ash ann@x.org", ONE),
        ("Ann Ash <ann@x.org>", ONE),
        ("'Ann Ash' <ann@x.org>", ONE),
        ('"Ash, Ann" <ann@x.org>', ONE),
        ("Ash, Ann <ann@x.org>", ONE),
        ("Ash, Ann (QUIET VALLEY NHS TRUST) <ann@x.org>", ONE),
        ("ann@x.org, Ann Ash", ONE),
        ("ann@x.org\tAnn Ash", ONE),
        ("Ann\tAsh\tann@x.org", ONE),
        ("Ann,Ash,ann@x.org", ONE),
        ("1. Ann Ash: ann@x.org", ONE),
        ("1. ann@x.org", [("", "ann@x.org")]),
        ("• ann@x.org", [("", "ann@x.org")]),
        ("ann@x.org<mailto:ann@x.org>", [("", "ann@x.org")]),
        ("Ann Ash ann@x.org.", ONE),
        ("Ann\u00a0Ash\u200b <ann@x.org\u200b>", ONE),
        ("Ann Ash ann@x.org\r\nBo Bell bo@y.org", TWO),
        ("Ann Ash ann@x.org\n\n\n  Bo Bell bo@y.org\n", TWO),
        ("Ash, Ann <ann@x.org>; Bo Bell <bo@y.org>", TWO),
        ("Ash, Ann <ann@x.org>; Bell, Bo <bo@y.org>;", TWO),
        ("Ash, Ann <ann@x.org>, Bell, Bo <bo@y.org>", TWO),
        ("Ann Ash <ann@x.org>,Bo Bell <bo@y.org>", TWO),
        ("ann@x.org, Ann Ash, bo@y.org, Bo Bell", TWO),
        ("Ann Ash, ann@x.org, Bo Bell, bo@y.org", TWO),
        ("ann@x.org bo@y.org", [("", "ann@x.org"), ("", "bo@y.org")]),
        ("ann@x.org, bo@y.org, Cy Cole <cy@z.org>", [("", "ann@x.org"), ("", "bo@y.org"), ("Cy Cole", "cy@z.org")]),
        ("Zoë Ünal zoe+impact@x.org", [("Zoë Ünal", "zoe+impact@x.org")]),
        ("Zoe\u0308 A\u030angstro\u0308m <zoe@x.org>", [("Zoë Ångström", "zoe@x.org")]),
        ("김민준 <min@x.org>", [("김민준", "min@x.org")]),
        ("ann@büro.example", [("", "ann@büro.example")]),
        ("Niamh O’Neill niamh.o’neill@x.org", [("Niamh O’Neill", "niamh.o'neill@x.org")]),
        (f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.org", [("", f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.org")]),
        ("", []),
        (" \n;;,\n\t", []),
    ],
)
def test_people_are_read_from_whatever_they_were_copied_from(text, expected):
    assert people(text) == expected


@pytest.mark.parametrize(
    ("text", "line", "what_to_do"),
    [
        ("ann@", 1, "this is not an e-mail address. Write it as name@example.nhs.uk"),
        ("ann@x.org\n\nbo@@y.org", 3, "this is not an e-mail address. Write it as name@example.nhs.uk"),
        ("ann@localhost", 1, "this is not an e-mail address. Write it as name@example.nhs.uk"),
        ("ann@[127.0.0.1]", 1, "this is not an e-mail address. Write it as name@example.nhs.uk"),
        ("=?utf-8?q?ann=0abcc=3a?=@x.org", 1, "this is not an e-mail address. Write it as name@example.nhs.uk"),
        (f"ann@{'ü' * 63}.org", 1, "this is not an e-mail address. Write it as name@example.nhs.uk"),
        ("ann@x.org\nName\tE-mail", 2, "there is no e-mail address here. Add one, or take this out"),
        ("zoë@x.org", 1, "mail cannot be sent to an address with an accent before the @. Check it, or ask for another"),
        (f"{'a' * 250}@x.org", 1, "this address is longer than 254 characters. Check it"),
        (f"{'Ann ' * 40} ann@x.org", 1, "this name is longer than 150 characters. Shorten it"),
        ("Ann <ann @x.org>", 1, "this is not an e-mail address. Write it as name@example.nhs.uk"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_line_and_what_to_do(text, line, what_to_do):
    (fault,) = read(text).faults
    assert (fault.line, fault.what_to_do) == (line, what_to_do)
    assert str(fault).startswith(f"Line {line}, “")


def test_a_long_wrong_piece_is_not_repeated_in_full():
    assert len(read("a" * 5000).faults[0].text) == 60


def test_an_address_that_stands_there_twice_is_kept_once_and_said():
    pasted = read("Ann Ash ann@x.org\nAnn <ANN@X.ORG>; bo@y.org, ann@x.org")
    assert [(person.name, person.email) for person in pasted.people] == [("Ann Ash", "ann@x.org"), ("", "bo@y.org")]
    assert pasted.twice == ["ANN@X.ORG"]


def test_201_are_one_too_many():
    assert read("\n".join(f"p{n}@x.org" for n in range(MOST))).too_many == 0
    assert read("\n".join(f"p{n}@x.org" for n in range(MOST + 1))).too_many == 1
    assert read("\n".join(f"p{n % 150}@x.org" for n in range(MOST + 100))).too_many == 0  # counted once each


# Any text at all ------------------------------------------------------------------------------------------------------

NASTY = st.sampled_from(
    [*"@<>,;\"'()\r\n\t\x00\x0b\u2028\u200b\ud800ä. -:=?", "a@b.org", "<a@b.org>", "mailto:", "Bcc: all@x.org", "Ash, Ann", "=?utf-8?q?a=0a?="]
)


@given(st.lists(st.one_of(NASTY, st.characters(), st.text(max_size=5)), max_size=40).map("".join))
@example("ann@x.org\r\nBcc: all@x.org")
@example("Ann\x00 <ann@x.org>")
@example("Ann\u2028Bcc: all@x.org <ann@x.org>")
def test_nothing_that_is_read_can_end_a_header_or_fail_to_be_written_or_mailed(text):
    pasted = read(text)
    for person in pasted.people:
        assert (person.name + person.email).isprintable()
        assert len(person.email) <= 254
        assert len(person.name) <= 150
        assert "@" not in person.name
        assert sanitize_address(person.email, "utf-8").isascii()
    for words in [*map(str, pasted.faults), *pasted.twice]:
        assert words.encode("utf-8").decode().isprintable()
    assert len({person.email.lower() for person in pasted.people}) == len(pasted.people)


NAME = st.from_regex(r"[A-ZÉÖ][a-zéö'-]{1,8}[a-zé] [A-ZÉÖ][a-zéö'-]{1,8}[a-zé]", fullmatch=True)
ADDRESS = st.from_regex(r"[a-z0-9]{1,8}([.+_-][a-z0-9]{1,8})?@[a-z]{1,8}\.(nhs\.uk|org)", fullmatch=True)
WRITTEN = [
    lambda name, address: f"{name} <{address}>",
    lambda name, address: f'"{name.split()[1]}, {name.split()[0]}" <{address}>',
    lambda name, address: f"{name.split()[1]}, {name.split()[0]} (SOME TRUST) <{address}>",
    lambda name, address: f"{name}\t{address}",
    lambda name, address: f"{address}\t{name}",
    lambda name, address: f"{name} {address}",
]


@given(st.lists(st.tuples(NAME, ADDRESS, st.sampled_from(WRITTEN)), min_size=1, max_size=8), st.sampled_from(["\n", "\r\n", ";", "; ", ";\n"]))
def test_names_and_addresses_come_back_however_they_were_written(rows, between):
    assume(len({address for _, address, _ in rows}) == len(rows))
    assert people(between.join(write(name, address) for name, address, write in rows)) == [(name, address) for name, address, _ in rows]


@settings(max_examples=10, deadline=None)
@given(st.sampled_from('@<,; ("a.é-'))
def test_a_long_paste_of_anything_is_read_at_once(letter):
    started = time.process_time()
    read(letter * LONGEST_TEXT)
    read(f"a{letter}" * (LONGEST_TEXT // 2))
    assert time.process_time() - started < 5
