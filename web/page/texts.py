"""Every sentence and number that the page shows, as plain functions.

Runs in MicroPython (the page) and in CPython (tests).
"""

STAGES = ("runtime", "model", "image", "decode")  # in the order of the list on the page
_STAGE_OF = {"encode": "image", "text": "decode"}
_DOING = {
    "runtime": "Loading the runtime",
    "model": "Loading the model",
    "image": "Reading the image",
    "decode": "Writing",
    "text": "Reading the words in the picture (the first time with 4 MB more)",
}

_INSTEAD = {
    "SVG": "Export it as PNG and try again.",
    "PDF": "Export the page as PNG and try again.",
    "Film": "Take a still from it and try that.",
    "ZIP": "Unpack it and try the images inside.",
}


def with_marks(said: str, is_flagged: bool, folder: str, fields: "dict[str, str]") -> str:
    """A sentence about an image, and what rules gave it: "Sure, flagged, exported into dogs/"."""
    parts = [said] + (["flagged"] if is_flagged else [])
    if folder:
        parts.append(f"exported into {folder}/")
    parts += [f"{name}: {fields[name]}" for name in fields]
    return ", ".join([part for part in parts if part])


def size(size_bytes: float) -> str:
    """Bytes as a person reads them: ``"45 KB"``, ``"2.4 MB"``."""
    if size_bytes < 1000:
        return "1 byte" if size_bytes == 1 else f"{int(size_bytes)} bytes"
    kilobytes = size_bytes / 1000
    if kilobytes < 999.5:
        return f"{kilobytes:.0f} KB"
    megabytes = kilobytes / 1000
    if megabytes < 9.95:
        return f"{megabytes:.1f} MB"
    if megabytes < 999.5:
        return f"{megabytes:.0f} MB"
    return f"{megabytes / 1000:.1f} GB"


def seconds(duration_ms: float) -> str:
    """A duration in milliseconds as ``"0.8 seconds"``."""
    if duration_ms < 9950:
        return f"{duration_ms / 1000:.1f} seconds"
    return f"{duration_ms / 1000:.0f} seconds"


def percent(share: float) -> str:
    """0.873 as ``"87 %"``."""
    return f"{100 * share:.0f} %"


def dimensions(width: float, height: float) -> str:
    """Pixels as ``"640 × 480"``."""
    return f"{int(width)} × {int(height)}"


def facts(file_format: str, width: float, height: float, size_bytes: float) -> str:
    """One line about an image; width is 0 while it is not known."""
    parts = [file_format]
    if width:
        parts.append(dimensions(width, height))
    parts.append(size(size_bytes))
    return ", ".join(parts)


def isolated(name: str) -> str:
    """A file's name for use inside a sentence, which it cannot turn around.

    Names that are written from right to left, or that say so by invisible characters, are put
    between U+2068 and U+2069; all such characters come from Hebrew (U+0590) on. What a name has of
    U+2066 to U+2069 itself would end or outlast that, and is left out.
    """
    if all(ord(character) < 0x590 for character in name):
        return name
    inside = "".join([one for one in name if not 0x2066 <= ord(one) <= 0x2069])
    return f"\u2068{inside}\u2069"


def chosen(name: str) -> str:
    """What is said aloud when an image is in the frame."""
    return f"Image ready: {isolated(name)}"


def stage(name: str) -> str:
    """The stage on the page's list that a progress event belongs to."""
    return _STAGE_OF.get(name, name)


def doing(name: str, loaded: float, total: float, unit: str) -> str:
    """What is going on, with the number that matters."""
    text = _DOING.get(name) or _DOING[stage(name)]
    if unit == "bytes" and total:
        return f"{text}: {size(loaded)} of {size(total)}"
    return text + " …"


def sureness(confidence: float, flagged: bool) -> str:
    """Confidence in plain words and as a number."""
    if flagged and not confidence:
        return "Nothing is claimed"
    if flagged:
        words = "A guess"
    elif confidence >= 0.85:
        words = "Very sure"
    elif confidence >= 0.65:
        words = "Fairly sure"
    else:
        words = "Not quite sure"
    return f"{words}: {percent(confidence)}"


READING = "Reading (the first time with 4 MB more) …"
NO_TEXT = "There are none, or none that can be read."


def remove_keyword(word: str) -> str:
    """The name of the button that takes a keyword away."""
    return f"Remove {word}"


def keyword_removed(word: str) -> str:
    """What is said aloud when a keyword was taken away."""
    return f"{word} removed"


def picked(confidence: float) -> str:
    """Confidence in a candidate that the person chose."""
    return f"Your choice: {percent(confidence)}"


def guess(model: str, kind: str, confidence: float) -> str:
    """What to say beside a flagged caption; kind is that of CaptionResult in seesay.d.ts."""
    if model == "starter" and kind == "photograph" and not confidence:
        return "The starter names things in photographs, and knows none of those in this one."
    if model == "starter" and kind == "photograph":
        return (
            "This is a guess: the starter names things in photographs, and is unsure about this "
            "one."
        )
    if model == "starter":
        return (
            "This is a guess: among drawings, the starter knows emoji and the like, and this looks "
            "like something else."
        )
    return "This is a guess: the model is unsure about this image."


def took(duration_ms: float, model: str) -> str:
    """How long the caption took, and who wrote it."""
    return f"{seconds(duration_ms)}, {model}"


def foreign(name: str, file_type: str) -> str:
    """Why a file is refused."""
    if not file_type:
        return (
            f"“{isolated(name)}” is not an image that Seesay can read. "
            "Try a JPG, PNG, WebP, GIF, BMP, TIFF or AVIF file."
        )
    what = "a film" if file_type == "Film" else f"{_article(file_type)} {file_type} file"
    instead = _INSTEAD.get(file_type, "Save it as PNG and try again.")
    return f"“{isolated(name)}” is {what}, which Seesay cannot read. {instead}"


def undecodable(name: str, file_type: str) -> str:
    """Why a file is refused that other browsers may show."""
    return (
        f"“{isolated(name)}” is {_article(file_type)} {file_type} file, "
        "which this browser cannot decode. Save it as JPG and try again."
    )


def _article(file_type: str) -> str:
    """The article before a name; those of capitals are read letter by letter."""
    is_spelt = file_type.isupper()
    return "an" if file_type[0] in ("AEFHILMNORSX" if is_spelt else "AEIOU") else "a"


def too_large(name: str, limit_bytes: float) -> str:
    """Why a file is refused for its size."""
    limit = size(limit_bytes)
    return f"“{isolated(name)}” is larger than the limit of {limit}. Make it smaller and try again."


def empty(name: str) -> str:
    """Why an empty file is refused."""
    return f"“{isolated(name)}” is empty. Choose another file."


def unreadable(name: str) -> str:
    """Why a file, or a folder, is refused."""
    return f"“{isolated(name)}” cannot be read. Choose it again, or another file."


NO_FILE = "There was no image file in that. Save the image first, then drop or paste the file."


def warmup(loaded: float, total: float) -> str:
    """What the page does by itself after opening."""
    if total and loaded >= total:
        return "Warming up the model …"
    if total:
        return f"Getting ready in the background: {percent(loaded / total)}"
    return "Getting ready in the background …"


def kept(size_bytes: float) -> str:
    """How much storage Seesay uses; 0 where nothing can be kept."""
    return f"· {size(size_bytes) if size_bytes else 'nothing'} kept on this device"


def offline_off(reason: str) -> str:
    """Why there is no offline use, where there is none."""
    return f"Offline use is off here: {reason}"


def offline_incomplete(reason: str) -> str:
    """Why it is not ready for offline use yet."""
    return f"Not ready for offline use yet: {reason} Reload the page to try again."


def update_failed(reason: str) -> str:
    """Why a new version is not here yet."""
    return f"A new version did not come whole: {reason} This one goes on; reload to try again."


def peak_memory(model_bytes: float, python_bytes: float) -> str:
    """The most memory that the worker has held."""
    return (
        f"Peak memory: {size(model_bytes + python_bytes)}. "
        f"The model: {size(model_bytes)}; Python: {size(python_bytes)}."
    )


TITLES = {
    "captions": "Seesay: captions for images, written in your browser",  # as in index.html
    "library": "Library · Seesay",
    "documents": "Alt text for documents · Seesay",
    "rules": "Rules · Seesay",
}
"""What tabs, bookmarks and screen readers call the views."""

INCOMPLETE = ", incomplete"
COPIED = "Copied"
NOT_COPIED = "This browser did not allow it. The words are selected: press Ctrl+C (⌘C on a Mac)."
NO_PREVIEW = "No preview in this browser"
NO_IMAGE = "No image to show"
PLACEHOLDER = "It will be written here, word by word."
NO_WORDS = "The model found no words for this image."
LOOKING = "Looking again …"
LOOK_HINT = "Point at a word to see where the model looked. By keyboard: Tab, then the arrow keys."
READ_BY_MODEL = "By the model itself"
CHOOSE_LANGUAGE = "Choose a language"
NO_LOOKS = "This model cannot tell where it looked."
STOPPED = "Stopped."
UNEXPECTED = "Something went wrong inside Seesay. Try again; if it stays, reload the page."
NOT_LOADED = (
    "A part of Seesay could not be loaded. Check the connection and try again; if it stays, reload "
    "the page."
)
UPDATE = "A new version is ready. Updating empties this page: copy first what is to stay."
OTHER_TABS = "Close the other tabs with Seesay first, then update."
INSECURE = "this address is not secure. It works where the address begins with https://."
BLOCKED = (
    "this browser keeps nothing for this site. Its settings for site data may be why, "
    "or a private window."
)
CONNECTION = "the connection broke off."
NO_SERVICE_WORKER = "service_worker.js could not be loaded. Tell whoever runs this site."
OFFLINE_READY = "Ready for offline use: reload, new image, caption, copy, all without a network."


def waiting(count: int) -> str:
    """How many images wait in the library for a caption."""
    some = "1 image waits" if count == 1 else f"{count} images wait"
    return f"{some} in the library for a caption."
