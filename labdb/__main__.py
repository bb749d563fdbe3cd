"""The command ``labdb``: one clear line on stderr for what labdb refuses, the traceback for a bug."""

import os
import sys

from labdb.errors import LabdbError


def main() -> None:
    """Run the command line and end the process: exit code 0, 1 (refused), 2 (usage), or what the command says."""
    from labdb.cli import make_app

    for stream in (sys.stdout, sys.stderr):
        # "±" and "°C" must not end a command on a terminal that cannot show them.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None and (stream.encoding or "").lower() not in ("utf-8", "utf8"):
            reconfigure(errors="replace")
    try:
        try:
            make_app()(prog_name="labdb")
        finally:
            sys.stdout.flush()
    except LabdbError as error:
        sys.stderr.write(f"labdb: {error}\n")
        sys.exit(1)
    except BrokenPipeError:
        # The reader (head, less) has left; Python's own flush at exit would complain about it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
