"""Weights in eight bits a row: half of what 16 bits take, and numbers that 16 bits hold exactly.

Each matrix is int8 with one float16 scale a row, under the matrix's name and ``.scale``; vectors
are float16. A scale has four significant bits, so that times seven bits it fits the eleven of a
float16: the ordinary folder that ``bifolio models --save`` writes is the same model to the bit.
The file says what it is in its metadata.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bifolio.ingest import message
from bifolio.retrieval.models.folder import ModelUnavailable, fetch_again

_KEY, _FORM = "bifolio", "rows8/1"
_SCALE = ".scale"
_MOST = 127
_SCALE_BITS = 4
_LEAST_EXPONENT = -24  # of what a float16 holds


def is_packed(file: Path) -> bool:
    """Say whether a file of safetensors holds eight bits a row.

    Raises:
        ModelUnavailable: it holds them in a form that is not known.
    """
    from safetensors import safe_open

    if file.suffix != ".safetensors":
        return False
    with safe_open(file, framework="numpy") as opened:
        form = (opened.metadata() or {}).get(_KEY)
    if form not in (None, _FORM):
        raise ModelUnavailable(
            message(
                "newer-weights",
                "{file} is in the form {form!r}, and this version reads {own}; update bifolio",
                file=file,
                form=form,
                own=_FORM,
            )
        )
    return form is not None


def read(file: Path) -> dict[str, Any]:
    """Read a packed file as torch tensors in float32, by name.

    Raises:
        ModelUnavailable: a matrix has no scale, or one that does not fit it.
    """
    import torch
    from safetensors.torch import load_file

    packed = load_file(file)
    matrices = [name for name, tensor in packed.items() if tensor.dtype == torch.int8]
    scales = [name + _SCALE for name in matrices]
    whole = {name: tensor.float() for name, tensor in packed.items() if name not in scales}
    for name in matrices:
        scale = packed.get(name + _SCALE)
        if scale is None or scale.shape != (len(whole[name]), 1) or not _usable(scale):
            raise ModelUnavailable(
                message(
                    "scale-missing",
                    "{file} is damaged: {name} has no scale that fits; {remedy}",
                    file=file,
                    name=name,
                    remedy=fetch_again(file.parent),
                )
            )
        whole[name] *= scale.float()
    return whole


def pack(weights: Mapping[str, Any]) -> dict[str, Any]:
    """Give torch tensors, by name, in eight bits a row."""
    import torch

    packed = {}
    for name, tensor in weights.items():
        value = tensor.detach().cpu().float()
        if value.dim() != 2:
            packed[name] = value.half()
            continue
        scale = _scales(value)
        packed[name] = (value / scale).round().to(torch.int8).contiguous()
        packed[name + _SCALE] = scale.half()
    return packed


def write(weights: Mapping[str, Any], file: Path) -> None:
    """Write torch tensors, by name, in eight bits a row."""
    from safetensors.torch import save_file

    save_file(pack(weights), file, metadata={"format": "pt", _KEY: _FORM})


def _scales(matrix: Any) -> Any:
    """Give the least scale of each row that keeps it within eight bits and is short enough."""
    import torch

    wanted = matrix.abs().amax(1, keepdim=True) / _MOST
    exponents = (torch.frexp(wanted).exponent - _SCALE_BITS).clamp(min=_LEAST_EXPONENT)
    steps = torch.ldexp(torch.ones_like(wanted), exponents)
    return (wanted / steps).ceil().clamp(min=1) * steps


def _usable(scale: Any) -> bool:
    return bool(scale.dtype.is_floating_point and (scale > 0).all() and scale.isfinite().all())
