"""From the command line to the work, and from errors to one line each."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Callable, Sequence

from pycore.errors import InternalError, SeesayError
from seesay.captioner.captioner import Captioner
from seesay.cli.caption_command import CaptionJob, CaptionRun
from seesay.cli.console import complain, describe
from seesay.cli.exit_codes import DONE, INTERRUPTED, exit_code
from seesay.cli.model_command import ModelCommand
from seesay.cli.options import generation_options, parse
from seesay.cli.serve_command import serve
from seesay.models.models import Models
from seesay.models.store import ModelStore


def run(arguments: Sequence[str]) -> int:
    """Run one command.

    Returns:
        The exit status.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    options = parse(arguments)
    try:
        return _COMMANDS[options.command](options)
    except KeyboardInterrupt:
        complain("Stopped.")
        return INTERRUPTED
    except BrokenPipeError:
        return DONE  # whoever read the output, head for example, has enough; main forgets it
    except SeesayError as error:
        complain(describe(error, verbose=options.verbose))
        return exit_code(error)
    except MemoryError:
        complain("There was not enough memory for that.")
        return exit_code(SeesayError(""))
    except Exception as error:  # noqa: BLE001 - the edge: a traceback helps nobody here
        if options.verbose:
            traceback.print_exc()
        mistake = InternalError(
            "Something went wrong inside Seesay. Please report it with what --verbose shows.",
            detail=f"{type(error).__name__}: {error}",
        )
        complain(f"{mistake.message} ({mistake.detail})")
        return exit_code(mistake)


def _caption(options: argparse.Namespace) -> int:
    job = CaptionJob(
        images=options.images,
        files_from=options.files_from,
        as_json=options.json,
        csv=options.csv,
        library=options.library,
        write_metadata=options.write_metadata,
        write_guesses=options.write_guesses,
        missing_only=options.missing_only,
        batch_size=options.batch_size,
        options=generation_options(options),
        verbose=options.verbose,
    )
    with Captioner(model=options.model, num_threads=options.threads) as captioner:
        return CaptionRun(job, captioner).run()


def _model(options: argparse.Namespace) -> int:
    command = ModelCommand(Models(ModelStore(hub=options.hub)), as_json=options.json)
    match options.action:
        case "list":
            return command.list()
        case "import":
            return command.take(options.model, options.files)
        case action:
            work: Callable[[str], int] = getattr(command, action)
            return work(options.model)


def _serve(options: argparse.Namespace) -> int:
    with Captioner(model=options.model, num_threads=options.threads) as captioner:
        return serve(
            captioner,
            port=options.port,
            aliases=options.alias,
            sites=options.allow_site,
            origins=options.allow_origin,
            options=generation_options(options),
        )


_COMMANDS = {"caption": _caption, "model": _model, "serve": _serve}
