"""Alt text, descriptions and keywords inside image files, written without touching anything else.

JPEG, PNG, WebP and TIFF hold them as XMP, EXIF and IPTC-IIM; for all other formats there is the
sidecar. Pure standard library, no network, no clock.

    words = read_metadata(data)                     what the file says
    change = plan(data, words, policy)              before and after, field by field; warnings
    data = write_metadata(data, words, policy)      the new file; decoded pixels are the same
    data = remove_metadata(data, words)             and the old one again
    sidecar = xmp_sidecar(words, existing)          for files that cannot hold words, or must not
"""

from __future__ import annotations

from pycore.metadata.fields import (
    FIELDS,
    Change,
    FieldChange,
    ImageWords,
    WritePolicy,
    joined_words,
)
from pycore.metadata.files import (
    plan,
    plan_removal,
    read_by_person,
    read_metadata,
    read_sidecar,
    remove_metadata,
    write_metadata,
    xmp_sidecar,
)

__all__ = [
    "FIELDS",
    "Change",
    "FieldChange",
    "ImageWords",
    "WritePolicy",
    "joined_words",
    "plan",
    "plan_removal",
    "read_by_person",
    "read_metadata",
    "read_sidecar",
    "remove_metadata",
    "write_metadata",
    "xmp_sidecar",
]
