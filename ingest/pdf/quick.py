"""Functions of pdfium that are called thousands of times a page.

A call through its own bindings costs more than what pdfium does in it. These take addresses as
numbers, so that loops over them run in C, and keep Python's lock, for no other thread waits.
"""

import ctypes
from collections.abc import Callable
from typing import Any


def quick(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    """Give a function of pdfium as one of these C types."""
    address = ctypes.cast(function, ctypes.c_void_p).value or 0
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


def address_of(handle: Any) -> int:
    """Give the address behind what pdfium calls a page, a text or a document."""
    return ctypes.cast(handle, ctypes.c_void_p).value or 0
