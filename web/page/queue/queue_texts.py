"""What the queue says.

Runs in MicroPython (the page) and in CPython (tests).
"""

from page import texts
from page.library.library_texts import images

TYPE_CHECKING = False
if TYPE_CHECKING:
    from page.queue.jobs import Status

PAUSE = "Pause"
GO_ON = "Go on"
SET_ASIDE = (
    "The tab was lost twice at this image, so it was set aside and the others went on. Try it "
    "again alone, or as a smaller copy."
)
LOST = (
    "Captioning stopped twice at this image, so it was set aside and the others went on. Try it "
    "again alone, or as a smaller copy."
)
ASK = "Your browser asks again before this page may read the files: press “Go on”."
GOING_ON = "The images that wait are being captioned."
WILL_TELL = "A notification will say when it is done."
CANNOT_TELL = "This browser shows no notifications of Seesay."
CANCELLED = "Stopped. Captions that are finished stay."


def said(status: "Status", is_running: bool) -> str:
    """How far the queue is, in a line."""
    left = status.waiting + status.working
    failed = status.failed + status.set_aside
    parts = []
    if left and not is_running and not status.done:
        parts.append(f"{images(left)} {'is' if left == 1 else 'are'} waiting.")
    elif left:
        parts.append(f"{status.done} of {images(left + status.done + failed)} captioned.")
    elif status.done:
        parts.append(f"Done: {_captions(status.done)}.")
    if left and is_running and status.seconds_left is not None:
        parts.append(f"{_left(status.seconds_left)} left.")
    if failed:
        parts.append(f"{failed} failed.")
    return " ".join(parts)


def _captions(count: int) -> str:
    return "1 caption" if count == 1 else f"{count} captions"


def _left(seconds: float) -> str:
    """A time as people say it: nobody counts on the second."""
    if seconds < 60:
        return "Less than a minute"
    minutes = round(seconds / 60)
    if minutes < 90:
        return "About a minute" if minutes == 1 else f"About {minutes} minutes"
    return f"About {round(minutes / 60)} hours"


def taking(done: int, total: int) -> str:
    """How many files have been looked at."""
    return f"Adding {done} of {total} files."


def picturing(done: int, total: int) -> str:
    """How many small pictures were made."""
    return f"Making small pictures: {done} of {total}."


def without(count: int) -> str:
    """The button that captions what has no caption."""
    return f"Caption {count} without a caption"


def notes(left_out: "list[str]", known: int, passing: int) -> str:
    """What a person should know about files that were handed in; "" for nothing.

    Args:
        left_out: a sentence for each file that is no image.
        known: how many were captioned before.
        passing: how many another visit would not find again.
    """
    parts = []
    if left_out:
        parts.append(left_out[0])
        more = len(left_out) - 1
        if more:
            parts.append(
                "1 more file was left out." if more == 1 else f"{more} more were left out."
            )
    if known:
        parts.append(f"{images(known)} had a caption of this model already.")
    if passing:
        parts.append(
            f"There is no room for copies of {images(passing)}: keep this tab open until they have "
            "their captions, or add them again later."
        )
    return " ".join(parts)


def not_at_hand(name: str) -> str:
    """A file is not found again."""
    return f"The file {texts.isolated(name)} is not at hand any more. Add it again, and it goes on."


def changed(name: str) -> str:
    """A file is another one by now."""
    return f"The file {texts.isolated(name)} was changed since it was added. Add it again."


def ask_again(count: int, model: str) -> str:
    """The question before images are captioned again."""
    return f"Caption {images(count)} with {model}? Words that you accepted or wrote stay."


def ask_over_person(count: int, total: int) -> str:
    """The question whether images with a person's words are captioned, too."""
    return (
        f"You accepted or wrote the words of {count} of these {images(total)}. They stay either "
        "way. Shall the model write beside them, too?"
    )


def caption_with(model: str) -> str:
    """The button that captions what is selected."""
    return f"Caption with {model}"
