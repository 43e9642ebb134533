"""What a person outside got wrong: one exception, and how a command line tells it."""

import contextlib
import sys
from collections.abc import Callable


class UserError(ValueError):
    """One sentence that says what was wrong and what would be right.

    Raised at the edges only (uploads, API arguments, the command line, the Hub).  The page shows it as a message, the
    command line prints it and exits with code 2.
    """


class EmptyCanvas(UserError):
    """Nothing is drawn yet: the page shows this as a hint rather than an error."""


def run_command(main: Callable[[list[str]], int], arguments: list[str]) -> int:
    """`main(arguments)`, and its exit code: 2 after a UserError or what the disk refuses, told in a sentence, 130 after Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):  # a stream of somebody else's
            stream.reconfigure(errors="backslashreplace")  # names of files may be no text
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
