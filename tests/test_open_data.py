"""Whatever a title holds, no spreadsheet runs it, and nothing of it is lost."""

import csv
import io
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.cells import RISKY, inert
from resources.models import Record
from resources.open_data import COLUMNS, as_csv

pytestmark = pytest.mark.one_database

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
CATALOGUE = SimpleNamespace(labels={"provider": {"p": "=P()"}, "category": {"c": "C"}}, components={1: SimpleNamespace(name="One")})


def record(text):
    values = dict.fromkeys(COLUMNS, "") | {"slug": "s", "title": text, "summary": text, "providers": ["p"], "category": "c", "components": [1], "minutes": 45}
    return Record(values)


@given(ANY_TEXT)
def test_a_cell_is_text_that_no_spreadsheet_takes_for_a_formula(text):
    cell = inert(text)
    assert not cell.startswith(RISKY)
    assert cell in (text, f"'{text}")


@given(ANY_TEXT)
def test_a_row_comes_back_from_csv_as_it_went_in(text):
    lines = "".join(as_csv([record(text)], CATALOGUE)).removeprefix("\ufeff")
    (row,) = csv.DictReader(io.StringIO(lines, newline=""))
    assert row["title"].removeprefix("'") == text.removeprefix("'") or row["title"] == text
    assert row["providers"] == "'=P()"
    assert row["minutes"] == "45"
