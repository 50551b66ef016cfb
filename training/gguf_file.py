"""A Qwen2 model out of a GGUF file, as ordinary weights: packed ones are slow on a GPU."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gguf import GGUFReader, dequantize
from transformers import Qwen2Config, Qwen2ForCausalLM

_NAMES = {
    # One table for both ends; the file holds it twice, and the one of the output is finer.
    "output": "model.embed_tokens",
    "output_norm": "model.norm",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def read(file: Path, attention: str) -> Any:
    """Load the model in bfloat16, on the CPU."""
    reader = GGUFReader(file)
    config = _config(reader, attention)
    with ThreadPoolExecutor() as pool:
        state = dict(pool.map(_tensor, _needed(reader)))
    with torch.device("meta"):
        model: Any = Qwen2ForCausalLM(config)
    model.set_attn_implementation(attention)
    model.load_state_dict(state, strict=False, assign=True)
    model.tie_weights()
    rotary = type(model.model.rotary_emb)(config)  # its table is computed, not stored
    model.model.rotary_emb = rotary
    return model


def _needed(reader: GGUFReader) -> list[Any]:
    return [tensor for tensor in reader.tensors if tensor.name != "token_embd.weight"]


def _config(reader: GGUFReader, attention: str) -> Qwen2Config:
    def field(name: str) -> Any:
        return reader.fields[f"qwen2.{name}"].contents()

    base = float(field("rope.freq_base"))
    return Qwen2Config(
        vocab_size=len(reader.fields["tokenizer.ggml.tokens"].contents()),
        hidden_size=field("embedding_length"),
        intermediate_size=field("feed_forward_length"),
        num_hidden_layers=field("block_count"),
        num_attention_heads=field("attention.head_count"),
        num_key_value_heads=field("attention.head_count_kv"),
        max_position_embeddings=field("context_length"),
        rms_norm_eps=field("attention.layer_norm_rms_epsilon"),
        rope_parameters={"rope_type": "default", "rope_theta": base},
        tie_word_embeddings=True,
        dtype=torch.bfloat16,
    )


def _tensor(tensor: Any) -> tuple[str, torch.Tensor]:
    *block, name, kind = tensor.name.split(".")
    layer = f"model.layers.{block[1]}." if block else ""
    values = dequantize(tensor.data, tensor.tensor_type)
    # The file names the fastest axis first, numpy has it last already.
    shaped = np.array(values).reshape(tuple(reversed(tensor.shape.tolist())))
    return f"{layer}{_NAMES[name]}.{kind}", torch.from_numpy(shaped).to(torch.bfloat16)
