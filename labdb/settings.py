"""labdb.toml: where a lab is, what it is called, which database stands behind it."""

import math
import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labdb.errors import InputError

CONFIG_NAME = "labdb.toml"
DEFAULT_DATABASE = "sqlite:///lab.db"


@dataclass(frozen=True)
class LabConfig:
    """What labdb.toml says.

    ``example`` marks a lab whose data are examples: every report says so across the page.
    """

    folder: Path
    name: str
    url: str
    example: bool = False
    person: str | None = None
    codes: dict[str, str] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    decision: str = "guarded-95"
    daily_mass_mg: float | None = None

    @property
    def files(self) -> Path:
        """The folder of raw files."""
        return self.folder / "files"


def find_lab(start: str | os.PathLike[str] | None = None) -> Path:
    """Find the lab's folder: the one given, LABDB_LAB, or the first one upwards that holds labdb.toml.

    Parameters
    ----------
    start : path, optional
        The lab's folder as given by the user.

    Returns
    -------
    Path
        The folder that holds labdb.toml.

    Raises
    ------
    InputError
        There is no lab there.
    """
    given = start or os.environ.get("LABDB_LAB")
    if given:
        folder = Path(given).expanduser().resolve()
        if (folder / CONFIG_NAME).is_file():
            return folder
        raise InputError(f"{folder} is not a lab: it holds no {CONFIG_NAME}. Make one with: labdb init {given}")
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if (folder / CONFIG_NAME).is_file():
            return folder
    raise InputError(
        f"no lab in {here} or above it: no {CONFIG_NAME}. "
        "Go into a lab's folder, give --lab DIR, or make one: labdb init DIR"
    )


def absolute_url(url: str, folder: Path) -> str:
    """Check a database URL; a SQLite file is looked for beside labdb.toml.

    Parameters
    ----------
    url : str
        As typed: ``sqlite:///FILE`` or ``postgresql://USER@HOST/NAME``.
    folder : Path
        The lab's folder.

    Returns
    -------
    str
        The same; a SQLite path made absolute.

    Raises
    ------
    InputError
        It is of an unknown kind.

    Examples
    --------
    >>> absolute_url("postgresql://anna@server/lab", Path("/lab"))
    'postgresql://anna@server/lab'
    """
    prefix = "sqlite:///"
    if url.startswith(prefix) and url != prefix:
        return prefix + str((folder / url.removeprefix(prefix)).resolve())
    if not url.startswith("postgresql://"):
        raise InputError(f"database {url!r}: expected sqlite:///FILE or postgresql://USER@HOST/NAME")
    return url


def sqlite_path(url: str) -> Path:
    """Return the file a SQLite URL names."""
    return Path(url.removeprefix("sqlite:///"))


_SETTINGS: dict[str, tuple[type, ...]] = {
    "codes": (dict,),
    "daily_mass_mg": (int, float),
    "database": (str,),
    "decision": (str,),
    "example": (bool,),
    "limits": (list,),
    "name": (str,),
    "person": (str,),
}


_WORDS = {
    bool: "true or false",
    dict: "a table of texts",
    float: "a number",
    int: "a number",
    list: "a list of texts",
    str: "a text",
}


def parse_settings(text: str, path: Path) -> dict[str, Any]:
    """Read the settings of a labdb.toml strictly.

    Parameters
    ----------
    text : str
        The file's content.
    path : Path
        The file, for messages.

    Returns
    -------
    dict
        Its settings.

    Raises
    ------
    InputError
        Not TOML, an unknown setting, or a setting of the wrong type.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: cannot be read as TOML: {error}") from error
    for name, value in content.items():
        if name not in _SETTINGS:
            raise InputError(f"{path}: unknown setting {name!r}; known are {', '.join(_SETTINGS)}")
        if type(value) not in _SETTINGS[name] or not _holds_texts(value):
            raise InputError(f"{path}: {name} is {value!r}; expected {_WORDS[_SETTINGS[name][0]]}")
    mass = content.get("daily_mass_mg", 1.0)
    if not (math.isfinite(mass) and mass > 0):
        raise InputError(f"{path}: daily_mass_mg is {mass}; expected a mass above 0, in mg")
    return content


def _holds_texts(value: object) -> bool:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return all(isinstance(one, str) for one in inner)


def read_config(folder: Path) -> LabConfig:
    """Read labdb.toml strictly.

    Parameters
    ----------
    folder : Path
        The lab's folder.

    Returns
    -------
    LabConfig
        Its settings; a SQLite path made absolute.

    Raises
    ------
    InputError
        The file cannot be read, names an unknown setting, or one has the wrong type.
    """
    path = folder / CONFIG_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as TOML: {error}") from error
    content = parse_settings(text, path)
    content["url"] = absolute_url(content.pop("database", DEFAULT_DATABASE), folder)
    content["limits"] = tuple(content.get("limits", ()))
    return LabConfig(folder=folder, name=content.pop("name", folder.name), **content)


def is_sqlite(url: str) -> bool:
    """Tell whether a URL names a SQLite file."""
    return url.startswith("sqlite")
