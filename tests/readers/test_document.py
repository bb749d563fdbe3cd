"""Documents of users: plain YAML whose values stay as typed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labdb.errors import ReadError
from labdb.readers.document import read_document


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "protocol.yaml"
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def test_every_value_stays_as_it_was_typed(tmp_path: Path) -> None:
    values = ["600 °C", "1e3", "2026-11-06", "007", "0x1F", "no", "null", "~", "1:30", "3.10", ".nan", "true"]
    text = "".join(f"v{number}: {value}\n" for number, value in enumerate(values))
    assert list(read_document(written(tmp_path, text)).values()) == values


def test_lists_mappings_quotes_and_line_numbers(tmp_path: Path) -> None:
    text = "code: 'B-2601'\nsteps:\n  - name: dry\n    at: \"80 °C\"\n  - {name: calcine, at: 600 °C}\nnote:\n"
    document = read_document(written(tmp_path, text))
    assert document == {
        "code": "B-2601",
        "steps": [{"name": "dry", "at": "80 °C"}, {"name": "calcine", "at": "600 °C"}],
        "note": "",
    }
    assert document.lines["steps.0.at"] == 4
    assert document.lines["steps.1.name"] == 5
    assert document.lines["note"] == 6


def test_byte_order_mark_and_windows_line_ends_do_not_matter(tmp_path: Path) -> None:
    assert read_document(written(tmp_path, b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")) == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    ("content", "message", "line"),
    [
        ("a: &x 1\n", "the anchor &x at column 4", 1),
        ("a: 1\nb: *x\n", r"the alias \*x at column 4", 2),
        ("a: !!python/object:os.system ls\n", "the tag tag:yaml.org,2002:python/object:os.system at column 4", 1),
        ("a: !!int 1\n", "the tag", 1),
        ("a: ! 1\n", "the tag !", 1),
        ("a: 1\nb: 2\na: 3\n", r'the name "a" twice \(first in line 1\) at column 1', 3),
        ("s:\n  - {a: 1, a: 2}\n", r'the name "a" twice', 2),
        ("? [1, 2]\n: 3\n", "a list or mapping as a name", 1),
        ('"": 3\n', "a value without a name", 1),
        ("- 1\n- 2\n", "a list or a bare text", 1),
        ("just text\n", "a list or a bare text", 1),
        ("a: 1\n---\nb: 2\n", "document", 2),
        ("a: [1, 2\nb: 3\n", "expected", 2),
        ("a:\n\t- 1\n", "found character", 2),
        ('a: "open\n', "found unexpected end of stream", 2),
        ("a: 1\nb: \x01\n", "the control character 0x01", 2),
        ("a: 1\nb: \x00\n", "the control character 0x00", 2),
        ("a: 1\nb: 5 µg\n".encode("latin-1"), "byte 0xB5, which is not UTF-8", 2),
        ("a: " + "[" * 20 + "]" * 20 + "\n", "more than 20 levels", 1),
        ("", "an empty file", None),
        ("# nothing\n", "no content", None),
    ],
)
def test_more_of_yaml_than_a_document_needs_is_refused_with_its_place(
    content: str | bytes, message: str, line: int | None, tmp_path: Path
) -> None:
    with pytest.raises(ReadError, match=message) as refusal:
        read_document(written(tmp_path, content))
    assert refusal.value.line == line


def test_twenty_levels_are_allowed(tmp_path: Path) -> None:
    assert read_document(written(tmp_path, "a: " + "[" * 18 + "x" + "]" * 18 + "\n"))["a"]


def test_a_document_over_1_mb_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="over 1 MB"):
        read_document(written(tmp_path, "a: " + "x" * 1_000_000))
    with pytest.raises(ReadError, match="a folder"):
        read_document(tmp_path)


def test_a_bomb_of_aliases_and_one_of_brackets_end_at_once(tmp_path: Path) -> None:
    laughs = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{n}: &{n} [{','.join(['*a'] * 9)}]\n" for n in "bcdefgh")
    for content in (laughs, "a: " + "[" * 900_000):
        start = time.monotonic()
        with pytest.raises(ReadError):
            read_document(written(tmp_path, content))
        assert time.monotonic() - start < 5  # a bomb takes minutes or all memory; this guards, it does not measure


def test_the_loader_of_others_is_left_as_it_was(tmp_path: Path) -> None:
    read_document(written(tmp_path, "a: 1\n"))
    assert yaml.safe_load("a: 1") == {"a": 1}


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff\ufffe\uffff"))
values = st.recursive(names, lambda inner: st.lists(inner) | st.dictionaries(names.filter(bool), inner), max_leaves=8)


@given(st.dictionaries(names.filter(bool), values, min_size=1))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_yaml_writer_writes_comes_back(tmp_path: Path, content: dict[str, object]) -> None:
    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            return True

    text = yaml.dump(content, Dumper=Plain, default_style='"', allow_unicode=True, sort_keys=False)
    text = text.replace("!!str ", "")
    assert read_document(written(tmp_path, text)) == content
