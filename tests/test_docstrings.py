"""What docstrings promise: a unit for every number, and a room for every module of a room."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from labdb.errors import UnitError
from labdb.units import dimension, unit_text

PACKAGE = Path(__file__).resolve().parent.parent / "labdb"
FOUNDATION = ("kinds.py", "quantity.py", "units.py")

NUMBERS = {"float", "int", "ndarray", "NDArray"}
COLLECTIONS = {"Iterable", "Iterator", "Sequence", "list"}
MAPPINGS = {"Mapping", "dict"}
BRACKET = re.compile(r"\[([^\[\]]+)\]")
# For functions that serve any unit, and so name where the unit is said.
SAID_ELSEWHERE = re.compile(r"(any|canonical unit|unit of .+)")

# Folder -> what makes a module of it a member of the room (the functions by which it is discovered), the room.
ROOMS = {
    "readers": ({"recognizes", "read"}, "Reader"),
    "reports": ({"gather", "write"}, "Report"),
    "cli": ({"register"}, "Command"),
}


class Place(NamedTuple):
    """A public function or method, and where it stands."""

    where: str
    node: ast.FunctionDef
    is_method: bool


class Section(NamedTuple):
    """One entry of a numpydoc section: its line with the names and type, and the lines below it."""

    head: str
    body: str


def slices(layers: list[list[str]]) -> list[Path]:
    """The modules of all slices: the life of a sample, from characterization down to the registry."""
    first = next(i for i, layer in enumerate(layers) if "characterization" in layer)
    last = next(i for i, layer in enumerate(layers) if "registry" in layer)
    names = {name for layer in layers[first : last + 1] for name in layer}
    found = [
        path for path in sorted(PACKAGE.rglob("*.py")) if path.relative_to(PACKAGE).parts[0].split(".")[0] in names
    ]
    assert found, "no slice found: this test looks in the wrong place"
    return found


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def public_functions(path: Path) -> Iterator[Place]:
    """Public functions of a module, and public methods of its public classes."""
    name = path.relative_to(PACKAGE).as_posix()
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield Place(f"{name}:{node.lineno} {node.name}", node, is_method=False)
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
                    yield Place(f"{name}:{method.lineno} {node.name}.{method.name}", method, is_method=True)


def section(docstring: str, title: str) -> list[Section]:
    """Entries of a numpydoc section, in order; none when the docstring has no such section."""
    lines = inspect.cleandoc(docstring).splitlines()
    starts = [i for i, line in enumerate(lines[:-1]) if line == title and set(lines[i + 1]) == {"-"}]
    if not starts:
        return []
    entries: list[Section] = []
    for i, line in enumerate(lines[starts[0] + 2 :], starts[0] + 2):
        if i + 1 < len(lines) and lines[i + 1] and set(lines[i + 1]) == {"-"}:
            break  # the next section's title
        if line and not line.startswith(" "):
            entries.append(Section(line, ""))
        elif entries:
            entries[-1] = Section(entries[-1].head, f"{entries[-1].body} {line.strip()}")
    return entries


def has_readable_unit(text: str, arguments: set[str]) -> bool:
    """Whether some bracket holds a unit, names the argument that holds it, or says where it is said."""
    for inside in BRACKET.findall(text):
        if inside in arguments or SAID_ELSEWHERE.fullmatch(inside):
            return True
        try:
            dimension(unit_text(inside))
        except UnitError:
            continue
        return True
    return False


def is_collection(annotation: ast.expr) -> bool:
    if isinstance(annotation, ast.BinOp):
        return is_collection(annotation.left) or is_collection(annotation.right)
    return isinstance(annotation, ast.Subscript) and not ast.unparse(annotation.value).endswith("NDArray")


def is_number(annotation: ast.expr | None) -> bool:
    """Whether an annotation is a number, an array, or a collection of nothing but numbers."""
    match annotation:
        case ast.Constant(value=str(text)):  # written in quotes
            return is_number(ast.parse(text, mode="eval").body)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in NUMBERS
        case ast.BinOp(left=left, right=right):
            return is_number(left) or is_number(right)
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inside):
            parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
            if name == "tuple":
                return all(is_number(part) for part in parts if ast.unparse(part) != "...")
            return name in NUMBERS or (name in COLLECTIONS | MAPPINGS and is_number(parts[-1]))
    return False


def says_unit(entry: Section, annotation: ast.expr, arguments: set[str]) -> bool:
    """Whether an argument's entry gives the unit: at the end of its type; for a collection, anywhere in its text."""
    text = f"{entry.head} {entry.body}" if is_collection(annotation) else entry.head
    return has_readable_unit(text, arguments)


def numbers_without_unit(place: Place) -> list[str]:
    """Arguments, and the result, of a function that are numbers and whose unit its docstring does not say."""
    docstring = ast.get_docstring(place.node) or ""
    parameters = section(docstring, "Parameters")
    # A method may be described in one line; as soon as it lists its arguments, the list must be complete.
    if place.is_method and not parameters:
        return []
    missing = []
    written = place.node.args
    arguments = [*written.posonlyargs, *written.args, *written.kwonlyargs]
    names = {argument.arg for argument in arguments}
    for argument in arguments:
        if argument.annotation is None or not is_number(argument.annotation):
            continue
        entries = [one for one in parameters if argument.arg in re.split(r"[,\s]+", one.head.partition(" : ")[0])]
        if not entries or not says_unit(entries[0], argument.annotation, names):
            missing.append(f"{place.where}: argument {argument.arg}")
    returned = " ".join(f"{one.head} {one.body}" for one in section(docstring, "Returns"))
    if is_number(place.node.returns) and not has_readable_unit(returned, names):
        missing.append(f"{place.where}: what it returns")
    return missing


def tables(module: ast.Module) -> list[ast.ClassDef]:
    """The classes of a module that are tables."""
    classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
    return [node for node in classes if any(word.arg == "table" for word in node.keywords)]


def stores_a_measurement(module: ast.Module) -> bool:
    """Whether a module holds a rib of the spine: a table with a foreign key to its measurement."""
    fields = [field for table in tables(module) for field in table.body if isinstance(field, ast.AnnAssign)]
    return any(ast.unparse(field.target) == "measurement_id" for field in fields)


def computes(path: Path) -> bool:
    """Whether a module of a slice is a method: a public function takes or returns a number or a Quantity."""
    for place in public_functions(path):
        if place.is_method:
            continue
        arguments = place.node.args
        annotations = [one.annotation for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        written = [ast.unparse(one) for one in (*annotations, place.node.returns) if one]
        if any(re.search(r"\b(float|ndarray|NDArray|Quantity)\b", one) for one in written):
            return True
    return False


def first_line(module: ast.Module) -> str:
    return (ast.get_docstring(module) or "").partition("\n")[0]


def test_every_number_in_a_docstring_has_a_readable_unit(layers: list[list[str]]) -> None:
    paths = [*(PACKAGE / name for name in FOUNDATION), *slices(layers)]
    missing = [line for path in paths for place in public_functions(path) for line in numbers_without_unit(place)]
    assert not missing, "\n".join(["no readable [unit] in the docstring of:", *missing])


def test_every_module_of_a_slice_names_its_room(layers: list[list[str]]) -> None:
    wrong = []
    for path in slices(layers):
        if path.name == "__init__.py" or path.parent == PACKAGE:
            continue
        module = tree(path)
        if stores_a_measurement(module):
            room = "Measurement kind"
        elif not tables(module) and computes(path):
            room = "Method"
        else:
            continue
        if not first_line(module).startswith(f"{room}: "):
            wrong.append(f"{path.relative_to(PACKAGE)}: {first_line(module)!r} should start with {room}:")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("folder", [*ROOMS, "checks"])
def test_every_module_of_a_room_starts_with_its_name(folder: str) -> None:
    wrong = []
    for path in sorted((PACKAGE / folder).glob("[!_]*.py")):
        functions = [place.node for place in public_functions(path) if not place.is_method]
        if folder == "checks":
            room = "Check"
            member = any(one.returns and "Finding" in ast.unparse(one.returns) for one in functions)
        else:
            markers, room = ROOMS[folder]
            member = markers <= {one.name for one in functions}
        line = first_line(tree(path))
        if member != line.startswith(f"{room}:"):
            wrong.append(f"{path.relative_to(PACKAGE)}: {line!r} should {'' if member else 'not '}start with {room}:")
    assert not wrong, "\n".join(wrong)


DOUBTFUL = '''
def dose(rate: float, time_s: float, n: int = 3) -> float:
    """Absorbed dose.

    Parameters
    ----------
    rate : float, scalar [Gy/s]
        Dose rate.
    time_s : float, scalar [fortnights of rain]
        Time.

    Returns
    -------
    float
        Dose.
    """
'''


def test_this_test_sees_an_unreadable_unit_a_missing_argument_and_a_bare_result() -> None:
    (node,) = ast.parse(DOUBTFUL).body
    assert isinstance(node, ast.FunctionDef)
    found = numbers_without_unit(Place("dose", node, is_method=False))
    assert found == ["dose: argument time_s", "dose: argument n", "dose: what it returns"]
