"""The command line: one file per noun, found by folder; it translates and never computes.

How to add a command: a file ``labdb/cli/<noun>.py`` whose docstring starts with ``Command:``, with

- ``register(app: typer.Typer) -> None``: hangs its command or its group of commands into the app,
- options from `labdb.cli.options` (``lab: LabOption = None, as_json: JsonOption = False, as_csv: CsvOption = False``),
- output through `labdb.cli.output` (``emit`` for data, ``say`` for a sentence, ``next_step`` last),
- everything heavy (labdb.lab, labdb.intake, pandas, ...) imported inside the function: this folder is imported at every
  start, also for ``labdb --help``.

A command raises LabdbError for what it refuses; ``__main__`` prints it and exits with 1. Another exit code:
``raise typer.Exit(3)``.
"""

from pathlib import Path
from typing import Annotated

import typer

from labdb.plugins import modules_of
from labdb.version import __version__

EPILOG = "Start: labdb init DIR, or see an example lab: labdb demo. Each command has --help with an example that runs."


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"labdb {__version__}")
        raise typer.Exit


def _global_options(
    lab: Annotated[
        Path | None,
        typer.Option("--lab", metavar="DIR", help="The lab's folder; else LABDB_LAB, else the first one upwards."),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    """Keep the record of a laboratory: how was it made, what is it, does it last, is it allowed."""
    from labdb.cli.options import remember_lab

    remember_lab(lab)


def make_app() -> typer.Typer:
    """Make the command line from the modules of this folder.

    Returns
    -------
    typer.Typer
        Plain help (rich costs a fifth of the start), no decorated tracebacks, shell completion on.
    """
    import labdb.cli

    app = typer.Typer(
        name="labdb",
        callback=_global_options,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        epilog=EPILOG,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for module in modules_of(labdb.cli):
        register = getattr(module, "register", None)
        if register is not None:
            register(app)
    return app


def group(app: typer.Typer, name: str, summary: str) -> typer.Typer:
    """Hang a group of commands (``labdb batch new|list|show``) into the app, in the same plain style.

    Parameters
    ----------
    app : typer.Typer
        What ``register`` was given.
    name : str
        The noun.
    summary : str
        One line for ``--help``.

    Returns
    -------
    typer.Typer
        To be given commands.
    """
    made = typer.Typer(
        name=name, help=summary, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
    )
    app.add_typer(made)
    return made
