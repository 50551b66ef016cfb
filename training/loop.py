"""The loop that every training stage runs: schedule, log, checkpoints, going on after a stop."""

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How long a stage runs, and where its checkpoint is.

    ``minutes`` ends a sitting early, its checkpoint kept; the same command then goes on. ``until``
    ends the run at that step of the schedule.
    """

    steps: int
    until: int | None = None
    folder: Path
    seed: int
    warmup: int = 100
    minutes: float = math.inf
    log_every: int = 20
    save_minutes: float = 5.0


def optimizer_for(model: Any, *, rate: float, embeddings: float) -> torch.optim.AdamW:
    """Give word vectors a rate of their own; with none they stay, and cost no time."""
    for name, parameter in model.named_parameters():
        if "word_emb" in name:
            parameter.requires_grad_(embeddings > 0)
    words = [parameter for name, parameter in model.named_parameters() if "word_emb" in name]
    rest = [parameter for name, parameter in model.named_parameters() if "word_emb" not in name]
    groups = [
        {"params": words, "lr": embeddings, "weight_decay": 0.0},
        {"params": rest, "lr": rate, "weight_decay": 0.01},
    ]
    return torch.optim.AdamW(groups, fused=True)


def run(
    plan: Plan, model: Any, optimizer: torch.optim.AdamW, loss: Callable[[int], torch.Tensor]
) -> None:
    """Take the plan's steps, or those that fit into its minutes.

    ``loss`` gives the loss of one step; what it draws may depend on the step alone, so that a run
    that was stopped ends as one that was not.
    """
    rates = [group["lr"] for group in optimizer.param_groups]
    step, average = _resume(plan, model, optimizer), math.nan
    started = saved = time.monotonic()
    end = plan.steps if plan.until is None else min(plan.until, plan.steps)
    model.train()
    while step < end:
        torch.manual_seed(plan.seed + step)
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * _share(step, plan)
        value = loss(step)
        torch.autograd.backward(value)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        if step % plan.log_every == 0 or step == end:
            latest = value.item()
            average = latest if math.isnan(average) else 0.8 * average + 0.2 * latest
            _log(plan, step, average, time.monotonic() - started)
        now = time.monotonic()
        over = now - started > plan.minutes * 60
        if over or now - saved > plan.save_minutes * 60 or step == end:
            _save(plan, model, optimizer, step)
            saved = now
        if over and step < end:
            print("stopped at the time limit: give the same command to go on")
            return


def _share(step: int, plan: Plan) -> float:
    """Give the share of the full rate: up in a line, level, in the last fifth down in a line.

    As good as a cosine, and what was level can go on to more steps (Hägele et al., 2024).
    """
    up = (step + 1) / max(1, min(plan.warmup, plan.steps // 10))
    return min(1.0, up, (plan.steps - step) / _falling(plan.steps))


def _falling(steps: int) -> int:
    return max(1, steps // 5)


def _resume(plan: Plan, model: Any, optimizer: torch.optim.AdamW) -> int:
    file = plan.folder / "checkpoint.pt"
    if not file.is_file():
        return 0
    state = torch.load(file, weights_only=True, map_location=next(model.parameters()).device)
    level = min(steps - _falling(steps) for steps in (state["steps"], plan.steps))
    if state["steps"] != plan.steps and state["step"] > level:
        raise SystemExit(
            f"{file} is of a run of {state['steps']} steps, not {plan.steps}, whose rate has begun"
            " to fall; remove it to begin"
        )
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])


def _save(plan: Plan, model: Any, optimizer: torch.optim.AdamW, step: int) -> None:
    plan.folder.mkdir(parents=True, exist_ok=True)
    state = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": step,
        "steps": plan.steps,
    }
    written = plan.folder / "checkpoint.pt.new"
    torch.save(state, written)
    written.replace(plan.folder / "checkpoint.pt")


def _log(plan: Plan, step: int, loss: float, seconds: float) -> None:
    line = {"step": step, "of": plan.steps, "loss": round(loss, 4), "seconds": round(seconds)}
    plan.folder.mkdir(parents=True, exist_ok=True)
    with (plan.folder / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")
    print(json.dumps(line), flush=True)
