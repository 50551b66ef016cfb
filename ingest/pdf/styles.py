"""Whether letters are bold, and whether of fixed width."""

import ctypes
import re
from functools import lru_cache
from typing import Any

import pypdfium2.raw as pdfium_c

from bifolio.ingest.pdf.quick import address_of, quick

_BOLD = re.compile(rb"bold|black|heavy|demi", re.IGNORECASE)
_FIXED = re.compile(rb"mono|courier|consol|typewriter|cmtt", re.IGNORECASE)
_FORCE_BOLD, _FIXED_PITCH = 1 << 18, 1
_LONGEST_NAME = 128

_POINTER = ctypes.c_void_p
_font_of = quick(
    pdfium_c.FPDFText_GetFontInfo,
    ctypes.c_ulong,
    *(_POINTER, ctypes.c_int, _POINTER, ctypes.c_ulong, _POINTER),
)


class Styles:
    """The styles of the letters of one page."""

    def __init__(self, text: Any) -> None:
        self._text = address_of(text)
        self._name, self._flags = ctypes.create_string_buffer(_LONGEST_NAME), ctypes.c_int()
        self._to = ctypes.addressof(self._name), _LONGEST_NAME, ctypes.addressof(self._flags)

    def of(self, index: int) -> tuple[bool, bool]:
        """Tell whether the letter at this place in the file is bold, and whether of fixed width."""
        self._name.value, self._flags.value = b"", 0
        _font_of(self._text, index, *self._to)
        return _style(self._name.value, self._flags.value)


@lru_cache(maxsize=1024)
def _style(name: bytes, flags: int) -> tuple[bool, bool]:
    return (
        bool(_BOLD.search(name) or flags & _FORCE_BOLD),
        bool(_FIXED.search(name) or flags & _FIXED_PITCH),
    )
