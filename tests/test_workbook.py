"""Workbooks that are bombs, or none: refused before they are read, in words, and soon."""

import struct
import time
import zipfile
from datetime import datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from resources.workbook import LARGEST, MEMBERS, UNPACKED, Computed, WorkbookError, read_sheets, refuse_bombs

pytestmark = pytest.mark.one_database
SOON = 5  # seconds, on a busy machine
DTD = '<?xml version="1.0" encoding="{0}"?><!DOCTYPE a [<!ENTITY x "xx"><!ENTITY y "&x;&x;">]><a>&y;</a>'


def archive(*members, method=zipfile.ZIP_DEFLATED):
    file = BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, content in members:
            made.writestr(name, content)
    return file.getvalue()


def lying(content, claimed):
    """A zip of one member which claims another size for it."""
    content = bytearray(content)
    entry = content.find(b"PK\x01\x02")
    content[22:26] = content[entry + 24 : entry + 28] = struct.pack("<I", claimed)
    return bytes(content)


def workbook(rows, title="Sheet"):
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


BOMBS = {
    "more than 5 MB": (lambda: b"x" * (LARGEST + 1), "larger than 5 MB"),
    "1,000 to 1": (lambda: archive(("a", bytes(UNPACKED + 1))), "more than 50 MB"),
    "many parts that add up": (lambda: archive(*((str(n), bytes(UNPACKED // 3)) for n in range(4))), "more than 50 MB"),
    "more than 200 parts": (lambda: archive(*((str(n), b"") for n in range(MEMBERS + 1))), "more than 200 parts"),
    "a great many parts": (lambda: archive(*((str(n), b"") for n in range(40_000))), "more than 200 parts"),
    "a lie: smaller than it is": (lambda: lying(archive(("a", bytes(1_000_000))), 10), "not an Excel workbook"),
    "a lie: larger than it is": (lambda: lying(archive(("a", b"small")), 4_000_000_000), "more than 50 MB"),
    "a DTD": (lambda: archive(("xl/workbook.xml", DTD.format("utf-8"))), "document type"),
    "a DTD in a part of any name": (lambda: archive(("picture.png", DTD.format("utf-8"))), "document type"),
    "a DTD in UTF-16": (lambda: archive(("a.xml", DTD.format("utf-16").encode("utf-16"))), "document type"),
    "an external DTD": (lambda: archive(("a.xml", '<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a/>')), "document type"),
    "a DTD after a long comment": (lambda: archive(("a.xml", "<!--" + "x" * 900_000 + "--><!DOCTYPE a><a/>")), "document type"),
    "one endless comment": (lambda: archive(("a.xml", "<!--" + "x" * 40_000_000)), "takes too long to read"),
    "one endless attribute": (lambda: archive(("a.xml", '<a b="' + "x" * 40_000_000)), "takes too long to read"),
    "another packing": (lambda: archive(("a", b"x"), method=zipfile.ZIP_LZMA), "packed or locked"),
    "no zip": (lambda: b"PK\x03\x04 and no more", "not an Excel workbook"),
    "a zip of something else": (lambda: archive(("readme.txt", b"hello")), "not an Excel workbook"),
    "nothing": (lambda: b"", "not an Excel workbook"),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_in_words_and_soon(kind):
    make, words = BOMBS[kind]
    content = make()
    started = time.process_time()
    with pytest.raises(WorkbookError, match=words):
        read_sheets(content, ("sheet",), most_rows=10, most_columns=10)
    assert time.process_time() - started < SOON


def test_a_workbook_with_a_wrong_checksum_is_refused():
    content = bytearray(archive(("a.xml", b"<a>hello</a>"), method=zipfile.ZIP_STORED))
    content[content.find(b"hello")] = ord("j")
    with pytest.raises(WorkbookError, match="not an Excel workbook"):
        refuse_bombs(bytes(content))


def test_what_excel_makes_passes_and_is_read_as_rows():
    sheets = read_sheets(workbook([["a", 1.5, None], [datetime(2026, 11, 24), "=1+1", True]]), ("sheet",), most_rows=10, most_columns=3)
    assert sheets == {"sheet": [["a", 1.5, None], [datetime(2026, 11, 24), "=1+1", True]]}
    assert isinstance(sheets["sheet"][1][1], Computed) and not isinstance(sheets["sheet"][0][0], Computed)


def test_only_the_sheets_asked_for_are_read_whatever_their_case():
    content = workbook([["a"]], title="Questions ")
    assert read_sheets(content, ("questions", "framework"), most_rows=5, most_columns=1) == {"questions": [["a"]]}
    assert read_sheets(content, ("other",), most_rows=5, most_columns=5) == {}


def test_rows_too_many_are_refused_and_never_left_out_silently():
    with pytest.raises(WorkbookError, match="something in row 7: 6 rows are read at most"):
        read_sheets(workbook([["a"]] * 7), ("sheet",), most_rows=6, most_columns=5)
    assert len(read_sheets(workbook([["a"]] * 6), ("sheet",), most_rows=6, most_columns=5)["sheet"]) == 6


@given(st.binary(max_size=300))
def test_no_bytes_bring_it_down(content):
    with pytest.raises(WorkbookError):
        read_sheets(content, ("sheet",), most_rows=10, most_columns=10)


PLAIN = workbook([["Address", "x"], ["Title", "=1"]])


@given(st.integers(0, len(PLAIN) - 1), st.binary(min_size=1, max_size=8))
def test_no_damage_to_a_workbook_brings_it_down(place, damage):
    try:
        read_sheets(PLAIN[:place] + damage + PLAIN[place + len(damage) :], ("sheet",), most_rows=10, most_columns=10)
    except WorkbookError as error:
        assert str(error)
