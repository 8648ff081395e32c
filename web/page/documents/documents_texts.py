"""What the documents' view says.

Runs in MicroPython (the page) and in CPython (tests).
"""

from page import texts

REASONS = {
    "missing": "No alt text",
    "empty": "Empty alt text",
    "file name": "The alt text is a file name",
    "alone in a link": "Empty, but all that its link has to say",
}
NO_DOCUMENT = "There is no document in there: HTML, Markdown, EPUB, Word, or a zip of them."
READING = "Reading the documents …"
NO_PICTURE = "Its picture is not among the files. Choose it, or write without it."
GUESS = "No more than a guess: the model does not know such pictures."
CANNOT_TELL = "The model cannot tell what it shows. Write it, or decide that it is decoration."
NO_MODEL = "The model is not on this device. Choose another one under Captions."
WRITING = "Putting the words in …"
REPLACE = "Open the other documents? The words that you have not saved are lost."
OPEN = "Open"
NOTHING_LEFT = "Every image has its words, or says that it is decoration."


def found(need: int, total: int) -> str:
    """How many images need words."""
    if not total:
        return "There is no image in there."
    if not need:
        return f"{_images(total)}. {NOTHING_LEFT}"
    return f"{need} of {_images(total)} {'needs' if need == 1 else 'need'} words."


def show_more(count: int, left: int) -> str:
    """The button that shows more of them."""
    return f"Show the next {count} of {left}" if count < left else f"Show the other {left}"


def zips_left_out(count: int) -> str:
    """What of a folder was not opened."""
    what = "1 zip" if count == 1 else f"{count} zips"
    return f"{what} in the folder (EPUB and Word files, too) not opened: open each by itself."


def place(document: str, line: float, address: str) -> str:
    """Where an image stands."""
    picture = address if len(address) <= 80 else address[:60] + " …"
    return f"{texts.isolated(document)}, line {int(line)}: {texts.isolated(picture)}"


def drafting(number: int, total: int) -> str:
    """Which image is being written about."""
    return f"Writing drafts: {number} of {total}"


def drafted(count: int, total: int) -> str:
    """What came of it."""
    return f"{count} of {_drafts(total)} written. Read each one before you use it."


def doubt(claim: str, is_guess: bool) -> str:
    """What to say beside a draft: that the model guesses, or that it makes no claim at all."""
    if not claim:
        return CANNOT_TELL
    return GUESS if is_guess else ""


def used(count: int, guesses: int) -> str:
    """How many drafts are put in from now on, and how many a person is to read first."""
    said = f"{_drafts(count)} used."
    if not guesses:
        return said
    is_one = guesses == 1
    left = "1 is a guess and waits" if is_one else f"{guesses} are guesses and wait"
    return f"{said} {left} until you have read {'it' if is_one else 'them'}."


def save(count: int) -> str:
    """The button that saves."""
    return f"Save with {_changes(count)}" if count else "Save"


def saved(name: str, count: int) -> str:
    """What was saved."""
    return f"Saved {texts.isolated(name)} with {_changes(count)}. All else in it is as it was."


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count} images"


def _drafts(count: int) -> str:
    return "1 draft" if count == 1 else f"{count} drafts"


def _changes(count: int) -> str:
    return "1 change" if count == 1 else f"{count} changes"
