"""The EncodedImages of models that are not asked in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycore.errors import InternalError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pycore.interfaces import DecoderSession


class OneSession:
    """One decoder session, open already: whoever asks first has it."""

    def __init__(self, session: DecoderSession) -> None:
        self._session: DecoderSession | None = session

    async def open(self, prompt_ids: Sequence[int] = ()) -> DecoderSession:
        """Hand the session over.

        Raises:
            InternalError: when it was handed over before, or there is a prompt.
        """
        session, self._session = self._session, None
        if session is None or prompt_ids:
            raise InternalError("This model takes no prompt, and opens one session.")
        return session

    def release(self) -> None:
        """Free the session, if nobody took it."""
        if self._session is not None:
            self._session.release()
            self._session = None
