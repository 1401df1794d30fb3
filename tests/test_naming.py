"""Names in capitals become readable: every name of the published list, and what holds for any name.

tests/data/etr-names.csv holds the 274 names of July 2026, each readable form read and accepted by a person. Contains public sector
information licensed under the Open Government Licence v3.0.
"""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.naming import readable_name

pytestmark = pytest.mark.one_database

with (Path(__file__).parent / "data" / "etr-names.csv").open(encoding="utf-8", newline="") as file:
    NAMES = list(csv.DictReader(file))

names_in_capitals = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZÀÉÔŴ'’-.,&() 0123456789", max_size=200) | st.lists(
    st.sampled_from("THE ST ST. KING'S GUYS' O'NEILL NHS TRUST OF AND UPON & STOKE-ON-TRENT (WEST) ICB".split()), max_size=12
).map(" ".join)


def test_the_whole_list_is_here():
    assert len(NAMES) == len({row["code"] for row in NAMES}) == 274


@pytest.mark.parametrize("row", NAMES, ids=lambda row: row["code"])
def test_a_name_of_the_list_reads_as_its_owner_writes_it(row):
    assert readable_name(row["capitals"]) == row["readable"]


@pytest.mark.parametrize(
    ("capitals", "readable"),
    [
        ("STOKE-ON-TRENT AND STRATFORD-UPON-AVON NHS TRUST", "Stoke-on-Trent and Stratford-upon-Avon NHS Trust"),
        ("ST. HELENS AND ST ANNE'S", "St. Helens and St Anne's"),
        ("O'NEILL'S HOSPICE", "O'Neill's Hospice"),
        ("KING’S LYNN", "King’s Lynn"),
        ("CORNWALL AND THE ISLES OF SCILLY", "Cornwall and the Isles of Scilly"),
        ("NHS KENT AND MEDWAY ICB", "NHS Kent and Medway ICB"),
        ("OF ALL PLACES", "Of All Places"),
        ("(THE) LONDON", "(The) London"),
        ("Barts and The London NHS Trust", "Barts and The London NHS Trust"),
        ("", ""),
        ("123 & Co.", "123 & Co."),
    ],
)
def test_the_rule_in_examples(capitals, readable):
    assert readable_name(capitals) == readable


@given(names_in_capitals)
def test_only_the_case_of_letters_changes(name):
    assert readable_name(name).upper() == name


@given(names_in_capitals)
def test_a_readable_name_made_capital_again_reads_the_same(name):
    readable = readable_name(name)
    assert readable_name(readable.upper()) == readable


@given(st.text(max_size=200))
def test_any_text_at_all_keeps_its_length_and_its_letters(text):
    readable = readable_name(text)
    assert len(readable) == len(text)
    assert all(a == b or a == b.lower() for a, b in zip(readable, text, strict=True))
