"""labdb: the laboratory record of a group that grows perovskite nanocrystals inside sealed silica nanospheres.

What a notebook imports: ``labdb.open()`` and ``labdb.Quantity``. Nothing inside labdb imports this module.
"""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labdb.notebook import Notebook
    from labdb.quantity import Quantity

__all__ = ["Quantity", "open"]


def open(path: str | os.PathLike[str] | None = None) -> "Notebook":
    """Open the lab in a folder, the one named by LABDB_LAB, or the first one upwards.

    Parameters
    ----------
    path : path, optional
        The lab's folder.

    Returns
    -------
    Notebook
        The questions a notebook asks, as DataFrames and Quantities.

    Raises
    ------
    InputError
        There is no lab there.
    """
    from labdb.notebook import open_notebook

    return open_notebook(path)


def __getattr__(name: str) -> object:
    if name == "Quantity":
        from labdb.quantity import Quantity

        return Quantity
    raise AttributeError(f"module 'labdb' has no attribute {name!r}")
