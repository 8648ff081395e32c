"""What ``import pycore`` gives an embedding program."""

from __future__ import annotations

import subprocess
import sys

import pytest

import pycore


@pytest.mark.parametrize("name", pycore.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(pycore, name).__name__ == name


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Captioner'"):
        pycore.Captioner  # noqa: B018 - the access is the test


@pytest.mark.skipif(sys.platform == "emscripten", reason="there are no processes")
def test_importing_the_package_alone_needs_neither_numpy_nor_pillow() -> None:
    code = "import pycore, sys; assert not {'numpy', 'PIL'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
