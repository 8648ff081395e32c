"""Something that is shown anew whenever there is news, without a queue of its own forming.

Runs in MicroPython (the page) and in CPython (tests).
"""

from page.browser.events import start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Renewal:
    """Merges what is asked while it is under way: one more follows, which sees the newest state."""

    def __init__(self, renew: "Callable[[], Awaitable[object]]") -> None:
        """Take ``renew()``, which asks how it stands and shows that."""
        self._renew = renew
        self._is_wanted = self._is_running = False

    def ask(self) -> None:
        """There is news: begin now, or once more after what is under way."""
        self._is_wanted = True
        if not self._is_running:
            self._is_running = True
            start(self._run())

    async def _run(self) -> None:
        try:
            while self._is_wanted:
                self._is_wanted = False  # before it is asked: what comes meanwhile is not missed
                await self._renew()
        finally:
            self._is_running = False
