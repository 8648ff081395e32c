"""Judge what is said of the tests' photographs against a hand-written list of right answers.

A caption is right when every thing in it is one of the right ones, general when one of them is more
general than it need be, doubtful when it says "perhaps", silent when it says that it cannot tell,
and wrong in every other case.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image

from pycore.generation.output import NeverCancelled
from pycore.images.decoded import DecodedImage
from pycore.images.file import read_image
from pycore.interfaces import FloatArray
from pycore.recognition.describe import Description
from pycore.recognition.english import NUMBERS, plural
from pycore.recognition.name_tree import NameTree
from pycore.recognition.recognizer import Recognizer
from pycore.recognition.router import Router
from pycore.recognition.settings import DEFAULTS, Settings
from pycore.recognition.wording import CANNOT_TELL, DOUBT

HERE = Path(__file__).resolve().parent
PHOTOGRAPHS = HERE.parents[1] / "tests" / "fixtures" / "photos"
VERDICTS = ("right", "general", "doubtful", "silent", "wrong")
_SIDE = 512
_COUNT = re.compile(rf"^(?:an?|several|{'|'.join(NUMBERS)})\s+")


class OnnxPhotographModels:
    """The ``PhotographModels`` of pycore/recognition/recognizer.py on CPU onnxruntime."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = 1
        self._detector, self._namer = (
            onnxruntime.InferenceSession(
                HERE / "onnx" / f"{name}.onnx", options, providers=["CPUExecutionProvider"]
            )
            for name in ("detector", "namer")
        )

    async def detect(self, image: FloatArray) -> FloatArray:
        """Find things; see PhotographModels."""
        ((rows,),) = self._detector.run(None, {"image": image})
        return np.asarray(rows, np.float32)

    async def name(self, crops: FloatArray) -> FloatArray:
        """Say what crops show; see PhotographModels."""
        (logits,) = self._namer.run(None, {"pixel_values": crops})
        return np.asarray(logits, np.float32)


def read(name: str) -> Any:
    """Return a JSON file of this folder, parsed."""
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def recognizer(settings: Settings = DEFAULTS) -> Recognizer:
    """Return the recognizer as the site has it, on CPU onnxruntime."""
    tree = NameTree.from_dict(read("names.json"))
    return Recognizer(OnnxPhotographModels(), tree, read("config.json"), settings)


def router() -> Router:
    """Return the router as the site has it."""
    return Router.from_dict(read("router.json"))


def decode(data: bytes) -> DecodedImage:
    """Decode an image file as captioning does."""
    return read_image(data, target_size=(_SIDE, _SIDE))


def load(path: Path) -> Image.Image:
    """Decode a photograph as captioning does."""
    return decode(path.read_bytes()).pixels


def describe(recognizer: Recognizer, image: Image.Image) -> Description:
    """Describe one photograph."""
    return asyncio.run(recognizer.describe(image, NeverCancelled()))


def judge(description: Description, answers: Mapping[str, Sequence[str]]) -> str:
    """Return the verdict on a description; see ``VERDICTS``."""
    caption = description.sentences[0].text
    if caption == CANNOT_TELL:
        return "silent"
    if caption.startswith(f"{DOUBT} "):
        return "doubtful"
    found = [_COUNT.sub("", thing) for thing in re.split(r", | and ", caption)]
    right, general = (
        {form for word in answers[kind] for form in (word, plural(word))}
        | ({"people"} if "person" in answers[kind] else set())
        for kind in ("right", "general")
    )
    if all(thing in right for thing in found):
        return "right"
    return "general" if all(thing in right | general for thing in found) else "wrong"


def main() -> int:
    """Print the table; 1 where the aims are missed."""
    answers = json.loads((PHOTOGRAPHS / "answers.json").read_text(encoding="utf-8"))
    judges, kinds = recognizer(), router()
    counts: Counter[str] = Counter()
    routed = 0
    for name, own in sorted(answers.items()):
        image = load(PHOTOGRAPHS / name)
        began = time.perf_counter()
        said = describe(judges, image)
        took_ms = 1e3 * (time.perf_counter() - began)
        verdict = judge(said, own)
        counts[verdict] += 1
        routed += kinds.kind(np.asarray(image)) == "photograph"
        keywords = ", ".join(keyword.text for keyword in said.keywords)
        print(f"{name:<24}{verdict:<10}{said.sentences[0].text} [{keywords}] {took_ms:.0f} ms")
    total = sum(counts.values())
    print(", ".join(f"{verdict} {counts[verdict]} of {total}" for verdict in VERDICTS))
    print(f"taken for photographs: {routed} of {total}")
    good = 2 * (counts["right"] + counts["general"]) >= total and counts["wrong"] <= 0.05 * total
    print("photographs meet their aims" if good else "photographs MISS their aims")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
