"""The way to the panel about programs, which is made when it is first opened.

Runs in MicroPython.
"""

from page import view
from page.browser.events import on, start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from page.endpoint.programs import Programs

_made: "list[Programs]" = []


def listen() -> None:
    """Connect the panel; it may have been opened before Python ran."""
    on("programs", "toggle", show)
    start(show())


async def show() -> None:
    """Show what is granted, if the panel is open."""
    if not view.element("programs").open:
        return
    if not _made:
        from page.endpoint.programs import Programs  # noqa: PLC0415 - not before it is needed

        _made.append(Programs())
    await _made[0].show()
