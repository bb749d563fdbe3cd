"""Strict reading of a user's document: the plain part of YAML, in which every value stays text.

`600 °C`, `1e3`, `no` and `2026-11-06` come back as they were typed: what they mean is for the field's own reader to
say. Anchors, aliases, tags, duplicate keys and deep nesting are refused, each with line and column: a lab's document
needs none of them, and each has been used to make a small file mean something else than it says, or grow without end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import yaml
from yaml.error import MarkedYAMLError
from yaml.events import AliasEvent, Event, NodeEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from labdb.errors import ReadError
from labdb.readers.text_file import require_file

if TYPE_CHECKING:
    from pathlib import Path


MAX_BYTES = 1_000_000
MAX_DEPTH = 20

Value: TypeAlias = "str | list[Value] | dict[str, Value]"
"""What a document may hold."""


class Document(dict[str, Any]):
    """The values of a document, and the line each stands on."""

    lines: dict[str, int]
    """Line number by dotted path: `steps.2.ramp`."""


class _Mark(Protocol):
    # PyYAML has two mark classes, with and without its C library.
    line: int
    column: int


class _StrictLoader(yaml.SafeLoader):
    """A loader that composes plain scalars, sequences and mappings, and nothing else."""

    # Without resolvers every plain scalar is text; sharing the base class's table would change it for everybody.
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the name and form are PyYAML's

    def __init__(self, text: str, path: Path) -> None:
        super().__init__(text)
        self._path = path
        self._depth = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        """Refuse what a lab's document does not need, before it is composed."""
        event: Event = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs leave it untyped
        mark = event.start_mark
        if isinstance(event, AliasEvent):
            raise _error(self._path, mark, f"the alias *{event.anchor}", "the value itself")
        if isinstance(event, NodeEvent) and event.anchor is not None:
            raise _error(
                self._path, mark, f"the anchor &{event.anchor}", "plain values (quote a text that begins with &)"
            )
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise _error(self._path, mark, f"the tag {tag}", "plain values (quote a text that begins with !)")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _error(self._path, mark, f"more than {MAX_DEPTH} levels", "a flatter document")
        node: Node | None = super().compose_node(parent, index)
        self._depth -= 1
        return node


def _error(path: Path, mark: _Mark | None, found: str, expected: str) -> ReadError:
    if mark is None:
        return ReadError(path, found=found, expected=expected)
    return ReadError(path, found=f"{found} at column {mark.column + 1}", expected=expected, line=mark.line + 1)


def _text(path: Path) -> str:
    require_file(path)
    with path.open("rb") as stream:
        raw = stream.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise ReadError(path, found="a document over 1 MB", expected="at most 1 MB (give long tables as CSV)")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{raw[error.start]:02X}, which is not UTF-8"
        raise ReadError(path, found=found, expected="UTF-8 text", line=line) from error


def read_document(path: Path) -> Document:
    r"""Read a user's document: mappings, lists and text.

    Parameters
    ----------
    path : Path
        YAML in UTF-8, at most 1 MB and 20 levels, one document whose top is a mapping.

    Returns
    -------
    Document
        A dict of text, lists and dicts; an empty value is the empty text. `lines` gives the line of each.

    Raises
    ------
    ReadError
        Not YAML, or more of YAML than a lab's document needs; with line and column.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> protocol = pathlib.Path(tempfile.mkdtemp()) / "protocol.yaml"
    >>> _ = protocol.write_text("code: 007\nsteps:\n  - calcine: {temperature: 600 °C, date: 2026-11-06}\n", "utf-8")
    >>> document = read_document(protocol)
    >>> document["code"], document["steps"]
    ('007', [{'calcine': {'temperature': '600 °C', 'date': '2026-11-06'}}])
    >>> document.lines["steps.0.calcine.date"]
    3
    """
    text = _text(path)
    try:
        loader = _StrictLoader(text, path)
        try:
            root = loader.get_single_node()
        finally:
            loader.dispose()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _error(path, mark, error.problem or error.context or "a broken line", "YAML, one document") from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        found = f"the control character 0x{ord(text[error.position]):02X}"
        raise ReadError(path, found=found, expected="plain text", line=line) from error
    if root is None:
        raise ReadError(path, found="no content", expected="`name: value` lines")
    if not isinstance(root, MappingNode):
        raise _error(path, root.start_mark, "a list or a bare text", "`name: value` lines")
    document = Document()
    document.lines = {}
    document.update(_mapping(root, path, "", document.lines))
    return document


def _plain(node: Node, path: Path, place: str, lines: dict[str, int]) -> Value:
    """Return the text, list or dict a node stands for, noting its line."""
    lines[place] = node.start_mark.line + 1
    if isinstance(node, ScalarNode):
        return str(node.value)
    if isinstance(node, SequenceNode):
        return [_plain(item, path, f"{place}.{index}", lines) for index, item in enumerate(node.value)]
    if isinstance(node, MappingNode):
        return _mapping(node, path, f"{place}.", lines)
    raise _error(path, node.start_mark, "an unknown kind of value", "text, a list or a mapping")


def _mapping(node: MappingNode, path: Path, prefix: str, lines: dict[str, int]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, ScalarNode):
            raise _error(path, key_node.start_mark, "a list or mapping as a name", "a plain name")
        key = key_node.value
        if not key:
            raise _error(path, key_node.start_mark, "a value without a name", "`name: value`")
        if key in values:
            first = lines[f"{prefix}{key}"]
            raise _error(path, key_node.start_mark, f'the name "{key}" twice (first in line {first})', "each name once")
        values[key] = _plain(value_node, path, f"{prefix}{key}", lines)
    return values
