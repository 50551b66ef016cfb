"""The numbers that a CPU computes in fastest, by what it has for them."""

from pathlib import Path
from typing import Any, Literal

import numpy as np

Precision = Literal["bf16", "f32", "i8"]

_CPU_INFO = Path("/proc/cpuinfo")
# Instructions for products of eight bits, on their own or with AVX-512.
_EIGHT_BITS = frozenset({"avx_vnni", "avx512_vnni"})
# The largest of eight bits, and a scale that sixteen hold.
_MOST, _LEAST = 127, 1e-6


def own_precision(core: Any, *, in_eight_bits: bool = False) -> Precision:
    """Give the precision that this machine's CPU computes in fastest.

    bf16 where it has tiles for it (AMX): with AVX-512 alone OpenVINO 2026.4 takes 1.4 times as long
    as in f32. Else ``in_eight_bits``, if the model may be run so and the CPU has instructions for
    it: the weights are rounded, and in groups what they are multiplied with. On another system than
    Linux OpenVINO alone is asked.
    """
    flags = _flags()
    has_bf16 = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    if has_bf16 and (not flags or "amx_bf16" in flags):
        return "bf16"
    return "i8" if in_eight_bits and flags & _EIGHT_BITS else "f32"


def _flags() -> frozenset[str]:
    try:
        lines = _CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    told = next((line for line in lines if line.startswith("flags")), "")
    return frozenset(told.partition(":")[2].split())


def round_to_eight_bits(model: Any, openvino: Any) -> None:
    """Round the matrices of an OpenVINO model to eight bits, each row by a scale of its own."""
    ops = openvino.opset13
    for node in model.get_ordered_ops():
        matrix = constant(node.input_value(1).node) if node.get_type_name() == "MatMul" else None
        if matrix is None or matrix.data.ndim != 2 or not node.get_attributes()["transpose_b"]:
            continue
        numbers = matrix.data.astype(np.float32)
        scales = np.maximum(np.abs(numbers).max(axis=1, keepdims=True) / _MOST, _LEAST)
        whole = ops.constant(np.round(numbers / scales).astype(np.int8))
        factor = ops.multiply(ops.convert(whole, "f16"), ops.constant(scales.astype(np.float16)))
        turned = node.get_attributes()["transpose_a"]
        product = ops.matmul(node.input_value(0), ops.convert(factor, "f32"), turned, True)
        node.output(0).replace(product.output(0))
    model.validate_nodes_and_infer_types()


def constant(node: Any) -> Any:
    """Give the constant that a node of OpenVINO is, or is a conversion of; else None."""
    while node.get_type_name() == "Convert":
        node = node.input_value(0).node
    return node if node.get_type_name() == "Constant" else None
