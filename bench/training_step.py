"""How long the cross-encoder takes to learn from a thousand tokens, forth and back.

    python -m training.backbone --out .training/backbone
    python bench/training_step.py --model .training/backbone --layers 6

Pairs of ``--length`` random ids, ``--tokens`` a step. Run it as it is and with the variables of
training/README.md: glibc gives the memory of a step back after each, and takes it anew.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from training import rerank
from training.encoder import number_type

READ_AT_ONCE = 2048  # as training.rerank does on a CPU
STEPS = 5


def main() -> None:
    """Take some steps, and print the fastest and the median one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--tokens", type=int, default=8192)
    parser.add_argument("--length", type=int, default=192)
    options = parser.parse_args()
    model = rerank.load(options.model, options.layers).train()
    count = options.tokens // options.length
    words = model.config.vocab_size
    ids = np.random.default_rng(0).integers(5, words, (count, options.length)).astype(np.uint16)
    pairs = [(row, 16) for row in ids]
    taken = []
    for _ in range(STEPS + 1):  # the first is slower
        started = time.perf_counter()
        rerank.logits(model, pairs, tokens=READ_AT_ONCE).square().mean().backward()
        model.zero_grad()
        taken.append((time.perf_counter() - started) * 1e6 / ids.size)
    kind, fastest, usual = number_type(), min(taken[1:]), np.median(taken[1:])
    cpu, cores = torch.backends.cpu.get_cpu_capability(), torch.get_num_threads()
    print(f"{cpu}, {cores} threads, {kind}, {options.layers} layers, {ids.size} tokens a step")
    print(f"ms a thousand tokens: fastest {fastest:.0f}, median {usual:.0f}")


if __name__ == "__main__":
    main()
