"""Train the starter model: `python -m models.training.train --minutes 100`.

Single-threaded processes, one for each core, share the batch: small layers gain little from
threads.  Progress is measured in time, so that a run on a busy machine still ends with a learning
rate of zero; a run that was stopped goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections import defaultdict
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor
from torch.multiprocessing.spawn import spawn
from torch.nn import functional

from models.training.network import GRID, Captioner, pick, to_patches
from models.training.optimiser import Optimiser
from models.training.samples import Batch, Store
from models.training.scenes import Composer
from models.training.things import THINGS
from models.training.validation import validate
from models.training.vocabulary import make_tokenizer

SEED = 20261121
# Shares of the run: warm-up; from when captions are taught; until when crowds are shown; from
# when pictures without things are shown.
_WARM_UP, _WORDS_FROM, _CROWDS_UNTIL, _OUTLIERS_FROM = 0.02, 0.04, 0.35, 0.3
_CROWDS, _OUTLIERS = 0.6, 0.08
_MIDDLE_WEIGHT = 0.5
# Patches looked at until the last part of the run.
_FEW, _ALL_FROM = 44, 0.88
_LOG_S, _SAVE_S, _TEST_S = 30, 180, 400


def rate_share(done: float) -> float:
    """Learning rate as a share of its peak after a share 0..1 of the run: warm-up, then cosine."""
    return min(1.0, done / _WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * min(1.0, done)))


def losses(model: Captioner, batch: Batch, *, words: bool, patches: int) -> dict[str, Tensor]:
    """Parts of the loss: each patch's thing, its centre, how many there are; and the caption.

    Only so many patches of each picture are looked at: mostly background is left out, which saves
    a third of the time and costs no accuracy once the last part of the run has seen all of them.
    """
    kept = (batch.cover.sum(2).clamp(max=0.2) + 0.3 * torch.rand(len(batch.images), GRID**2)).topk(
        patches
    )[1]
    pixels = to_patches(batch.images).to(torch.bfloat16)
    middle, seen = model.encode_in_steps(pixels, kept)
    parts = {"class": torch.zeros(()), "centre": torch.zeros(())}
    shares = pick(batch.patch_classes(), kept)
    weight = (1.2 - shares[:, :, -1]) * batch.dense[:, None]
    centres, counts, covered = (pick(values, kept) for values in batch.patch_objects())
    for states, name_it, place_it, part in (
        (middle[:, 1:], model.middle_class, model.middle_centre, _MIDDLE_WEIGHT),
        (seen[:, 1:], model.patch_class, model.patch_centre, 1.0),
    ):
        log = name_it(states).float().log_softmax(-1)
        parts["class"] = (
            parts["class"] - part * ((log * shares).sum(-1) * weight).sum() / weight.sum()
        )
        guess = place_it(states).float()
        way, wanted = guess[:, :, :2], centres[:, :, :2]
        miss = functional.smooth_l1_loss(way, wanted, reduction="none", beta=0.1).sum(-1)
        here = functional.binary_cross_entropy_with_logits(guess[:, :, 2], centres[:, :, 2])
        parts["centre"] = parts["centre"] + part * (
            (miss * covered).sum() / covered.sum() + 0.5 * here
        )
    number = functional.cross_entropy(
        model.patch_count(seen[:, 1:]).float().flatten(0, 1), counts.flatten(), reduction="none"
    )
    parts["count"] = (number * covered.flatten()).sum() / covered.sum()
    if words:
        told = batch.tokens[:, 1] >= 0
        tokens = batch.tokens[told]
        logits = model.decode(seen[told], tokens[:, :-1].clamp(min=0)).float()
        parts["words"] = functional.cross_entropy(
            logits.flatten(0, 1), tokens[:, 1:].flatten(), ignore_index=-1
        )
    return parts


def average_gradients(model: Captioner, processes: int) -> None:
    """Give all processes the mean of their gradients."""
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    flat = torch.cat([grad.flatten() for grad in grads]).float()
    dist.all_reduce(flat)
    flat /= processes
    for grad, part in zip(grads, flat.split([grad.numel() for grad in grads]), strict=True):
        grad.copy_(part.view_as(grad))


def save(path: Path, optimiser: Optimiser, elapsed_s: float, index: int) -> None:
    """Write a checkpoint beside the last one, then put it in its place."""
    part = path.with_suffix(".part")
    torch.save({"optimiser": optimiser.state(), "elapsed_s": elapsed_s, "next": index}, part)
    part.replace(path)


class Log:
    """Prints mean losses and speed now and then."""

    def __init__(self) -> None:
        self.since = time.monotonic()
        self.sums: dict[str, float] = defaultdict(float)
        self.steps = 0

    def add(self, done: float, step: int, parts: dict[str, Tensor], samples: int) -> None:
        """Count a step of so many samples; print when it is time."""
        self.steps += 1
        for name, value in parts.items():
            self.sums[name] += value.item()
        passed_s = time.monotonic() - self.since
        if passed_s > _LOG_S:
            means = " ".join(f"{name} {s / self.steps:.3f}" for name, s in self.sums.items())
            speed = self.steps * samples / passed_s
            clock = time.strftime("%H:%M:%S")
            print(f"{clock} {done:.3f} step {step} {means} {speed:.0f}/s", flush=True)
            self.since, self.steps = time.monotonic(), 0
            self.sums.clear()


def work(rank: int, options: argparse.Namespace) -> None:
    """One process's share of the training."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    os.environ["MASTER_ADDR"], os.environ["MASTER_PORT"] = "127.0.0.1", str(options.port)
    dist.init_process_group("gloo", rank=rank, world_size=options.processes)
    tokenizer = make_tokenizer()
    model = Captioner(tokenizer.get_vocab_size(), len(THINGS))
    optimiser = Optimiser(model)
    store = Store(Composer(SEED, hard=True), tokenizer, options.store, rank, options.processes)
    checkpoint = options.work / "checkpoint.pt"
    total_s, before_s = options.minutes * 60, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        optimiser.load(state["optimiser"])
        before_s = state["elapsed_s"]
        store.skip_to(state["next"])
    store.renew(options.store // 2, crowd_share(before_s / total_s), 0.0)
    start = time.monotonic() - before_s
    saved_s = tested_s = before_s
    log = Log()
    while True:
        clock = torch.tensor([time.monotonic() - start])
        dist.broadcast(clock, 0)
        now_s = clock.item()
        done = now_s / total_s
        if done >= 1:
            break
        outliers = _OUTLIERS if done > _OUTLIERS_FROM else 0.0
        store.renew(options.batch // options.reuse, crowd_share(done), outliers)
        parts = losses(
            model,
            store.batch(options.batch),
            words=done > _WORDS_FROM,
            patches=_FEW if done < _ALL_FROM else GRID**2,
        )
        torch.stack(list(parts.values())).sum().backward()
        average_gradients(model, options.processes)
        share = rate_share(done)
        optimiser.step(options.rate * share, options.matrix_rate * share)
        if rank:
            continue
        log.add(done, optimiser.steps, parts, options.batch * options.processes)
        if now_s - saved_s > _SAVE_S:
            save(checkpoint, optimiser, now_s, store.next)
            saved_s = now_s
        if done > 2 * _WORDS_FROM and now_s - tested_s > _TEST_S:
            print("    " + validate(optimiser.average), flush=True)
            tested_s = now_s
    if rank == 0:
        save(checkpoint, optimiser, total_s, store.next)
        print("    " + validate(optimiser.average, 1000), flush=True)
    dist.destroy_process_group()


def crowd_share(done: float) -> float:
    """Share of samples that are crowds, after a share of the run."""
    return _CROWDS * max(0.0, 1 - done / _CROWDS_UNTIL)


def main(argv: list[str] | None = None) -> None:
    """Parse options and start the processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path(".cache/training"))
    parser.add_argument("--minutes", type=float, default=100.0)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--batch", type=int, default=96, help="samples a step and process")
    parser.add_argument("--reuse", type=int, default=3, help="times that each sample is seen")
    parser.add_argument("--store", type=int, default=3072, help="samples kept by each process")
    parser.add_argument("--rate", type=float, default=8e-4, help="peak for AdamW")
    parser.add_argument("--matrix-rate", type=float, default=4e-3, help="peak for Muon")
    parser.add_argument("--port", type=int, default=29517)
    options = parser.parse_args(argv)
    options.work.mkdir(parents=True, exist_ok=True)
    spawn(work, (options,), options.processes)


if __name__ == "__main__":
    main()
