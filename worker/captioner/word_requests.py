"""The page's requests about words inside image files, and about lists of words as files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, cast

from pycore.errors import ConfigurationError
from pycore.exports import merge
from pycore.metadata import (
    FIELDS,
    Change,
    ImageWords,
    WritePolicy,
    plan,
    plan_removal,
    read_by_person,
    remove_metadata,
    write_metadata,
    xmp_sidecar,
)
from worker.captioner.export import Export, record_of
from worker.captioner.jobs import Job, Payload

if TYPE_CHECKING:
    from worker import answers, requests

Work = Callable[[Job, Any], Awaitable[Payload]]

_POLICY = ("replace", "exif", "iim", "break_signature")


class BlobWriter(Protocol):
    """Collects bytes outside Python's memory; see worker/browser/blobs.py."""

    def add(self, piece: bytes) -> None:
        """Append bytes."""

    def finish(self, media_type: str) -> Any:
        """Return the Blob."""


class WordRequests:
    """Answers the requests about words of worker/protocol.py.

    Args:
        new_blob: makes a BlobWriter.
        read_blob: returns the bytes of a Blob.

    Attributes:
        works: what answers each kind of request.
    """

    def __init__(
        self,
        new_blob: Callable[[], BlobWriter],
        read_blob: Callable[[Any], Awaitable[bytes]],
    ) -> None:
        self._new_blob = new_blob
        self._read_blob = read_blob
        self.works: dict[str, Work] = {
            "metadata.read": self._read,
            "metadata.plan": self._plan,
            "metadata.write": self._write,
            "metadata.sidecar": self._sidecar,
            "export": self._export,
            "table.merge": self._merge,
        }

    async def _read(self, job: Job, payload: requests.OneImage) -> answers.FileWords:
        del job
        found = plan(payload["image"], ImageWords())
        words = ImageWords(**{one.name: one.before for one in found.fields})  # type: ignore[arg-type]
        return {
            "format": found.format,
            "signed": found.signed,
            "words": _sent(words),
            "by_person": _sent(read_by_person(payload["image"])),
        }

    async def _plan(self, job: Job, payload: requests.WordsForImage) -> answers.FileChange:
        del job
        words, policy, is_removal = _order_of(payload)
        planned = plan_removal if is_removal else plan
        return change_of(planned(payload["image"], words, policy))

    async def _write(self, job: Job, payload: requests.WordsForImage) -> answers.WrittenFile:
        del job
        data = payload["image"]
        words, policy, is_removal = _order_of(payload)
        change = (plan_removal if is_removal else plan)(data, words, policy)
        blob = self._new_blob()
        blob.add((remove_metadata if is_removal else write_metadata)(data, words, policy))
        media_type = f"image/{change.format.lower()}"
        return {"blob": blob.finish(media_type), "change": change_of(change)}

    async def _sidecar(self, job: Job, payload: requests.WordsAlone) -> answers.OneBlob:
        del job
        blob = self._new_blob()
        blob.add(xmp_sidecar(words_of(payload["words"]), policy=policy_of(payload["options"])))
        return {"blob": blob.finish("application/rdf+xml")}

    async def _export(self, job: Job, payload: requests.ExportOrder) -> answers.ExportFile:
        options = dict(payload["options"])
        forms = options.pop("forms", ())
        new_names = options.pop("names", None)
        records = [record_of(one) for one in payload["records"]]
        export = Export(records, policy_of(options), names_of(new_names, len(records)))
        blob = self._new_blob()
        await export.write(forms, payload["files"], self._read_blob, blob.add, job)
        return {
            "name": export.file_name,
            "blob": blob.finish(export.media_type),
            "notes": export.notes,
        }

    async def _merge(self, job: Job, payload: requests.TableToMerge) -> answers.Merge:
        del job
        records = [record_of(one) for one in payload["records"]]
        return cast("answers.Merge", _plain(asdict(merge(records, payload["table"]))))


def _sent(words: ImageWords) -> answers.ImageWords:
    return cast("answers.ImageWords", _plain(asdict(words)))


def _order_of(payload: requests.WordsForImage) -> tuple[ImageWords, WritePolicy, bool]:
    """Return the words, how far to go, and whether they are to be taken out.

    Raises:
        ConfigurationError: a field or an option that there is not, or of the wrong type.
    """
    options = dict(payload["options"])
    is_removal = options.pop("remove", False)
    if not isinstance(is_removal, bool):
        raise ConfigurationError("The option remove is true or false.")
    return words_of(payload["words"]), policy_of(options), is_removal


def words_of(given: Mapping[str, Any]) -> ImageWords:
    """Return words as pycore has them.

    Raises:
        ConfigurationError: a field that there is not, or of the wrong type.
    """
    for name, value in given.items():
        if name not in FIELDS:
            raise ConfigurationError(
                f"An image has no field {name}; there are {', '.join(FIELDS)}."
            )
        is_list = isinstance(value, list) and all(isinstance(one, str) for one in value)
        if not (is_list if name == "keywords" else isinstance(value, str)):
            kind = "a list of texts" if name == "keywords" else "a text"
            raise ConfigurationError(f"The field {name} of an image must be {kind}.")
    return ImageWords(**{**given, "keywords": tuple(given.get("keywords", ()))})


def names_of(given: object, count: int) -> list[str] | None:
    """Return the new names of images, if there are any.

    Raises:
        ConfigurationError: they are not one text for each image.
    """
    if given is None:
        return None
    is_list = isinstance(given, list) and all(isinstance(one, str) and one for one in given)
    if not is_list or len(cast("list[str]", given)) != count:
        raise ConfigurationError("The option names must have a name for each record.")
    return cast("list[str]", given)


def policy_of(options: Mapping[str, Any]) -> WritePolicy:
    """Return how far a change may go.

    Raises:
        ConfigurationError: an option that there is not, or of the wrong type.
    """
    given = dict(options)
    date = given.pop("date", None)
    if unknown := sorted(given.keys() - set(_POLICY)):
        raise ConfigurationError(f"There is no option named {unknown[0]}.")
    replace = given.pop("replace", [])
    is_list = isinstance(replace, list) and all(isinstance(name, str) for name in replace)
    if not is_list or not all(isinstance(flag, bool) for flag in given.values()):
        raise ConfigurationError("An option about words in images has the wrong type.")
    try:
        moment = datetime.fromisoformat(date) if date else None
    except (TypeError, ValueError) as error:
        raise ConfigurationError("The option date must be a date of ISO 8601.") from error
    return WritePolicy(replace=frozenset(replace), date=moment, **given)


def change_of(change: Change) -> answers.FileChange:
    """Return a change as plain data."""
    return cast("answers.FileChange", _plain(asdict(change)))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (tuple, list)) else value
