#!/usr/bin/env python
"""Django's command line, which finds the services of `make run` or starts its own for the time of a command."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

from microcreds.services.engines import attached, default_home, prepare
from microcreds.services.process import ServiceError

# These read code and write files; they need no database.
WITHOUT_DATABASE = {
    "",
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "spectacular",
    "version",
    "--help",
    "--version",
}


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "microcreds.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        if command in WITHOUT_DATABASE:
            if not os.environ.get("SECRET_KEY"):
                prepare(default_home())
            execute_from_command_line(sys.argv)
        else:
            with attached():
                execute_from_command_line(sys.argv)
    except ServiceError as error:
        sys.exit(f"microcreds: {error}")


if __name__ == "__main__":
    main()
