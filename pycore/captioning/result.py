"""A finished caption with everything known about it: the ``caption`` answer of the protocol."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pycore.captioning.attention_map import AttentionMap
    from pycore.captioning.tasks import FoundObject, TaskName
    from pycore.captioning.text_in_image import RecognizedText
    from pycore.captioning.word_agreement import Word
    from pycore.recognition.keywords import Keyword
    from pycore.recognition.router import Kind


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a caption.

    Attributes:
        id: its position in the vocabulary.
        text: what it adds to the text. Empty for the end token, and for a token that holds only
            part of a character: the token that completes the character brings the whole of it.
        logprob: natural logarithm of its probability under the model, at most 0; 0 for the tokens
            of a prefix, which were not the model's choice.
    """

    id: int
    text: str
    logprob: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """One caption.

    Attributes:
        text: without white space around it.
        score: what candidates are ranked by; see ``pycore.generation.Hypothesis``.
        tokens: their texts joined are ``text`` with its white space.
        words: how far the other candidates agree.
        attention: where the model looked for each word; None when nobody asked, or the model
            cannot tell.
    """

    text: str
    score: float
    tokens: tuple[Token, ...]
    words: tuple[Word, ...]
    attention: AttentionMap | None = None


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model wrote the caption."""

    id: str
    revision: str


@dataclass(frozen=True, slots=True)
class Timings:
    """How long each part took, in milliseconds; ``token_ms`` has one entry a decoder step."""

    decode_ms: float
    preprocess_ms: float
    encode_ms: float
    token_ms: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """The image file.

    Attributes:
        width: in pixels, as shown upright.
        height: in pixels, as shown upright.
        format: its name.
        sha256: the hash of its bytes.
        seen: (left, top, right, bottom) of what the model saw, as shares of width and height, 0 to
            1: not all of it where part of the image is missing.
    """

    width: int
    height: int
    format: str
    sha256: str
    seen: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said to one task; the fields mean what they mean in CaptionResult."""

    text: str
    confidence: float
    flagged: bool
    candidates: tuple[Candidate, ...]
    timings: Timings


@dataclass(frozen=True, slots=True)
class CaptionResult:
    """What captioning gives.

    Attributes:
        caption: the text of the best candidate.
        confidence: see ``confidence``.
        flagged: the confidence is below the model's threshold: no more than a guess.
        candidates: best first.
        model: which model wrote it.
        timings: in milliseconds.
        image: the image file.
        notes: sentences about what a person should know, most often none: part of the image is
            missing, for example.
        kind: what sort of picture it was taken for; None where nobody looked.
        keywords: specific to general; empty where none were asked for or found.
        text: the words in the picture; None where nobody read, or reading was not to be had.
        text_problem: why it was not to be had: a sentence for the person; most often empty.
        answers: for each task that was asked for, the one of this result included; None where
            nobody named tasks.
        objects: what is in the picture, and where, in the order in which the model names them; None
            where nobody asked.
    """

    caption: str
    confidence: float
    flagged: bool
    candidates: tuple[Candidate, ...]
    model: ModelInfo
    timings: Timings
    image: ImageInfo
    notes: tuple[str, ...] = ()
    kind: Kind | None = None
    keywords: tuple[Keyword, ...] = ()
    text: RecognizedText | None = None
    text_problem: str = ""
    answers: Mapping[TaskName, Answer] | None = None
    objects: tuple[FoundObject, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the wire form: nested dictionaries, tuples, strings and numbers.

        What is not there has no entry: ``kind``, ``text``, ``text_problem``, ``answers``,
        ``objects``, and ``attention`` of candidates.
        """
        result = asdict(self)
        for name in ("kind", "text", "text_problem", "answers"):
            if not result[name]:
                del result[name]
        if result["objects"] is None:
            del result["objects"]
        for answer in (result, *result.get("answers", {}).values()):
            for candidate in answer["candidates"]:
                if candidate["attention"] is None:
                    del candidate["attention"]
        return result


def with_answers(results: Mapping[TaskName, CaptionResult]) -> CaptionResult:
    """Return the result of the first task, with the answers to all of them."""
    answers = {
        task: Answer(each.caption, each.confidence, each.flagged, each.candidates, each.timings)
        for task, each in results.items()
    }
    objects = results["objects"].objects if "objects" in results else None
    return replace(next(iter(results.values())), answers=answers, objects=objects)


def confidence(logprobs: tuple[float, ...]) -> float:
    """Return the geometric mean of token probabilities, end token included; 0 to 1."""
    if not logprobs:
        return 0.0
    return min(1.0, math.exp(sum(logprobs) / len(logprobs)))
