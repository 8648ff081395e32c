"""What the worker sends: the payloads of its events and ends.

For type checkers, and for tools/protocol_types.py, alone: nothing imports it as the program runs.
What may be None here is missing in JavaScript.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Booted(TypedDict):
    """The worker is up; ``lock`` is the name of one that it holds as long as it lives."""

    lock: NotRequired[str]


class Failure(TypedDict):
    """An error; see pycore/errors.py."""

    code: str
    message: str
    detail: str


class Progress(TypedDict):
    """How far a request is."""

    stage: Literal["runtime", "model", "image", "encode", "decode", "text", "export"]
    loaded: int
    total: int
    unit: Literal["bytes", "steps"]
    source: NotRequired[Literal["network", "site", "device"]]
    phase: NotRequired[
        Literal["downloading", "checking", "waiting", "other_tab", "importing", "exporting"]
    ]
    file: NotRequired[str]
    speed_bytes_per_s: NotRequired[float | None]
    seconds_left: NotRequired[float | None]
    message: NotRequired[str]
    retry_in_s: NotRequired[float | None]
    in_memory: NotRequired[bool]


class Steps(TypedDict):
    """How many steps of decoding are done."""

    loaded: int
    total: int


class TokenInfo(TypedDict):
    """A token of a caption."""

    id: int
    text: str
    logprob: float


class Token(TypedDict):
    """The caption so far, and its newest token."""

    text: str
    token: TokenInfo
    loaded: int
    total: int


class Word(TypedDict):
    """A word, and how far the candidates agree on it."""

    text: str
    agreement: float
    doubtful: bool


class WordAttention(TypedDict):
    """Where the model looked for a word; ``weights`` row by row."""

    text: str
    weights: list[float]


class Attention(TypedDict):
    """Where the model looked, on a grid of patches."""

    height: int
    width: int
    words: list[WordAttention]


class Candidate(TypedDict):
    """One of the captions that the search found."""

    text: str
    score: float
    tokens: list[TokenInfo]
    words: list[Word]
    attention: NotRequired[Attention]


class ModelName(TypedDict):
    """Which model wrote."""

    id: str
    revision: str


class Timings(TypedDict):
    """How long the parts of a caption took."""

    decode_ms: float
    preprocess_ms: float
    encode_ms: float
    token_ms: list[float]


class ImageInfo(TypedDict):
    """What the image is; ``seen``: left, top, right, bottom of what the model saw, as shares."""

    width: int
    height: int
    format: str
    sha256: str
    seen: list[float]


class Keyword(TypedDict):
    """A keyword."""

    text: str
    confidence: float


class ImageText(TypedDict):
    """Words that were read in the picture."""

    text: str
    confidence: float
    language: Literal["eng", "deu", "fra", "spa"]


class Answer(TypedDict):
    """What a model says when it is asked for one task."""

    text: str
    confidence: float
    flagged: bool
    candidates: list[Candidate]
    timings: Timings


class TaskAnswers(TypedDict):
    """Answers by task."""

    caption: NotRequired[Answer]
    detailed: NotRequired[Answer]
    text: NotRequired[Answer]
    objects: NotRequired[Answer]


class FoundObject(TypedDict):
    """An object in the picture; ``box`` as ``seen`` in ImageInfo."""

    label: str
    box: list[float]


class CaptionResult(TypedDict):
    """All that is said of an image."""

    caption: str
    confidence: float
    flagged: bool
    candidates: list[Candidate]
    model: ModelName
    timings: Timings
    image: ImageInfo
    notes: list[str]
    kind: NotRequired[Literal["drawing", "photograph", "text"]]
    keywords: list[Keyword]
    text: NotRequired[ImageText]
    text_problem: NotRequired[str]
    answers: NotRequired[TaskAnswers]
    objects: NotRequired[list[FoundObject]]


class ImageEnd(TypedDict):
    """How one image of a batch ended."""

    index: int
    result: NotRequired[CaptionResult]
    error: NotRequired[Failure]


class Heaps(TypedDict):
    """How much memory the two heaps hold."""

    model_heap_bytes: int
    python_heap_bytes: int


class Memory(TypedDict):
    """After each request: what the heaps hold, and whether models are gone with the worker."""

    model_heap_bytes: int
    python_heap_bytes: int
    keeps_models: bool


class Working(TypedDict):
    """For the time that it names the worker's thread may be unable to answer."""

    patience_s: int


class ModelStatus(TypedDict):
    """What is known of a model, and what this device has of it."""

    model: str
    name: str
    description: str
    repository: str
    revision: str
    licence: str
    source_url: str
    state: Literal["builtin", "ready", "partial", "absent"]
    hosted: bool
    in_memory: bool
    size_bytes: int
    stored_bytes: int


class Storage(TypedDict):
    """How much room the browser gives, as far as it says."""

    used_bytes: int | None
    quota_bytes: int | None
    persisted: bool | None


class ModelList(TypedDict):
    """All models."""

    models: list[ModelStatus]
    storage: Storage


class ModelFile(TypedDict):
    """A model as one file."""

    name: str
    blob: Any


class ImageWords(TypedDict):
    """Words that an image file carries."""

    alt_text: str
    extended_description: str
    description: str
    keywords: list[str]
    caption_writer: str


class FileWords(TypedDict):
    """Words in an image file, and those among them that a person wrote."""

    format: str
    signed: bool
    words: ImageWords
    by_person: ImageWords


class FieldChange(TypedDict):
    """What writing does to one field of a file."""

    name: str
    before: str | list[str]
    after: str | list[str]
    outcome: Literal["none", "same", "kept", "added", "replaced", "removed"]


class FileChange(TypedDict):
    """What writing does to a file."""

    format: str
    signed: bool
    fields: list[FieldChange]
    places: list[str]
    warnings: list[str]


class WrittenFile(TypedDict):
    """An image file with words in it."""

    blob: Any
    change: FileChange


class OneBlob(TypedDict):
    """A file."""

    blob: Any


class ExportFile(TypedDict):
    """An export as one file."""

    name: str
    blob: Any
    notes: list[str]


class Update(TypedDict):
    """What a table brings for one image."""

    index: int
    fields: dict[str, Any]


class Conflict(TypedDict):
    """A field that a person wrote here, and that the table has otherwise."""

    index: int
    name: str
    field: str
    here: str | list[str]
    there: str | list[str]


class Merge(TypedDict):
    """What a table brings."""

    updates: list[Update]
    conflicts: list[Conflict]
    same: int
    unknown: list[str]
    changed: list[str]


class DocumentImage(TypedDict):
    """An image without words, and where it stands."""

    document: str
    line: int
    address: str
    alt: NotRequired[str]
    reason: Literal["missing", "empty", "file name", "alone in a link"]
    before: str
    after: str
    picture: NotRequired[str]
    is_embedded: bool
    may_be_decorative: bool


class DocumentNote(TypedDict):
    """What a person should know about a document."""

    document: str
    message: str


class DocumentList(TypedDict):
    """Opened documents, and their images without words."""

    documents: int
    image_count: int
    images: list[DocumentImage]
    notes: list[DocumentNote]


class FileContent(TypedDict):
    """A file: its name and bytes."""

    name: str
    data: Any


class EndpointSource(TypedDict):
    """Where the endpoint's image is to come from."""

    kind: Literal["handle", "url", "alias", "body"]
    value: str
    alias: str
    host: str
    takes_kept: bool


class EndpointAnswer(TypedDict):
    """What the endpoint answers."""

    status: int
    body: str
    headers: dict[str, Any]


class EndpointStep(TypedDict):
    """Either the answer, or the image that is needed for it."""

    source: NotRequired[EndpointSource]
    answer: NotRequired[EndpointAnswer]


class Diagnostics(TypedDict):
    """What a bug report needs."""

    version: str
    pyodide: str
    onnxruntime_web: str
    cross_origin_isolated: bool
    threads: int
    low_memory: bool
    model_heap_bytes: int
    python_heap_bytes: int
    model: str | None
    decoder: Literal["split", "merged"] | None
    decoder_steps: int
    decoder_run_ms: float
    notes: list[str]


class RuleList(TypedDict):
    """Rules as JSON has them."""

    rules: list[dict[str, Any]]


class RuleCount(TypedDict):
    """How many images a rule applies to, and how many it changes."""

    matched: int
    changed: int


class RuledImage(TypedDict):
    """What rules see of an image, and change."""

    name: str
    caption: str
    alt_text: str
    keywords: list[str]
    text: str
    confidence: NotRequired[float]
    state: Literal["automatic", "reviewed", "edited", "decorative"]
    folder: str
    is_flagged: bool
    fields: dict[str, str]


class RuleChange(TypedDict):
    """What rules do to one image."""

    index: int
    before: RuledImage
    after: RuledImage


class RulesOutcome(TypedDict):
    """What rules do to all images."""

    counts: list[RuleCount]
    changes: list[RuleChange]
