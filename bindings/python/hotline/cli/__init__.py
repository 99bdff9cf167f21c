"""The ``hotline`` command: one module a box, each with ``register(commands)``.

``register`` adds its parser to ``commands`` (an argparse sub-parsers object) and sets ``run=function``;
the function takes the parsed arguments and returns the exit status (0 good, 1 found fault, 2 misuse).
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys

from .. import Error, __version__


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="hotline", description="Tools for public-service hotlines.")
    parser.add_argument("--version", action="version", version=f"hotline {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        if not module.name.startswith("_"):
            importlib.import_module(f"{__name__}.{module.name}").register(commands)
    options = parser.parse_args(arguments)
    try:
        return options.run(options) or 0
    except Error as error:
        print(f"hotline: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        return 130
    except UnicodeDecodeError as error:
        print(f"hotline: a file is not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8", file=sys.stderr)
        return 1
    except json.JSONDecodeError as error:
        print(f"hotline: a file is not JSON: {error.msg} in line {error.lineno}, column {error.colno}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"hotline: cannot open `{error.filename}`: {error.strerror}; check the path and the rights", file=sys.stderr)
        return 1
