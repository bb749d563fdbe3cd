"""Find the modules of a folder, so that a new file needs no entry in any list."""

import importlib
import pkgutil
from types import ModuleType


def modules_of(package: str | ModuleType) -> list[ModuleType]:
    """Import every public module directly inside a package, in alphabetical order.

    A name with a leading underscore is private to the folder and left out. A module that
    fails to import raises its own error: a broken file must not vanish from a list.

    Parameters
    ----------
    package : str or module
        The package, or its dotted name.

    Returns
    -------
    list of module
        The imported modules, sorted by name.

    Examples
    --------
    >>> [module.__name__ for module in modules_of("json")]
    ['json.decoder', 'json.encoder', 'json.scanner', 'json.tool']
    """
    folder = importlib.import_module(package) if isinstance(package, str) else package
    names = sorted(found.name for found in pkgutil.iter_modules(folder.__path__))
    return [importlib.import_module(f"{folder.__name__}.{name}") for name in names if not name.startswith("_")]
