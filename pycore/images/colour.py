"""Colours as a file means them, to sRGB, in which browsers show images and models were trained.

Source: IEC 61966-2-1 (sRGB); ICC.1:2022, annex E (D50); PNG (third edition), sections 11.3.2 and
13.13; W3C CSS Color 4 for the matrices.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from pycore.images.decoding.damage import DamagedImageError
from pycore.images.icc import CHANNELS, D50, ToXyz, device_space, read_profile

if TYPE_CHECKING:
    from pycore.interfaces import FloatArray

_MODES = {"RGB": b"RGB ", "L": b"GRAY", "CMYK": b"CMYK"}
_MOST_PROFILE_BYTES = 1 << 23
_ROWS_AT_ONCE_PIXELS = 1 << 18
_UNSEEN = 2  # levels of 255: a profile that changes no colour by more is left alone
_FROM_XYZ = np.array(
    # XYZ, of which white is D50, to linear sRGB.
    [
        [3.1341359, -0.9787955, 0.0719554],
        [-1.6173863, 1.9162543, -0.2289768],
        [-0.4906619, 0.0334427, 1.4053860],
    ],
    np.float32,
)
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_SRGB_CORNERS = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)  # as cHRM writes them
_ENCODED = np.linspace(0, 1, 4096, dtype=np.float32)
_ENCODED = np.where(
    _ENCODED <= 0.0031308, 12.92 * _ENCODED, 1.055 * _ENCODED ** (1 / 2.4) - 0.055
).astype(np.float32)


class Colours:
    """How to bring the colours of an image to sRGB.

    Args:
        mode: of the images: RGB, L or CMYK.
        to_xyz: from its samples.
    """

    def __init__(self, mode: str, to_xyz: ToXyz) -> None:
        self._mode = mode
        self._to_xyz = to_xyz

    def fits(self, mode: str) -> bool:
        """Tell whether these are the colours of images of a mode, alpha aside."""
        return self._mode == {"RGBA": "RGB", "LA": "L", "P": "RGB"}.get(mode, mode)

    def change_anything(self) -> bool:
        """Tell whether any colour would come out otherwise than by Pillow's plain conversion."""
        levels = np.array([0, 64, 128, 192, 255], np.uint8)
        grid = np.meshgrid(*[levels] * Image.getmodebands(self._mode), indexing="ij")
        samples = np.stack([axis.ravel() for axis in grid], axis=1)
        plain = Image.frombytes(self._mode, (len(samples), 1), samples.tobytes()).convert("RGB")
        changed = self._convert(samples)
        return bool(np.abs(np.asarray(plain, np.int16)[0] - changed).max() > _UNSEEN)

    def apply(self, image: Image.Image) -> Image.Image:
        """Return an image in sRGB: RGB, or RGBA where it had alpha.

        Raises:
            ValueError: when the image is of another mode.
        """
        if not self.fits(image.mode):
            raise ValueError(f"{image.mode} is not {self._mode}")
        alpha = image.getchannel("A") if image.mode in ("RGBA", "LA") else None
        plain = image.convert(self._mode) if alpha else image
        samples = np.asarray(plain).reshape(plain.height, plain.width, -1)
        result = np.empty((plain.height, plain.width, 3), np.uint8)
        at_once = max(1, _ROWS_AT_ONCE_PIXELS // plain.width)
        for top in range(0, plain.height, at_once):
            part = samples[top : top + at_once]
            converted = self._convert(part.reshape(-1, part.shape[2]))
            result[top : top + at_once] = converted.reshape(*part.shape[:2], 3)
        done = Image.fromarray(result)
        if alpha is not None:
            done.putalpha(alpha)
        return done

    def _convert(self, samples: np.ndarray) -> np.ndarray:
        """Convert uint8 of shape (n, channels) to uint8 of shape (n, 3)."""
        values: FloatArray = samples.astype(np.float32) / np.float32(255)
        with np.errstate(all="ignore"):  # a damaged profile can say anything
            linear = np.nan_to_num(self._to_xyz(values) @ _FROM_XYZ)
        places = np.rint(np.clip(linear, 0, 1) * (len(_ENCODED) - 1))
        levels: np.ndarray = np.rint(_ENCODED[places.astype(np.intp)] * 255).astype(np.uint8)
        return levels


def from_profile(profile: bytes | None, mode: str) -> Colours | None:
    """Read an embedded profile.

    Args:
        profile: the ICC profile, if there is any.
        mode: of the image that it came with.

    Returns:
        None where there is nothing to do, or the profile cannot be used: browsers, too, go on
        without it then.
    """
    if not profile or len(profile) > _MOST_PROFILE_BYTES:
        return None
    base = {"RGBA": "RGB", "P": "RGB", "LA": "L", "1": "L"}.get(mode, mode)
    space = device_space(profile)
    if space not in CHANNELS or _MODES.get(base) != space:
        return None
    try:
        colours = Colours(base, read_profile(profile))
        return colours if colours.change_anything() else None
    except DamagedImageError:
        return None


def from_png(metadata: dict[str, bytes], mode: str) -> Colours | None:
    """Read what the chunks of a PNG file say about its colours.

    Args:
        metadata: content of chunks, by name; see `pycore.images.decoding.png.PngFile`.
        mode: of the image.
    """
    if "sRGB" in metadata or "cICP" in metadata:
        return None
    if "iCCP" in metadata:
        return from_profile(_unpacked_profile(metadata["iCCP"]), mode)
    gamma = metadata.get("gAMA", b"")
    if len(gamma) != 4 or gamma == bytes(4) or mode == "I;16":
        return None
    exponent = np.float32(100_000 / int.from_bytes(gamma, "big"))
    if mode in ("L", "LA"):
        greys = Colours("L", lambda grey: (grey**exponent * D50).astype(np.float32))
        return greys if greys.change_anything() else None
    corners = metadata.get("cHRM", b"")
    places = struct.unpack(">8I", corners) if len(corners) == 32 else _SRGB_CORNERS
    matrix = _to_xyz_matrix(places)
    if matrix is None:
        return None
    colours = Colours("RGB", lambda rgb: ((rgb**exponent) @ matrix).astype(np.float32))
    return colours if colours.change_anything() else None


def _unpacked_profile(chunk: bytes) -> bytes | None:
    _, _, packed = chunk.partition(b"\x00")
    if packed[:1] != b"\x00":
        return None
    try:
        return zlib.decompressobj().decompress(packed[1:], _MOST_PROFILE_BYTES)
    except zlib.error:
        return None


def _to_xyz_matrix(corners: tuple[int, ...]) -> FloatArray | None:
    """Make the matrix from linear RGB to XYZ, adapted to D50.

    Args:
        corners: x and y of white, red, green and blue, times 100,000.
    """
    x, y = np.array(corners, np.float64).reshape(4, 2).T / 100_000
    if not (y > 0).all():
        return None
    white, *primaries = np.stack([x / y, np.ones(4), (1 - x - y) / y], axis=1)
    columns = np.stack(primaries, axis=1)
    if abs(np.linalg.det(columns)) < 1e-6:
        return None
    matrix = columns * np.linalg.solve(columns, white)
    adapted = _BRADFORD @ white
    if not (np.abs(adapted) > 1e-6).all():
        return None
    scale = np.diag(_BRADFORD @ D50 / adapted)
    adapted_matrix = np.linalg.inv(_BRADFORD) @ scale @ _BRADFORD @ matrix
    result: FloatArray = adapted_matrix.T.astype(np.float32)
    return result
