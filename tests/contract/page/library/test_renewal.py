"""What is shown anew: news that comes meanwhile leads to one more look, and none is missed."""

from __future__ import annotations

import asyncio
import importlib
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest

from tests.contract.page.library_page import Gate, Page, library_view
from tests.contract.page.page_stand_ins import JsError
from tests.unit.library.library_samples import new_image


class Looks:
    """Counts how often it is asked how it stands, and holds whoever asks."""

    def __init__(self) -> None:
        self.state, self.shown = 0, -1
        self.count = 0
        self.gate: Gate | None = Gate()

    async def renew(self) -> None:
        self.count += 1
        state = self.state
        if self.gate:
            await self.gate.pass_through()
        self.shown = state


def renewal(looks: Looks) -> Any:
    return importlib.import_module("page.browser.renewal").Renewal(looks.renew)


def test_news_meanwhile_lead_to_one_more_look_which_sees_the_last(page: Page) -> None:
    async def check() -> None:
        looks = Looks()
        asked = renewal(looks)
        asked.ask()
        assert looks.gate
        await looks.gate.reached.wait()
        for state in (1, 2, 3):
            looks.state = state
            asked.ask()
        looks.gate.released.set()
        await page.settled()
        assert (looks.count, looks.shown) == (2, 3)
        asked.ask()
        await page.settled()
        assert looks.count == 3

    asyncio.run(check())


def test_a_look_that_fails_holds_up_no_later_one(page: Page) -> None:
    async def check() -> None:
        asked = importlib.import_module("page.browser.renewal").Renewal(
            look := AsyncMock(side_effect=[JsError(None, "SeesayError", "It is gone."), None])
        )
        asked.ask()
        with pytest.raises(JsError):
            await page.settled()
        asked.ask()
        await page.settled()
        assert look.await_count == 2

    asyncio.run(check())


def test_the_line_and_the_list_end_with_the_last_that_came(page: Page) -> None:
    async def check() -> None:
        await page.kept()
        view = library_view(page)
        await view.show("")
        await page.settled()
        asked = page.link.gates["ids_all"] = Gate()
        counted = page.link.gates["queue_counts"] = Gate()
        finds = _counted(page.link, "find")
        states = _counted(view.queue.queue, "status")
        view.queue._on_news()
        await asked.reached.wait()
        await counted.reached.wait()
        for number in (1, 2, 3):
            await page.core.images.add(new_image(number))
            view.queue._on_news()
        del page.link.gates["ids_all"], page.link.gates["queue_counts"]
        asked.released.set()
        counted.released.set()
        await page.settled()
        assert page.elements["library-count"].textContent == "3 images"
        assert page.elements["queue-without"].textContent == "Caption 3 without a caption"
        assert (len(finds), len(states)) == (2, 2)

    asyncio.run(check())


def test_while_files_come_in_the_list_is_asked_for_once_for_each_batch(page: Page) -> None:
    changed: list[int] = []
    line: Any = importlib.import_module("page.queue.queue_line").QueueLine(
        MagicMock(),
        MagicMock(),
        MagicMock(),
        lambda: changed.append(line.queue.intake.done),
        MagicMock(),
    )
    line._renewal = MagicMock()
    line.queue.intake = SimpleNamespace(done=0, total=300)
    for done in (16, 16, 16, 112, 112, 300, 300, 300):  # a batch; then what becomes of its jobs
        line.queue.intake.done = done
        line._on_news()
    assert changed == [16, 112, 300, 300, 300]
    assert line._renewal.ask.call_count == 8
    line.queue.intake = SimpleNamespace(done=0, total=0)  # it was stopped
    line._on_news()
    assert changed[-1] == 0


def _counted(owner: Any, name: str) -> list[Any]:
    """Let a method go on as it is, and note its calls."""
    calls: list[Any] = []
    method = getattr(owner, name)

    def noted(*given: Any) -> Any:
        calls.append(given)
        return method(*given)

    setattr(owner, name, noted)
    return calls
