"""What the command's exit status means."""

from __future__ import annotations

from pycore.errors import ConfigurationError, InputError, InternalError, SeesayError

DONE = 0
SOME_FAILED = 1
"""At least one image has no caption; each has a line on standard error."""
USAGE = 2
"""A wrong option or name; argparse's own, too."""
UNAVAILABLE = 3
"""A model that is not here, the network, the disk, or the model runtime."""
MISTAKE = 70
"""A mistake of Seesay's own. Source: sysexits.h, EX_SOFTWARE."""
INTERRUPTED = 130
"""Stopped by Ctrl+C: 128 and SIGINT's number."""


def exit_code(error: SeesayError) -> int:
    """Return the exit status for an error that ends the command."""
    if isinstance(error, ConfigurationError):
        return USAGE
    if isinstance(error, InputError):
        return SOME_FAILED
    return MISTAKE if isinstance(error, InternalError) else UNAVAILABLE
