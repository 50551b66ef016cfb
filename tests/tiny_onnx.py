"""ONNX files of the tiny models, exported on the spot, and what publishers make of such files."""

import shutil
import warnings
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnx
from onnx import helper, numpy_helper
from tiny_models import Family, Kind, tiny_model

Output = Literal["last_hidden_state", "sentence_embedding", "logits"]


def tiny_onnx(
    folder: Path, family: Family = "bert", kind: Kind = "embedder", *, output: Output | None = None
) -> tuple[Path, Path]:
    """Write a model folder, and one beside it that has ``onnx/model.onnx`` in place of weights."""
    torch_folder = tiny_model(folder / "torch", family, kind)
    onnx_folder = folder / "published"
    shutil.copytree(torch_folder, onnx_folder)
    (onnx_folder / "model.safetensors").unlink()
    (onnx_folder / "onnx").mkdir()
    output = output or ("logits" if kind == "reranker" else "last_hidden_state")
    _export(torch_folder, onnx_folder / "onnx" / "model.onnx", kind, output)
    return torch_folder, onnx_folder


def _export(torch_folder: Path, file: Path, kind: Kind, output: Output) -> None:
    import torch
    import transformers

    auto: Any = transformers.AutoModel
    if kind == "reranker":
        auto = transformers.AutoModelForSequenceClassification
    model = auto.from_pretrained(torch_folder).eval()
    names = ["input_ids", "attention_mask"]
    if model.config.type_vocab_size > 1:
        names.append("token_type_ids")

    class Exported(torch.nn.Module):
        """The model with its inputs in order and one output."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *inputs: Any) -> Any:
            given = dict(zip(names, inputs, strict=True))
            numbers = self.model(**given)[0]
            if output != "sentence_embedding":
                return numbers
            mask = given["attention_mask"][:, :, None].to(numbers.dtype)
            return (numbers * mask).sum(1) / mask.sum(1)

    ids = torch.randint(5, 50, (2, 8))
    example = (ids, torch.ones_like(ids), torch.zeros_like(ids))[: len(names)]
    free = {name: {0: "batch", 1: "tokens"} for name in names}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Exported(),
            example,
            str(file),
            dynamo=False,
            input_names=names,
            output_names=[output],
            dynamic_axes={**free, output: {0: "batch"}},
        )


def to_int8(file: Path, quantized: Path) -> Path:
    """Write a file whose matrices are in eight bits with one scale each."""
    model = onnx.load(file)
    multiplied = {node.input[1] for node in model.graph.node if node.op_type == "MatMul"}
    for tensor in list(model.graph.initializer):
        if tensor.name not in multiplied:
            continue
        weights = numpy_helper.to_array(tensor)
        scale = np.float32(np.abs(weights).max() / 127)
        packed, step = f"{tensor.name}_int8", f"{tensor.name}_scale"
        small = np.round(weights / scale).astype(np.int8)
        model.graph.initializer.extend(
            [numpy_helper.from_array(small, packed), numpy_helper.from_array(scale, step)]
        )
        model.graph.initializer.remove(tensor)
        unpacked = helper.make_node("DequantizeLinear", [packed, step], [tensor.name])
        model.graph.node.insert(0, unpacked)
    onnx.save(model, quantized)
    return quantized


def to_external(file: Path, location: str = "model.onnx_data") -> Path:
    """Move the tensors of a file into one beside it."""
    model = onnx.load(file)
    file.unlink()
    onnx.save(model, file, save_as_external_data=True, location="model.onnx_data", size_threshold=0)
    if location != "model.onnx_data":
        written = onnx.load(file, load_external_data=False)
        for tensor in written.graph.initializer:
            for entry in tensor.external_data:
                if entry.key == "location":
                    entry.value = location
        file.write_bytes(written.SerializeToString())
    return file


def rename(file: Path, before: str, after: str) -> Path:
    """Give an input of a file another name."""
    model = onnx.load(file)
    for node in model.graph.node:
        for place, name in enumerate(node.input):
            if name == before:
                node.input[place] = after
    for given in model.graph.input:
        if given.name == before:
            given.name = after
    onnx.save(model, file)
    return file
