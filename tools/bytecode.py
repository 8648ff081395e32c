"""Byte code for Pyodide: one archive of all Python, the standard library included.

Compiled code halves the time from navigation to "NumPy and Pillow imported": the archive that
Pyodide ships holds sources only. The third parties change with their pins, our own code at every
edit, so each part is compiled and cached by the hash of what goes in.
"""

from __future__ import annotations

import gzip
import io
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from tools import environment, npm
from tools.files import digest_of, locked, new_file, new_folder
from tools.project import ROOT, BuildError, cache_dir

SCRIPT = ROOT / "tools" / "byte_compile.mjs"
# Zip files cannot say "no date"; this is the first day they know.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
LONGEST_NAME = 100  # in bytes; beyond that a tar archive has it in two pieces

# What neither pycore nor NumPy's and Pillow's own imports touch. The unit tests run inside Pyodide
# on the archive made by these rules, so a rule that cuts too deep fails them.
DROPPED = (
    "*.a", "*.c", "*.cpp", "*.h", "*.pxd", "*.pyi", "*.pyx", "*.typed", "*.build",
    "*/tests/*", "*.dist-info/RECORD", "*.dist-info/sboms/*",
    "numpy/_pyinstaller/*", "numpy/core/*", "numpy/ctypeslib/*", "numpy/ma/*", "numpy/testing/*",
    "numpy/distutils/*", "numpy/f2py/*", "numpy/fft/*",
    "numpy/linalg/lapack_lite*", "numpy/polynomial/*", "numpy/random/_examples/*",
    "numpy/conftest.py", "numpy/doc/*",
    "PIL/_imagingft*", "PIL/_imagingtk*", "PIL/_tkinter_finder.py",
    "PIL/ImageQt.py", "PIL/ImageTk.py", "PIL/ImageWin.py",
)  # fmt: skip
# Docstrings of what NumPy has in C: calls that run at every import, for help() alone.
EMPTIED = ("numpy/_core/_add_newdocs.py", "numpy/_core/_add_newdocs_scalars.py")
# Parts of the standard library that make no sense in a worker: debuggers, test tools, mail and
# other protocols, processes, foreign functions (which NumPy would import at its start), and codecs
# of the days before Unicode.
DROPPED_FROM_STDLIB = (
    "_pyrepl/*", "ctypes/*", "doctest.py", "ftplib.py", "imaplib.py", "mailbox.py",
    "multiprocessing/*", "optparse.py", "pdb.py", "pickletools.py", "poplib.py", "pydoc.py",
    "pydoc_data/*", "smtplib.py", "turtle*", "unittest/*", "wsgiref/*", "xmlrpc/*",
    "encodings/big5*", "encodings/cp[0-35-9]*", "encodings/cp424.py", "encodings/euc_*",
    "encodings/gb*", "encodings/hz.py", "encodings/iso2022*", "encodings/iso8859_[2-9]*",
    "encodings/iso8859_1?.py", "encodings/johab.py", "encodings/koi8*", "encodings/kz1048.py",
    "encodings/mac_*", "encodings/ptcp154.py", "encodings/shift*", "encodings/tis_620.py",
)  # fmt: skip
# Docstrings and asserts of the third parties are a quarter of their byte code. Our own keep them:
# a dataclass without a docstring makes itself one at import, which takes longer than reading it.
WITHOUT_DOCSTRINGS = "-OO"


def kept(names: Iterable[str], dropped: tuple[str, ...]) -> list[str]:
    """Return the file names that no pattern in ``dropped`` matches, sorted."""
    return sorted(
        name
        for name in names
        if not name.endswith("/") and not any(fnmatchcase(name, rule) for rule in dropped)
    )


def ensure_stdlib(pyodide: Path) -> Path:
    """Return the byte-compiled standard library, making it if need be."""
    source = pyodide / "python_stdlib.zip"
    with zipfile.ZipFile(source) as archive:
        names = kept(archive.namelist(), DROPPED_FROM_STDLIB)
        files = {name: archive.read(name) for name in names}
    key = _key(source, *DROPPED_FROM_STDLIB)
    return _compiled("python_stdlib", key, files, WITHOUT_DOCSTRINGS)


def ensure_merged(wheels: Sequence[Path]) -> Path:
    """Return the slimmed, byte-compiled content of wheels as one zip, making it if need be."""
    contents: dict[str, bytes] = {}
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            contents |= {name: archive.read(name) for name in kept(archive.namelist(), DROPPED)}
    contents |= dict.fromkeys(contents.keys() & set(EMPTIED), b"")
    key = _key(*wheels, *DROPPED, *EMPTIED)
    return _compiled("packages", key, contents, WITHOUT_DOCSTRINGS)


def ensure_own(files: Mapping[str, bytes]) -> Path:
    """Return our own files, byte-compiled, as a zip.

    Args:
        files: content by name inside site-packages.
    """
    parts = (part for name in sorted(files) for part in (name, files[name]))
    return _compiled("own", _key(*parts), files)


def write_zip(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a zip that depends on nothing but its content: sorted, undated."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, files[name], compresslevel=9)


def read_zip(path: Path) -> dict[str, bytes]:
    """Return the content of every file in a zip, by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def ensure_pack(zips: Mapping[Path, str]) -> Path:
    """Return one gzipped tar archive of what is in some zips, making it if need be.

    Args:
        zips: each with the start of its files' names in the archive.
    """
    key = digest_of(*(part for path, start in zips.items() for part in (path, start)))
    product = cache_dir() / "bytecode" / f"python-{key}.pack"
    if not product.is_file():
        files = {
            start + name: data
            for path, start in zips.items()
            for name, data in read_zip(path).items()
        }
        with new_file(product) as fresh:
            write_pack(fresh, files)
    return product


def write_pack(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a gzipped tar archive that depends on nothing but its content.

    Raises:
        ValueError: a name is longer than worker/captioner/python_files.mjs reads.
    """
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted(files):
            if len(name.encode()) > LONGEST_NAME:
                raise ValueError(f"{name} is too long for the archive")
            info = tarfile.TarInfo(name)
            info.size = len(files[name])
            archive.addfile(info, io.BytesIO(files[name]))
    path.write_bytes(gzip.compress(content.getvalue(), compresslevel=9, mtime=0))


def _key(*parts: bytes | str | Path) -> str:
    pyodide = npm.package("pyodide") / "package.json"
    return digest_of(SCRIPT, environment.lock_file("bytecode"), pyodide, *parts)


def _compiled(stem: str, key: str, files: Mapping[str, bytes], *options: str) -> Path:
    """Return the zip of ``files`` with byte code in place of sources, from the cache or new."""
    folder = cache_dir() / "bytecode"
    product = folder / f"{stem}-{key}.zip"
    with locked(cache_dir() / "bytecode.lock"):
        if not product.is_file():
            print(f"Byte-compiling ({stem}) ...", flush=True)
            with tempfile.TemporaryDirectory(dir=cache_dir()) as scratch:
                work = Path(scratch) / f"{stem}.zip"
                write_zip(work, files)
                _run_compiler(work.parent, options)
                with new_file(product) as fresh:
                    write_zip(fresh, read_zip(work))
    return product


def _run_compiler(work: Path, options: Sequence[str]) -> None:
    done = subprocess.run(
        [npm.node(), SCRIPT, npm.package("pyodide"), _compiler_packages(), work, *options],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        # A SyntaxError in our own code ends up here; its last lines name file and line.
        raise BuildError(
            "Byte-compiling failed: " + "\n".join(done.stderr.strip().splitlines()[-12:])
        )


def _compiler_packages() -> Path:
    """Return the folder that holds pyodide-build and its imports, fetching them if need be."""
    lock = environment.lock_file("bytecode")
    target = cache_dir() / f"pyodide-build-{digest_of(lock)}"
    if not target.is_dir():
        with new_folder(target) as folder:
            environment.pip(
                "install", "--no-deps", "--require-hashes", "--only-binary=:all:",
                "--ignore-requires-python", "--target", str(folder), "-r", str(lock),
            )  # fmt: skip
            shutil.rmtree(folder / "bin", ignore_errors=True)
    return target
