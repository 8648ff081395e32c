# MicroPython's module for JavaScript: of it, what the page uses.

from typing import Any

class JsException(Exception):  # noqa: N818 - its name there
    args: tuple[Any, str, str]  # the rejected value, its name, its message

    def __init__(self, value: Any, name: str, message: str, /) -> None: ...
