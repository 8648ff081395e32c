"""The command's options: what stands on the command line, as values."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from pycore.captioning.caption_call import LANGUAGES
from pycore.captioning.tasks import TaskName
from pycore.models.catalogue import STARTER_ID
from seesay.captioner.batch import MAX_BATCH_SIZE
from seesay.captioner.options import OPTION_NAMES
from seesay.version import __version__

_CODES = """exit status: 0 all is well; 1 an image failed; 2 a wrong option; 3 a model, the network,
the disk or the model runtime; 130 stopped by Ctrl+C"""


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; ends the process with status 2 where that is wrong."""
    parser = argparse.ArgumentParser(
        prog="seesay", description="Captions for images, on this machine.", epilog=_CODES
    )
    parser.add_argument("--version", action="version", version=f"seesay {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    _add_caption(commands)
    _add_model(commands)
    _add_serve(commands)
    options = parser.parse_args(arguments)
    if options.command == "caption" and not options.images and not options.files_from:
        parser.error("name an image, a folder or a pattern, or - for standard input")
    return options


def generation_options(options: argparse.Namespace) -> dict[str, Any]:
    """Return the options of captions that were given."""
    given = {name: getattr(options, name, None) for name in OPTION_NAMES}
    return {name: value for name, value in given.items() if value is not None}


def _common() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--verbose", action="store_true", help="say more about what went wrong")
    return common


def _add_caption(commands: Any) -> None:
    caption = commands.add_parser(
        "caption", parents=[_common()], help="write captions for images", epilog=_CODES
    )
    caption.add_argument(
        "images",
        nargs="*",
        metavar="IMAGE",
        help="a file, a folder, a pattern like '**/*.jpg', or - for standard input",
    )
    caption.add_argument("--files-from", metavar="FILE", help="a list of names; - for stdin")
    _add_captioner(caption)
    output = caption.add_argument_group("output")
    output.add_argument("--json", action="store_true", help="a line of JSON for each image")
    output.add_argument(
        "--csv", type=Path, metavar="FILE", help="append to a table; goes on after a kill"
    )
    output.add_argument(
        "--library", type=Path, metavar="FILE", help="add to a library; goes on after a kill"
    )
    output.add_argument(
        "--write-metadata",
        action="store_true",
        help="write alt text, description and keywords into the files, or into sidecars",
    )
    output.add_argument(
        "--write-guesses", action="store_true", help="doubtful captions and keywords, too"
    )
    output.add_argument(
        "--missing-only", action="store_true", help="leave out images that have words"
    )
    group = caption.add_argument_group("how captions are written")
    _add_generation(group)
    group.add_argument(
        "--tasks",
        nargs="+",
        choices=get_args(TaskName),
        metavar="TASK",
        help=f"with --json: what to say of each image, {', '.join(get_args(TaskName))}; florence-2",
    )
    group.add_argument(
        "--batch-size",
        type=int,
        default=1,
        metavar="N",
        help=f"images to decode together, 1 to {MAX_BATCH_SIZE}; faster, but last digits differ",
    )


def _add_captioner(parser: Any) -> None:
    parser.add_argument(
        "--model",
        default=STARTER_ID,
        metavar="MODEL",
        help="starter (default), vit-gpt2, florence-2, owner/name@revision, or a folder",
    )
    parser.add_argument("--threads", type=int, metavar="N", help="for the model")


def _add_serve(commands: Any) -> None:
    serve = commands.add_parser(
        "serve", parents=[_common()], help="answer GET and POST of api/caption on localhost"
    )
    _add_captioner(serve)
    serve.add_argument("--port", type=int, default=8765, metavar="N", help="0: any free one")
    serve.add_argument(
        "--alias",
        action="append",
        default=[],
        metavar="NAME=FOLDER",
        help="grant a folder: caption/src://NAME/path",
    )
    serve.add_argument(
        "--allow-site",
        action="append",
        default=[],
        metavar="URL",
        help="fetch images from this site: caption/https://...",
    )
    serve.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="URL",
        help="let pages of this origin ask",
    )
    _add_generation(serve.add_argument_group("how captions are written"))


def _add_model(commands: Any) -> None:
    model = commands.add_parser("model", help="models on this machine")
    actions = model.add_subparsers(dest="action", required=True, metavar="action")
    common = _common()
    common.add_argument("--json", action="store_true", help="a line of JSON for each model")
    common.add_argument("--hub", metavar="URL", help="a mirror with the hub's layout")
    for name, text in (
        ("list", "every model that is known here"),
        ("download", "fetch a model, verified; goes on where the last download ended"),
        ("verify", "read a model's files again, and throw away damaged ones"),
        ("import", "take a model from files, folders, or the site's zip"),
        ("remove", "forget a model, and free its room"),
    ):
        action = actions.add_parser(name, parents=[common], help=text)
        if name != "list":
            action.add_argument("model", metavar="MODEL")
        if name == "import":
            action.add_argument("files", nargs="+", metavar="FILE")


def _add_generation(group: Any) -> None:
    """Add the options of CaptionOptions that make sense here."""
    group.add_argument("--num-beams", type=int, metavar="N", help="1 is greedy search")
    group.add_argument("--num-return-sequences", type=int, metavar="N", help="candidates")
    group.add_argument("--max-new-tokens", type=int, metavar="N")
    group.add_argument("--min-new-tokens", type=int, metavar="N")
    group.add_argument("--length-penalty", type=float, metavar="X")
    group.add_argument("--repetition-penalty", type=float, metavar="X")
    group.add_argument("--no-repeat-ngram-size", type=int, metavar="N")
    group.add_argument("--prefix", metavar="TEXT", help="captions begin with it")
    group.add_argument("--bad-words", nargs="+", metavar="WORD", help="that must not appear")
    group.add_argument("--do-sample", action="store_true", default=None, help="draw at random")
    group.add_argument("--temperature", type=float, metavar="X")
    group.add_argument("--top-k", type=int, metavar="N")
    group.add_argument("--top-p", type=float, metavar="X")
    group.add_argument("--seed", type=int, metavar="N")
    group.add_argument(
        "--keywords", action=argparse.BooleanOptionalAction, help="look for keywords"
    )
    group.add_argument(
        "--text",
        action=argparse.BooleanOptionalAction,
        help="read the words in pictures, with the command tesseract",
    )
    group.add_argument("--text-language", choices=LANGUAGES)
    group.add_argument("--attentions", action="store_true", default=None, help="with --json")
