"""The models that Seesay knows, as data; adding one is adding an entry.

Data and checks only: nothing here fetches. Any other model of a family that Seesay knows (see
layouts.py) is named by a reference, ``owner/name@revision``, and becomes an entry by `entry_of`
once the sizes and hashes of its files are known.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pycore.errors import AssetError, ConfigurationError, UnsupportedModelError
from pycore.models.layouts import (
    DECODER_PATH,
    EMBEDDINGS_PATH,
    ENCODER_PATH,
    TEXT_ENCODER_PATH,
    VISION_ENCODER_PATH,
    runtime_paths,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pycore.models.reference import ModelReference

STARTER_ID = "starter"
STARTER_BASE_URL = "models/starter/"
DERIVED_FOLDER = "derived/"
"""Beside a model's files: what Seesay makes from them, once."""

_ENCODER_TYPES = ("vit", "deit")
_DECODER_TYPES = ("gpt2",)


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model.

    Attributes:
        path: inside the model's folder or repository, with forward slashes.
        size_bytes: its exact size.
        sha256: of its content, 64 lower-case hexadecimal digits.
    """

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model that can be offered, fetched, verified and run.

    Attributes:
        id: what the API, the page and the store call it.
        name: what a person reads.
        repository: ``owner/name`` on the hub; empty for the built-in model.
        revision: the commit (40 hexadecimal digits) that the files belong to; for the built-in
            model a hash of its files.
        licence: SPDX name; empty when unknown.
        source_url: where a person reads about the model.
        description: one sentence on what it is good for.
        files: all that captioning needs.
        confidence_threshold: captions with a lower confidence (0 to 1) are shown as a guess.
        generation: default options of generation, by transformers' names.
        base_url: for a model that comes with the site, its folder, relative to the site's root.
    """

    id: str
    name: str
    repository: str
    revision: str
    licence: str
    source_url: str
    description: str
    files: tuple[ModelFile, ...]
    confidence_threshold: float = 0.0
    generation: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    base_url: str | None = None

    @property
    def size_bytes(self) -> int:
        """Size of all files together."""
        return sum(file.size_bytes for file in self.files)


VIT_GPT2 = ModelEntry(
    id="vit-gpt2",
    name="ViT-GPT2",
    repository="Xenova/vit-gpt2-image-captioning",
    revision="215b4edcb7ec1fad5905a18a03f7b2007f6fabd0",
    licence="Apache-2.0",
    source_url="https://huggingface.co/Xenova/vit-gpt2-image-captioning",
    description="For photographs. A ViT encoder and a GPT-2 decoder, trained on COCO captions.",
    files=(
        ModelFile(
            "config.json",
            4888,
            "f65c81039a672962d686f71ee0242f0c89dc020a0e3f193a989a696bf3f9515e",
        ),
        ModelFile(
            "generation_config.json",
            184,
            "997e1f943576edcc46e1b93078ec0e72054a62b4c7f521da42a1eab43c4c1d0c",
        ),
        ModelFile(
            "preprocessor_config.json",
            378,
            "76304e9a1deb0d5f78349a57ad9d8057f36476c29bd292e907e2e8c451c93e9d",
        ),
        ModelFile(
            "tokenizer.json",
            2107928,
            "6e785cd4f004c9291dadeba7d8d1c2871318d368a1cfcd416c0571dcd8f11413",
        ),
        ModelFile(
            "tokenizer_config.json",
            456,
            "5b477c376e81670409e943fc7c8233a0356c8488e05a8aa246082a1d29e8d609",
        ),
        ModelFile(
            ENCODER_PATH,
            87453213,
            "6f6e2e27c11303cf533682184543333e7ecb930a734197a0272a1e408aba2766",
        ),
        ModelFile(
            DECODER_PATH,
            158599996,
            "1f3ec53b5fc3614c0b54ee786755a7ec3007841f57543f8e241499edfadfa98f",
        ),
    ),
    # A cautious guess: the weights could not be had where this was written, so it is unmeasured.
    confidence_threshold=0.3,
    # Source: model card of nlpconnect/vit-gpt2-image-captioning. max_length counts the start token.
    # All four beams are returned: they cost nothing more, and where they differ there is doubt.
    generation=MappingProxyType({"num_beams": 4, "max_length": 16, "num_return_sequences": 4}),
)

FLORENCE_2 = ModelEntry(
    id="florence-2",
    name="Florence-2",
    repository="onnx-community/Florence-2-base-ft",
    revision="e88a44eaf3791a35eae0c5a47b3dbcd36e67eb6f",
    licence="MIT",
    source_url="https://huggingface.co/onnx-community/Florence-2-base-ft",
    description="For photographs, in detail. A DaViT and a BART, which also read text.",
    files=(
        ModelFile(
            "config.json",
            5432,
            "d90c22ed72eb55291f183fcd9b98ebd3bd3d92bfcffb6c7f6e1606085e793525",
        ),
        ModelFile(
            "generation_config.json",
            292,
            "7b8eb17bbd6cf8a07f619ad83ae03881eff05b6b9237bab89005b40e77783c29",
        ),
        ModelFile(
            "preprocessor_config.json",
            2673,
            "c892857e34a7082284983a7717717d39c9bf7e574f1f41d80d4c918c97502efa",
        ),
        ModelFile(
            "tokenizer.json",
            2297961,
            "d69dcdb2323e124ac4f800cb9863ddccea0d7bb11e16125e8df3bd60f2f8aeac",
        ),
        ModelFile(
            "tokenizer_config.json",
            197658,
            "d8e64607233cb53b619fb46664f6cad08176c26e0e8735b2d30d888364f19600",
        ),
        ModelFile(
            VISION_ENCODER_PATH,
            93746540,
            "3b79d54f23f666f731549db23cb070c35a979ce19cbd9720e90e67a78dc9768c",
        ),
        ModelFile(
            EMBEDDINGS_PATH,
            39390433,
            "6b2258db1c8ee9b160576ccde3cd3814d83a2edaed0dd1c6ca9ff3c38fa62214",
        ),
        ModelFile(
            TEXT_ENCODER_PATH,
            43651493,
            "f4ad7a68f1fb875d3bcf735ea14a7021b7ba7e83baf7cf10289881b4ed6d9b85",
        ),
        ModelFile(
            DECODER_PATH,
            98177697,
            "f22f52f980c33df0efa15932c2f3db6d9d3595ce6387eca938b8cfe23dc4c641",
        ),
    ),
    # As cautious a guess as above, for the same reason.
    confidence_threshold=0.3,
    # Its own three beams, all returned; the limits of tokens are those of its tasks.
    generation=MappingProxyType({"num_beams": 3, "num_return_sequences": 3}),
)

HUB_ENTRIES: Mapping[str, ModelEntry] = MappingProxyType(
    {entry.id: entry for entry in (VIT_GPT2, FLORENCE_2)}
)
"""Entries for models on the hub, by id."""


def starter_entry(assets: Mapping[str, Any], settings: Mapping[str, Any]) -> ModelEntry:
    """Make the entry of the built-in model from what the site's build wrote about it.

    Args:
        assets: the parsed assets.json, whose "model" list names the starter's files.
        settings: the parsed models/starter/seesay.json: "confidence_threshold" (0 to 1) and
            optionally "generation".

    Raises:
        AssetError: when one of the two is damaged.
    """
    try:
        files = tuple(
            ModelFile(
                item["url"].removeprefix(STARTER_BASE_URL), item["size_bytes"], item["sha256"]
            )
            for item in assets["model"]
            if item["url"].startswith(STARTER_BASE_URL)
            and not item["url"].startswith(STARTER_BASE_URL + DERIVED_FOLDER)
        )
        threshold = float(settings["confidence_threshold"])
        generation = MappingProxyType(dict(settings.get("generation", {})))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise AssetError(
            "The built-in model's description is damaged. Reload the page, or rebuild the site.",
            detail=f"assets.json or seesay.json: {type(error).__name__}: {error}",
        ) from error
    digests = "".join(sorted(f"{file.sha256} {file.path}\n" for file in files))
    return ModelEntry(
        id=STARTER_ID,
        name="Starter",
        repository="",
        revision=hashlib.sha256(digests.encode()).hexdigest()[:40],
        licence="Apache-2.0",
        source_url=f"{STARTER_BASE_URL}README.md",
        description="For drawings and emoji. Small, built in, and works at once.",
        files=files,
        confidence_threshold=threshold,
        generation=generation,
        base_url=STARTER_BASE_URL,
    )


def entry_of(reference: ModelReference, files: Sequence[ModelFile]) -> ModelEntry:
    """Make an entry for a model that the catalogue does not know.

    Args:
        reference: pinned to the commit that the files belong to.
        files: sizes and hashes of at least those that captioning needs.

    Raises:
        ConfigurationError: when the revision is not a commit.
        UnsupportedModelError: when the repository lacks a file that captioning needs.
    """
    if not reference.is_pinned:
        raise ConfigurationError(
            f"{reference} does not name a commit, so its files could change unnoticed.",
            detail="resolve the branch or tag to a commit first",
        )
    present = {file.path: file for file in files}
    paths = runtime_paths(present, reference.repository)
    return ModelEntry(
        id=str(reference),
        name=reference.repository,
        repository=reference.repository,
        revision=reference.revision,
        licence="",
        source_url=f"https://huggingface.co/{reference.repository}",
        description="Chosen by its address. Seesay knows nothing about its quality.",
        files=tuple(present[path] for path in paths),
    )


def check_model_config(config: object) -> None:
    """Make sure that a parsed config.json describes a model that Seesay can run.

    Raises:
        UnsupportedModelError: unless it is a VisionEncoderDecoder with a ViT and a GPT-2.
    """
    settings = config if isinstance(config, dict) else {}
    kind = settings.get("model_type")
    encoder, decoder = (
        part.get("model_type") if isinstance(part, dict) else None
        for part in (settings.get("encoder"), settings.get("decoder"))
    )
    is_supported = encoder in _ENCODER_TYPES and decoder in _DECODER_TYPES
    if kind != "vision-encoder-decoder" or not is_supported:
        raise UnsupportedModelError(
            "it is not a VisionEncoderDecoder with a ViT encoder and a GPT-2 decoder.",
            detail=f"config.json: model_type {kind!r}, encoder {encoder!r}, decoder {decoder!r}",
        )
