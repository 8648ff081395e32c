"""A reader of PyTorch's legacy checkpoint files (before 1.6), without PyTorch.

Such a file is a row of pickles (magic number, protocol, machine, the state with tensors as views
of storages, the storages' keys) and then each storage's length and bytes. The unpickler here makes
nothing but dictionaries and descriptions of views, so a file cannot run code.

Source: torch/serialization.py, _legacy_load and _legacy_save, PyTorch 1.5.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
PROTOCOL_VERSION = 1001
STORAGE_TYPES = {"FloatStorage": "<f4", "LongStorage": "<i8"}

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class _Storage:
    key: str
    dtype: str
    length: int


@dataclass(frozen=True)
class _View:
    """A tensor as a view of a storage; offset and strides count elements, not bytes."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def of(self, data: Array) -> Array:
        strides = [stride * data.itemsize for stride in self.strides]
        return np.lib.stride_tricks.as_strided(data[self.offset :], self.shape, strides)


class _Unpickler(pickle.Unpickler):
    """Admits the names that a dictionary of tensors needs, and no others."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if module == "torch" and name in STORAGE_TYPES:
            return STORAGE_TYPES[name]
        raise pickle.UnpicklingError(f"a checkpoint of tensors has no {module}.{name}")

    def persistent_load(self, pid: Any) -> _Storage:
        _, dtype, key, _, length, view = pid
        if view is not None:
            raise pickle.UnpicklingError("views of storages are not supported")
        return _Storage(key, dtype, length)


def _rebuild_tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> _View:
    return _View(storage, offset, shape, strides)


def read_state(path: Path) -> dict[str, Array]:
    """Read a state dictionary: tensors by name, float32 or int64, in C order.

    Raises:
        ValueError: the file is not a legacy checkpoint.
        pickle.UnpicklingError: it holds something other than tensors.
    """
    with path.open("rb") as stream:
        head = [_Unpickler(stream).load() for _ in range(3)]
        if head[:2] != [MAGIC_NUMBER, PROTOCOL_VERSION] or not head[2]["little_endian"]:
            raise ValueError(f"{path.name} is not a legacy PyTorch checkpoint")
        views: dict[str, _View] = _Unpickler(stream).load()
        keys: list[str] = _Unpickler(stream).load()
        dtypes = {view.storage.key: view.storage.dtype for view in views.values()}
        storages = {key: _read_storage(stream, dtypes[key]) for key in keys}
    return {
        name: np.ascontiguousarray(view.of(storages[view.storage.key]))
        for name, view in views.items()
    }


def _read_storage(stream: BinaryIO, dtype: str) -> Array:
    length = int.from_bytes(stream.read(8), "little")
    return np.frombuffer(stream.read(length * np.dtype(dtype).itemsize), dtype)
