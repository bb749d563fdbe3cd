"""The folders that stand beside the package in a checkout and inside it in an installed wheel."""

from __future__ import annotations

from pathlib import Path

from labdb.errors import LabdbError

_PACKAGE = Path(__file__).resolve().parent


def migrations_folder() -> Path:
    """Find the folder with alembic's `env.py` and `versions/`.

    Returns
    -------
    pathlib.Path
        An existing folder.

    Raises
    ------
    LabdbError
        The installation is incomplete.

    Examples
    --------
    >>> migrations_folder().name
    'migrations'
    """
    return _folder("migrations")


def schemas_folder() -> Path:
    """Find the folder with the JSON Schemas and the public views.

    Returns
    -------
    pathlib.Path
        An existing folder.

    Raises
    ------
    LabdbError
        The installation is incomplete.

    Examples
    --------
    >>> schemas_folder().name
    'schemas'
    """
    return _folder("schemas")


def _folder(name: str) -> Path:
    # Inside the package first: beside an installed package stand other people's packages, and one may have this name.
    inside, beside = _PACKAGE / name, _PACKAGE.parent / name
    for folder in (inside, beside):
        if folder.is_dir():
            return folder
    message = (
        f"This installation of labdb lacks its {name}: neither {inside} nor {beside} is a folder. Install it again."
    )
    raise LabdbError(message)
