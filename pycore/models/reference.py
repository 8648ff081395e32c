"""Models on a hub, by name: ``owner/name@revision``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from pycore.errors import ConfigurationError

_COMMIT = re.compile(r"[0-9a-f]{40}")
# Source: huggingface_hub 0.36, utils/_validators.py (validate_repo_id).
_NAME = re.compile(r"(?![-.])(?!.*(?:--|\.\.))[A-Za-z0-9_.-]{1,96}(?<![-.])(?<!\.git)")
# Source: git-check-ref-format(1), the part of it that needs no escaping.
_REVISION = re.compile(
    r"(?!.*(?:\.\.|//|/\.|\.lock(?:/|$)))[A-Za-z0-9_][A-Za-z0-9_./-]{0,99}(?<![/.])"
)


@dataclass(frozen=True, slots=True)
class ModelReference:
    """A model on the hub, by name.

    Attributes:
        repository: ``owner/name``.
        revision: a commit, branch or tag.
    """

    repository: str
    revision: str

    @property
    def is_pinned(self) -> bool:
        """Whether the revision is a commit, whose files never change."""
        return _COMMIT.fullmatch(self.revision) is not None

    def __str__(self) -> str:
        return f"{self.repository}@{self.revision}"


def parse_model_reference(text: str) -> ModelReference:
    """Read ``owner/name@revision``.

    Raises:
        ConfigurationError: when it is anything else.
    """
    repository, at, revision = text.partition("@")
    owner, slash, name = repository.partition("/")
    parts_fit = _NAME.fullmatch(owner) and _NAME.fullmatch(name) and _REVISION.fullmatch(revision)
    if not (at and slash and parts_fit):
        raise ConfigurationError(
            "A model is named like this: owner/name@revision. "
            "The revision is a commit, a branch or a tag.",
            detail=f"got {text!r}",
        )
    return ModelReference(repository, revision)


def resolve_url(hub: str, reference: ModelReference, path: str) -> str:
    """Give the address of a file on a hub.

    Args:
        hub: address of the hub or of a mirror, with or without a slash at its end.
        reference: the model.
        path: of the file in the repository.
    """
    revision = quote(reference.revision, safe="")
    return f"{hub.rstrip('/')}/{reference.repository}/resolve/{revision}/{quote(path)}"
