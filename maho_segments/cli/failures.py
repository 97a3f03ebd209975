"""Every error becomes a message on standard error and an exit code; a traceback only with --debug."""

import errno
import json
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from typer.core import TyperGroup
from typer.exceptions import TyperException

from maho_segments.errors import DefinitionsError, SegmentsError

FAILED = 1
DEFINITIONS_INVALID = 2
NOT_ALL = 3  # the rest was published, or imported
USAGE = (
    64  # as sysexits.h: apart from 2, so that a program can tell a typing mistake from invalid definitions
)
INTERRUPTED = 130


class SegmentsGroup(TyperGroup):
    """The root command. `--json` and `--debug` among its arguments also say how an error is told."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command that the arguments name, and end the process with its exit code."""
        arguments = sys.argv[1:] if args is None else list(args)
        as_json, debug = "--json" in arguments, "--debug" in arguments
        try:
            answer = super().main(
                arguments, prog_name or "segments", complete_var, False, windows_expand_args, **extra
            )
            code = answer if isinstance(answer, int) else 0
            sys.stdout.flush()
            if code == INTERRUPTED:
                _tell(as_json, "Interrupted", "Interrupted.")
        except BrokenPipeError:
            # Nobody reads on (`segments list | head`): without a stream to flush, Python ends in peace.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = FAILED
        except Exception as error:
            if debug:
                traceback.print_exc()
            code = _report(error, as_json=as_json)
        if standalone_mode:
            sys.exit(code)
        return code


def _report(error: Exception, *, as_json: bool) -> int:
    """Tell the error; the exit code it stands for."""
    name = type(error).__name__
    match error:
        case DefinitionsError():
            _tell_problems(error, as_json=as_json)
            return error.exit_code
        case SegmentsError():
            # What failed in dbt, node by node; no other error has that.
            failures = [asdict(failure) for failure in getattr(error, "failures", ())]
            more = {"failures": failures} if failures else {}
            _tell(as_json, name, error.message, error.hint, **more)
            return error.exit_code
        case TyperException():
            _tell(as_json, "UsageError", error.format_message(), _usage_hint(error))
            return USAGE
        case OSError() | UnicodeDecodeError():
            _tell(as_json, name, _file_message(error), _os_hint(error))
            return FAILED
        case _ if _is_database_error(error):
            _tell(as_json, name, f"The database says: {str(error).strip()}", "See `segments doctor`.")
            return FAILED
        case _:
            hint = "This is a defect of Maho Segments; `segments --debug ...` shows where it happened."
            _tell(as_json, name, f"{name}: {error}", hint)
            return FAILED


def _usage_hint(error: TyperException) -> str | None:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        return None  # Its message is the help.
    return f"See `{context.command_path} --help`." if context else "See `segments --help`."


def _is_database_error(error: Exception) -> bool:
    """psycopg is imported by services only: where it is not, the error can't be one of its own."""
    psycopg = sys.modules.get("psycopg")
    return psycopg is not None and isinstance(error, psycopg.Error)


def _file_message(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"What was given is no text in UTF-8: byte {error.start + 1} does not fit."
    place = f" ({error.filename})" if error.filename else ""
    return f"{error.strerror or error}{place}"


def _os_hint(error: OSError | UnicodeDecodeError) -> str | None:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "Free some disk space and run it again."
    return None


def _tell(as_json: bool, kind: str, message: str, hint: str | None = None, **more: Any) -> None:
    if as_json:
        _write_json({"type": kind, "message": message, "hint": hint, **more})
        return
    from maho_segments.cli.output import talk_console

    console = talk_console()
    console.print(message, style="red", markup=False)
    if hint:
        console.print(hint, markup=False)


def _tell_problems(error: DefinitionsError, *, as_json: bool) -> None:
    if as_json:
        problems = [problem.as_dict() for problem in error.problems]
        _tell(as_json, "DefinitionsError", error.message, error.hint, problems=problems)
        return
    from maho_segments.cli.output import print_problems

    print_problems(error.problems)
    _tell(as_json, "DefinitionsError", error.message, error.hint)


def _write_json(error: dict[str, Any]) -> None:
    sys.stderr.write(json.dumps({"error": error}, indent=2, ensure_ascii=False) + "\n")
