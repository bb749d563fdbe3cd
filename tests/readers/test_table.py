"""Tables of users: what is kept as text, what is a finding, what refuses the file."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labdb.errors import ReadError
from labdb.finding import Severity
from labdb.readers import table as module
from labdb.readers.table import read_table


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "icp.csv"
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def test_cells_stay_text_and_rows_keep_their_line(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "# November\nage,Pb\n\n7 d,< 10 ug/L\n# second vial\n14 d, 0.50 \n"))
    assert table.header == ["age", "Pb"]
    assert table.header_line == 2
    assert [(row.line, row.cells) for row in table.rows] == [
        (4, {"age": "7 d", "Pb": "< 10 ug/L"}),
        (6, {"age": "14 d", "Pb": "0.50"}),
    ]
    assert table.comments == [(1, "November"), (5, "second vial")]
    assert table.findings == []


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_separator_line_end_and_byte_order_mark_do_not_matter(
    separator: str, end: str, mark: bytes, tmp_path: Path
) -> None:
    lines = [separator.join(cells) for cells in (["age", "Pb (µg/L)"], ["7 d", '"5, or; 6"'])]
    table = read_table(written(tmp_path, mark + end.join(lines).encode()))
    assert table.header == ["age", "Pb (µg/L)"]
    assert table.rows[0].cells == {"age": "7 d", "Pb (µg/L)": "5, or; 6"}


def test_a_decimal_comma_in_a_semicolon_table_stays_text(tmp_path: Path) -> None:
    assert read_table(written(tmp_path, "age;Pb\n7 d;0,5\n")).rows[0].cells["Pb"] == "0,5"


def test_a_quoted_cell_may_hold_quotes_lines_and_hashes(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, 'code,note\nS-1,"he said ""no""\n# not a comment\n\nend"\nS-2,ok\n'))
    assert [(row.line, row.cells["note"]) for row in table.rows] == [
        (2, 'he said "no"\n# not a comment\n\nend'),
        (6, "ok"),
    ]
    assert table.comments == []


def test_every_bad_row_is_a_finding_with_its_line_and_hides_no_other(tmp_path: Path) -> None:
    path = written(tmp_path, 'a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,"2"x,3\n7,8,9\n')
    table = read_table(path)
    assert [row.line for row in table.rows] == [2, 6]
    assert [(f.rule, f.severity, f.subject, f.where) for f in table.findings] == [
        ("INTAKE", Severity.ERROR, "icp.csv", f"{path}:{line}") for line in (3, 4, 5)
    ]
    assert table.findings[0].message.startswith("2 cell(s), expected 3 (a, b, c)")
    assert table.findings[1].message.startswith("4 cell(s), expected 3 (a, b, c)")
    assert "quote" in table.findings[2].message


def test_empty_columns_and_rows_that_a_spreadsheet_adds_are_left_out(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "age,Pb,,\n7 d,5,,\n,,,\n14 d,,,\n21 d,6\n"))
    assert table.header == ["age", "Pb"]
    assert [row.cells for row in table.rows] == [
        {"age": "7 d", "Pb": "5"},
        {"age": "14 d", "Pb": ""},
        {"age": "21 d", "Pb": "6"},
    ]
    assert table.findings == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty file"),
        (b"# only a note\n\n", "no line but blanks and comments"),
        (b"a,b\n1,\x002\n", "line 2: found a NUL byte"),
        (b"PK\x03\x04aaaa", "Excel workbook.*save as CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0aaaa", "old Office document"),
        (b"%PDF-1.7\n", "PDF"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        ("a,b\n1,5 µg\n".encode("latin-1"), r"line 2: found byte 0xB5.*save as CSV UTF-8"),
        (b"a,b,a\n1,2,3\n", 'line 1: found the column name "a" twice'),
        (b"a,,c\n1,2,3\n", "line 1: found no name for column 2"),
        (b",,\n1,2,3\n", "a header without names"),
        (b'a,"b"c\n1,2\n', "a header with a misplaced quote"),
        (b'a,b\n1,"2\n3,4\n', "line 2: found a quoted cell that does not end"),
        (b"a,b\n1," + b"x" * 1_000_001 + b"\n", "line 2: found a line longer than 1 MB"),
        (b"a,b\n" + b"1\n" * 1001, "more than 1000 bad rows"),
    ],
)
def test_a_file_unreadable_as_a_whole_is_refused_in_words(content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=message):
        read_table(written(tmp_path, content))


def test_a_line_of_just_1_mb_is_still_read(tmp_path: Path) -> None:
    # one quoted cell may hold 131072 characters (the csv module's limit), so the line has nine of them
    line = ",".join(["x" * 110_000] * 9) + "\n"
    table = read_table(written(tmp_path, "a,b,c,d,e,f,g,h,i\n" + line))
    assert len(table.rows[0].cells["i"]) == 110_000


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert module.MAX_ROWS == 2_000_000
    monkeypatch.setattr(module, "MAX_ROWS", 3)
    assert len(read_table(written(tmp_path, "a\n1\n2\n3\n")).rows) == 3
    with pytest.raises(ReadError, match="line 5: found more than 3 rows"):
        read_table(written(tmp_path, "a\n1\n2\n3\n4\n"))


def test_a_folder_and_a_missing_file_are_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="a folder"):
        read_table(tmp_path)
    with pytest.raises(ReadError, match="no such file"):
        read_table(tmp_path / "none.csv")


cells = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1, max_size=12
)


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5), st.sampled_from([",", ";", "\t"]))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_csv_writer_writes_comes_back(tmp_path: Path, rows: list[tuple[str, str]], separator: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL)
    writer.writerows([("a", "b"), *rows])
    table = read_table(written(tmp_path, text.getvalue()))
    assert [tuple(row.cells.values()) for row in table.rows] == [tuple(cell.strip() for cell in row) for row in rows]
