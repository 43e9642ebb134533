"""Errors of the user: one exception, and how a command line prints it."""

import contextlib
import sys
from collections.abc import Callable


class UserError(ValueError):
    """One sentence that says what is wrong and what would be right.

    Raised only where input enters (uploads, API arguments, the command line, the Hub).  The page shows it as a message; the command line
    prints it and exits with code 2.
    """


class EmptyCanvas(UserError):
    """Nothing is drawn yet: the page shows this as a hint rather than an error."""


def run_command(main: Callable[[list[str]], int], arguments: list[str]) -> int:
    """Runs `main(arguments)` and returns the exit code: 2 after a UserError or OSError, printed as one sentence, and 130 after Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):  # a stream that another program put there
            stream.reconfigure(errors="backslashreplace")  # file names may not be valid text
    try:
        return main(arguments)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"error: {error.filename or 'A file'} can't be read or written: {error.strerror or error}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
